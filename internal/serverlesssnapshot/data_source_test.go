package serverlesssnapshot_test

import (
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

const (
	oneAddress     = "data.atlasbackup_serverless_snapshot.test"
	allAddress     = "data.atlasbackup_serverless_snapshots.test"
	serverlessList = "GET serverless/Serverless0/backup/snapshots"
	flexList       = "GET flexClusters/Serverless0/backup/snapshots"
	serverlessOne  = serverlessList + "/{id}"
	flexOne        = flexList + "/{id}"

	some = "69ca6c700000000000000000"
)

func block(of, instance, arguments string) string {
	return acctest.DataSourceConfiguration(of, "instance_name", instance, arguments)
}

func oneSnapshot(instance, id string) string {
	return block("atlasbackup_serverless_snapshot", instance, `snapshot_id = "`+id+`"`)
}

func allSnapshots(instance string) string {
	return block("atlasbackup_serverless_snapshots", instance, "")
}

func live(o *atlassim.Options) { o.Serverless = atlassim.ServerlessLive }

func gone(o *atlassim.Options) { o.Serverless = atlassim.ServerlessGone }

func TestAccServerlessSnapshotDataSource_servedByServerless(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t, live)
	id := a.Seed(t, atlassim.Seed{ClusterName: "Serverless0", StorageSizeBytes: 1 << 40}, time.Hour)
	tf := a.Configuration(t, oneSnapshot("Serverless0", id))
	tf.Do(0, acctest.Apply...)
	a.ExpectRequests(t, serverlessOne)
	tf.ExpectValues(oneAddress, map[string]any{
		"snapshot_id": id, "status": "completed", "served_by": "serverless", "snapshot_type": "scheduled", "frequency_type": "daily",
		"serverless_instance_name": "Serverless0", "storage_size_bytes": float64(1 << 40),
		"created_at": "2026-03-30T11:00:00Z", "expires_at": "2026-04-07T10:59:30Z",
	})
	tf.Do(0, acctest.Plan...)
}

func TestAccServerlessSnapshotDataSource_servedByFlex(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t, gone)
	id := a.Seed(t, atlassim.Seed{ClusterName: "Serverless0"}, time.Hour)
	tf := a.Configuration(t, oneSnapshot("Serverless0", id))
	tf.Do(0, acctest.Apply...)
	a.ExpectRequests(t, serverlessOne, flexOne)
	tf.ExpectValues(oneAddress, map[string]any{
		"snapshot_id": id, "status": "completed", "served_by": "flex", "snapshot_type": nil, "frequency_type": nil,
		"serverless_instance_name": nil, "storage_size_bytes": nil,
		"created_at": "2026-03-30T11:00:00Z", "expires_at": "2026-04-07T10:59:30Z",
	})
	tf.Do(0, acctest.Plan...)
}

// TestAccServerlessSnapshotsDataSource_statuses reads a snapshot in every state that Flex can show, in serverless words.
func TestAccServerlessSnapshotsDataSource_statuses(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*atlassim.Options){"serverless": live, "flex": gone} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t, change)
			if err := a.AddCluster(atlassim.ClusterSpec{Name: "Fresh", Type: atlassim.TypeServerless}); err != nil {
				t.Fatal(err)
			}
			a.Seed(t, atlassim.Seed{ClusterName: "Fresh", Status: "failed"}, 3*time.Hour)
			a.Seed(t, atlassim.Seed{ClusterName: "Fresh"}, time.Minute)
			a.Seed(t, atlassim.Seed{ClusterName: "Fresh"}, 2*time.Hour)
			tf := a.Configuration(t, allSnapshots("Fresh"))
			tf.Do(0, acctest.Apply...)
			tf.ExpectResults(allAddress, "status", "inProgress", "completed", "failed")
			tf.ExpectValues(allAddress, map[string]any{"served_by": name})
		})
	}
}

// TestAccServerlessSnapshotDataSource_goneInEveryForm has the serverless endpoint be gone in every form of an answer.
func TestAccServerlessSnapshotDataSource_goneInEveryForm(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]atlassim.Fault{
		"the instance is not found": {ErrorCode: "SERVERLESS_INSTANCE_NOT_FOUND"},
		"the cluster is not found":  {ErrorCode: "CLUSTER_NOT_FOUND"},
		"the snapshot is not found": {ErrorCode: "SNAPSHOT_NOT_FOUND"},
		"the path is not found":     {ErrorCode: "RESOURCE_NOT_FOUND"},
		"the version is gone":       {ErrorCode: "VERSION_GONE"},
		"404 without a code":        {Status: 404, Body: `{"error":404,"errorCode":null,"detail":null,"reason":"Not Found","parameters":null}`},
		"404 without a body":        {Status: 404, Body: " "},
		"410 in HTML":               {Status: 410, Body: "<html><body>Gone</body></html>", ContentType: "text/html"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t, gone)
			id := a.Seed(t, atlassim.Seed{ClusterName: "Serverless0"}, time.Hour)
			fault.Path, fault.Times = "/serverless/", -1
			a.AddFault(fault)
			tf := a.Configuration(t, oneSnapshot("Serverless0", id)+`
data "atlasbackup_serverless_snapshots" "test" {
  project_id    = var.project_id
  instance_name = "Serverless0"
}
`)
			tf.Do(0, acctest.Apply...)
			a.ExpectRequests(t, serverlessOne, flexOne, serverlessList, flexList)
			tf.ExpectValues(oneAddress, map[string]any{"served_by": "flex"})
			tf.ExpectValues(allAddress, map[string]any{"served_by": "flex"})
		})
	}
}
