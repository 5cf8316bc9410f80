package flexsnapshot

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/source"
)

// dataSourcesModel is the configuration and the state of the data source atlasbackup_flex_snapshots.
type dataSourcesModel struct {
	clusterModel

	Results []snapshotModel `tfsdk:"results"`
}

// NewDataSources makes the data source atlasbackup_flex_snapshots.
func NewDataSources() datasource.DataSource {
	return source.New(source.Definition[dataSourcesModel]{
		Name: "flex_snapshots",
		Schema: schema.Schema{
			MarkdownDescription: "Provides details about all snapshots of a Flex cluster, newest first. " + flexSnapshots,
			Attributes: map[string]schema.Attribute{
				"project_id": source.ProjectID(),
				clusterName:  source.Name(clusterNameDescription),
				"results":    source.Objects("The snapshots, newest first.", snapshotAttributes()),
			},
		},
		Read: readAll,
	})
}

func readAll(ctx context.Context, client *atlas.Client, model *dataSourcesModel) diag.Diagnostics {
	found, unreadable, err := source.Collect(client.ListFlexSnapshots(ctx, model.ProjectID.ValueString(), model.ClusterName.ValueString()))
	about := "the snapshots of " + model.cluster()
	if err != nil {
		return diag.Diagnostics{diagnostics.FromError(source.All(about, clusterName), err)}
	}
	model.Results = source.Models(found, newSnapshotModel)
	return source.Unreadable(about, unreadable)
}
