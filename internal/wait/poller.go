package wait

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// IncompleteError is the error of a wait that the end of its context ended, with what the polls met until then.
type IncompleteError struct {
	// Cause is why the context ended, such as [ErrTimeout].
	Cause error
	// Polls counts the calls of Fetch, Failed those that failed, ConsecutiveFailures those since the last success.
	Polls, Failed, ConsecutiveFailures int
	// LastFailure is the last error of Fetch; nil if there was none.
	LastFailure error
}

func (e *IncompleteError) Error() string {
	if e.ConsecutiveFailures == 0 {
		return e.Cause.Error()
	}
	return fmt.Sprintf("%v; the last %d of %d polls failed, the last one with: %v", e.Cause, e.ConsecutiveFailures, e.Polls, e.LastFailure)
}

// Unwrap returns why the context ended. The errors of polls are not the reason.
func (e *IncompleteError) Unwrap() error { return e.Cause }

// Poller polls something until it is done.
type Poller[T any] struct {
	Clock    Clock
	Schedule Schedule
	Fetch    func(context.Context) (T, error)
	// IsDone reports whether there is nothing more to wait for.
	IsDone func(T) bool
	// Milestone, if set, reports whether the end is near, see [Progress].
	Milestone func(T) bool
	// IsTransient reports whether an error says nothing of the thing itself, so that the wait goes on. Any other error ends it.
	IsTransient func(error) bool
	// MinPause, if set, returns the least pause that a transient error asks for.
	MinPause func(error) time.Duration
	// BackoffMultiplier, if set, is called before each pause, which becomes that many times longer. 1 and less change nothing.
	BackoffMultiplier func() float64
	// Observe, if set, is called after every poll with its value or error, and the time since the request.
	Observe func(T, error, time.Duration)
}

// Wait polls until IsDone. elapsed is the time since the request: with 0 it pauses before the first poll, otherwise (a resumed wait)
// it polls immediately. It returns the last value, or the zero value if there was none, and an error if Fetch failed with one that
// is not transient or ctx ended (an [IncompleteError]).
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
	for poll := 0; ; poll++ {
		if poll > 0 || elapsed <= 0 {
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
			if poll == 0 && elapsed > 0 {
				// A resumed wait cannot tell when that was: it may be about to end.
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

// count counts a poll, unless it failed only because ctx ended.
func (e *IncompleteError) count(ctx context.Context, err error) {
	switch {
	case err == nil:
		e.Polls++
		e.ConsecutiveFailures = 0
	case ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx))):
	default:
		e.Polls++
		e.Failed++
		e.ConsecutiveFailures++
		e.LastFailure = err
	}
}
