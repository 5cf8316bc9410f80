package snapshot_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// official stands in for MongoDB's provider: it writes the state that the real one writes for a snapshot, and sends nothing.
type official struct{ snapshot string }

func (o *official) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "mongodbatlas"
}

func (o *official) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (o *official) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (o *official) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (o *official) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return &officialSnapshot{id: o.snapshot} }}
}

// officialSnapshot is mongodbatlas_cloud_backup_snapshot.
type officialSnapshot struct{ id string }

func (o *officialSnapshot) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "mongodbatlas_cloud_backup_snapshot"
}

func (o *officialSnapshot) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema.Attributes = map[string]schema.Attribute{
		"retention_in_days":        schema.Int64Attribute{Required: true},
		"storage_size_bytes":       schema.Int64Attribute{Computed: true},
		"delete_on_create_timeout": schema.BoolAttribute{Optional: true},
		"snapshot_ids":             schema.ListAttribute{Computed: true, ElementType: types.StringType},
	}
	for _, name := range []string{"project_id", "cluster_name", "description"} {
		resp.Schema.Attributes[name] = schema.StringAttribute{Required: true}
	}
	for _, name := range []string{
		"id", "created_at", "expires_at", "master_key_uuid", "mongod_version", "snapshot_type", "status", "type", "snapshot_id", "cloud_provider",
		"replica_set_name",
	} {
		resp.Schema.Attributes[name] = schema.StringAttribute{Computed: true}
	}
	member := map[string]schema.Attribute{}
	for _, name := range []string{"cloud_provider", "id", "replica_set_name"} {
		member[name] = schema.StringAttribute{Computed: true}
	}
	resp.Schema.Attributes["members"] = schema.ListNestedAttribute{Computed: true, NestedObject: schema.NestedAttributeObject{Attributes: member}}
	resp.Schema.Blocks = map[string]schema.Block{
		"timeouts": schema.SingleNestedBlock{Attributes: map[string]schema.Attribute{"create": schema.StringAttribute{Optional: true}}},
	}
}

// officialMember is an element of members.
type officialMember struct {
	ID             string `tfsdk:"id"`
	CloudProvider  string `tfsdk:"cloud_provider"`
	ReplicaSetName string `tfsdk:"replica_set_name"`
}

func (o *officialSnapshot) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.State.Raw = req.Plan.Raw
	var project, cluster string
	resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root("project_id"), &project)...)
	resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root("cluster_name"), &cluster)...)
	for name, value := range map[string]any{
		"id": officialID(project, cluster, o.id), "snapshot_id": o.id, "created_at": "2026-03-30T11:00:00Z", "expires_at": "2026-04-08T11:02:00Z",
		"master_key_uuid": "", "mongod_version": "8.0.4", "snapshot_type": "onDemand", "status": "completed", "type": "replicaSet",
		"cloud_provider": "AWS", "replica_set_name": "", "storage_size_bytes": 1600000000, "snapshot_ids": []string{},
		"members": []officialMember{},
	} {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(name), value)...)
	}
}

func (o *officialSnapshot) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (o *officialSnapshot) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {
}

func (o *officialSnapshot) Delete(_ context.Context, _ resource.DeleteRequest, resp *resource.DeleteResponse) {
	resp.Diagnostics.AddError("Deleted", "The snapshot was to be kept.")
}

// TestAccSnapshot_moved moves a snapshot from the official provider with real Terraform: nothing but the move is planned,
// and nothing but reads is sent.
func TestAccSnapshot_moved(t *testing.T) {
	t.Parallel()
	for name, timeouts := range map[string]string{"plain": "", "with a timeout": "  timeouts {\n    create = \"2h\"\n  }\n"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			id := seeded(t, a, atlassim.Seed{Description: new("before the upgrade"), ExpiresAt: acctest.Start.AddDate(0, 0, 30)})
			block := func(kind string) string {
				return fmt.Sprintf("resource %q \"test\" {\n  project_id = %q\n  cluster_name = %q\n  description = \"before the upgrade\"\n"+
					"  retention_in_days = 9\n%s}\n", kind, a.Fixture().ProjectID, a.Fixture().ClusterName, timeouts)
			}
			tf := a.Terraform(t, map[string]string{
				"versions.tf": "terraform {\n  required_providers {\n    atlasbackup = { source = \"atlasbackup/atlasbackup\" }\n" +
					"    mongodbatlas = { source = \"mongodb/mongodbatlas\" }\n  }\n}\n",
				"main.tf": block("mongodbatlas_cloud_backup_snapshot"),
			}, map[string]func() provider.Provider{
				"registry.terraform.io/mongodb/mongodbatlas": func() provider.Provider { return &official{snapshot: id} },
			})
			tf.Do(0, acctest.Apply...)

			tf.Write("main.tf", block("atlasbackup_snapshot")+"moved {\n  from = mongodbatlas_cloud_backup_snapshot.test\n  to = atlasbackup_snapshot.test\n}\n")
			plan := tf.Do(2, acctest.Plan...)
			mustSay(t, plan, "mongodbatlas_cloud_backup_snapshot.test has moved to atlasbackup_snapshot.test", "Plan: 0 to add, 0 to change, 0 to destroy.")
			mustSay(t, tf.Do(0, acctest.Apply...), "0 added, 0 changed, 0 destroyed")
			tf.Do(0, acctest.Plan...)
			state := tf.State(address)
			for attribute, want := range map[string]any{"snapshot_id": id, "retention_in_days": 9.0, "description": "before the upgrade"} {
				mustBe(t, attribute, state.Values[attribute], want)
			}
			if writes := count(a, "POST") + count(a, "PATCH") + count(a, "DELETE"); writes > 0 || count(a, "GET") == 0 {
				t.Errorf("Atlas was sent %v, expected nothing but reads", a.Requests())
			}
			tf.Do(0, acctest.Destroy...)
			if left := a.Existing(); len(left) > 0 {
				t.Errorf("destroy left %v", left)
			}
		})
	}
}
