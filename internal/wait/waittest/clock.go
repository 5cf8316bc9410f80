// Package waittest has the clock that replaces the machine's in tests.
package waittest

import (
	"context"
	"sync"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

// Clock is a [wait.Clock] on which time passes only in Sleep, which moves it and returns immediately. It is safe for concurrent use;
// sleeps of several goroutines add up.
type Clock struct {
	mu          sync.Mutex
	now         time.Time
	slept       []time.Duration
	deadlines   map[*deadline]struct{}
	beforeSleep func(context.Context, time.Duration)
	// OnAdvance, if set, is called after every advance of the clock, such as to advance the clock of a simulator.
	OnAdvance func(time.Duration)
}

type deadline struct {
	at     time.Time
	cancel context.CancelCauseFunc
}

var _ wait.Clock = (*Clock)(nil)

// NewClock returns a clock that is set to now.
func NewClock(now time.Time) *Clock {
	return &Clock{now: now, deadlines: map[*deadline]struct{}{}}
}

// Now returns the time that the clock is set to.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Sleep advances the clock by d, or to a deadline of ctx within d, and returns immediately.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	if ctx.Err() != nil || d <= 0 {
		return context.Cause(ctx)
	}
	if hold := c.hold(); hold != nil {
		hold(ctx, d)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	if left, ok := c.Remaining(ctx); ok && left < d {
		d = left
	}
	c.mu.Lock()
	c.slept = append(c.slept, d)
	c.mu.Unlock()
	c.Advance(d)
	return context.Cause(ctx)
}

// Hold makes every sleep call beforeSleep first, which may block: a test that interrupts a wait returns from it when ctx ends. nil
// removes it.
func (c *Clock) Hold(beforeSleep func(ctx context.Context, d time.Duration)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.beforeSleep = beforeSleep
}

func (c *Clock) hold() func(context.Context, time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.beforeSleep
}

// Advance advances the clock by d and ends every context whose deadline has come.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	c.now = c.now.Add(d)
	var due []*deadline
	for dl := range c.deadlines {
		if !dl.at.After(c.now) {
			due = append(due, dl)
			delete(c.deadlines, dl)
		}
	}
	hook := c.OnAdvance
	c.mu.Unlock()
	for _, dl := range due {
		dl.cancel(wait.ErrTimeout)
	}
	if hook != nil {
		hook(d)
	}
}

// Slept returns every sleep so far, in order.
func (c *Clock) Slept() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]time.Duration(nil), c.slept...)
}

type deadlineKey struct{}

// Remaining returns the time until ctx's deadline, and false if it has none by this clock.
func (c *Clock) Remaining(ctx context.Context) (time.Duration, bool) {
	at, ok := ctx.Value(deadlineKey{}).(time.Time)
	left := at.Sub(c.Now())
	// One that has passed, and yet has not ended ctx, belongs to a context that ctx was detached from.
	return left, ok && (left > 0 || ctx.Err() != nil)
}

// WithTimeout returns a child of ctx that ends when this clock, not the machine's, has advanced by d.
func (c *Clock) WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	child, cancel := context.WithCancelCause(ctx)
	dl := &deadline{at: c.Now().Add(d), cancel: cancel}
	if left, ok := c.Remaining(ctx); !ok || d < left {
		child = context.WithValue(child, deadlineKey{}, dl.at)
	}
	if d <= 0 {
		cancel(wait.ErrTimeout)
		return child, func() { cancel(context.Canceled) }
	}
	c.mu.Lock()
	c.deadlines[dl] = struct{}{}
	c.mu.Unlock()
	return child, func() {
		c.mu.Lock()
		delete(c.deadlines, dl)
		c.mu.Unlock()
		cancel(context.Canceled)
	}
}
