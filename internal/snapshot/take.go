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
	// lostTries bounds how often a snapshot is asked for when no answer comes.
	lostTries = 5
	// refusedPause is how long to wait where Atlas speaks of a pending snapshot that the list does not show.
	refusedPause = 10 * time.Second
	// lastLook bounds finding out what became of a request when the run has been interrupted.
	lastLook = 30 * time.Second
)

// startResult is what came of asking Atlas for a snapshot.
type startResult struct {
	// snapshot is the snapshot as Atlas first showed it, nil where it took none, or none that is known.
	snapshot *atlas.Snapshot
	// attempts are the requests that it took.
	attempts attempts
	// answered says that the snapshot came in the answer to the last request, and was not looked for.
	answered bool
	// busy says that another snapshot stood in the way.
	busy bool
	// orphans are snapshots that an earlier run may have left behind.
	orphans []*atlas.Snapshot
	err     error
}

// take asks for a snapshot. While another on-demand snapshot is pending it waits. The caller has the cluster's turn.
//
// A request whose answer is lost is never simply repeated: what has turned up in the list since then and may be its snapshot
// is the one, see [cluster.find]. Only where nothing was begun is Atlas asked again.
func (c *cluster) take(ctx context.Context, request atlas.TakeSnapshotRequest) startResult {
	listed, err := c.recent(ctx)
	if err != nil {
		return startResult{err: err}
	}
	a := attempts{request: request}
	result := startResult{orphans: c.orphans(request, listed)}
	for {
		if a.isOpen() {
			var own *atlas.Snapshot
			if own, a, err = c.find(ctx, a); err != nil || own != nil {
				return c.conclude(ctx, result, a, own, err)
			}
			if !a.isOpen() {
				listed, err = c.list(ctx)
			}
		}
		if err == nil && !a.isOpen() {
			var waited bool
			listed, waited, err = c.untilFree(ctx, listed)
			a, result.busy = a.knowing(listed), result.busy || waited
		}
		if err == nil {
			err = context.Cause(ctx)
		}
		if err == nil && a.lost == lostTries {
			err = fmt.Errorf("none of %d requests was answered", a.lost)
		}
		if err != nil {
			return c.conclude(ctx, result, a, nil, err)
		}

		sent, sentByAtlas := c.now(), c.client.ServerNow()
		snapshot, err := c.ask(ctx, a)
		switch {
		case err == nil:
			result.answered = true
			return c.conclude(ctx, result, a, snapshot, nil)
		case atlas.IsError(err, atlas.CodeUnfinishedSnapshot) && a.isOpen():
			// What Atlas is busy with may be what a request before this one was about.
			a = a.afterRefusal(c.now())
		case atlas.IsError(err, atlas.CodeUnfinishedSnapshot):
			// Atlas knows of one that the list did not show, or of one that came in between.
			result.busy = true
			if err = c.client.Clock().Sleep(ctx, refusedPause); err == nil {
				listed, err = c.list(ctx)
			}
			if err != nil {
				return c.conclude(ctx, result, a, nil, err)
			}
		case atlas.IsLost(err):
			a = a.afterLoss(sent, sentByAtlas, c.now(), err)
			tflog.Warn(ctx, "no usable answer to the request for a snapshot; looking whether Atlas took it", map[string]any{"error": atlas.Brief(err)})
		case a.isOpen() && ctx.Err() == nil && (atlas.IsTransient(err) || errors.Is(err, wait.ErrTimeout)):
			a = a.afterFailure(c.now())
		default:
			return c.conclude(ctx, result, a, nil, err)
		}
	}
}

// ask sends one request for a snapshot.
func (c *cluster) ask(ctx context.Context, a attempts) (*atlas.Snapshot, error) {
	defer c.writing()()
	if left := a.mayTake(c.now()); left > 0 {
		bound, cancel := c.client.Clock().WithTimeout(ctx, left)
		defer cancel()
		ctx = bound
	}
	return c.client.TakeSnapshot(ctx, c.projectID, c.name, a.request)
}

// conclude is result with how it ended. Where Atlas may have carried out a request whose snapshot is not known, it looks a
// last time for what the request left behind, even when the run was interrupted or its time is up.
func (c *cluster) conclude(ctx context.Context, result startResult, a attempts, snapshot *atlas.Snapshot, err error) startResult {
	var lost *lostError
	if err != nil && a.isOpen() && !errors.As(err, &lost) {
		looking, cancel := c.client.Clock().WithTimeout(context.WithoutCancel(ctx), lastLook)
		defer cancel()
		lost = &lostError{lost: a.err, then: err}
		if listed, listErr := c.list(looking); listErr == nil {
			t := c.turnedUp(looking, a, listed)
			snapshot, lost.candidates = t.own, t.candidates
		}
		err = lost
	}
	if snapshot != nil {
		err = nil
		askedFor.add(c, snapshot.ID)
		if !result.answered {
			tflog.Warn(ctx, "Atlas's answer was lost; the snapshot is there", map[string]any{"snapshot_id": snapshot.ID})
		}
	}
	result.snapshot, result.attempts, result.err = snapshot, a, err
	return result
}

// untilFree waits until Atlas is busy with no on-demand snapshot that the list shows, and returns the list of then.
func (c *cluster) untilFree(ctx context.Context, listed []*atlas.Snapshot) (free []*atlas.Snapshot, waited bool, err error) {
	for pending := pendingOnDemand(listed); pending != nil; pending = pendingOnDemand(listed) {
		waited = true
		if err = c.waitBehind(ctx, pending); err == nil {
			listed, err = c.list(ctx)
		}
		if err != nil {
			return nil, waited, err
		}
	}
	return listed, waited, nil
}

// waitBehind waits until somebody else's snapshot is out of the way, completed, failed or gone.
func (c *cluster) waitBehind(ctx context.Context, pending *atlas.Snapshot) error {
	tflog.Info(ctx, "waiting for another on-demand snapshot of the cluster", map[string]any{
		"snapshot_id": pending.ID, "cluster_name": c.name, "status": pending.Status,
	})
	_, err := c.behind(pending.ID).waitForCompletion(ctx, pending.ID, c.age(pending), 0)
	if errors.Is(err, errGone) {
		return nil
	}
	return err
}

// pendingOnDemand is the on-demand snapshot that Atlas is busy with, nil for none.
func pendingOnDemand(listed []*atlas.Snapshot) *atlas.Snapshot {
	for _, s := range listed {
		if isOnDemandPending(s) {
			return s
		}
	}
	return nil
}

func isOnDemandPending(s *atlas.Snapshot) bool {
	return s.SnapshotType == atlas.SnapshotTypeOnDemand && (s.Status == atlas.StatusQueued || s.Status == atlas.StatusInProgress)
}
