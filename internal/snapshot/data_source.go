package snapshot

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
)

// dataSourceModel is the configuration and the state of the data source atlasbackup_snapshot.
type dataSourceModel struct {
	snapshotModel
	filterModel

	ProjectID   types.String `tfsdk:"project_id"`
	ClusterName types.String `tfsdk:"cluster_name"`
	MostRecent  types.Bool   `tfsdk:"most_recent"`
}

var lookup = framework.Lookup{Noun: "snapshot", ID: "snapshot_id"}

// NewDataSource returns the data source atlasbackup_snapshot.
func NewDataSource() datasource.DataSource {
	attributes := snapshotAttributes()
	attributes["project_id"] = framework.ProjectIDAttribute()
	attributes["cluster_name"] = framework.ClusterNameAttribute(clusterNameDescription)
	lookup.AddAttributes(attributes, "Whether to read the newest completed snapshot that matches the filters.")
	for name, filter := range filterAttributes() {
		filter.MarkdownDescription += " Requires `most_recent`."
		if computed, ok := attributes[name]; ok {
			filter.Computed = true
			filter.MarkdownDescription = computed.GetMarkdownDescription() + " Can be set together with `most_recent`, to read only snapshots with this value."
		}
		attributes[name] = lookup.Filter(filter)
	}
	return framework.NewDataSource(framework.DataSource[dataSourceModel]{
		Name: "snapshot",
		Schema: schema.Schema{
			MarkdownDescription: "Provides details about one snapshot of a dedicated Atlas cluster, on-demand or scheduled: the one with a given ID, or the newest " +
				"completed one.",
			Attributes: attributes,
		},
		Validators: []datasource.ConfigValidator{lookup, createdRange},
		Read:       readOne,
	})
}

// readOne reads one snapshot: by ID in one request, in two for a sharded cluster.
func readOne(ctx context.Context, client *atlas.Client, model *dataSourceModel) diag.Diagnostics {
	on := &cluster{client: client, projectID: model.ProjectID.ValueString(), name: model.ClusterName.ValueString()}
	f := failure("Unable to read snapshot", on.String())
	f.Object = path.Root(lookup.ID)
	if !model.MostRecent.ValueBool() {
		id := model.SnapshotID.ValueString()
		found, err := on.readUnexpired(ctx, id)
		if err != nil {
			f.About = on.snapshot(id)
			return diag.Diagnostics{diagnostics.FromError(f, err)}
		}
		model.snapshotModel = newSnapshotModel(found)
		return on.warnOfMembers(found, membersNull)
	}
	filter, diags := model.filter(model.SnapshotType, types.StringNull(), model.Description)
	if diags.HasError() {
		return diags
	}
	found, search, err := on.mostRecent(ctx, filter)
	switch {
	case err != nil:
		return diag.Diagnostics{diagnostics.FromError(f, err)}
	case found == nil:
		return diag.Diagnostics{diagnostics.NothingFound(f, framework.MostRecentPath, search)}
	}
	model.snapshotModel = newSnapshotModel(found)
	warnings := diagnostics.Unreadable("the snapshots of "+on.String(), search.Unreadable)
	return append(warnings, on.warnOfMembers(found, membersNull)...)
}

// mostRecent returns the newest completed snapshot that matches a filter, nil where there is none, and counts the others.
//
// It reads the whole list. Atlas documents it as newest first, but one page in that order proves nothing of the next, and the wrong
// snapshot costs more than a request.
func (c *cluster) mostRecent(ctx context.Context, f filter) (found *atlas.Snapshot, search diagnostics.Search, err error) {
	list, err := c.reader().all(ctx, c)
	if err != nil {
		return nil, search, err
	}
	search = diagnostics.Search{
		Conditions: f.conditions(), Filters: "snapshot_type, description, created_before and created_after",
		Seen: len(list.all), Unreadable: list.unreadable,
	}
	for _, s := range list.all {
		switch {
		case !f.matches(s):
		case s.Status == atlas.StatusFailed:
			search.Failed++
		case s.Pending():
			search.Unfinished++
		case found == nil || s.TakenAt().After(found.TakenAt()):
			found = s
		}
	}
	if found == nil {
		return nil, search, nil
	}
	snapshot := *found
	found, err = c.withMembers(ctx, &snapshot)
	return found, search, err
}

const clusterNameDescription = "Name of the dedicated cluster (M10 or larger)."

// snapshotAttributes returns the attributes of a snapshotModel in a data source.
func snapshotAttributes() map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{
		"storage_size_bytes": framework.ComputedInt64(attributeDescriptions["storage_size_bytes"]),
		"members": framework.ComputedObjects(attributeDescriptions["members"], map[string]schema.Attribute{
			"id":               framework.ComputedString(attributeDescriptions["members.id"]),
			"cloud_provider":   framework.ComputedString(attributeDescriptions["members.cloud_provider"]),
			"replica_set_name": framework.ComputedString(attributeDescriptions["members.replica_set_name"]),
		}),
	}
	for _, name := range []string{
		"snapshot_id", "status", "type", "snapshot_type", "frequency_type", "description", "mongod_version", "cloud_provider",
		"replica_set_name", "master_key_uuid", "config_server_type",
	} {
		attributes[name] = framework.ComputedString(attributeDescriptions[name])
	}
	for _, name := range []string{"created_at", "expires_at"} {
		attributes[name] = framework.ComputedTime(attributeDescriptions[name])
	}
	for _, name := range []string{"copy_regions", "policy_items", "snapshot_ids"} {
		attributes[name] = framework.ComputedStrings(attributeDescriptions[name])
	}
	return attributes
}
