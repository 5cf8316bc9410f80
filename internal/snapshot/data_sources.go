package snapshot

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
)

// dataSourcesModel is the configuration and the state of the data source atlasbackup_snapshots.
type dataSourcesModel struct {
	listModel

	Results []snapshotModel `tfsdk:"results"`
}

// NewDataSources returns the data source atlasbackup_snapshots.
func NewDataSources() datasource.DataSource {
	attributes := map[string]schema.Attribute{"results": framework.ComputedObjects("The snapshots, newest first.", snapshotAttributes())}
	for name, argument := range listArguments() {
		attributes[name] = argument
	}
	return framework.NewDataSource(framework.DataSource[dataSourcesModel]{
		Name: "snapshots",
		Schema: schema.Schema{
			MarkdownDescription: "Provides details about all snapshots of a dedicated Atlas cluster, on-demand and scheduled, newest first, or those that match " +
				"the filters. A snapshot that Atlas has not taken yet has no `created_at`: it is sorted and filtered by the time of its request.",
			Attributes: attributes,
		},
		Validators: []datasource.ConfigValidator{createdRange},
		Read:       readAll,
	})
}

// readAll reads the snapshots in one request for each 500 of the cluster, and in one more for a sharded cluster.
func readAll(ctx context.Context, client *atlas.Client, model *dataSourcesModel) diag.Diagnostics {
	filter, diags := model.filter()
	if diags.HasError() {
		return diags
	}
	on := &cluster{client: client, projectID: model.ProjectID.ValueString(), name: model.ClusterName.ValueString()}
	found, warnings, err := on.all(ctx, filter)
	if err != nil {
		return diag.Diagnostics{diagnostics.FromError(failure("Unable to read snapshots", "the snapshots of "+on.String()), err)}
	}
	model.Results = framework.Models(found, newSnapshotModel)
	return warnings
}

// all returns the snapshots that match a filter, newest first, a sharded cluster's with their members: those take one more
// request for the whole list. The diagnostics are warnings of what could not be read.
func (c *cluster) all(ctx context.Context, f filter) ([]*atlas.Snapshot, diag.Diagnostics, error) {
	var found []*atlas.Snapshot
	var members shardedMembers
	list, err := c.reader().all(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	for _, s := range list.all {
		if f.matches(s) {
			snapshot := *s
			found = append(found, &snapshot)
		}
	}
	framework.NewestFirst(found, (*atlas.Snapshot).TakenAt)
	warnings := diagnostics.Unreadable("the snapshots of "+c.String(), list.unreadable)
	for _, s := range found {
		more, err := members.add(ctx, c, s)
		if err != nil {
			return nil, nil, err
		}
		warnings.Append(more...)
	}
	return found, warnings, nil
}
