package flexsnapshot

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
)

const (
	clusterNameDescription = "Name of the Flex cluster."
	flexSnapshots          = "Atlas takes one snapshot of a Flex cluster a day and keeps the last eight. Flex clusters have no on-demand snapshots."
)

var lookup = framework.Lookup{Noun: "snapshot", ID: "snapshot_id"}

var noun = diagnostics.Noun{
	Name: "snapshot", Project: path.Root("project_id"), Cluster: path.Root("cluster_name"),
	Roles: "Reading needs the role Project Read Only (or one that includes it).",
	Causes: map[string]diagnostics.Cause{
		atlas.CodeNonFlexInFlexAPI: {Remedy: "This is not a Flex cluster. Read its snapshots with the data source atlasbackup_snapshots."},
		atlas.CodeSnapshotNotFound: {Remedy: diagnostics.CheckID("snapshot_id", "snapshot")},
	},
}

// clusterModel is the cluster whose snapshots are read.
type clusterModel struct {
	ProjectID   types.String `tfsdk:"project_id"`
	ClusterName types.String `tfsdk:"cluster_name"`
}

// cluster returns the cluster in words, as part of a sentence.
func (m clusterModel) cluster() string {
	return fmt.Sprintf("Flex cluster %q of project %s", m.ClusterName.ValueString(), m.ProjectID.ValueString())
}

// dataSourceModel is the configuration and the state of the data source atlasbackup_flex_snapshot.
type dataSourceModel struct {
	clusterModel
	snapshotModel

	MostRecent types.Bool `tfsdk:"most_recent"`
}

// NewDataSource returns the data source atlasbackup_flex_snapshot.
func NewDataSource() datasource.DataSource {
	attributes := snapshotAttributes()
	attributes["project_id"] = framework.ProjectIDAttribute()
	attributes["cluster_name"] = framework.ClusterNameAttribute(clusterNameDescription)
	lookup.AddAttributes(attributes, "Whether to read the newest completed snapshot.")
	return framework.NewDataSource(framework.DataSource[dataSourceModel]{
		Name: "flex_snapshot",
		Schema: schema.Schema{
			MarkdownDescription: "Provides details about one snapshot of a Flex cluster: the one with a given ID, or the newest completed one. " +
				flexSnapshots,
			Attributes: attributes,
		},
		Validators: []datasource.ConfigValidator{lookup},
		Read:       readOne,
	})
}

func readOne(ctx context.Context, client *atlas.Client, model *dataSourceModel) diag.Diagnostics {
	projectID, name := model.ProjectID.ValueString(), model.ClusterName.ValueString()
	f := noun.Failure("Unable to read snapshot", model.cluster())
	f.Object = path.Root(lookup.ID)
	if !model.MostRecent.ValueBool() {
		id := model.SnapshotID.ValueString()
		found, err := client.GetFlexSnapshot(ctx, projectID, name, id)
		if err != nil {
			f.About = "snapshot " + id + " of " + f.About
			return diag.Diagnostics{diagnostics.FromError(f, err)}
		}
		model.snapshotModel = newSnapshotModel(found)
		return nil
	}
	all, unreadable, err := framework.Collect(client.ListFlexSnapshots(ctx, projectID, name), (*atlas.FlexSnapshot).TakenAt)
	if err != nil {
		return diag.Diagnostics{diagnostics.FromError(f, err)}
	}
	found, search := mostRecent(all)
	if search.Unreadable = unreadable; found == nil {
		return diag.Diagnostics{diagnostics.NothingFound(f, framework.MostRecentPath, search)}
	}
	model.snapshotModel = newSnapshotModel(found)
	return diagnostics.Unreadable("the snapshots of "+model.cluster(), unreadable)
}

// mostRecent returns the first completed snapshot of a list, nil where there is none, and counts the others.
func mostRecent(newestFirst []*atlas.FlexSnapshot) (found *atlas.FlexSnapshot, search diagnostics.Search) {
	for _, s := range newestFirst {
		search.Seen++
		switch s.Status {
		case atlas.FlexStatusFailed:
			search.Failed++
		case atlas.FlexStatusCompleted:
			return s, search
		default:
			search.Unfinished++
		}
	}
	return nil, search
}
