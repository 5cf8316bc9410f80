package flexsnapshot

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/source"
)

// dataSourceModel is the configuration and the state of the data source atlasbackup_flex_snapshot.
type dataSourceModel struct {
	clusterModel
	snapshotModel

	MostRecent types.Bool `tfsdk:"most_recent"`
}

// NewDataSource makes the data source atlasbackup_flex_snapshot.
func NewDataSource() datasource.DataSource {
	attributes := snapshotAttributes()
	attributes["project_id"] = source.ProjectID()
	attributes[clusterName] = source.Name(clusterNameDescription)
	source.Choice(attributes, "Whether to read the newest completed snapshot.")
	return source.New(source.Definition[dataSourceModel]{
		Name: "flex_snapshot",
		Schema: schema.Schema{
			MarkdownDescription: "Provides details about one snapshot of a Flex cluster: the one with a given ID, or the newest completed one. " +
				flexSnapshots,
			Attributes: attributes,
		},
		Rules: []datasource.ConfigValidator{source.ExactlyOne{}},
		Read:  readOne,
	})
}

// readOne reads one snapshot in one request.
func readOne(ctx context.Context, client *atlas.Client, model *dataSourceModel) diag.Diagnostics {
	projectID, name := model.ProjectID.ValueString(), model.ClusterName.ValueString()
	if !model.MostRecent.ValueBool() {
		id := model.SnapshotID.ValueString()
		found, err := client.GetFlexSnapshot(ctx, projectID, name, id)
		if err != nil {
			return diag.Diagnostics{diagnostics.FromError(source.One("snapshot "+id+" of "+model.cluster(), clusterName), err)}
		}
		model.snapshotModel = newSnapshotModel(found)
		return nil
	}
	op := source.One(model.cluster(), clusterName)
	found, passed, err := newestCompleted(client.ListFlexSnapshots(ctx, projectID, name))
	switch {
	case err != nil:
		return diag.Diagnostics{diagnostics.FromError(op, err)}
	case found == nil:
		return diag.Diagnostics{diagnostics.NothingFound(op, path.Root("most_recent"), nil, passed)}
	}
	model.snapshotModel = newSnapshotModel(found)
	return source.Unreadable("the snapshots of "+model.cluster(), passed.Unreadable)
}
