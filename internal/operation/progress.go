package operation

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

// longOutage is how long Atlas may fail to answer before the log warns of it. A wait survives anything shorter unharmed.
const longOutage = 5 * time.Minute

// progress reports on a long wait, in the log at INFO and to [Operation.Progress]: a line for each new status and one a minute.
type progress struct {
	names Names
	send  func(message string)
	// another reports that the wait is for something that somebody else requested.
	other bool
	// last is what was reported last.
	last reported
}

type reported struct {
	id, status string
	minute     int
}

func (o *Operation[T]) newProgress() *progress {
	send := o.Progress
	if send == nil {
		send = func(string) {}
	}
	return &progress{names: o.Names, send: send}
}

// ofAnother reports on something that is in the way.
func (p *progress) forOther(id string) *progress {
	return &progress{
		names: p.names, other: true, last: p.last,
		send: func(message string) { p.send(fmt.Sprintf("waiting for %s %s: %s", p.names.Blocking, id, message)) },
	}
}

// report reports how far something has come, unless that is no news.
func (p *progress) report(ctx context.Context, info Info, elapsed time.Duration) {
	if !p.shouldReport(info.ID, info.Status, elapsed) {
		return
	}
	shown := p.names.DisplayStatus(info.Status)
	if info.State != StatePending {
		elapsed = elapsed.Round(time.Second)
		about := p.about(info.ID)
		tflog.Info(ctx, fmt.Sprintf("%s%s: %s, %s elapsed", strings.ToUpper(about[:1]), about[1:], shown, elapsed), p.fields(info.ID, info.Status, elapsed))
		return
	}
	p.logWait(ctx, info.ID, info.Status, shown, elapsed)
	if elapsed >= time.Minute || elapsed >= time.Second && info.Status != p.names.Queued {
		shown += ", " + elapsed.Round(time.Second).String()
	}
	p.send(shown)
}

// isNews reports whether a status has not been reported yet, or not in this minute, and takes it for reported.
func (p *progress) shouldReport(id, status string, elapsed time.Duration) bool {
	now := reported{id, status, int(elapsed.Round(time.Second) / time.Minute)}
	if now == p.last {
		return false
	}
	p.last = now
	return true
}

// logWait has all that a person wants to know in the text: fields come behind it, in any order, and are easily cut off.
func (p *progress) logWait(ctx context.Context, id, status, shown string, elapsed time.Duration) {
	elapsed = elapsed.Round(time.Second)
	tflog.Info(ctx, fmt.Sprintf("Waiting for %s: %s, %s elapsed", p.about(id), shown, elapsed), p.fields(id, status, elapsed))
}

func (p *progress) fields(id, status string, elapsed time.Duration) map[string]any {
	fields := p.names.fields(id)
	fields["status"], fields["waited_seconds"] = status, int(elapsed.Seconds())
	return fields
}

func (p *progress) about(id string) string {
	if p.other {
		return fmt.Sprintf("another %s, %s, of %s", p.names.Noun, id, p.names.On)
	}
	return fmt.Sprintf("%s %s of %s", p.names.Noun, id, p.names.On)
}

// fields are those of a line in the log about one value.
func (n Names) fields(id string) map[string]any {
	fields := maps.Clone(n.LogFields)
	if fields == nil {
		fields = map[string]any{}
	}
	fields[strings.ReplaceAll(n.Noun, " ", "_")+"_id"] = id
	return fields
}

// failures reports on looks that fail: most are the network's or a passing one of Atlas, so that only what lasts is worth a warning.
type failures struct {
	progress *progress
	id       string
	// since is when in the wait the looks began to fail, nil where the last one did not.
	since  *time.Duration
	warned bool
}

func (f *failures) reset() { f.since, f.warned = nil, false }

func (f *failures) observe(ctx context.Context, err error, elapsed time.Duration) {
	if f.since == nil {
		f.since = &elapsed
	}
	p := f.progress
	fields := p.names.fields(f.id)
	fields["error"] = atlas.Brief(err)
	text := "No usable answer about " + p.about(f.id)
	if lasted := (elapsed - *f.since).Round(time.Second); lasted >= longOutage && !f.warned {
		f.warned = true
		tflog.Warn(ctx, fmt.Sprintf("%s for %s", text, lasted), fields)
	} else {
		tflog.Debug(ctx, text, fields)
	}
	status, shown := "", "no answer yet"
	if p.last.id == f.id && p.last.status != "" {
		status, shown = p.last.status, p.names.DisplayStatus(p.last.status)+" when last seen"
	}
	if p.shouldReport(f.id, status, elapsed) {
		p.logWait(ctx, f.id, status, shown, elapsed)
	}
}
