package snapshot

import (
	"context"
	"sync"
)

// turns lets one at a time take a snapshot of a cluster, in the order in which they came: Atlas refuses a second on-demand
// snapshot while one is pending.
type turns struct {
	mu     sync.Mutex
	queues map[string][]chan struct{}
}

// clusterTurns is shared by every provider configuration of the process: aliases may reach the same cluster.
var clusterTurns = &turns{queues: map[string][]chan struct{}{}}

// take waits for the turn of key. Where ctx ends first, its cause is the error and there is no turn to end.
func (t *turns) take(ctx context.Context, key string) (end func(), err error) {
	ready := make(chan struct{})
	t.mu.Lock()
	t.queues[key] = append(t.queues[key], ready)
	if len(t.queues[key]) == 1 {
		close(ready)
	}
	t.mu.Unlock()
	end = func() { t.leave(key, ready) }
	select {
	case <-ctx.Done():
		end()
		return nil, context.Cause(ctx)
	case <-ready:
	}
	if ctx.Err() != nil {
		end()
		return nil, context.Cause(ctx)
	}
	return end, nil
}

// leave takes one out of the queue, wherever it stands, and lets the next one go where it stood first.
func (t *turns) leave(key string, ready chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	queue := t.queues[key]
	for i, waiting := range queue {
		if waiting != ready {
			continue
		}
		queue = append(queue[:i:i], queue[i+1:]...)
		if i == 0 && len(queue) > 0 {
			close(queue[0])
		}
		break
	}
	if len(queue) == 0 {
		delete(t.queues, key)
		return
	}
	t.queues[key] = queue
}
