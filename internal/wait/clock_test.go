package wait_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

func TestSystem_sleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := wait.System()
		began := clock.Now()
		if !began.Equal(time.Now()) {
			t.Errorf("Now = %s", began)
		}
		for _, d := range []time.Duration{time.Minute, 0, -time.Minute} {
			before := clock.Now()
			if err := clock.Sleep(t.Context(), d); err != nil {
				t.Error(err)
			}
			if slept := clock.Now().Sub(before); slept != max(d, 0) {
				t.Errorf("Sleep(%s) took %s", d, slept)
			}
		}

		interrupted, cancel := context.WithCancelCause(t.Context())
		why := errors.New("why")
		time.AfterFunc(time.Second, func() { cancel(why) })
		before := clock.Now()
		if err := clock.Sleep(interrupted, time.Hour); !errors.Is(err, why) {
			t.Errorf("the sleep ended with %v", err)
		}
		if slept := clock.Now().Sub(before); slept != time.Second {
			t.Errorf("the interrupted sleep took %s", slept)
		}
		for _, d := range []time.Duration{time.Hour, 0, -1} {
			if err := clock.Sleep(interrupted, d); !errors.Is(err, why) {
				t.Errorf("Sleep(%s) after the end: %v", d, err)
			}
		}
		if slept := clock.Now().Sub(before); slept != time.Second {
			t.Errorf("a sleep after the end took %s", slept-time.Second)
		}
	})
}

func TestSystem_withTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := wait.System()
		if _, ok := clock.Remaining(t.Context()); ok {
			t.Error("a context without an end has time left")
		}
		ctx, cancel := clock.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if left, ok := clock.Remaining(ctx); !ok || left != time.Minute {
			t.Errorf("Left = %s, %t", left, ok)
		}
		if err := clock.Sleep(ctx, 40*time.Second); err != nil {
			t.Error(err)
		}
		if left, ok := clock.Remaining(ctx); !ok || left != 20*time.Second {
			t.Errorf("Left = %s, %t", left, ok)
		}
		if err := clock.Sleep(ctx, time.Hour); !errors.Is(err, wait.ErrTimeout) {
			t.Errorf("the sleep ended with %v", err)
		}
		if left, ok := clock.Remaining(ctx); !ok || left != 0 {
			t.Errorf("Left = %s, %t", left, ok)
		}

		gone, cancel := clock.WithTimeout(t.Context(), -1)
		defer cancel()
		if !errors.Is(context.Cause(gone), wait.ErrTimeout) {
			t.Errorf("cause = %v", context.Cause(gone))
		}

		// Whoever cancels is not the time.
		canceled, cancel := clock.WithTimeout(t.Context(), time.Minute)
		cancel()
		if cause := context.Cause(canceled); !errors.Is(cause, context.Canceled) || errors.Is(cause, wait.ErrTimeout) {
			t.Errorf("cause = %v", cause)
		}
	})
}
