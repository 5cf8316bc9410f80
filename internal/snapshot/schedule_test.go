package snapshot_test

import (
	"context"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/snapshot"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait/waittest"
)

// Whatever the progress, there is a pause, and it is short enough for somebody who looks on.
func TestWaitSchedule_pausesHaveBounds(t *testing.T) {
	check := func(p wait.Progress) {
		t.Helper()
		if d := snapshot.WaitSchedule(p); d <= 0 || d > time.Minute {
			t.Fatalf("WaitSchedule(%+v) = %s", p, d)
		}
	}
	// Steps that are no whole seconds come close to the borders from both sides.
	for elapsed := -time.Minute; elapsed < 4*time.Hour; elapsed += 997 * time.Millisecond {
		check(wait.Progress{Elapsed: elapsed})
	}
	for elapsed := time.Duration(0); elapsed < 10*time.Minute; elapsed += 997 * time.Millisecond {
		for since := -time.Second; since <= elapsed; since += 499 * time.Millisecond {
			check(wait.Progress{Elapsed: elapsed, PastMilestone: true, SinceMilestone: since})
		}
	}
	for _, border := range []int{0, 30, 48, 90, 140, 220, 527} {
		for _, off := range []time.Duration{-1, 0, 1} {
			at := time.Duration(border)*time.Second + off
			check(wait.Progress{Elapsed: at})
			check(wait.Progress{Elapsed: at, PastMilestone: true})
			check(wait.Progress{Elapsed: at + 100*time.Second, PastMilestone: true, SinceMilestone: at})
			check(wait.Progress{Elapsed: at, PastMilestone: true, SinceMilestone: at})
		}
	}
	check(wait.Progress{Elapsed: 1 << 62})
	check(wait.Progress{Elapsed: 1 << 62, PastMilestone: true, SinceMilestone: 1 << 62})
}

// lifecycle waits for a snapshot that is taken and completed so long after the request, by the schedule.
func lifecycle(t *testing.T, taken, completed time.Duration) (lag time.Duration, looks int) {
	t.Helper()
	clock := waittest.NewClock(time.Unix(0, 0))
	poller := wait.Poller[time.Duration]{
		Clock:       clock,
		Schedule:    snapshot.WaitSchedule,
		Fetch:       func(context.Context) (time.Duration, error) { looks++; return clock.Now().Sub(time.Unix(0, 0)), nil },
		IsDone:      func(at time.Duration) bool { return at >= completed },
		Milestone:   func(at time.Duration) bool { return taken > 0 && at >= taken },
		IsTransient: func(error) bool { return false },
	}
	noticed, err := poller.Wait(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	return noticed - completed, looks
}

// Snapshots that are like none recorded are noticed soon as well, and cost few requests.
func TestWaitSchedule_unusualLifecycles(t *testing.T) {
	for name, tt := range map[string]struct {
		taken, completed, lag time.Duration
		looks                 int
	}{
		"done when it is first looked at": {0, time.Second, time.Second, 1},
		"five seconds":                    {2 * time.Second, 5 * time.Second, 2 * time.Second, 4},
		"half a minute":                   {10 * time.Second, 30 * time.Second, 2 * time.Second, 20},
		"half a minute, taken unseen":     {0, 30 * time.Second, 12 * time.Second, 10},
		"never named as taken":            {0, 180 * time.Second, 4 * time.Second, 40},
		"slow after it was taken":         {100 * time.Second, 400 * time.Second, 15 * time.Second, 80},
		"an hour":                         {0, time.Hour, time.Minute, 140},
		"three hours":                     {2 * time.Hour, 3 * time.Hour, time.Minute, 330},
	} {
		t.Run(name, func(t *testing.T) {
			lag, looks := lifecycle(t, tt.taken, tt.completed)
			if lag < 0 || lag > tt.lag || looks > tt.looks {
				t.Errorf("noticed %s late after %d looks, want %s and %d at most", lag, looks, tt.lag, tt.looks)
			}
		})
	}
}
