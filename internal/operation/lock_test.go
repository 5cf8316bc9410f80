package operation

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

func TestLock_inOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		unlock, err := lock(t.Context(), "in order")
		if err != nil {
			t.Fatal(err)
		}
		if unlockOther, err := lock(t.Context(), "in order, another key"); err != nil {
			t.Fatal(err)
		} else {
			unlockOther()
		}
		const waiting = 20
		order := make(chan int, waiting)
		for i := range waiting {
			go func() {
				next, err := lock(context.Background(), "in order")
				if err != nil {
					t.Error(err)
				}
				order <- i
				next()
			}()
			// Each waits before the next one comes.
			synctest.Wait()
		}
		unlock()
		for i := range waiting {
			if got := <-order; got != i {
				t.Errorf("lock %d went to number %d", i, got)
			}
		}
	})
}

func TestLock_interrupted(t *testing.T) {
	t.Parallel()
	unlock, err := lock(t.Context(), "interrupted")
	if err != nil {
		t.Fatal(err)
	}
	why := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	if _, err := lock(ctx, "interrupted"); !errors.Is(err, why) {
		t.Errorf("the error is %v, expected the cause of the context's end", err)
	}
	unlock()
	if _, err := lock(ctx, "interrupted"); !errors.Is(err, why) {
		t.Errorf("the error of a free lock is %v, expected the cause of the context's end", err)
	}
	if next, err := lock(t.Context(), "interrupted"); err != nil {
		t.Error(err)
	} else {
		next()
	}
}
