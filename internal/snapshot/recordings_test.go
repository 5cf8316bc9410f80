package snapshot_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/recordings"
)

// recordedLifecycle serves one recorded snapshot: the answer to the request for it, then every recorded poll in turn, the last
// one for as long as it is asked for, and the deletion.
type recordedLifecycle struct {
	mu       sync.Mutex
	creation recordings.Recording
	polls    []recordings.Recording
	deletion recordings.Recording
	served   map[string]bool
	deleted  bool
}

func (l *recordedLifecycle) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/snapshots"):
		w.Header().Set("Date", l.creation.Header.Get("Date"))
		_, _ = w.Write([]byte(`{"links":[],"results":[],"totalCount":0}`))
	case r.Method == http.MethodPost:
		l.serve(w, l.creation)
	case r.Method == http.MethodDelete:
		l.deleted = true
		l.serve(w, l.deletion)
	case l.deleted:
		w.WriteHeader(http.StatusNotFound)
	default:
		l.serve(w, l.polls[0])
		if len(l.polls) > 1 {
			l.polls = l.polls[1:]
		}
	}
}

func (l *recordedLifecycle) serve(w http.ResponseWriter, e recordings.Recording) {
	l.served[e.Name] = true
	e.ServeHTTP(w, nil)
}

// TestAccSnapshot_recordedLifecycles takes each recorded snapshot again, with real Terraform: the state ends as Atlas showed it.
func TestAccSnapshot_recordedLifecycles(t *testing.T) {
	t.Parallel()
	lifecycles := map[string][]recordings.Recording{}
	for _, recording := range recordings.Match(t, "snapshot-lifecycle/*/*") {
		if recording.Method != http.MethodGet || !strings.HasSuffix(recording.Path, "/snapshots") {
			lifecycles[recording.Conversation()] = append(lifecycles[recording.Conversation()], recording)
		}
	}
	for name, lifecycle := range lifecycles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			repeatLifecycle(t, lifecycle)
		})
	}
}

func repeatLifecycle(t *testing.T, lifecycle []recordings.Recording) {
	t.Helper()
	recorded := &recordedLifecycle{served: map[string]bool{}}
	for _, e := range lifecycle {
		switch e.Method {
		case http.MethodPost:
			recorded.creation = e
		case http.MethodDelete:
			recorded.deletion = e
		default:
			recorded.polls = append(recorded.polls, e)
		}
	}
	var last map[string]any
	if err := json.Unmarshal(recorded.polls[len(recorded.polls)-1].Body, &last); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(recorded)
	defer server.Close()

	a := acctest.NewAtlas(t)
	a.Environment["MONGODB_ATLAS_BASE_URL"] = server.URL
	tf := terraform(t, a)
	variables := []string{
		"-var", "project_id=b0123456789abcdef012345b", "-var", "cluster_name=" + text(t, last, "replicaSetName"),
		"-var", "retention_in_days=1", "-var", "description=" + text(t, last, "description"),
	}
	tf.Do(0, append(acctest.Apply, variables...)...)
	state := tf.State(address)
	want, got := map[string]any{}, map[string]any{}
	for attribute, key := range map[string]string{
		"snapshot_id": "id", "status": "status", "type": "type", "snapshot_type": "snapshotType", "frequency_type": "frequencyType",
		"description": "description", "created_at": "createdAt", "expires_at": "expiresAt", "mongod_version": "mongodVersion",
		"storage_size_bytes": "storageSizeBytes", "cloud_provider": "cloudProvider", "replica_set_name": "replicaSetName",
		"copy_regions": "copyRegions", "policy_items": "policyItems", "master_key_uuid": "masterKeyUUID",
	} {
		want[attribute], got[attribute] = last[key], state.Values[attribute]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the state is not what Atlas showed (-Atlas +state):\n%s", diff)
	}
	tf.Do(0, append(acctest.Plan, variables...)...)
	tf.Do(0, append(acctest.Destroy, variables...)...)
	for _, e := range lifecycle {
		if !recorded.served[e.Name] {
			t.Errorf("%s was never asked for", e.Name)
		}
	}
}

func text(t *testing.T, body map[string]any, key string) string {
	t.Helper()
	value, ok := body[key].(string)
	if !ok {
		t.Fatalf("the recording has no %s", key)
	}
	return value
}
