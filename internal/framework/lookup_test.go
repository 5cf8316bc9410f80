package framework_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
)

// TestLookup names the noun and its argument in every error.
func TestLookup(t *testing.T) {
	t.Parallel()
	lookup := framework.Lookup{Noun: "restore job", ID: "restore_job_id"}
	attributes := map[string]schema.Attribute{}
	lookup.AddAttributes(attributes, "Whether to read the newest.")
	for name, want := range map[string]string{
		"restore_job_id": "ID of the restore job (24 hexadecimal digits). Set exactly one of `restore_job_id` and `most_recent = true`.",
		"most_recent":    "Whether to read the newest. Set exactly one of `restore_job_id` and `most_recent = true`.",
	} {
		if got := attributes[name]; got == nil || got.GetMarkdownDescription() != want || !got.IsOptional() || got.IsRequired() {
			t.Errorf("%s is %+v, expected an optional argument: %s", name, got, want)
		}
	}
	for name, c := range map[string]struct {
		id, mostRecent any
		want           string
	}{
		"by ID":          {id: "x"},
		"most recent":    {mostRecent: true},
		"turned off":     {id: "x", mostRecent: false},
		"unknown ID":     {id: tftypes.UnknownValue, mostRecent: true},
		"unknown choice": {mostRecent: tftypes.UnknownValue},
		"both":           {"x", true, "restore_job_id names one restore job and most_recent = true asks for another. Keep one of them."},
		"neither":        {want: "Set restore_job_id to read one restore job, or most_recent = true to search for the newest completed one."},
		"false alone":    {mostRecent: false, want: "most_recent = false alone does not say what to read. Set it to true, or set restore_job_id instead."},
	} {
		object := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"restore_job_id": tftypes.String, "most_recent": tftypes.Bool}}
		config := tfsdk.Config{Schema: schema.Schema{Attributes: attributes}, Raw: tftypes.NewValue(object, map[string]tftypes.Value{
			"restore_job_id": tftypes.NewValue(tftypes.String, c.id), "most_recent": tftypes.NewValue(tftypes.Bool, c.mostRecent),
		})}
		var resp datasource.ValidateConfigResponse
		lookup.ValidateDataSource(t.Context(), datasource.ValidateConfigRequest{Config: config}, &resp)
		text := ""
		for _, d := range resp.Diagnostics {
			text += d.Detail()
		}
		if text != c.want {
			t.Errorf("%s: %q, expected %q", name, text, c.want)
		}
	}
}
