package serverlesssnapshot

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
)

// dataSourcesModel is the configuration and the state of the data source atlasbackup_serverless_snapshots.
type dataSourcesModel struct {
	instanceModel

	Results []snapshotModel `tfsdk:"results"`
}

// NewDataSources returns the data source atlasbackup_serverless_snapshots.
func NewDataSources() datasource.DataSource {
	return framework.NewDataSource(framework.DataSource[dataSourcesModel]{
		Name: "serverless_snapshots",
		Schema: schema.Schema{
			MarkdownDescription: "Provides details about all snapshots of a serverless instance, newest first. " + sunsetDescription +
				" An empty list also falls back to Flex.",
			Attributes: instanceAttributes(map[string]schema.Attribute{
				"results": framework.ComputedObjects("The snapshots, newest first.", snapshotAttributes()),
			}),
		},
		Read: readAll,
	})
}

func readAll(ctx context.Context, client *atlas.Client, model *dataSourcesModel) diag.Diagnostics {
	found, servedBy, diags := model.list(ctx, client)
	model.Results, model.ServedBy = framework.Models(found, newSnapshotModel), servedBy
	return diags
}
