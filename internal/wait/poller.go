package wait

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Unfinished is a wait that the end of its context has ended, and how the looks had gone until then.
type IncompleteError struct {
	// Cause is why the context ended, such as [ErrTimeout].
	Cause error
	// Looks is how often Fetch was asked, Failed how often it failed, FailedInARow how often since it last succeeded.
	Polls, Failed, ConsecutiveFailures int
	// LastFailure is the last error of Fetch; nil where there was none.
	LastFailure error
}

func (u *IncompleteError) Error() string {
	if u.ConsecutiveFailures == 0 {
		return u.Cause.Error()
	}
	return fmt.Sprintf("%v; the last %d of %d polls failed, the last one with: %v", u.Cause, u.ConsecutiveFailures, u.Polls, u.LastFailure)
}

// Unwrap is why the context ended. What the looks met is not the reason.
func (u *IncompleteError) Unwrap() error { return u.Cause }

// Poller looks at something until it has settled.
type Poller[T any] struct {
	Clock    Clock
	Schedule Schedule
	// Fetch takes one look.
	Fetch func(context.Context) (T, error)
	// Settled says that there is nothing more to wait for.
	IsDone func(T) bool
	// Milestone reports that the end is near, see [Progress]. It may be nil.
	Milestone func(T) bool
	// Transient says that an error tells nothing of the thing itself, so that the wait goes on. Any other error ends it.
	IsTransient func(error) bool
	// Pause, where set, is the least pause that a transient error asks for before the next look.
	MinPause func(error) time.Duration
	// Stretch, where set, is asked before each pause and makes it that many times longer (1 and less: as it is).
	BackoffMultiplier func() float64
	// Observe, where set, is told of every look: its value or its error, and the time since the request.
	Observe func(T, error, time.Duration)
}

// Wait looks until the thing has settled. elapsed is the time since it was asked for: 0 pauses before the first look,
// anything else (a wait that is resumed) looks at once. It returns the last value that was seen, or the zero value where
// none was, and an error where Fetch met one that is not transient or ctx ended (an [Unfinished] with [context.Cause]).
func (p *Poller[T]) Wait(ctx context.Context, elapsed time.Duration) (T, error) {
	var (
		last      T
		reachedAt time.Time
		asked     time.Duration
		start     = p.Clock.Now().Add(-elapsed)
		stats     IncompleteError
	)
	incomplete := func() error {
		stats.Cause = context.Cause(ctx)
		return &stats
	}
	for look := 0; ; look++ {
		if look > 0 || elapsed <= 0 {
			if err := p.Clock.Sleep(ctx, max(p.pause(start, reachedAt), asked)); err != nil {
				return last, incomplete()
			}
		}
		asked = 0
		value, err := p.Fetch(ctx)
		now := p.Clock.Now()
		if p.Observe != nil {
			p.Observe(value, err, now.Sub(start))
		}
		stats.count(ctx, err)
		switch {
		case ctx.Err() != nil && err != nil:
			return last, incomplete()
		case err != nil && p.IsTransient(err):
			if p.MinPause != nil {
				asked = p.MinPause(err)
			}
			continue
		case err != nil:
			return last, err
		}
		last = value
		if p.IsDone(value) {
			return last, nil
		}
		if reachedAt.IsZero() && p.Milestone != nil && p.Milestone(value) {
			reachedAt = now
			if look == 0 && elapsed > 0 {
				// A wait that is resumed cannot tell when: it may be about to end.
				reachedAt = start
			}
		}
	}
}

func (p *Poller[T]) pause(start, reachedAt time.Time) time.Duration {
	now := p.Clock.Now()
	progress := Progress{Elapsed: now.Sub(start)}
	if !reachedAt.IsZero() {
		progress.PastMilestone, progress.SinceMilestone = true, now.Sub(reachedAt)
	}
	d := p.Schedule(progress)
	if p.BackoffMultiplier != nil {
		if factor := p.BackoffMultiplier(); factor > 1 {
			d = time.Duration(float64(d) * factor)
		}
	}
	return d
}

// count counts a look. One that failed for no other reason than the end of ctx is none.
func (u *IncompleteError) count(ctx context.Context, err error) {
	switch {
	case err == nil:
		u.Polls++
		u.ConsecutiveFailures = 0
	case ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx))):
	default:
		u.Polls++
		u.Failed++
		u.ConsecutiveFailures++
		u.LastFailure = err
	}
}
