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

// progress reports on a long wait, in the log at INFO and to [Operation.Progress]: once for each new status and once a minute.
type progress struct {
	names Names
	send  func(message string)
	// other reports whether the wait is for somebody else's value.
	other bool
	// last is the last report.
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

// forOther returns a progress for a value that blocks this operation.
func (p *progress) forOther(id string) *progress {
	return &progress{
		names: p.names, other: true, last: p.last,
		send: func(message string) { p.send(fmt.Sprintf("waiting for %s %s: %s", p.names.Blocking, id, message)) },
	}
}

// report reports the progress of a value, unless it has been reported already.
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

// shouldReport reports whether a status is new, or was not reported in this minute, and records it.
func (p *progress) shouldReport(id, status string, elapsed time.Duration) bool {
	now := reported{id, status, int(elapsed.Round(time.Second) / time.Minute)}
	if now == p.last {
		return false
	}
	p.last = now
	return true
}

// logWait puts everything into the message: fields come after it in any order, and are easily cut off.
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

// fields returns the log fields of one value.
func (n Names) fields(id string) map[string]any {
	fields := maps.Clone(n.LogFields)
	if fields == nil {
		fields = map[string]any{}
	}
	fields[strings.ReplaceAll(n.Noun, " ", "_")+"_id"] = id
	return fields
}

// failures reports failed polls. Most failures pass, so only lasting ones are worth a warning.
type failures struct {
	progress *progress
	id       string
	// since is the time in the wait at which polls began to fail; nil if the last one succeeded.
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
	fields["error"] = atlas.LogSafe(err)
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
