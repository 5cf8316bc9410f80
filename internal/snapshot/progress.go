package snapshot

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

// longOutage is how long Atlas may fail to answer before the log warns of it. A wait survives anything shorter unharmed.
const longOutage = 5 * time.Minute

// progressReport tells of a long wait, in the log at INFO and to whoever listens: a line for each new status and one a
// minute.
type progressReport struct {
	*cluster
	id string
	// failingSince is when in the wait the looks began to fail, nil where the last one did not.
	failingSince *time.Duration
	warned       bool
}

// reported is what the log has said last of a snapshot.
type reported struct {
	id, status string
	minute     int
}

func (p *progressReport) observe(ctx context.Context, s *atlas.Snapshot, err error, elapsed time.Duration) {
	if err != nil {
		p.observeFailure(ctx, err, elapsed)
		return
	}
	p.failingSince, p.warned = nil, false
	p.report(ctx, s, elapsed)
}

// observeFailure tells of a failed look: most are the network's or a passing one of Atlas, so that only what lasts is worth a
// warning.
func (p *progressReport) observeFailure(ctx context.Context, err error, elapsed time.Duration) {
	if p.failingSince == nil {
		p.failingSince = &elapsed
	}
	fields := map[string]any{"snapshot_id": p.id, "cluster_name": p.name, "error": atlas.Brief(err)}
	text := fmt.Sprintf("No usable answer about %s", p.logName(p.id))
	if lasted := (elapsed - *p.failingSince).Round(time.Second); lasted >= longOutage && !p.warned {
		p.warned = true
		tflog.Warn(ctx, fmt.Sprintf("%s for %s", text, lasted), fields)
	} else {
		tflog.Debug(ctx, text, fields)
	}
	status, shown := "", "no answer yet"
	if p.last.id == p.id && p.last.status != "" {
		status, shown = p.last.status, words(p.last.status)+" when last seen"
	}
	if p.isNews(p.id, status, elapsed) {
		p.logWait(ctx, p.id, status, shown, elapsed)
	}
}

// report tells how far a snapshot has come, unless nothing of it is new.
func (c *cluster) report(ctx context.Context, s *atlas.Snapshot, elapsed time.Duration) {
	if !c.isNews(s.ID, s.Status, elapsed) {
		return
	}
	if !s.Pending() {
		elapsed = elapsed.Round(time.Second)
		tflog.Info(ctx, fmt.Sprintf("%s: %s, %s elapsed", capitalized(c.logName(s.ID)), words(s.Status), elapsed), c.logFields(s.ID, s.Status, elapsed))
		return
	}
	c.logWait(ctx, s.ID, s.Status, words(s.Status), elapsed)
	c.say(progressOf(s.Status, elapsed))
}

// isNews reports whether a status has not been told yet, or not in this minute, and takes it for told.
func (c *cluster) isNews(id, status string, elapsed time.Duration) bool {
	now := reported{id, status, int(elapsed.Round(time.Second) / time.Minute)}
	if now == c.last {
		return false
	}
	c.last = now
	return true
}

// logWait has all that a person wants to know in the text: fields come behind it, in any order, and are easily cut off.
func (c *cluster) logWait(ctx context.Context, id, status, shown string, elapsed time.Duration) {
	elapsed = elapsed.Round(time.Second)
	tflog.Info(ctx, fmt.Sprintf("Waiting for %s: %s, %s elapsed", c.logName(id), shown, elapsed), c.logFields(id, status, elapsed))
}

func (c *cluster) logFields(id, status string, elapsed time.Duration) map[string]any {
	return map[string]any{"snapshot_id": id, "cluster_name": c.name, "status": status, "waited_seconds": int(elapsed.Seconds())}
}

// logName names a snapshot of the cluster in the log.
func (c *cluster) logName(id string) string {
	if c.foreign {
		return fmt.Sprintf("another snapshot, %s, of cluster %q", id, c.name)
	}
	return fmt.Sprintf("snapshot %s of cluster %q", id, c.name)
}

func capitalized(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// say tells whoever listens to what goes on at the cluster.
func (c *cluster) say(message string) {
	if c.listener != nil {
		c.listener(message)
	}
}

// behind is the cluster while snapshot id, somebody else's, is in the way: progress is told as that one's.
func (c *cluster) behind(id string) *cluster {
	waiting := *c
	waiting.foreign = true
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
