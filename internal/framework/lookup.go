package framework

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// MostRecentPath is the argument that selects the newest object, see [Lookup].
var MostRecentPath = path.Root("most_recent")

// Lookup selects one object by ID or as the most recent one. As a validator it requires exactly one of both arguments.
type Lookup struct {
	// Noun is the kind of object, such as "snapshot", and ID the argument with its ID.
	Noun, ID string
}

var _ datasource.ConfigValidator = Lookup{}

// AddAttributes adds both arguments.
func (l Lookup) AddAttributes(attributes map[string]schema.Attribute, mostRecentDescription string) {
	rule := fmt.Sprintf(" Set exactly one of `%s` and `most_recent = true`.", l.ID)
	id := IDAttribute(l.Noun)
	id.Required, id.Optional, id.Computed = false, true, true
	id.MarkdownDescription += rule
	attributes[l.ID] = id
	attributes["most_recent"] = schema.BoolAttribute{Optional: true, MarkdownDescription: mostRecentDescription + rule}
}

// Filter returns a filter that conflicts with the ID.
func (l Lookup) Filter(filter schema.StringAttribute) schema.StringAttribute {
	filter.Validators = append(filter.Validators, stringvalidator.ConflictsWith(path.MatchRoot(l.ID)))
	return filter
}

func (l Lookup) Description(context.Context) string {
	return fmt.Sprintf("exactly one of %s and most_recent = true must be set", l.ID)
}

func (l Lookup) MarkdownDescription(ctx context.Context) string { return l.Description(ctx) }

// ValidateDataSource reports at most one error. most_recent = false counts as not set, so that a module can turn it off and set an
// ID. An unknown value is checked again once it is known.
func (l Lookup) ValidateDataSource(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var id types.String
	var mostRecent types.Bool
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root(l.ID), &id)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, MostRecentPath, &mostRecent)...)
	if resp.Diagnostics.HasError() || id.IsUnknown() || mostRecent.IsUnknown() {
		return
	}
	switch {
	case !id.IsNull() && mostRecent.ValueBool():
		resp.Diagnostics.AddAttributeError(MostRecentPath, "Conflicting arguments",
			fmt.Sprintf("%s names one %s and most_recent = true asks for another. Keep one of them.", l.ID, l.Noun))
	case id.IsNull() && mostRecent.IsNull():
		resp.Diagnostics.AddError("Missing argument",
			fmt.Sprintf("Set %s to read one %s, or most_recent = true to search for the newest completed one.", l.ID, l.Noun))
	case id.IsNull() && !mostRecent.ValueBool():
		resp.Diagnostics.AddAttributeError(MostRecentPath, "Missing argument",
			fmt.Sprintf("most_recent = false alone does not say what to read. Set it to true, or set %s instead.", l.ID))
	}
}
