package snapshot

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/source"
)

// dataSourcesModel is the configuration and the state of the data source atlasbackup_snapshots.
type dataSourcesModel struct {
	searchModel

	Results []snapshotModel `tfsdk:"results"`
}

// NewDataSources makes the data source atlasbackup_snapshots.
func NewDataSources() datasource.DataSource {
	attributes := map[string]schema.Attribute{"results": source.Objects("The snapshots, newest first.", snapshotAttributes())}
	for name, argument := range searchArguments() {
		attributes[name] = argument
	}
	return source.New(source.Definition[dataSourcesModel]{
		Name: "snapshots",
		Schema: schema.Schema{
			MarkdownDescription: "Provides details about all snapshots of a dedicated Atlas cluster, on-demand and scheduled, newest first, or those that match " +
				"the filters. A snapshot that Atlas has not taken yet has no `created_at`; it is sorted and filtered by the time of its request.",
			Attributes: attributes,
		},
		Rules: []datasource.ConfigValidator{window{}},
		Read:  readAll,
	})
}

// readAll reads the snapshots in one request for each 500 of the cluster, and in one more for a sharded cluster.
func readAll(ctx context.Context, client *atlas.Client, model *dataSourcesModel) diag.Diagnostics {
	wanted, diags := model.wanted()
	if diags.HasError() {
		return diags
	}
	on := &cluster{client: client, projectID: model.ProjectID.ValueString(), name: model.ClusterName.ValueString()}
	found, warnings, err := on.all(ctx, wanted)
	if err != nil {
		return diag.Diagnostics{diagnostics.FromError(source.All("the snapshots of "+on.String(), "cluster_name"), err)}
	}
	model.Results = source.Models(found, newSnapshotModel)
	return warnings
}
