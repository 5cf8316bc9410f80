package snapshot_test

import (
	"encoding/base64"
	"maps"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

func encoded(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// officialID is the id that the official provider gives a snapshot.
func officialID(project, cluster, snapshot string) string {
	return encoded("cluster_name") + ":" + encoded(cluster) + "-" + encoded("project_id") + ":" + encoded(project) + "-" +
		encoded("snapshot_id") + ":" + encoded(snapshot)
}

// move asks for the state of the official provider's resource as one of this provider's.
func (s *server) move(request tfprotov6.MoveResourceStateRequest) *tfprotov6.MoveResourceStateResponse {
	s.t.Helper()
	request.TargetTypeName = resourceType
	moved, err := s.MoveResourceState(s.ctx, &request)
	if err != nil {
		s.t.Fatal(err)
	}
	return moved
}

// officialStates are the states of a snapshot in every form that the official provider has written, from the first to the
// newest: state is that of its first version. Later ones have more, and one knows less of what it imported.
func officialStates(project, cluster, snapshot string) map[string]map[string]any {
	first := map[string]any{
		"id":         officialID(project, cluster, snapshot),
		"project_id": project, "cluster_name": cluster, "snapshot_id": snapshot, "description": "before the upgrade",
		"retention_in_days": 9, "created_at": "2026-03-30T11:00:00Z", "expires_at": "2026-04-08T11:02:00Z", "master_key_uuid": "",
		"mongod_version": "8.0.4", "snapshot_type": "onDemand", "status": "completed", "storage_size_bytes": 1600000000, "type": "replicaSet",
	}
	with := func(more map[string]any) map[string]any {
		state := maps.Clone(first)
		maps.Copy(state, more)
		return state
	}
	newest := map[string]any{
		"cloud_provider": "AWS", "replica_set_name": "atlas-abc-shard-0", "members": []any{}, "snapshot_ids": []any{},
		"timeouts": nil, "delete_on_create_timeout": nil,
	}
	imported := with(newest)
	delete(imported, "retention_in_days")
	idOnly := map[string]any{"id": first["id"], "retention_in_days": 9, "description": "before the upgrade"}
	return map[string]map[string]any{
		"first version": first,
		"its id in one piece a pair, in any order": with(map[string]any{
			"id": encoded("snapshot_id:"+snapshot) + "-" + encoded("project_id:"+project) + "-" + encoded("cluster_name:"+cluster),
		}),
		"with its own timeout":            with(map[string]any{"timeout": "10m"}),
		"with members":                    with(map[string]any{"cloud_provider": "AWS", "replica_set_name": "r", "members": []any{}, "snapshot_ids": []any{}}),
		"newest":                          with(newest),
		"newest, imported":                imported,
		"newest, imported, retention 0":   with(map[string]any{"retention_in_days": 0}),
		"nothing but the id":              idOnly,
		"id without form":                 with(map[string]any{"id": snapshot}),
		"time in another form":            with(map[string]any{"created_at": "2026-03-30 11:00:00 +0000 UTC", "expires_at": ""}),
		"something not known yet":         with(map[string]any{"backup_compliance": map[string]any{"on": true}}),
		"computed attributes all missing": {"id": first["id"], "project_id": nil, "retention_in_days": 9, "description": "before the upgrade"},
	}
}

// TestMove_official moves the state of every version of the official provider: without a request, to the same snapshot, and
// the plan that follows is empty.
func TestMove_official(t *testing.T) {
	t.Parallel()
	const snapshot = "69ca65c03265a83afa7bbafa"
	for name := range officialStates("", "", snapshot) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			project, cluster := a.Fixture().ProjectID, a.Fixture().ClusterName
			id := seeded(t, a, atlassim.Seed{
				Description: new("before the upgrade"), ExpiresAt: acctest.Start.AddDate(0, 0, 9),
			})
			s := protocol(t.Context(), t, a)
			moved := s.move(tfprotov6.MoveResourceStateRequest{
				SourceProviderAddress: "registry.terraform.io/mongodb/mongodbatlas", SourceTypeName: "mongodbatlas_cloud_backup_snapshot",
				SourceState: raw(t, officialStates(project, cluster, id)[name]),
			})
			s.must(nil, moved.Diagnostics)
			if requests := a.Requests(); len(requests) > 0 {
				t.Errorf("the move sent requests: %v", requests)
			}
			state := s.plain(s.kind, moved.TargetState)
			for attribute, want := range map[string]any{
				"id": project + "/" + cluster + "/" + id, "project_id": project, "cluster_name": cluster, "snapshot_id": id,
				"description": "before the upgrade", "skip_destroy": false, "on_expiry": "keep", "triggers": nil, "timeouts": nil,
			} {
				mustBe(t, attribute, state[attribute], want)
			}
			mustBe(t, "identity", s.identity(moved.TargetIdentity), map[string]any{
				"project_id": project, "cluster_name": cluster, "snapshot_id": id,
			})

			read := s.read(moved.TargetState, moved.TargetPrivate, moved.TargetIdentity)
			mustBe(t, "retention_in_days", s.plain(s.kind, read.NewState)["retention_in_days"], any(9.0))
			planned := s.plan(read.NewState, read.NewState, read.Private, read.NewIdentity)
			mustBe(t, "plan", s.plain(s.kind, planned.PlannedState), s.plain(s.kind, read.NewState))
			if len(planned.RequiresReplace) > 0 {
				t.Errorf("the plan replaces the snapshot for %v", planned.RequiresReplace)
			}
		})
	}
}

// TestMove_keepsRetention moves a snapshot whose expiry does not tell its retention: what was configured stays.
func TestMove_keepsRetention(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	s := protocol(t.Context(), t, a)
	id := seeded(t, a, atlassim.Seed{ExpiresAt: acctest.Start.AddDate(0, 0, 20)})
	moved := s.move(tfprotov6.MoveResourceStateRequest{
		SourceProviderAddress: "registry.terraform.io/mongodb/mongodbatlas", SourceTypeName: "mongodbatlas_cloud_backup_snapshot",
		SourceState: raw(t, map[string]any{"id": officialID(a.Fixture().ProjectID, a.Fixture().ClusterName, id), "retention_in_days": 9}),
	})
	s.must(nil, moved.Diagnostics)
	read := s.read(moved.TargetState, moved.TargetPrivate, moved.TargetIdentity)
	mustBe(t, "retention_in_days", s.plain(s.kind, read.NewState)["retention_in_days"], any(9.0))
}

// TestMove_sharded keeps what the official provider knows of a sharded cluster's parts, and its timeout.
func TestMove_sharded(t *testing.T) {
	t.Parallel()
	s := protocol(t.Context(), t, acctest.NewAtlas(t))
	member := map[string]any{"id": "69ca65c03265a83afa7bbafb", "cloud_provider": "AWS", "replica_set_name": "atlas-abc-shard-0"}
	moved := s.move(tfprotov6.MoveResourceStateRequest{
		SourceProviderAddress: "registry.terraform.io/mongodb/mongodbatlas", SourceTypeName: "mongodbatlas_cloud_backup_snapshot",
		SourceState: raw(t, map[string]any{
			"id": officialID("b0123456789abcdef012345b", "Sharded0", "69ca65c03265a83afa7bbafa"), "type": "shardedCluster",
			"members": []any{member}, "snapshot_ids": []any{"69ca65c03265a83afa7bbafb"}, "cloud_provider": "", "replica_set_name": "",
			"timeouts": map[string]any{"create": "2h"},
		}),
	})
	s.must(nil, moved.Diagnostics)
	state := s.plain(s.kind, moved.TargetState)
	mustBe(t, "members", state["members"], any([]any{member}))
	mustBe(t, "snapshot_ids", state["snapshot_ids"], any([]any{"69ca65c03265a83afa7bbafb"}))
	mustBe(t, "replica_set_name", state["replica_set_name"], nil)
	mustBe(t, "timeouts", state["timeouts"], any(map[string]any{"create": "2h", "update": nil, "delete": nil}))
}

// TestMove_source knows the official provider wherever it was installed from, and nobody else.
func TestMove_source(t *testing.T) {
	t.Parallel()
	s := protocol(t.Context(), t, acctest.NewAtlas(t))
	for address, handled := range map[string]bool{
		"registry.terraform.io/mongodb/mongodbatlas":        true,
		"registry.opentofu.org/mongodb/mongodbatlas":        true,
		"mirror.example.com/mongodb/mongodbatlas":           true,
		"registry.terraform.io/hashicorp/mongodbatlas":      false,
		"registry.terraform.io/notmongodb/mongodbatlas":     false,
		"registry.terraform.io/example/mongodb/mongodb":     false,
		"registry.terraform.io/atlasbackup/atlasbackup":     false,
		"registry.terraform.io/mongodb/mongodbatlas-backup": false,
	} {
		for typeName, known := range map[string]bool{
			"mongodbatlas_cloud_backup_snapshot": true, "mongodbatlas_cloud_provider_snapshot": true,
			"mongodbatlas_cluster": false, "mongodbatlas_cloud_backup_snapshot_restore_job": false,
		} {
			moved := s.move(tfprotov6.MoveResourceStateRequest{
				SourceProviderAddress: address, SourceTypeName: typeName,
				SourceState: raw(t, map[string]any{"id": officialID("b0123456789abcdef012345b", "Cluster0", "69ca65c03265a83afa7bbafa")}),
			})
			if handled && known {
				s.must(nil, moved.Diagnostics)
				continue
			}
			mustFail(t, moved.Diagnostics, "Unable to Move Resource State", "does not include support for the given source resource")
		}
	}
}

// TestMove_malformed says what is wrong with a state that cannot be moved.
func TestMove_malformed(t *testing.T) {
	t.Parallel()
	s := protocol(t.Context(), t, acctest.NewAtlas(t))
	for text, sentence := range map[string]string{
		`{`:                                 "it does not have the schema of that resource",
		`[]`:                                "it does not have the schema of that resource",
		`{"id":17}`:                         "it does not have the schema of that resource",
		`{}`:                                `neither its ID "" nor its attributes contain the project_id`,
		`{"id":"69ca65c03265a83afa7bbafa"}`: "nor its attributes contain the project_id",
		`{"id":"` + encoded("project_id") + ":" + encoded("b0123456789abcdef012345b") + `-%%%:%%%"}`: "nor its attributes contain the cluster_name",
		`{"id":"` + officialID("b0123456789abcdef012345b", "a/b", "69ca65c03265a83afa7bbafa") + `"}`: `the cluster_name "a/b" must be a cluster's name`,
		`{"id":"` + officialID("b0123456789abcdef012345b", "Cluster0", "gone") + `"}`:                `the snapshot_id "gone" must be 24 hexadecimal digits`,
		"": "last written by Terraform 0.11 or older",
	} {
		moved := s.move(tfprotov6.MoveResourceStateRequest{
			SourceProviderAddress: "registry.terraform.io/mongodb/mongodbatlas", SourceTypeName: "mongodbatlas_cloud_backup_snapshot",
			SourceState: &tfprotov6.RawState{JSON: []byte(text)},
		})
		mustFail(t, moved.Diagnostics, "Unable to move snapshot", sentence, "Nothing was changed", "removed block")
	}
}
