package atlas

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/recordings"
)

func objectOf(t *testing.T, body []byte) map[string]any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(body))
	// Sizes keep every digit.
	decoder.UseNumber()
	var object map[string]any
	if err := decoder.Decode(&object); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return object
}

// expectDecoded checks that a value has all that the answer says, nothing where the answer has no such key, and no more.
func expectDecoded(t *testing.T, body []byte, decoded any) {
	t.Helper()
	encoded, err := json.Marshal(decoded)
	if err != nil {
		t.Fatal(err)
	}
	want, got := objectOf(t, body), objectOf(t, encoded)
	maps.DeleteFunc(got, func(key string, value any) bool {
		_, said := want[key]
		return !said && value == nil
	})
	// The client has no use for links.
	delete(want, "links")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("decoded (-recorded +decoded):\n%s", diff)
	}
}

func TestRecordings_snapshotLifecycles(t *testing.T) {
	for _, recording := range recordings.Match(t, "snapshot-lifecycle/*/*") {
		t.Run(recording.Name, func(t *testing.T) {
			w := newWire(t, recording.RoundTrip)
			client, _ := w.client(t)
			var decoded []*Snapshot
			bodies := [][]byte{recording.Body}
			switch {
			case recording.Method == http.MethodDelete:
				if err := everyCall["delete"](t.Context(), client); err != nil {
					t.Error(err)
				}
				bodies = nil
			case recording.Method == http.MethodGet && strings.HasSuffix(recording.Path, "/snapshots"):
				decoded, bodies = listOf(t, client, recording.Body)
			default:
				one, err := oneOf(t.Context(), client, recording.Method == http.MethodPost)
				if err != nil {
					t.Fatal(err)
				}
				decoded = append(decoded, one)
			}
			if len(decoded) != len(bodies) {
				t.Fatalf("%d snapshots, want %d", len(decoded), len(bodies))
			}
			for i, snapshot := range decoded {
				expectDecoded(t, bodies[i], snapshot)
				expectStage(t, snapshot)
			}
			if date := recording.Date(t); !client.ServerNow().Equal(date) {
				t.Errorf("ServerNow = %s, want %s", client.ServerNow(), date)
			}
			if client.BackoffMultiplier() != 1 {
				t.Errorf("BackoffMultiplier = %v", client.BackoffMultiplier())
			}
		})
	}
}

func oneOf(ctx context.Context, client *Client, post bool) (*Snapshot, error) {
	if post {
		return client.TakeSnapshot(ctx, wireProject, wireCluster, TakeSnapshotRequest{RetentionInDays: 1})
	}
	return client.GetSnapshot(ctx, wireProject, wireCluster, wireSnapshot)
}

func listOf(t *testing.T, client *Client, body []byte) (decoded []*Snapshot, bodies [][]byte) {
	t.Helper()
	for snapshot, err := range client.RecentSnapshots(t.Context(), wireProject, wireCluster) {
		if err != nil {
			t.Fatal(err)
		}
		decoded = append(decoded, snapshot)
	}
	var list struct {
		Results []json.RawMessage `json:"results"`
	}
	if err := json.Unmarshal(body, &list); err != nil || len(list.Results) == 0 {
		t.Fatalf("the recording lists nothing: %v", err)
	}
	for _, element := range list.Results {
		bodies = append(bodies, element)
	}
	return decoded, bodies
}

// expectStage checks what holds in every recorded lifecycle.
func expectStage(t *testing.T, s *Snapshot) {
	t.Helper()
	if s.Settled() != (s.Status == "completed") || s.Pending() == s.Settled() {
		t.Errorf("%q: settled = %t, pending = %t", s.Status, s.Settled(), s.Pending())
	}
	if s.Settled() && (s.CreatedAt == nil || s.CloudProvider == nil || s.MongodVersion == nil || *s.StorageSizeBytes == 0) {
		t.Errorf("completed without all that a completed one has: %+v", s)
	}
	if s.SnapshotType != SnapshotTypeOnDemand || s.FrequencyType == nil || *s.FrequencyType != "ondemand" {
		t.Errorf("snapshot type = %q, frequency = %v", s.SnapshotType, s.FrequencyType)
	}
	// The id is of the moment of the request; what can be restored is of a later one.
	if s.CreatedAt != nil && (!s.TakenAt().Equal(*s.CreatedAt) || !s.RequestedAt().Before(*s.CreatedAt)) ||
		s.CreatedAt == nil && !s.TakenAt().Equal(s.RequestedAt()) {
		t.Errorf("requested at %s, taken at %s, created at %v", s.RequestedAt(), s.TakenAt(), s.CreatedAt)
	}
}

func TestRecordings_errors(t *testing.T) {
	for _, recording := range recordings.Match(t, "errors/*") {
		t.Run(recording.Name, func(t *testing.T) {
			w := newWire(t, recording.RoundTrip)
			client, clock := w.client(t)
			err := everyCall["take"](t.Context(), client)
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("error of type %T: %v", err, err)
			}
			if e.StatusCode != recording.Status || !strings.HasPrefix(e.Status(), strconv.Itoa(recording.Status)) {
				t.Errorf("status = %d, %s", e.StatusCode, e.Status())
			}
			if code := recording.Header.Get("X-Error-Code"); code != "" && code != e.Code {
				t.Errorf("code = %q, the header says %q", e.Code, code)
			}
			object := map[string]any{}
			if len(recording.Body) > 0 {
				object = objectOf(t, recording.Body)
			}
			for key, got := range map[string]string{"errorCode": e.Code, "detail": e.Detail, "reason": e.Reason} {
				if want, _ := object[key].(string); got != want {
					t.Errorf("%s = %q, want %q", key, got, want)
				}
			}
			if e.FromAtlas != (len(recording.Body) > 0) || e.BodySnippet != "" || e.RetryAfter != 0 || e.Fields != nil {
				t.Errorf("error = %+v", e)
			}
			if IsNotFound(err) != (e.StatusCode == http.StatusNotFound) || IsUnauthorized(err) != (e.StatusCode == http.StatusUnauthorized) {
				t.Errorf("not found = %t, unauthorized = %t", IsNotFound(err), IsUnauthorized(err))
			}
			// A refusal is final, a challenge to a key that has never worked too.
			if pauses := clock.Slept(); len(pauses) > 0 {
				t.Errorf("pauses = %v", pauses)
			}
		})
	}
}

// Of a cluster the client wants ten things, and nothing of another type.
func TestRecordings_clusters(t *testing.T) {
	for _, recording := range recordings.Match(t, "clusters/GET-200-2024-08-05-*") {
		t.Run(recording.Name, func(t *testing.T) {
			w := newWire(t, recording.RoundTrip)
			client, _ := w.client(t)
			cluster, err := client.GetCluster(t.Context(), wireProject, wireCluster)
			if err != nil {
				t.Fatal(err)
			}
			want := objectOf(t, recording.Body)
			wanted := []string{
				"id", "name", "clusterType", "stateName", "backupEnabled", "paused", "pitEnabled", "mongoDBVersion", "configServerType",
			}
			maps.DeleteFunc(want, func(key string, _ any) bool { return !slices.Contains(wanted, key) })
			encoded, err := json.Marshal(want)
			if err != nil {
				t.Fatal(err)
			}
			// Only a sharded cluster has config servers.
			if len(want) < len(wanted)-1 {
				t.Errorf("the recording has only %v", want)
			}
			if specs := cluster.ReplicationSpecs; len(specs) == 0 || len(specs[0].RegionConfigs) == 0 || specs[0].RegionConfigs[0].ProviderName != "AWS" {
				t.Errorf("the hardware is %v, expected that of a dedicated cluster on AWS", specs)
			}
			cluster.ReplicationSpecs = nil
			expectDecoded(t, encoded, cluster)
		})
	}
}
