package snapshot

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

// progressReport tells of a long wait, in the log at INFO and to whoever listens: a line for each new status and one a
// minute.
type progressReport struct {
	*cluster
	id, status string
	minute     int
	failing    bool
}

func (p *progressReport) observe(ctx context.Context, s *atlas.Snapshot, err error, elapsed time.Duration) {
	fields := map[string]any{"snapshot_id": p.id, "cluster_name": p.name, "elapsed": elapsed.Round(time.Second).String()}
	if err != nil {
		if !p.failing {
			fields["error"] = atlas.Brief(err)
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
	tflog.Info(ctx, "snapshot is "+words(s.Status), fields)
	if s.Pending() {
		p.say(progressOf(s.Status, elapsed))
	}
}

// say tells whoever listens to what goes on at the cluster.
func (c *cluster) say(message string) {
	if c.listener != nil {
		c.listener(message)
	}
}

// behind is the cluster while snapshot id, somebody else's, is in the way: progress is told as that one's.
func (c *cluster) behind(id string) *cluster {
	waiting := *c
	waiting.listener = func(message string) { c.say(fmt.Sprintf("waiting for on-demand snapshot %s: %s", id, message)) }
	return &waiting
}

// progressOf says how far a snapshot has come, such as "in progress, 1m20s".
func progressOf(status string, elapsed time.Duration) string {
	if elapsed < time.Second || status == atlas.StatusQueued && elapsed < time.Minute {
		return words(status)
	}
	return words(status) + ", " + elapsed.Round(time.Second).String()
}

// words makes words of a word of the API that runs several together.
func words(word string) string {
	switch word {
	case atlas.StatusInProgress:
		return "in progress"
	case atlas.SnapshotTypeOnDemand:
		return "on demand"
	}
	return word
}

// completionOf says what came of a snapshot, such as "completed, 1.6 GB, expires 2026-08-17T03:31:02Z".
func completionOf(s *atlas.Snapshot) string {
	text := words(s.Status)
	if s.StorageSizeBytes != nil && *s.StorageSizeBytes > 0 {
		text += ", " + size(*s.StorageSizeBytes)
	}
	if s.ExpiresAt != nil {
		text += ", expires " + s.ExpiresAt.UTC().Format(time.RFC3339)
	}
	return text
}

// size is a number of bytes for a person, in steps of a thousand.
func size(bytes int64) string {
	amount, unit := float64(bytes), "bytes"
	for _, larger := range []string{"kB", "MB", "GB", "TB"} {
		if amount < 1000 {
			break
		}
		amount, unit = amount/1000, larger
	}
	if unit == "bytes" {
		return fmt.Sprintf("%d %s", bytes, unit)
	}
	return fmt.Sprintf("%.1f %s", amount, unit)
}
