package flexsnapshot

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
)

// dataSourcesModel is the configuration and the state of the data source atlasbackup_flex_snapshots.
type dataSourcesModel struct {
	clusterModel

	Results []snapshotModel `tfsdk:"results"`
}

// NewDataSources returns the data source atlasbackup_flex_snapshots.
func NewDataSources() datasource.DataSource {
	return framework.NewDataSource(framework.DataSource[dataSourcesModel]{
		Name: "flex_snapshots",
		Schema: schema.Schema{
			MarkdownDescription: "Provides details about all snapshots of a Flex cluster, newest first. " + flexSnapshots,
			Attributes: map[string]schema.Attribute{
				"project_id":   framework.ProjectIDAttribute(),
				"cluster_name": framework.ClusterNameAttribute(clusterNameDescription),
				"results":      framework.ComputedObjects("The snapshots, newest first.", snapshotAttributes()),
			},
		},
		Read: readAll,
	})
}

func readAll(ctx context.Context, client *atlas.Client, model *dataSourcesModel) diag.Diagnostics {
	about := "the snapshots of " + model.cluster()
	list := client.ListFlexSnapshots(ctx, model.ProjectID.ValueString(), model.ClusterName.ValueString())
	found, unreadable, err := framework.Collect(list, (*atlas.FlexSnapshot).TakenAt)
	if err != nil {
		return diag.Diagnostics{diagnostics.FromError(noun.Failure("Unable to read snapshots", about), err)}
	}
	model.Results = framework.Models(found, newSnapshotModel)
	return diagnostics.Unreadable(about, unreadable)
}
