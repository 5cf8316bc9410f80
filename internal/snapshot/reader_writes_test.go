package snapshot_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
)

// statuses are those of the cluster's snapshots by ID, as the data source shows them.
func (s *server) statuses(a *acctest.Atlas) map[string]string {
	s.t.Helper()
	const name = "atlasbackup_snapshots"
	kind := s.schemas.DataSourceSchemas[name].ValueType()
	read, err := s.ReadDataSource(s.ctx, &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: s.object(kind, map[string]any{
		"project_id": a.Fixture().ProjectID, "cluster_name": a.Fixture().ClusterName,
	})})
	s.must(err, read.Diagnostics)
	statuses := map[string]string{}
	results, _ := s.plain(kind, read.State)["results"].([]any)
	for _, result := range results {
		attributes, _ := result.(map[string]any)
		id, _ := attributes["snapshot_id"].(string)
		statuses[id], _ = attributes["status"].(string)
	}
	return statuses
}

// TestSharedReads_afterCompletion reads a list shortly before Atlas completes a snapshot that the provider waits for. A data
// source that depends on the snapshot reads after that, and must not be answered by the list of before.
func TestSharedReads_afterCompletion(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	var s *server
	var once sync.Once
	shownPending := false
	a.Intercept(t, func(simulator http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
			if request.Method == http.MethodGet && strings.Contains(request.URL.Path, "/backup/snapshots/") {
				once.Do(func() {
					for a.Existing()[0].Status != "completed" {
						for _, status := range s.statuses(a) {
							shownPending = status != "completed"
						}
						a.Clock.Advance(time.Second)
					}
				})
			}
			simulator.ServeHTTP(w, request)
		})
	})
	s = protocol(t.Context(), t, a)
	s.create(a)
	if !shownPending {
		t.Fatal("no list was read before the completion")
	}
	for id, status := range s.statuses(a) {
		if status != "completed" {
			t.Errorf("after the apply snapshot %s has the status %q", id, status)
		}
	}
}

// TestSharedReads_afterWriteOfAlias deletes a snapshot through one configuration of the provider. What another one has read of
// the cluster before that answers nothing after it.
func TestSharedReads_afterWriteOfAlias(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	r, alias := refreshing(t, a, a.Fixture().ClusterName, 3), protocol(t.Context(), t, a)
	if before := alias.statuses(a); len(before) != 3 {
		t.Fatalf("the data source shows %v, expected 3 snapshots", before)
	}
	read := r.read(r.states[1], nil, nil)
	none := r.dynamic(r.kind, tftypes.NewValue(r.kind, nil))
	deleted, err := r.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: resourceType, PriorState: read.NewState, PlannedState: none, Config: none, PlannedIdentity: read.NewIdentity,
	})
	r.must(err, deleted.Diagnostics)
	if after := alias.statuses(a); len(after) != 2 {
		t.Errorf("the data source shows %v, expected 2 snapshots", after)
	}
}
