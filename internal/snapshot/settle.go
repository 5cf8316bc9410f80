package snapshot

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

// doubts is how many answers in a row have to say the same before a wait believes that there is nothing more to wait for:
// Atlas refuses good credentials now and then, and a snapshot that is gone is a serious thing to be told once.
const doubts = 2

// settle waits until Atlas has completed or failed a snapshot, and returns it as last seen, which is nil where it was never
// seen. elapsed is the time since Atlas was asked for it; 0 for one that was asked for just now.
func (c *cluster) settle(ctx context.Context, id string, elapsed time.Duration) (*atlas.Snapshot, error) {
	doubted := 0
	report := progressReport{id: id, cluster: c.name}
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
		Stretch: c.client.Stretch,
		Observe: func(s *atlas.Snapshot, err error, elapsed time.Duration) {
			if err == nil {
				doubted = 0
			}
			report.observe(ctx, s, err, elapsed)
		},
	}
	return poller.Wait(ctx, elapsed)
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

// progressReport logs a long wait at INFO: a line for each new status and one a minute.
type progressReport struct {
	id, cluster, status string
	minute              int
	failing             bool
}

func (p *progressReport) observe(ctx context.Context, s *atlas.Snapshot, err error, elapsed time.Duration) {
	fields := map[string]any{"snapshot_id": p.id, "cluster_name": p.cluster, "elapsed": elapsed.Round(time.Second).String()}
	if err != nil {
		if !p.failing {
			fields["error"] = err.Error()
			tflog.Warn(ctx, "looking at the snapshot failed; the wait goes on where the error is a passing one", fields)
		}
		p.failing = true
		return
	}
	p.failing = false
	minute := int(elapsed / time.Minute)
	if s.Status == p.status && minute == p.minute {
		return
	}
	p.status, p.minute = s.Status, minute
	fields["status"] = s.Status
	tflog.Info(ctx, "snapshot is "+s.Status, fields)
}
