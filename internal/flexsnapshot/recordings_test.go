package flexsnapshot_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/recordings"
)

// keys has the attribute for each key of a recorded snapshot.
var keys = map[string]string{
	"id": "snapshot_id", "status": "status", "scheduledTime": "scheduled_at", "startTime": "started_at", "finishTime": "finished_at",
	"expiration": "expires_at", "mongoDBVersion": "mongod_version",
}

// attributes are a recorded snapshot in the words of the provider. Every key has to have one.
func attributes(t *testing.T, recorded map[string]any) map[string]any {
	t.Helper()
	attributes := map[string]any{}
	for key, value := range recorded {
		name, ok := keys[key]
		if !ok {
			t.Errorf("the recording has %q, and the data source no attribute for it", key)
		}
		attributes[name] = value
	}
	return attributes
}

// recordedList serves a recorded list, and each of its snapshots by its id.
type recordedList struct {
	recording recordings.Recording
	// newestFirst is the reverse of the recording: Atlas lists the oldest first.
	newestFirst []map[string]any
}

func newRecordedList(t *testing.T, recording recordings.Recording) *recordedList {
	t.Helper()
	var page struct {
		Results []map[string]any `json:"results"`
	}
	if err := json.Unmarshal(recording.Body, &page); err != nil {
		t.Fatal(err)
	}
	slices.Reverse(page.Results)
	return &recordedList{recording: recording, newestFirst: page.Results}
}

// fail has the newest snapshot failed. Atlas was seen to fail some, which differ from others in nothing but the status.
func (l *recordedList) fail() {
	l.newestFirst[0]["status"] = "FAILED"
	l.recording.Body = replaceLast(l.recording.Body, `"status":"COMPLETED"`, `"status":"FAILED"`)
	l.recording.Header.Del("Content-Length")
}

func replaceLast(body []byte, from, to string) []byte {
	at := bytes.LastIndex(body, []byte(from))
	return slices.Concat(body[:at], []byte(to), body[at+len(from):])
}

func (l *recordedList) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for _, one := range l.newestFirst {
		if id, ok := one["id"].(string); ok && strings.HasSuffix(r.URL.Path, "/"+id) {
			_ = json.NewEncoder(w).Encode(one)
			return
		}
	}
	l.recording.ServeHTTP(w, r)
}

// TestAccFlexSnapshotsDataSource_recorded reads the recorded lists of the real Atlas, and every snapshot in them.
func TestAccFlexSnapshotsDataSource_recorded(t *testing.T) {
	t.Parallel()
	for i, recording := range recordings.Match(t, "flex-snapshots/*list*") {
		t.Run(recording.Name, func(t *testing.T) {
			t.Parallel()
			readRecorded(t, newRecordedList(t, recording))
		})
		t.Run(recording.Name+" with a failed one", func(t *testing.T) {
			t.Parallel()
			list := newRecordedList(t, recordings.Match(t, "flex-snapshots/*list*")[i])
			list.fail()
			readRecorded(t, list)
		})
	}
}

func readRecorded(t *testing.T, list *recordedList) {
	t.Helper()
	server := httptest.NewServer(list)
	t.Cleanup(server.Close)
	a := acctest.NewAtlas(t)
	a.Environment["MONGODB_ATLAS_BASE_URL"] = server.URL
	tf := a.Terraform(t, acctest.Files(block("atlasbackup_flex_snapshots", "snapshotCluster0", "")+`
data "atlasbackup_flex_snapshot" "newest" {
  project_id   = var.project_id
  cluster_name = "snapshotCluster0"
  snapshot_id  = data.atlasbackup_flex_snapshots.test.results[0].snapshot_id
}

data "atlasbackup_flex_snapshot" "latest" {
  project_id   = var.project_id
  cluster_name = "snapshotCluster0"
  most_recent  = true
}
`))
	tf.Do(0, acctest.Apply...)
	var want []map[string]any
	latest, failed := map[string]any(nil), 0
	for _, one := range list.newestFirst {
		want = append(want, attributes(t, one))
		switch {
		case one["status"] == "FAILED":
			failed++
		case one["status"] == "COMPLETED" && latest == nil:
			latest = attributes(t, one)
		}
	}
	if diff := cmp.Diff(want, tf.Results(allAddress)); diff != "" {
		t.Errorf("the results are not what Atlas showed (-Atlas +results):\n%s", diff)
	}
	tf.ExpectValues("data.atlasbackup_flex_snapshot.newest", want[0])
	tf.ExpectValues("data.atlasbackup_flex_snapshot.latest", latest)
	t.Logf("%d recorded snapshots, %d of them failed", len(want), failed)
}

// TestAccFlexSnapshotDataSource_recorded reads the one snapshot that was recorded by its id.
func TestAccFlexSnapshotDataSource_recorded(t *testing.T) {
	t.Parallel()
	for _, recording := range recordings.Match(t, "flex-snapshots/*one") {
		var recorded map[string]any
		if err := json.Unmarshal(recording.Body, &recorded); err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(recording)
		t.Cleanup(server.Close)
		a := acctest.NewAtlas(t)
		a.Environment["MONGODB_ATLAS_BASE_URL"] = server.URL
		id, _ := recorded["id"].(string)
		tf := a.Configuration(t, block("atlasbackup_flex_snapshot", "snapshotCluster0", `snapshot_id = "`+id+`"`))
		tf.Do(0, acctest.Apply...)
		tf.ExpectValues(oneAddress, attributes(t, recorded))
	}
}

// TestAccFlexSnapshotDataSource_recordedRefusals shows what Atlas really says to a dedicated cluster's name.
func TestAccFlexSnapshotDataSource_recordedRefusals(t *testing.T) {
	t.Parallel()
	for of, pattern := range map[string]string{
		`data "atlasbackup_flex_snapshot"`:  "errors/400-CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API-getSnapshot",
		`data "atlasbackup_flex_snapshots"`: "errors/400-CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API-getSnapshots",
	} {
		for _, recording := range recordings.Match(t, pattern) {
			server := httptest.NewServer(recording)
			t.Cleanup(server.Close)
			a := acctest.NewAtlas(t)
			a.Environment["MONGODB_ATLAS_BASE_URL"] = server.URL
			configuration := block("atlasbackup_flex_snapshots", "dedicated", "")
			if strings.HasSuffix(recording.Name, "getSnapshot") {
				configuration = block("atlasbackup_flex_snapshot", "dedicated", `snapshot_id = "6a79468a2c88faeba59de489"`)
			}
			a.Configuration(t, configuration).ExpectPlanError(of, "cluster_name", "Cannot use non-flex cluster",
				"Error code: CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API", "Read its snapshots with the data source atlasbackup_snapshots")
		}
	}
}
