package waittest_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait/waittest"
)

var start = time.Date(2026, 3, 30, 12, 0, 0, 0, time.UTC)

func expectNow(t *testing.T, clock *waittest.Clock, since time.Duration) {
	t.Helper()
	if now := clock.Now().Sub(start); now != since {
		t.Errorf("%s have passed, want %s", now, since)
	}
}

func TestClock_sleepMovesIt(t *testing.T) {
	clock := waittest.NewClock(start)
	var steps []time.Duration
	clock.OnAdvance = func(d time.Duration) {
		steps = append(steps, d)
		if clock.Now().Sub(start) < d {
			t.Error("told of a step that is still to be made")
		}
	}
	for _, d := range []time.Duration{time.Minute, 0, -time.Hour, time.Second} {
		if err := clock.Sleep(t.Context(), d); err != nil {
			t.Error(err)
		}
	}
	clock.Advance(time.Hour)
	expectNow(t, clock, time.Hour+time.Minute+time.Second)
	if diff := cmp.Diff([]time.Duration{time.Minute, time.Second}, clock.Slept()); diff != "" {
		t.Errorf("slept (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]time.Duration{time.Minute, time.Second, time.Hour}, steps); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

func TestClock_sleepStopsAtTheDeadline(t *testing.T) {
	clock := waittest.NewClock(start)
	outer, cancel := clock.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	inner, cancel := clock.WithTimeout(outer, time.Hour)
	defer cancel()
	if left, ok := clock.Remaining(inner); !ok || left != time.Minute {
		t.Errorf("Left = %s, %t", left, ok)
	}
	if err := clock.Sleep(inner, 30*time.Second); err != nil {
		t.Error(err)
	}
	if err := clock.Sleep(inner, time.Hour); !errors.Is(err, wait.ErrTimeout) {
		t.Errorf("the sleep ended with %v", err)
	}
	expectNow(t, clock, time.Minute)
	if err := clock.Sleep(inner, time.Hour); !errors.Is(err, wait.ErrTimeout) {
		t.Errorf("the sleep after the end ended with %v", err)
	}
	expectNow(t, clock, time.Minute)
}

// A context that is detached from one whose time is up has time of its own.
func TestClock_detachedContext(t *testing.T) {
	clock := waittest.NewClock(start)
	late, cancel := clock.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	clock.Advance(2 * time.Minute)
	detached := context.WithoutCancel(late)
	if left, ok := clock.Remaining(detached); ok {
		t.Errorf("Left = %s", left)
	}
	own, cancel := clock.WithTimeout(detached, 30*time.Second)
	defer cancel()
	if left, ok := clock.Remaining(own); !ok || left != 30*time.Second {
		t.Errorf("Left = %s, %t", left, ok)
	}
	if err := clock.Sleep(own, time.Hour); !errors.Is(err, wait.ErrTimeout) {
		t.Errorf("the sleep ended with %v", err)
	}
	expectNow(t, clock, 2*time.Minute+30*time.Second)
}

func TestClock_endsOfContexts(t *testing.T) {
	clock := waittest.NewClock(start)
	if _, ok := clock.Remaining(t.Context()); ok {
		t.Error("a context without an end has time left")
	}
	gone, cancel := clock.WithTimeout(t.Context(), 0)
	defer cancel()
	if !errors.Is(context.Cause(gone), wait.ErrTimeout) {
		t.Errorf("cause = %v", context.Cause(gone))
	}
	canceled, cancel := clock.WithTimeout(t.Context(), time.Minute)
	cancel()
	clock.Advance(time.Hour)
	if cause := context.Cause(canceled); !errors.Is(cause, context.Canceled) || errors.Is(cause, wait.ErrTimeout) {
		t.Errorf("cause = %v", cause)
	}
	parent, interrupt := context.WithCancel(t.Context())
	child, cancel := clock.WithTimeout(parent, time.Minute)
	defer cancel()
	interrupt()
	if err := clock.Sleep(child, time.Second); !errors.Is(err, context.Canceled) {
		t.Errorf("the sleep ended with %v", err)
	}
	expectNow(t, clock, time.Hour)
}

func TestClock_hold(t *testing.T) {
	clock := waittest.NewClock(start)
	ctx, cancel := context.WithCancel(t.Context())
	var held []time.Duration
	clock.Hold(func(_ context.Context, d time.Duration) {
		held = append(held, d)
		if d == time.Hour {
			cancel()
		}
	})
	if err := clock.Sleep(ctx, time.Minute); err != nil {
		t.Error(err)
	}
	if err := clock.Sleep(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("the held sleep ended with %v", err)
	}
	expectNow(t, clock, time.Minute)
	clock.Hold(nil)
	if err := clock.Sleep(t.Context(), time.Second); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]time.Duration{time.Minute, time.Hour}, held); diff != "" {
		t.Errorf("held (-want +got):\n%s", diff)
	}
}

func TestClock_concurrently(t *testing.T) {
	clock := waittest.NewClock(start)
	ctx, cancel := clock.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	var sleepers sync.WaitGroup
	for range 20 {
		sleepers.Go(func() {
			for range 50 {
				// More than all of them sleep together: the sleep of one may use up the time of another.
				own, cancel := clock.WithTimeout(ctx, 30*time.Minute)
				_ = clock.Sleep(own, time.Second)
				_, _ = clock.Remaining(own)
				cancel()
			}
		})
	}
	sleepers.Wait()
	expectNow(t, clock, 1000*time.Second)
	if n := len(clock.Slept()); n != 1000 {
		t.Errorf("%d sleeps", n)
	}
}
