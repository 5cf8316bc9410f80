package snapshot

import (
	"context"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

// doubts is how many answers in a row have to say the same before a wait believes that there is nothing more to wait for:
// Atlas refuses good credentials now and then, and a snapshot that is gone is a serious thing to be told once.
const doubts = 2

// settle waits until Atlas has completed or failed a snapshot, and returns it as last seen, which is nil where it was never
// seen. elapsed is the time since Atlas was asked for it; 0 for one that was asked for just now.
func (c *cluster) settle(ctx context.Context, id string, elapsed time.Duration) (*atlas.Snapshot, error) {
	var last *atlas.Snapshot
	doubted := 0
	report := progressReport{cluster: c, id: id}
	poller := wait.Poller[*atlas.Snapshot]{
		Clock:    c.client.Clock(),
		Schedule: wait.Snapshots,
		Fetch: func(ctx context.Context) (*atlas.Snapshot, error) {
			return c.client.GetSnapshot(ctx, c.projectID, c.name, id)
		},
		Settled: (*atlas.Snapshot).Settled,
		Taken:   func(s *atlas.Snapshot) bool { return s.CloudProvider != nil || s.CreatedAt != nil },
		Transient: func(err error) bool {
			if atlas.IsNotFound(err) || atlas.IsUnauthorized(err) {
				doubted++
				return doubted < doubts
			}
			doubted = 0
			return atlas.IsTransient(err)
		},
		Pause:   atlas.RetryAfter,
		Stretch: c.client.Stretch,
		Observe: func(s *atlas.Snapshot, err error, elapsed time.Duration) {
			if err == nil {
				doubted = 0
			}
			report.observe(ctx, s, err, elapsed)
		},
	}
	started := c.client.Clock().Now()
	for {
		settled, err := poller.Wait(ctx, elapsed)
		if settled != nil {
			last = settled
		}
		if !atlas.IsNotFound(err) {
			return last, err
		}
		listed, err := c.confirm(ctx, id, err)
		switch {
		case atlas.IsTransient(err):
			// Nothing is confirmed, so nothing has ended.
		case err != nil:
			return last, err
		default:
			if last = listed; listed.Settled() {
				return listed, nil
			}
		}
		doubted = 0
		elapsed += max(c.client.Clock().Now().Sub(started), time.Second)
		started = c.client.Clock().Now()
	}
}

// settleFrom is settle for a snapshot that was asked for some time ago, of which s is what was just read.
func (c *cluster) settleFrom(ctx context.Context, s *atlas.Snapshot) (*atlas.Snapshot, error) {
	if s.Settled() {
		return s, nil
	}
	settled, err := c.settle(ctx, s.ID, c.age(s))
	if settled == nil {
		settled = s
	}
	return settled, err
}

// age is the time since Atlas was asked for s, by Atlas's clock. It is never 0.
func (c *cluster) age(s *atlas.Snapshot) time.Duration {
	return max(c.client.ServerNow().Sub(s.RequestedAt()), time.Second)
}
