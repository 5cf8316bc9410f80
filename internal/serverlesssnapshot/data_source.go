package serverlesssnapshot

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
)

// dataSourceModel is the configuration and the state of the data source atlasbackup_serverless_snapshot.
type dataSourceModel struct {
	instanceModel
	snapshotModel
}

// NewDataSource returns the data source atlasbackup_serverless_snapshot.
func NewDataSource() datasource.DataSource {
	attributes := instanceAttributes(snapshotAttributes())
	attributes["snapshot_id"] = framework.IDAttribute("snapshot")
	return framework.NewDataSource(framework.DataSource[dataSourceModel]{
		Name: "serverless_snapshot",
		Schema: schema.Schema{
			MarkdownDescription: "Provides details about one snapshot of a serverless instance. " + sunsetDescription,
			Attributes:          attributes,
		},
		Read: readOne,
	})
}

func readOne(ctx context.Context, client *atlas.Client, model *dataSourceModel) diag.Diagnostics {
	found, servedBy, diags := model.get(ctx, client, model.SnapshotID.ValueString())
	if diags.HasError() {
		return diags
	}
	model.snapshotModel, model.ServedBy = newSnapshotModel(found), servedBy
	return diags
}
