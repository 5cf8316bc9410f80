package snapshot

import (
	"context"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

// acquired is how far a snapshot has come that was asked for.
type acquired struct {
	// snapshot is the snapshot as last seen, nil where Atlas took none, or none that is known.
	snapshot *atlas.Snapshot
	// waited is the time since the cluster's turn came.
	waited time.Duration
	// busy says that another snapshot stood in the way.
	busy bool
	// orphans are snapshots that an earlier run may have left behind.
	orphans []*atlas.Snapshot
	// second is what other requests for the same snapshot may have left behind; nil where there was none that could have.
	second *second
	err    error
}

// acquire waits for the cluster's turn, takes a snapshot and waits until Atlas has completed or failed it. accepted is told
// of the snapshot as soon as Atlas has it, before the wait: whatever happens afterwards, it exists.
func (c *cluster) acquire(ctx context.Context, request atlas.TakeSnapshotRequest, accepted func(*atlas.Snapshot)) acquired {
	end, err := clusterTurns.take(ctx, c.key())
	if err != nil {
		return acquired{busy: true, err: err}
	}
	defer end()
	started := c.now()
	asked := c.take(ctx, request)
	got := acquired{snapshot: asked.snapshot, busy: asked.busy, orphans: asked.orphans, err: asked.err}
	if asked.err != nil {
		got.waited = c.now().Sub(started)
		return got
	}
	accepted(asked.snapshot)
	c.report(ctx, asked.snapshot, 0)
	var settled *atlas.Snapshot
	if settled, got.err = c.settle(ctx, asked.snapshot.ID, 0); settled != nil {
		got.snapshot = settled
	}
	got.waited = c.now().Sub(started)
	if asked.attempts.maybeTwice(asked.answered) {
		got.second = c.findSecond(ctx, asked.attempts, got.snapshot.ID, got.err)
	}
	return got
}
