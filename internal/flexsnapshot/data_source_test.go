package flexsnapshot_test

import (
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

const (
	oneAddress = "data.atlasbackup_flex_snapshot.test"
	allAddress = "data.atlasbackup_flex_snapshots.test"
	listPath   = "GET flexClusters/Flex0/backup/snapshots"
)

func block(of, cluster, arguments string) string {
	return acctest.DataSourceConfiguration(of, "cluster_name", cluster, arguments)
}

func TestAccFlexSnapshotDataSource_byID(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	id := a.Seed(t, atlassim.Seed{ClusterName: "Flex0"}, time.Hour)
	tf := a.Configuration(t, block("atlasbackup_flex_snapshot", "Flex0", `snapshot_id = "`+id+`"`))
	tf.Do(0, acctest.Apply...)
	a.ExpectRequests(t, listPath+"/{id}")
	tf.ExpectValues(oneAddress, map[string]any{
		"snapshot_id": id, "status": "COMPLETED", "scheduled_at": "2026-03-30T10:59:30Z", "started_at": "2026-03-30T11:00:00Z",
		"finished_at": "2026-03-30T11:01:15Z", "expires_at": "2026-04-07T10:59:30Z", "most_recent": nil,
	})
	tf.Do(0, acctest.Plan...)
}

// TestAccFlexSnapshotDataSource_mostRecent passes over one that Atlas is busy with and one that it failed.
func TestAccFlexSnapshotDataSource_mostRecent(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	running := a.Seed(t, atlassim.Seed{ClusterName: "Flex0"}, time.Minute)
	failed := a.Seed(t, atlassim.Seed{ClusterName: "Flex0", Status: "failed"}, time.Hour)
	want := a.Seed(t, atlassim.Seed{ClusterName: "Flex0"}, 2*time.Hour)
	tf := a.Configuration(t, block("atlasbackup_flex_snapshot", "Flex0", "most_recent = true")+`
data "atlasbackup_flex_snapshots" "test" {
  project_id   = var.project_id
  cluster_name = "Flex0"
}
`)
	tf.Do(0, acctest.Apply...)
	a.ExpectRequests(t, listPath, listPath)
	tf.ExpectValues(oneAddress, map[string]any{"snapshot_id": want, "status": "COMPLETED", "most_recent": true})
	for i, c := range []map[string]any{
		{"snapshot_id": running, "status": "RUNNING", "finished_at": nil},
		{"snapshot_id": failed, "status": "FAILED", "finished_at": "2026-03-30T11:01:15Z"},
		{"snapshot_id": want, "status": "COMPLETED", "finished_at": "2026-03-30T10:01:15Z"},
	} {
		for attribute, value := range c {
			if got := tf.Result(allAddress, i)[attribute]; got != value {
				t.Errorf("%s of result %d is %v, expected %v", attribute, i, got, value)
			}
		}
	}
}

func TestAccFlexSnapshotDataSource_badInput(t *testing.T) {
	t.Parallel()
	const some = "69ca6c700000000000000000"
	one := func(cluster, arguments string) string { return block("atlasbackup_flex_snapshot", cluster, arguments) }
	all := func(cluster string) string { return block("atlasbackup_flex_snapshots", cluster, "") }
	for name, c := range map[string]struct {
		configuration string
		said          []string
		setUp         func(*acctest.Atlas)
		asked         []string
	}{
		"malformed snapshot id":  {configuration: one("Flex0", `snapshot_id = "7"`), said: []string{"snapshot_id", "must be 24 hexadecimal digits"}},
		"malformed cluster name": {configuration: all("../Flex0"), said: []string{"cluster_name", "must be a cluster's name"}},
		"neither":                {configuration: one("Flex0", ""), said: []string{"Missing argument"}},
		"most_recent false":      {configuration: one("Flex0", "most_recent = false"), said: []string{"most_recent = false alone"}},
		"both":                   {configuration: one("Flex0", "most_recent = true\n  snapshot_id = \""+some+`"`), said: []string{"Conflicting arguments"}},
		"snapshot that is not there": {
			configuration: one("Flex0", `snapshot_id = "`+some+`"`), asked: []string{listPath + "/{id}"},
			said: []string{"Unable to read snapshot", "snapshot_id", "No snapshot with ID " + some, "Error code: SNAPSHOT_NOT_FOUND", "Check snapshot_id"},
		},
		"not found, in another form": {
			configuration: one("Flex0", `snapshot_id = "`+some+`"`), asked: []string{listPath + "/{id}"},
			setUp: func(a *acctest.Atlas) {
				a.AddFault(atlassim.Fault{Status: 404, Body: `{"error":404,"errorCode":null,"detail":"Could not find it.","reason":"Not Found","parameters":null}`})
			},
			said: []string{"snapshot_id = ", "Could not find it", "Status: 404 Not Found"},
		},
		"dedicated cluster, by id": {
			configuration: one("Cluster0", `snapshot_id = "`+some+`"`), asked: []string{"GET flexClusters/Cluster0/backup/snapshots/{id}"},
			said: []string{"cluster_name", "Cannot use non-flex cluster Cluster0", "Error code: CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API", "atlasbackup_snapshots"},
		},
		"dedicated cluster, most recent": {
			configuration: one("Cluster0", "most_recent = true"), asked: []string{"GET flexClusters/Cluster0/backup/snapshots"},
			said: []string{"cluster_name", "Error code: CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API", "atlasbackup_snapshots"},
		},
		"dedicated cluster, all": {
			configuration: all("Sharded0"), asked: []string{"GET flexClusters/Sharded0/backup/snapshots"},
			said: []string{"Unable to read snapshots", "cluster_name", "Error code: CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API"},
		},
		"unknown cluster": {
			configuration: all("Nowhere"), asked: []string{"GET flexClusters/Nowhere/backup/snapshots"},
			said: []string{"Error code: CLUSTER_NOT_FOUND", "Check cluster_name"},
		},
		"none is completed": {
			configuration: one("Flex1", "most_recent = true"), asked: []string{"GET flexClusters/Flex1/backup/snapshots"},
			setUp: func(a *acctest.Atlas) {
				_ = a.AddCluster(atlassim.ClusterSpec{Name: "Flex1", Type: atlassim.TypeFlex})
				a.Seed(t, atlassim.Seed{ClusterName: "Flex1", Status: "failed"}, time.Hour)
				a.Seed(t, atlassim.Seed{ClusterName: "Flex1"}, time.Minute)
			},
			said: []string{"most_recent", `no completed snapshot of Flex cluster "Flex1"`, "looked at: 2. Skipped because unfinished: 1. Skipped because failed: 1."},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			if c.setUp != nil {
				c.setUp(a)
			}
			a.Configuration(t, c.configuration).ExpectPlanError(c.said...)
			a.ExpectRequests(t, c.asked...)
		})
	}
}
