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
	err    error
}

// acquire waits for the cluster's turn, takes a snapshot and waits until Atlas has completed or failed it. accepted is told
// of the snapshot as soon as Atlas has it, before the wait: whatever happens afterwards, it exists.
func (c *cluster) acquire(ctx context.Context, request atlas.TakeSnapshotRequest, accepted func(*atlas.Snapshot)) acquired {
	end, err := clusterTurns.take(ctx, c.key())
	if err != nil {
		c.busy = true
		return acquired{err: err}
	}
	defer end()
	started := c.client.Clock().Now()
	last, err := c.take(ctx, request)
	if err == nil {
		accepted(last)
		c.report(ctx, last, 0)
		var settled *atlas.Snapshot
		if settled, err = c.settle(ctx, last.ID, 0); settled != nil {
			last = settled
		}
	}
	return acquired{snapshot: last, waited: c.client.Clock().Now().Sub(started), err: err}
}
