// Package wait polls something slow until it is done: a clock that tests replace, a schedule, and a poller that no transient error
// ends.
package wait

import (
	"context"
	"errors"
	"time"
)

// ErrTimeout is the cause of a context that a [Clock] ended at its deadline. Any other end of a context is an interruption:
// [context.Cause] tells the two apart.
var ErrTimeout = errors.New("timed out")

// Clock is the only source of time of the provider. Nothing else may call time.Now, time.Sleep or context.WithTimeout.
type Clock interface {
	Now() time.Time
	// Sleep returns nil after d, or the cause of ctx's end as soon as ctx ends. With a d of zero or less it only checks ctx.
	Sleep(ctx context.Context, d time.Duration) error
	// WithTimeout returns a child of ctx that ends after d with [ErrTimeout] as its cause.
	WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc)
	// Remaining returns the time until ctx's deadline, and false if it has none.
	Remaining(ctx context.Context) (time.Duration, bool)
}

// System returns the clock of this machine.
func System() Clock { return systemClock{} }

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 || ctx.Err() != nil {
		return context.Cause(ctx)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

func (systemClock) WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, d, ErrTimeout)
}

func (systemClock) Remaining(ctx context.Context) (time.Duration, bool) {
	deadline, ok := ctx.Deadline()
	return time.Until(deadline), ok
}
