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
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/source"
)

// dataSourceModel is the configuration and the state of the data source atlasbackup_snapshot.
type dataSourceModel struct {
	snapshotModel
	filterModel

	ProjectID   types.String `tfsdk:"project_id"`
	ClusterName types.String `tfsdk:"cluster_name"`
	MostRecent  types.Bool   `tfsdk:"most_recent"`
}

// NewDataSource makes the data source atlasbackup_snapshot.
func NewDataSource() datasource.DataSource {
	attributes := snapshotAttributes()
	attributes["project_id"] = source.ProjectID()
	attributes["cluster_name"] = source.Name(clusterNameDescription)
	source.Choice(attributes, "Whether to read the newest completed snapshot that matches the filters.")
	for name, filter := range filterAttributes() {
		filter.MarkdownDescription += " Requires `most_recent`."
		if said, ok := attributes[name]; ok {
			// What is searched for is what is found.
			filter.Computed = true
			filter.MarkdownDescription = said.GetMarkdownDescription() + " With `most_recent`, it can be set to filter snapshots."
		}
		attributes[name] = source.SearchFilter(filter)
	}
	return source.New(source.Definition[dataSourceModel]{
		Name: "snapshot",
		Schema: schema.Schema{
			MarkdownDescription: "Provides details about one snapshot of a dedicated Atlas cluster, on-demand or scheduled: the one with a given ID, or the newest " +
				"completed one.",
			Attributes: attributes,
		},
		Rules: []datasource.ConfigValidator{source.ExactlyOne{}, window{}},
		Read:  readOne,
	})
}

// readOne reads one snapshot: by id in one request, in two for a sharded cluster.
func readOne(ctx context.Context, client *atlas.Client, model *dataSourceModel) diag.Diagnostics {
	on := &cluster{client: client, projectID: model.ProjectID.ValueString(), name: model.ClusterName.ValueString()}
	if !model.MostRecent.ValueBool() {
		id := model.SnapshotID.ValueString()
		found, err := on.readUnexpired(ctx, id)
		if err != nil {
			return diag.Diagnostics{diagnostics.FromError(source.One(on.snapshot(id), "cluster_name"), err)}
		}
		model.snapshotModel = newSnapshotModel(found)
		return on.warnOfMembers(found, membersNull)
	}
	wanted, diags := model.filter(model.SnapshotType, types.StringNull(), model.Description)
	if diags.HasError() {
		return diags
	}
	op := source.One(on.String(), "cluster_name")
	found, passed, err := on.mostRecent(ctx, wanted)
	switch {
	case err != nil:
		return diag.Diagnostics{diagnostics.FromError(op, err)}
	case found == nil:
		return diag.Diagnostics{diagnostics.NothingFound(op, path.Root("most_recent"), wanted.conditions(), passed)}
	}
	model.snapshotModel = newSnapshotModel(found)
	warnings := source.Unreadable("the snapshots of "+on.String(), passed.Unreadable)
	return append(warnings, on.warnOfMembers(found, membersNull)...)
}

const clusterNameDescription = "Name of the dedicated cluster (M10 or larger)."

// snapshotAttributes are what Atlas says of a snapshot.
func snapshotAttributes() map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{
		"storage_size_bytes": source.Int64(describe["storage_size_bytes"]),
		"members": source.Objects(describe["members"], map[string]schema.Attribute{
			"id":               source.String(describe["members.id"]),
			"cloud_provider":   source.String(describe["members.cloud_provider"]),
			"replica_set_name": source.String(describe["members.replica_set_name"]),
		}),
	}
	for _, name := range []string{
		"snapshot_id", "status", "type", "snapshot_type", "frequency_type", "description", "mongod_version", "cloud_provider",
		"replica_set_name", "master_key_uuid", "config_server_type",
	} {
		attributes[name] = source.String(describe[name])
	}
	for _, name := range []string{"created_at", "expires_at"} {
		attributes[name] = source.Time(describe[name])
	}
	for _, name := range []string{"copy_regions", "policy_items", "snapshot_ids"} {
		attributes[name] = source.Strings(describe[name])
	}
	return attributes
}
