package snapshot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

const (
	// confirmations is how many answers in a row have to say the same before a wait believes that there is nothing more to
	// wait for: Atlas refuses good credentials now and then, a proxy answers in its place, and a snapshot that is gone is a
	// serious thing to be told once.
	confirmations = 2
	// listEvery is how long a wait goes by what Atlas says of the snapshot itself before it looks at the list, too.
	listEvery = 5 * time.Minute
)

// errNotShown is for a snapshot that Atlas does not show although it cannot be gone.
var errNotShown = errors.New("not shown by Atlas yet")

// settle waits until Atlas has completed or failed a snapshot, and returns it as last seen, which is nil where it was never
// seen. elapsed is the time since Atlas was asked for it; 0 for one that was asked for just now.
func (c *cluster) settle(ctx context.Context, id string, elapsed time.Duration) (*atlas.Snapshot, error) {
	return c.waitForCompletion(ctx, id, elapsed, readLag)
}

// waitForCompletion is settle with the time since the request in which a snapshot that Atlas does not show is not taken for
// gone.
func (c *cluster) waitForCompletion(ctx context.Context, id string, elapsed, lag time.Duration) (*atlas.Snapshot, error) {
	// What depends on the snapshot is read next: a list that shows it as it was during the wait must not answer that.
	defer c.forgetLists()
	report := progressReport{cluster: c, id: id}
	watch := &watch{cluster: c, id: id, listAt: max(lag, elapsed+listEvery), lag: lag, requested: c.now().Add(-elapsed)}
	refused := 0
	poller := wait.Poller[*atlas.Snapshot]{
		Clock:    c.client.Clock(),
		Schedule: wait.Snapshots,
		Fetch:    watch.look,
		Settled:  (*atlas.Snapshot).Settled,
		Taken:    func(s *atlas.Snapshot) bool { return s.CloudProvider != nil || s.CreatedAt != nil },
		Transient: func(err error) bool {
			switch {
			case errors.Is(err, errGone):
				return false
			case atlas.IsUnauthorized(err), atlas.IsForbidden(err), atlas.IsUnexplained(err):
				refused++
				return refused < confirmations
			}
			refused = 0
			return errors.Is(err, errNotShown) || atlas.IsTransient(err)
		},
		Pause:   atlas.RetryAfter,
		Stretch: c.client.Stretch,
		Observe: func(s *atlas.Snapshot, err error, elapsed time.Duration) {
			if err == nil {
				refused = 0
			}
			report.observe(ctx, s, err, elapsed)
		},
	}
	return poller.Wait(ctx, elapsed)
}

// age is the time since Atlas was asked for s, by Atlas's clock. It is never 0.
func (c *cluster) age(s *atlas.Snapshot) time.Duration {
	return max(c.client.ServerNow().Sub(s.RequestedAt()), time.Second)
}

// watch looks at one snapshot again and again.
type watch struct {
	*cluster
	id        string
	requested time.Time
	// lag is how long after the request Atlas may not show the snapshot yet.
	lag time.Duration
	// listAt is how long after the request the list is looked at next.
	listAt time.Duration
	// missing is how often in a row Atlas has called the snapshot missing, unlisted how often the list did not have one that
	// Atlas showed.
	missing, unlisted int
}

// look takes a look at the snapshot. Where Atlas calls it missing, or shows it for long without an end, the list has its say.
func (w *watch) look(ctx context.Context) (*atlas.Snapshot, error) {
	// What Atlas says is true of when it was asked: a machine may sleep before it goes on.
	asked := w.now()
	elapsed := asked.Sub(w.requested)
	s, err := w.client.GetSnapshot(ctx, w.projectID, w.name, w.id)
	if atlas.IsNotFound(err) {
		return w.lookForMissing(ctx, err, w.isNew(asked))
	}
	w.missing = 0
	if err != nil || s.Settled() || elapsed < w.listAt {
		return s, err
	}
	w.listAt = elapsed + listEvery
	return s, w.lookForShown(ctx)
}

// isNew reports whether Atlas may show the snapshot late. The wait may have begun before an answer told Atlas's clock.
func (w *watch) isNew(asked time.Time) bool {
	return w.lag > 0 && (asked.Sub(w.requested) < w.lag || w.cluster.isNew(w.id, asked))
}

// lookForMissing doubts what Atlas says of a snapshot that it calls missing. One that is new cannot be gone: Atlas is busy with
// it, or shows it late.
func (w *watch) lookForMissing(ctx context.Context, missing error, isNew bool) (*atlas.Snapshot, error) {
	if w.missing++; w.missing < confirmations {
		return nil, fmt.Errorf("%w: %w", errNotShown, missing)
	}
	w.missing = 0
	listed, err := w.confirm(ctx, w.id, missing)
	if errors.Is(err, errGone) && !atlas.IsError(err, atlas.CodeClusterNotFound) && isNew {
		return nil, fmt.Errorf("%w: %w", errNotShown, missing)
	}
	return listed, err
}

// lookForShown asks the list about a snapshot that Atlas shows: somebody may have deleted it, and Atlas may show it all the
// same. A list that fails says nothing.
func (w *watch) lookForShown(ctx context.Context) error {
	listed, err := w.findInList(ctx, w.id)
	switch {
	case err != nil:
		tflog.Debug(ctx, "the list of snapshots cannot be read; the wait goes by the snapshot itself", map[string]any{"error": atlas.Brief(err)})
		return nil
	case listed != nil:
		w.unlisted = 0
		return nil
	}
	if w.unlisted++; w.unlisted < confirmations {
		return nil
	}
	return fmt.Errorf("%w: %w", errGone, w.notListed(w.id))
}
