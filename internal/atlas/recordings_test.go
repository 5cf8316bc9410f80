package atlas

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// recordedAnswers are raw answers of the real Atlas that may lie beside the repository. They are no part of it.
const recordedAnswers = "../../../shared/atlas/recordings"

// recordings are the recorded answers whose files match pattern, by name.
func recordings(t *testing.T, pattern string) map[string]roundTrip {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(recordedAnswers, pattern))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skipf("no recordings of the real Atlas match %s", filepath.Join(recordedAnswers, pattern))
	}
	answers := map[string]roundTrip{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		answers[filepath.Base(filepath.Dir(file))+"/"+filepath.Base(file)] = func(req *http.Request) (*http.Response, error) {
			return http.ReadResponse(bufio.NewReader(bytes.NewReader(raw)), req)
		}
	}
	return answers
}

// readRecorded reads an answer without any of the client's types.
func readRecorded(t *testing.T, answer roundTrip) (header http.Header, body []byte) {
	t.Helper()
	res, err := answer(nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err = io.ReadAll(res.Body)
	if err = errors.Join(err, res.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return res.Header, body
}

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

func TestRecordings_snapshotLives(t *testing.T) {
	for name, answer := range recordings(t, "snapshot-lifecycle/*/*.http") {
		t.Run(name, func(t *testing.T) {
			header, body := readRecorded(t, answer)
			w := newWire(t, answer)
			client, _ := w.client(t)
			var decoded []*Snapshot
			bodies := [][]byte{body}
			switch {
			case strings.Contains(name, "-DELETE-"):
				if err := everyCall["delete"](t.Context(), client); err != nil {
					t.Error(err)
				}
				bodies = nil
			case strings.HasSuffix(name, "-list.http"):
				decoded, bodies = listOf(t, client, body)
			default:
				one, err := oneOf(t.Context(), client, strings.Contains(name, "-POST-"))
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
			date, err := http.ParseTime(header.Get("Date"))
			if err != nil || !client.ServerNow().Equal(date) {
				t.Errorf("ServerNow = %s, want %s", client.ServerNow(), date)
			}
			if client.Stretch() != 1 {
				t.Errorf("Stretch = %v", client.Stretch())
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

// expectStage checks what holds in every recorded life.
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
	for name, answer := range recordings(t, "errors/*.http") {
		t.Run(name, func(t *testing.T) {
			header, body := readRecorded(t, answer)
			w := newWire(t, answer)
			client, clock := w.client(t)
			err := everyCall["take"](t.Context(), client)
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("error of type %T: %v", err, err)
			}
			// Words as in the file's name: the status, and the code where there is one.
			if status, _, _ := strings.Cut(strings.TrimPrefix(name, "errors/"), "-"); !strings.HasPrefix(e.Status(), status) {
				t.Errorf("status = %s", e.Status())
			}
			if code := header.Get("X-Error-Code"); code != "" && code != e.Code {
				t.Errorf("code = %q, the header says %q", e.Code, code)
			}
			object := map[string]any{}
			if len(body) > 0 {
				object = objectOf(t, body)
			}
			for key, got := range map[string]string{"errorCode": e.Code, "detail": e.Detail, "reason": e.Reason} {
				if want, _ := object[key].(string); got != want {
					t.Errorf("%s = %q, want %q", key, got, want)
				}
			}
			if e.FromAtlas != (len(body) > 0) || e.Excerpt != "" || e.RetryAfter != 0 || e.Fields != nil {
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

// Of a cluster the client wants seven things, and nothing of another type.
func TestRecordings_clusters(t *testing.T) {
	for name, answer := range recordings(t, "clusters/GET-200-2024-08-05-*.http") {
		t.Run(name, func(t *testing.T) {
			_, body := readRecorded(t, answer)
			w := newWire(t, answer)
			client, _ := w.client(t)
			cluster, err := client.GetCluster(t.Context(), wireProject, wireCluster)
			if err != nil {
				t.Fatal(err)
			}
			want := objectOf(t, body)
			maps.DeleteFunc(want, func(key string, _ any) bool {
				return key != "id" && key != "name" && key != "clusterType" && key != "stateName" && key != "backupEnabled" && key != "paused"
			})
			encoded, err := json.Marshal(want)
			if err != nil {
				t.Fatal(err)
			}
			if len(want) != 6 {
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
