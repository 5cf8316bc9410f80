package provider_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// TestAccDataSources_together reads through all six data sources at once, before the sunset of serverless and after it.
func TestAccDataSources_together(t *testing.T) {
	t.Parallel()
	main, err := os.ReadFile("testdata/data_sources/main.tf")
	if err != nil {
		t.Fatal(err)
	}
	for serverless, requests := range map[string][]string{
		atlassim.ServerlessLive: {
			"GET serverless/Serverless0/backup/snapshots",
			"GET serverless/Serverless0/backup/snapshots/{id}",
			"GET serverless/Serverless0/backup/snapshots/{id}",
		},
		atlassim.ServerlessGone: {
			"GET serverless/Serverless0/backup/snapshots", "GET flexClusters/Serverless0/backup/snapshots",
			"GET serverless/Serverless0/backup/snapshots/{id}", "GET flexClusters/Serverless0/backup/snapshots/{id}",
			"GET serverless/Serverless0/backup/snapshots/{id}", "GET flexClusters/Serverless0/backup/snapshots/{id}",
		},
	} {
		t.Run(serverless, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t, func(o *atlassim.Options) { o.Serverless = serverless })
			manual := a.Seed(t, atlassim.Seed{Description: text("before the upgrade")}, 3*time.Hour)
			scheduled := a.Seed(t, atlassim.Seed{SnapshotType: "scheduled"}, 2*time.Hour)
			pending := a.Seed(t, atlassim.Seed{Status: "inProgress", Frozen: true}, time.Hour)
			sharded := a.Seed(t, atlassim.Seed{ClusterName: "Sharded0"}, time.Hour)
			tf := a.Terraform(t, acctest.Files(string(main)))
			variable := []string{"-var", "snapshot_id=" + manual}
			tf.Do(0, append(slices.Clone(acctest.Apply), variable...)...)
			a.ExpectRequests(t, append([]string{
				"GET clusters/Cluster0/backup/snapshots/{id}",
				// One list for both that want one.
				"GET clusters/Cluster0/backup/snapshots",
				"GET clusters/Sharded0/backup/snapshots", "GET clusters/Sharded0/backup/snapshots/shardedClusters",
				"GET flexClusters/Flex0/backup/snapshots", "GET flexClusters/Flex0/backup/snapshots",
				"GET flexClusters/Flex0/backup/snapshots/{id}",
			}, requests...)...)

			tf.ExpectValues("data.atlasbackup_snapshot.by_id", map[string]any{
				"snapshot_id": manual, "status": "completed", "type": "replicaSet", "snapshot_type": "onDemand", "frequency_type": "ondemand",
				"description": "before the upgrade", "created_at": "2026-03-30T09:00:00Z", "expires_at": "2026-04-06T09:00:00Z",
				"cloud_provider": "AWS", "replica_set_name": "Cluster0", "members": nil, "most_recent": nil, "created_after": nil,
			})
			tf.ExpectValues("data.atlasbackup_snapshot.latest", map[string]any{
				"snapshot_id": scheduled, "snapshot_type": "scheduled", "frequency_type": "daily", "description": nil,
			})
			tf.ExpectResults("data.atlasbackup_snapshots.all", "snapshot_id", pending, scheduled, manual)
			tf.ExpectResults("data.atlasbackup_snapshots.all", "status", "inProgress", "completed", "completed")
			tf.ExpectResults("data.atlasbackup_snapshots.sharded", "snapshot_id", sharded)
			if members, ok := tf.Result("data.atlasbackup_snapshots.sharded", 0)["members"].([]any); !ok || len(members) != 2 {
				t.Errorf("the sharded snapshot's members are %v, expected two", members)
			}
			expectFlex(t, tf)
			expectServerless(t, tf, serverless)
			tf.Do(0, append(slices.Clone(acctest.Plan), variable...)...)
		})
	}
}

func expectFlex(t *testing.T, tf *acctest.Terraform) {
	t.Helper()
	all := "data.atlasbackup_flex_snapshots.all"
	tf.ExpectResults(all, "scheduled_at", "2026-03-30T05:00:00Z", "2026-03-29T05:00:00Z", "2026-03-28T05:00:00Z",
		"2026-03-27T05:00:00Z", "2026-03-26T05:00:00Z", "2026-03-25T05:00:00Z", "2026-03-24T05:00:00Z", "2026-03-23T05:00:00Z")
	newest := tf.Result(all, 0)
	if diff := cmp.Diff([]string{"expires_at", "finished_at", "mongod_version", "scheduled_at", "snapshot_id", "started_at", "status"},
		slices.Sorted(maps.Keys(newest))); diff != "" {
		t.Errorf("the attributes of a Flex snapshot differ (-expected +got):\n%s", diff)
	}
	for name, value := range newest {
		if value == nil {
			t.Errorf("%s of a completed Flex snapshot is null", name)
		}
	}
	tf.ExpectValues("data.atlasbackup_flex_snapshot.latest", newest)
	tf.ExpectValues("data.atlasbackup_flex_snapshot.latest", map[string]any{
		"status": "COMPLETED", "expires_at": "2026-04-07T05:00:00Z", "most_recent": true,
	})
	tf.ExpectValues("data.atlasbackup_flex_snapshot.by_id", map[string]any{"status": "FAILED", "most_recent": nil})
}

func expectServerless(t *testing.T, tf *acctest.Terraform, serverless string) {
	t.Helper()
	servedBy := map[string]string{atlassim.ServerlessLive: "serverless", atlassim.ServerlessGone: "flex"}[serverless]
	all := "data.atlasbackup_serverless_snapshots.all"
	tf.ExpectValues(all, map[string]any{"served_by": servedBy})
	newest := tf.Result(all, 0)
	if diff := cmp.Diff([]string{
		"created_at", "expires_at", "frequency_type", "mongod_version", "serverless_instance_name", "snapshot_id", "snapshot_type",
		"status", "storage_size_bytes",
	}, slices.Sorted(maps.Keys(newest))); diff != "" {
		t.Errorf("the attributes of a serverless snapshot differ (-expected +got):\n%s", diff)
	}
	tf.ExpectValues("data.atlasbackup_serverless_snapshot.by_id", newest)
	// What Flex does not say is null, also where one could guess it.
	want := map[string]any{
		"served_by": servedBy, "status": "completed", "expires_at": "2026-04-07T05:00:00Z",
		"snapshot_type": nil, "frequency_type": nil, "serverless_instance_name": nil, "storage_size_bytes": nil,
	}
	if serverless == atlassim.ServerlessLive {
		maps.Copy(want, map[string]any{
			"snapshot_type": "scheduled", "frequency_type": "daily", "serverless_instance_name": "Serverless0",
			"storage_size_bytes": newest["storage_size_bytes"],
		})
	}
	tf.ExpectValues("data.atlasbackup_serverless_snapshot.by_id", want)
	tf.ExpectValues("data.atlasbackup_serverless_snapshot.failed", map[string]any{"status": "failed", "served_by": servedBy})
	if created, ok := newest["created_at"].(string); !ok || !strings.HasPrefix(created, "2026-03-30T05:0") {
		t.Errorf("created_at is %v, expected a moment soon after 05:00", newest["created_at"])
	}
}

func text(s string) *string { return &s }
