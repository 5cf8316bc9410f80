package snapshot_test

import (
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// oneSnapshot is a configuration that reads one snapshot of Cluster0.
func oneSnapshot(arguments string) string {
	return dataBlock("atlasbackup_snapshot", "Cluster0", arguments)
}

func dataBlock(of, cluster, arguments string) string {
	return acctest.DataSourceConfiguration(of, "cluster_name", cluster, arguments)
}

const oneAddress = "data.atlasbackup_snapshot.test"

func words(s string) *string { return &s }

func TestAccSnapshotDataSource_byID(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	id := a.Seed(t, atlassim.Seed{Description: words("before the upgrade"), StorageSizeBytes: 1 << 40, MasterKeyUUID: "0e9e6aee-5d5f-4ddc-a1e9-23b5b4c3a1d2"}, time.Hour)
	tf := a.Configuration(t, oneSnapshot(`snapshot_id = "`+id+`"`))
	tf.Do(0, acctest.Apply...)
	a.ExpectRequests(t, "GET clusters/Cluster0/backup/snapshots/{id}")
	tf.ExpectValues(oneAddress, map[string]any{
		"snapshot_id": id, "status": "completed", "description": "before the upgrade", "storage_size_bytes": float64(1 << 40),
		"master_key_uuid": "0e9e6aee-5d5f-4ddc-a1e9-23b5b4c3a1d2", "config_server_type": nil, "snapshot_ids": nil,
		"copy_regions": []any{}, "policy_items": []any{},
	})
}

func TestAccSnapshotDataSource_sharded(t *testing.T) {
	t.Parallel()
	for name, arguments := range map[string]string{"by id": "", "most recent": "most_recent = true"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			id := a.Seed(t, atlassim.Seed{ClusterName: "Sharded0"}, time.Hour)
			first := "GET clusters/Sharded0/backup/snapshots"
			if arguments == "" {
				arguments, first = `snapshot_id = "`+id+`"`, first+"/{id}"
			}
			tf := a.Configuration(t, dataBlock("atlasbackup_snapshot", "Sharded0", arguments))
			tf.Do(0, acctest.Apply...)
			a.ExpectRequests(t, first, "GET clusters/Sharded0/backup/snapshots/shardedCluster/{id}")
			tf.ExpectValues(oneAddress, map[string]any{
				"snapshot_id": id, "type": "shardedCluster", "config_server_type": "EMBEDDED", "replica_set_name": nil, "cloud_provider": nil,
			})
			for _, attribute := range []string{"members", "snapshot_ids"} {
				if got, ok := tf.Values(oneAddress)[attribute].([]any); !ok || len(got) != 2 {
					t.Errorf("%s is %v, expected two", attribute, tf.Values(oneAddress)[attribute])
				}
			}
		})
	}
}

// TestAccSnapshotDataSource_mostRecent asks one list for different snapshots, each time in one request.
func TestAccSnapshotDataSource_mostRecent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		filters string
		want    int
	}{
		"newest completed":       {"", 2},
		"of a type":              {`snapshot_type = "onDemand"`, 3},
		"of a description":       {`description = "weekly"`, 4},
		"before":                 {`created_before = "2026-03-30T09:00:00Z"`, 3},
		"before, elsewhere":      {`created_before = "2026-03-30T11:00:00+02:00"`, 3},
		"before and after":       {"created_before = \"2026-03-30T09:00:00Z\"\n  created_after = \"2026-03-30T07:59:59Z\"", 3},
		"a type before a moment": {"created_before = \"2026-03-30T08:00:00Z\"\n  snapshot_type = \"scheduled\"", 4},
		"not turned off":         {"snapshot_type = null\n  description = null\n  created_after = null\n  snapshot_id = null", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			ids := []string{
				a.Seed(t, atlassim.Seed{Status: "inProgress", Frozen: true}, time.Hour),
				a.Seed(t, atlassim.Seed{Status: "failed"}, 2*time.Hour),
				a.Seed(t, atlassim.Seed{SnapshotType: "scheduled"}, 3*time.Hour),
				a.Seed(t, atlassim.Seed{Description: words("monthly")}, 4*time.Hour),
				a.Seed(t, atlassim.Seed{SnapshotType: "scheduled", Description: words("weekly")}, 5*time.Hour),
			}
			tf := a.Configuration(t, oneSnapshot("most_recent = true\n  "+c.filters))
			tf.Do(0, acctest.Apply...)
			a.ExpectRequests(t, "GET clusters/Cluster0/backup/snapshots")
			tf.ExpectValues(oneAddress, map[string]any{"snapshot_id": ids[c.want], "status": "completed", "most_recent": true})
		})
	}
}

// TestAccSnapshotDataSource_deferred reads a snapshot that the same run takes: its id is not known when Terraform plans.
func TestAccSnapshotDataSource_deferred(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	tf := a.Terraform(t, acctest.Files(oneSnapshot("snapshot_id = atlasbackup_snapshot.test.snapshot_id")+`
resource "atlasbackup_snapshot" "test" {
  project_id        = var.project_id
  cluster_name      = "Cluster0"
  retention_in_days = 7
}
`))
	tf.Do(0, acctest.Apply...)
	tf.ExpectValues(oneAddress, map[string]any{"snapshot_id": tf.Values("atlasbackup_snapshot.test")["snapshot_id"], "status": "completed"})
	tf.Do(0, acctest.Plan...)
}

// TestAccSnapshotDataSource_unknownChoice cannot tell when it plans whether the arguments go together: it does when it reads.
func TestAccSnapshotDataSource_unknownChoice(t *testing.T) {
	t.Parallel()
	const unknown = `
resource "terraform_data" "on" {
  input = true
}
`
	t.Run("one", func(t *testing.T) {
		t.Parallel()
		a := acctest.NewAtlas(t)
		id := a.Seed(t, atlassim.Seed{}, time.Hour)
		tf := a.Terraform(t, acctest.Files(oneSnapshot("most_recent = terraform_data.on.output")+unknown))
		tf.Do(0, acctest.Apply...)
		tf.ExpectValues(oneAddress, map[string]any{"snapshot_id": id, "most_recent": true})
	})
	t.Run("both", func(t *testing.T) {
		t.Parallel()
		a := acctest.NewAtlas(t)
		id := a.Seed(t, atlassim.Seed{}, time.Hour)
		tf := a.Terraform(t, acctest.Files(oneSnapshot("most_recent = terraform_data.on.output\n  snapshot_id = \""+id+`"`)+unknown))
		acctest.ExpectOutput(t, tf.Do(1, acctest.Apply...), "Conflicting arguments", "Keep one of them")
		a.ExpectRequests(t)
	})
}

func TestAccSnapshotDataSource_badInput(t *testing.T) {
	t.Parallel()
	const some = "69ca6c700000000000000000"
	for name, c := range map[string]struct {
		configuration string
		setUp         func(*acctest.Atlas)
		said          []string
		// asked is what Atlas is asked for, nothing where only the configuration is wrong.
		asked []string
	}{
		"malformed snapshot id":  {configuration: oneSnapshot(`snapshot_id = "69CA"`), said: []string{"snapshot_id", "must be 24 hexadecimal digits"}},
		"malformed cluster name": {configuration: dataBlock("atlasbackup_snapshot", "a/b", "most_recent = true"), said: []string{"cluster_name", "must be a cluster's name"}},
		"neither":                {configuration: oneSnapshot(""), said: []string{"Missing argument", "Set snapshot_id to read one snapshot, or most_recent = true"}},
		"most_recent false":      {configuration: oneSnapshot("most_recent = false"), said: []string{"with data.atlasbackup_snapshot.test", "most_recent = false alone"}},
		"both":                   {configuration: oneSnapshot("most_recent = true\n  snapshot_id = \"" + some + `"`), said: []string{"Conflicting arguments", "Keep one of them"}},
		"filter of an id":        {configuration: oneSnapshot("snapshot_type = \"onDemand\"\n  snapshot_id = \"" + some + `"`), said: []string{`"snapshot_id" cannot be specified when "snapshot_type" is specified`}},
		"time filter of an id":   {configuration: oneSnapshot("created_after = \"2026-01-01T00:00:00Z\"\n  snapshot_id = \"" + some + `"`), said: []string{`"snapshot_id" cannot be specified when "created_after" is specified`}},
		"unknown type":           {configuration: oneSnapshot("most_recent = true\n  snapshot_type = \"ondemand\""), said: []string{"snapshot_type", `must be one of: ["onDemand" "scheduled" "fallback"]`}},
		"no moment":              {configuration: oneSnapshot("most_recent = true\n  created_before = \"yesterday\"\n  created_after = \"2026-01-01T00:00:00Z\""), said: []string{"created_before must be a date and time of RFC 3339, such as 2026-03-30T00:00:00Z", `got: "yesterday"`}},
		"date without a time":    {configuration: oneSnapshot("most_recent = true\n  created_after = \"2026-01-01\""), said: []string{"created_after must be a date and time of RFC 3339", `got: "2026-01-01"`, "2026-01-01T00:00:00Z is the beginning of that day in UTC"}},
		"window the wrong way":   {configuration: oneSnapshot("most_recent = true\n  created_before = \"2026-01-01T00:00:00Z\"\n  created_after = \"2026-01-02T00:00:00Z\""), said: []string{"created_after", "no snapshot lies between them"}},
		"window of no length":    {configuration: oneSnapshot("most_recent = true\n  created_before = \"2026-01-01T01:00:00+01:00\"\n  created_after = \"2026-01-01T00:00:00Z\""), said: []string{"created_after (2026-01-01T00:00:00Z) must be before created_before"}},
		"snapshot that is not there": {
			configuration: oneSnapshot(`snapshot_id = "` + some + `"`), asked: []string{"GET clusters/Cluster0/backup/snapshots/{id}"},
			said: []string{"Unable to read snapshot", "snapshot_id", "No snapshot with ID " + some, "Error code: SNAPSHOT_NOT_FOUND", "Check snapshot_id"},
		},
		"Flex cluster, by id": {
			configuration: dataBlock("atlasbackup_snapshot", "Flex0", `snapshot_id = "`+some+`"`), asked: []string{"GET clusters/Flex0/backup/snapshots/{id}"},
			said: []string{"cluster_name", "Error code: CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API", "atlasbackup_flex_snapshots"},
		},
		"Flex cluster, most recent": {
			configuration: dataBlock("atlasbackup_snapshot", "Flex0", "most_recent = true"), asked: []string{"GET clusters/Flex0/backup/snapshots"},
			said: []string{"cluster_name", "Error code: CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API", "atlasbackup_flex_snapshots"},
		},
		"unknown cluster": {
			configuration: dataBlock("atlasbackup_snapshot", "Nowhere", "most_recent = true"), asked: []string{"GET clusters/Nowhere/backup/snapshots"},
			said: []string{"Error code: CLUSTER_NOT_FOUND", "Check cluster_name"},
		},
		"role missing": {
			configuration: oneSnapshot("most_recent = true"), asked: []string{"GET clusters/Cluster0/backup/snapshots"},
			setUp: func(a *acctest.Atlas) { a.AddFault(atlassim.Fault{Status: 403, Times: -1}) },
			said:  []string{"Status: 403 Forbidden", "Project Read Only"},
		},
		"no snapshots": {
			configuration: oneSnapshot("most_recent = true"), asked: []string{"GET clusters/Cluster0/backup/snapshots"},
			said: []string{"most_recent", `There is no completed snapshot of cluster "Cluster0"`, "Number of snapshots looked at: 0. Skipped because unfinished: 0."},
		},
		"none is completed": {
			configuration: oneSnapshot("most_recent = true\n  snapshot_type = \"onDemand\"\n  description = \"ours\"\n  created_before = \"2026-03-30T12:00:00Z\""),
			setUp: func(a *acctest.Atlas) {
				for _, status := range []string{"queued", "inProgress", "failed"} {
					a.Seed(t, atlassim.Seed{Status: status, Frozen: true, Description: words("ours")}, time.Hour)
				}
				a.Seed(t, atlassim.Seed{Description: words("theirs")}, time.Hour)
			},
			asked: []string{"GET clusters/Cluster0/backup/snapshots"},
			said: []string{
				`that is of the type "onDemand" and has the description "ours" and was created before 2026-03-30T12:00:00Z.`,
				"Number of snapshots looked at: 4. Skipped because unfinished: 2. Skipped because failed: 1.", "Check the filters",
			},
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

// TestAccSnapshotDataSource_turnedOff sets both arguments, as a module does that chooses between them.
func TestAccSnapshotDataSource_turnedOff(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	id := a.Seed(t, atlassim.Seed{}, 2*time.Hour)
	a.Seed(t, atlassim.Seed{}, time.Hour)
	tf := a.Configuration(t, oneSnapshot("most_recent = false\n  snapshot_id = \""+id+`"`))
	tf.Do(0, acctest.Apply...)
	tf.ExpectValues(oneAddress, map[string]any{"snapshot_id": id, "most_recent": false})
}
