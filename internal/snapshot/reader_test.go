package snapshot_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// refreshTest has a provider with the states of several snapshots of one cluster.
type refreshTest struct {
	*server
	atlas  *acctest.Atlas
	ids    []string
	states []*tfprotov6.DynamicValue
}

// refreshing seeds n snapshots of a cluster, imports them and reads one.
func refreshing(t *testing.T, a *acctest.Atlas, cluster string, n int) *refreshTest {
	t.Helper()
	r := &refreshTest{server: protocol(t.Context(), t, a), atlas: a}
	for i := range n {
		id, err := a.SeedSnapshot(atlassim.Seed{
			ClusterName: cluster, CreatedAt: acctest.Start.Add(-time.Duration(i+1) * time.Hour), ExpiresAt: acctest.Start.Add(30 * day),
		})
		if err != nil {
			t.Fatal(err)
		}
		r.ids, r.states = append(r.ids, id), append(r.states, r.imported(cluster, id))
	}
	// The credentials are tried by one request before any other.
	r.single(t.Context(), r.states[0])
	a.Clock.Advance(time.Minute)
	return r
}

// imported is the state of a snapshot after its import.
func (r *refreshTest) imported(cluster, id string) *tfprotov6.DynamicValue {
	r.t.Helper()
	imported, err := r.ImportResourceState(r.ctx, &tfprotov6.ImportResourceStateRequest{
		TypeName: resourceType, ID: r.atlas.Fixture().ProjectID + "/" + cluster + "/" + id,
	})
	r.must(err, imported.Diagnostics)
	return imported.ImportedResources[0].State
}

// refresh reads all states at the same time and returns the snapshots' ids as read, empty for one that is gone.
func (r *refreshTest) refresh(parallelism int) []string {
	r.t.Helper()
	got := make([]string, len(r.states))
	turns := make(chan struct{}, parallelism)
	var running sync.WaitGroup
	for i, state := range r.states {
		turns <- struct{}{}
		running.Go(func() {
			defer func() { <-turns }()
			got[i] = r.single(r.ctx, state)
		})
	}
	running.Wait()
	return got
}

// one reads one state.
func (r *refreshTest) single(ctx context.Context, state *tfprotov6.DynamicValue) string {
	read, err := r.ReadResource(ctx, &tfprotov6.ReadResourceRequest{TypeName: resourceType, CurrentState: state})
	if err != nil {
		return err.Error()
	}
	for _, d := range read.Diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return d.Summary + ": " + d.Detail
		}
	}
	value, err := read.NewState.Unmarshal(r.kind)
	if err != nil || value.IsNull() {
		return ""
	}
	id, _ := r.plain(r.kind, read.NewState)["snapshot_id"].(string)
	return id
}

// all checks that each read found its own snapshot.
func (r *refreshTest) all(got []string) {
	r.t.Helper()
	for i, id := range got {
		if id != r.ids[i] {
			r.t.Errorf("the read of snapshot %s found %q", r.ids[i], id)
		}
	}
}

// asked counts the authorized GETs since the last call, by whether they were for a list.
func (r *refreshTest) asked() (lists, singles int) {
	for _, request := range r.atlas.Requests() {
		switch {
		case request.Method != http.MethodGet || request.Auth == "none":
		case strings.HasSuffix(request.Path, "/backup/snapshots"), strings.HasSuffix(request.Path, "/shardedClusters"):
			lists++
		default:
			singles++
		}
	}
	r.atlas.ClearRequests()
	return lists, singles
}

// overlapping has the first single read after the handshake wait until a list is asked for, as where several reads come at the
// same time. The list goes on to answer, which may be nil.
func overlapping(t *testing.T, a *acctest.Atlas, answer func(http.ResponseWriter, *http.Request)) {
	t.Helper()
	listed := make(chan struct{})
	var handshake, single, list sync.Once
	a.Intercept(t, func(simulator http.Handler) http.Handler {
		if answer == nil {
			answer = simulator.ServeHTTP
		}
		return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
			serve := simulator.ServeHTTP
			switch {
			case request.Header.Get("Authorization") == "":
			case strings.HasSuffix(request.URL.Path, "/backup/snapshots"):
				list.Do(func() { serve = answer; close(listed) })
			case strings.Contains(request.URL.Path, "/backup/snapshots/") && !strings.Contains(request.URL.Path, "/sharded"):
				first := false
				handshake.Do(func() { first = true })
				if !first {
					single.Do(func() { <-listed })
				}
			}
			serve(w, request)
		})
	})
}

func TestSharedReads(t *testing.T) {
	t.Parallel()
	const page = 500
	for name, c := range map[string]struct {
		n, parallelism, lists, singles int
	}{
		"one":                 {1, 1, 0, 1},
		"one after the other": {20, 1, 1, 1},
		"two at a time":       {20, 2, 1, 1},
		"ten at a time":       {200, 10, 1, 1},
		"a hundred at a time": {200, 100, 1, 1},
		"two pages":           {page + 100, 10, 2, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			if c.parallelism > 1 {
				overlapping(t, a, nil)
			}
			r := refreshing(t, a, a.Fixture().ClusterName, c.n)
			a.ClearRequests()
			r.all(r.refresh(c.parallelism))
			if lists, singles := r.asked(); lists != c.lists || singles != c.singles {
				t.Errorf("%d pages of lists and %d single reads, expected %d and %d", lists, singles, c.lists, c.singles)
			}
		})
	}
}

// TestSharedReads_sharded reads the members of all snapshots from one list.
func TestSharedReads_sharded(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	overlapping(t, a, nil)
	r := refreshing(t, a, a.Fixture().ShardedClusterName, 50)
	a.ClearRequests()
	r.all(r.refresh(10))
	// The first read goes alone and asks for its members alone.
	if lists, singles := r.asked(); lists != 2 || singles != 2 {
		t.Errorf("%d lists and %d single reads, expected two of each", lists, singles)
	}
}

// TestSharedReads_pending reads alone what Atlas was still busy with when the list was read.
func TestSharedReads_pending(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	overlapping(t, a, nil)
	if _, err := a.SeedSnapshot(atlassim.Seed{Status: "inProgress", Frozen: true}); err != nil {
		t.Fatal(err)
	}
	pending := a.Existing()[0].ID
	r := refreshing(t, a, a.Fixture().ClusterName, 30)
	r.ids, r.states = append(r.ids, pending), append(r.states, r.imported(a.Fixture().ClusterName, pending))
	a.ClearRequests()
	r.all(r.refresh(10))
	if lists, singles := r.asked(); lists != 1 || singles != 2 {
		t.Errorf("%d lists and %d single reads, expected one and two", lists, singles)
	}
}

// TestSharedReads_failingList reads each snapshot alone where the list cannot be read: its error is nobody's.
func TestSharedReads_failingList(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]atlassim.Fault{
		"403": {Status: 403, Times: -1}, "500": {Status: 500, Times: -1}, "cluster not found": {ErrorCode: "CLUSTER_NOT_FOUND", Times: -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			overlapping(t, a, nil)
			r := refreshing(t, a, a.Fixture().ClusterName, 30)
			a.AddFault(at(theList, fault))
			r.all(r.refresh(10))
		})
	}
}

// TestSharedReads_notListed asks alone for what the list does not have.
func TestSharedReads_notListed(t *testing.T) {
	t.Parallel()
	t.Run("deleted", func(t *testing.T) {
		t.Parallel()
		a := acctest.NewAtlas(t)
		overlapping(t, a, nil)
		r := refreshing(t, a, a.Fixture().ClusterName, 30)
		r.deleteOne(7)
		r.ids[7] = ""
		r.all(r.refresh(10))
	})
	t.Run("deleted, and still readable", func(t *testing.T) {
		t.Parallel()
		a := acctest.NewAtlas(t)
		a.SetBehavior(func(b *atlassim.Behavior) { b.DeletedReadableFor = time.Hour })
		overlapping(t, a, nil)
		r := refreshing(t, a, a.Fixture().ClusterName, 30)
		r.deleteOne(29)
		r.ids[29] = ""
		r.all(r.refresh(10))
	})
	t.Run("not in the list by mistake", func(t *testing.T) {
		t.Parallel()
		a := acctest.NewAtlas(t)
		// Half a page, and no word that there is more.
		a.AddFault(at(theList, atlassim.Fault{Status: 200, Body: `{"links":[],"results":[],"totalCount":0}`}))
		overlapping(t, a, nil)
		r := refreshing(t, a, a.Fixture().ClusterName, 30)
		r.all(r.refresh(10))
	})
}

// TestSharedReads_notListedYet keeps a new snapshot that Atlas shows and does not list yet, also where Atlas's Date header makes it
// look hours old.
func TestSharedReads_notListedYet(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	a.SetBehavior(func(b *atlassim.Behavior) { b.ListLag, b.DateOffset = 30*time.Minute, 5*time.Hour })
	f := a.Fixture()
	taken, err := client(t, a).TakeSnapshot(t.Context(), f.ProjectID, f.ClusterName, atlas.TakeSnapshotRequest{RetentionInDays: 7})
	if err != nil {
		t.Fatal(err)
	}
	a.Clock.Advance(10 * time.Minute)
	overlapping(t, a, nil)
	r := refreshing(t, a, f.ClusterName, 10)
	r.ids, r.states = append(r.ids, taken.ID), append(r.states, r.imported(f.ClusterName, taken.ID))
	r.all(r.refresh(11))
}

func (r *refreshTest) deleteOne(i int) {
	r.t.Helper()
	f := r.atlas.Fixture()
	if err := client(r.t, r.atlas).DeleteSnapshot(r.t.Context(), f.ProjectID, f.ClusterName, r.ids[i]); err != nil {
		r.t.Fatal(err)
	}
}

// TestSharedReads_afterWrite reads what this provider has just deleted: no list from before the deletion answers.
func TestSharedReads_afterWrite(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	overlapping(t, a, nil)
	r := refreshing(t, a, a.Fixture().ClusterName, 30)
	r.all(r.refresh(10))
	read := r.read(r.states[3], nil, nil)
	none := r.dynamic(r.kind, tftypes.NewValue(r.kind, nil))
	deleted, err := r.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: resourceType, PriorState: read.NewState, PlannedState: none, Config: none, PlannedIdentity: read.NewIdentity,
	})
	r.must(err, deleted.Diagnostics)
	r.ids[3] = ""
	r.all(r.refresh(10))
}

// TestSharedReads_keptForSeconds reads a list anew when it is older than some seconds.
func TestSharedReads_keptForSeconds(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	overlapping(t, a, nil)
	r := refreshing(t, a, a.Fixture().ClusterName, 30)
	r.all(r.refresh(10))
	r.deleteOne(5)
	a.Clock.Advance(15 * time.Second)
	r.ids[5] = ""
	r.all(r.refresh(10))
}

// TestSharedReads_cancelled cancels the read that reads the list: the others go on without it.
func TestSharedReads_cancelled(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	list := make(chan struct{})
	overlapping(t, a, func(_ http.ResponseWriter, request *http.Request) {
		close(list)
		<-request.Context().Done()
	})
	r := refreshing(t, a, a.Fixture().ClusterName, 4)
	ctx, cancel := context.WithCancelCause(t.Context())
	cancelled := make(chan string, 2)
	// One of the two reads alone, the other the list.
	for range 2 {
		go func() { cancelled <- r.single(ctx, r.states[0]) }()
	}
	<-list
	others := make(chan string)
	for i := range r.states {
		go func() {
			got := r.single(r.ctx, r.states[i])
			if got != r.ids[i] {
				got = fmt.Sprintf("the read of snapshot %s found %q", r.ids[i], got)
			} else {
				got = ""
			}
			others <- got
		}()
	}
	cancel(errors.New("cancelled"))
	for range r.states {
		if wrong := <-others; wrong != "" {
			t.Error(wrong)
		}
	}
	<-cancelled
	<-cancelled
}
