package source

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/attribute"
)

var (
	snapshotID = path.Root("snapshot_id")
	mostRecent = path.Root("most_recent")
)

// Choice is the choice of one snapshot: by snapshot_id or as the most recent one. It adds both arguments to attributes.
func Choice(attributes map[string]schema.Attribute, mostRecentDescription string) {
	attributes["snapshot_id"] = schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "ID of the snapshot (24 hexadecimal digits). Set exactly one of `snapshot_id` and `most_recent = true`.",
		Validators:          attribute.ObjectID(),
	}
	attributes["most_recent"] = schema.BoolAttribute{
		Optional:            true,
		MarkdownDescription: mostRecentDescription + " Set exactly one of `snapshot_id` and `most_recent = true`.",
	}
}

// SearchFilter is a [Filter] or [TimeFilter] of a [Choice]: an id needs none.
func SearchFilter(filter schema.StringAttribute) schema.StringAttribute {
	filter.Validators = append(filter.Validators, stringvalidator.ConflictsWith(path.MatchRoot("snapshot_id")))
	return filter
}

// ExactlyOne is the rule of a [Choice].
type ExactlyOne struct{}

var _ datasource.ConfigValidator = ExactlyOne{}

// Description of the rule.
func (ExactlyOne) Description(context.Context) string {
	return "exactly one of snapshot_id and most_recent = true must be set"
}

// MarkdownDescription of the rule.
func (r ExactlyOne) MarkdownDescription(ctx context.Context) string { return r.Description(ctx) }

// ValidateDataSource finds one error at the most. most_recent = false is as good as none, so that a module can turn it off
// and give an id; what is not known yet may turn out to be either, and is checked again when it is known.
func (ExactlyOne) ValidateDataSource(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var id types.String
	var recent types.Bool
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, snapshotID, &id)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, mostRecent, &recent)...)
	if resp.Diagnostics.HasError() || id.IsUnknown() || recent.IsUnknown() {
		return
	}
	switch {
	case !id.IsNull() && recent.ValueBool():
		resp.Diagnostics.AddAttributeError(mostRecent, "Conflicting arguments",
			"snapshot_id names one snapshot and most_recent = true asks for another. Keep one of them.")
	case id.IsNull() && recent.IsNull():
		resp.Diagnostics.AddError("Missing argument", "Set snapshot_id to read one snapshot, or most_recent = true to search for the newest completed one.")
	case id.IsNull() && !recent.ValueBool():
		resp.Diagnostics.AddAttributeError(mostRecent, "Missing argument",
			"most_recent = false alone says nothing of what to read. Set it to true, or set snapshot_id in its place.")
	}
}
