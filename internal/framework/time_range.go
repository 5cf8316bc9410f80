package framework

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// TimeRange validates two time filters: nothing matches unless After is before Before.
type TimeRange struct {
	// Noun is what is filtered, such as "snapshot"; After and Before are the arguments.
	Noun, After, Before string
}

var (
	_ datasource.ConfigValidator = TimeRange{}
	_ list.ConfigValidator       = TimeRange{}
)

func (r TimeRange) Description(context.Context) string {
	return r.After + " must be before " + r.Before
}

func (r TimeRange) MarkdownDescription(ctx context.Context) string { return r.Description(ctx) }

func (r TimeRange) ValidateDataSource(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	resp.Diagnostics.Append(r.validate(ctx, req.Config)...)
}

func (r TimeRange) ValidateListResourceConfig(ctx context.Context, req list.ValidateConfigRequest, resp *list.ValidateConfigResponse) {
	resp.Diagnostics.Append(r.validate(ctx, req.Config)...)
}

// validate compares the two times if both are known. Each argument's own validator reports an invalid time.
func (r TimeRange) validate(ctx context.Context, config tfsdk.Config) diag.Diagnostics {
	var after, before types.String
	diags := config.GetAttribute(ctx, path.Root(r.After), &after)
	diags.Append(config.GetAttribute(ctx, path.Root(r.Before), &before)...)
	from, invalidAfter := ParseTime(path.Root(r.After), after)
	to, invalidBefore := ParseTime(path.Root(r.Before), before)
	if invalidAfter.HasError() || invalidBefore.HasError() || from.IsZero() || to.IsZero() || from.Before(to) {
		return diags
	}
	diags.AddAttributeError(path.Root(r.After), "Conflicting arguments", fmt.Sprintf("%s (%s) must be before %s (%s): no %s lies between them.",
		r.After, after.ValueString(), r.Before, before.ValueString(), r.Noun))
	return diags
}
