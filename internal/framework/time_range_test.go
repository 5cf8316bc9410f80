package framework_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
)

func TestTimeRange(t *testing.T) {
	t.Parallel()
	filters := schema.Schema{Attributes: map[string]schema.Attribute{
		"since": framework.TimeFilterAttribute(""), "until": framework.TimeFilterAttribute(""),
	}}
	const early, late = "2026-03-30T12:00:00Z", "2026-03-30T14:00:01+02:00"
	for name, c := range map[string]struct {
		since, until any
		want         string
	}{
		"in order":        {since: early, until: late},
		"reversed":        {since: late, until: early, want: "since (" + late + ") must be before until (" + early + "): no job lies between them."},
		"equal":           {since: early, until: early, want: "since (" + early + ") must be before until (" + early + "): no job lies between them."},
		"one alone":       {since: late},
		"unknown":         {since: late, until: tftypes.UnknownValue},
		"not a time":      {since: "yesterday", until: early},
		"neither is here": {},
	} {
		rule := framework.TimeRange{Noun: "job", After: "since", Before: "until"}
		object := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"since": tftypes.String, "until": tftypes.String}}
		config := tfsdk.Config{Schema: filters, Raw: tftypes.NewValue(object, map[string]tftypes.Value{
			"since": tftypes.NewValue(tftypes.String, c.since), "until": tftypes.NewValue(tftypes.String, c.until),
		})}
		var read datasource.ValidateConfigResponse
		rule.ValidateDataSource(t.Context(), datasource.ValidateConfigRequest{Config: config}, &read)
		var listed list.ValidateConfigResponse
		rule.ValidateListResourceConfig(t.Context(), list.ValidateConfigRequest{Config: config}, &listed)
		text := ""
		for _, d := range read.Diagnostics {
			text += d.Detail()
		}
		if text != c.want || !listed.Diagnostics.Equal(read.Diagnostics) {
			t.Errorf("%s: %q (%v in a list block), expected %q", name, text, listed.Diagnostics, c.want)
		}
	}
}
