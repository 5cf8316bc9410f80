package snapshot

import (
	"context"
	"errors"
	"runtime"
	"testing"
)

func TestTurns_inOrder(t *testing.T) {
	t.Parallel()
	line := &turns{queues: map[string][]chan struct{}{}}
	end, err := line.take(t.Context(), "Cluster0")
	if err != nil {
		t.Fatal(err)
	}
	if endOther, err := line.take(t.Context(), "Cluster1"); err != nil {
		t.Fatal(err)
	} else {
		endOther()
	}
	const waiting = 20
	order := make(chan int, waiting)
	for i := range waiting {
		started := make(chan struct{})
		go func() {
			close(started)
			next, err := line.take(context.Background(), "Cluster0")
			if err != nil {
				t.Error(err)
			}
			order <- i
			next()
		}()
		<-started
		for queued(line, "Cluster0") != i+2 {
			// The goroutine is between its start and its place in the queue.
			runtime.Gosched()
		}
	}
	end()
	for i := range waiting {
		if got := <-order; got != i {
			t.Errorf("turn %d went to number %d", i, got)
		}
	}
	if left := queued(line, "Cluster0"); left > 0 {
		t.Errorf("%d are still queued", left)
	}
}

func TestTurns_interrupted(t *testing.T) {
	t.Parallel()
	line := &turns{queues: map[string][]chan struct{}{}}
	end, err := line.take(t.Context(), "Cluster0")
	if err != nil {
		t.Fatal(err)
	}
	why := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	if _, err := line.take(ctx, "Cluster0"); !errors.Is(err, why) {
		t.Errorf("the error is %v, expected the cause of the context's end", err)
	}
	end()
	end()
	if next, err := line.take(t.Context(), "Cluster0"); err != nil {
		t.Error(err)
	} else {
		next()
	}
	if len(line.queues) != 0 {
		t.Errorf("queues are left: %v", line.queues)
	}
}

func queued(line *turns, key string) int {
	line.mu.Lock()
	defer line.mu.Unlock()
	return len(line.queues[key])
}
