package atlas

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// refusalMemory is how long credentials that Atlas has refused, and never accepted, are not tried again.
const refusalMemory = time.Minute

// firstUse lets one request find out whether the credentials work. All others wait for it, so that a wrong key is tried once and
// not once by each resource.
type firstUse struct {
	mu sync.Mutex
	// pending is the request that is finding out, nil if there is none.
	pending *inFlight
	// refused is the last refusal of the credentials, at at; nil where the last call met none.
	refused *Error
	at      time.Time
}

// begin returns once a request may be sent, with the function to call with its result. The error is the refusal that another
// request has met, or the cause of ctx's end.
func (c *Client) begin(ctx context.Context, requestLine string) (end func(refused *Error), err error) {
	f := &c.firstUse
	f.mu.Lock()
	defer f.mu.Unlock()
	for !c.credentialsWorked.Load() {
		if f.refused != nil && c.clock.Now().Sub(f.at) < refusalMemory {
			refusal := *f.refused
			refusal.Request = requestLine
			return nil, &refusal
		}
		if f.pending == nil {
			return f.lead(ctx, c.clock.Now), nil
		}
		pending := f.pending
		f.mu.Unlock()
		err := pending.wait(ctx)
		f.mu.Lock()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", requestLine, err)
		}
		if !pending.abandoned && f.refused == nil {
			// It has found out nothing: a server that is down would fail everybody in turn.
			break
		}
	}
	return func(*Error) {}, nil
}

// lead makes the caller, which holds the lock, the one that finds out.
func (f *firstUse) lead(ctx context.Context, now func() time.Time) (end func(refused *Error)) {
	pending := &inFlight{done: make(chan struct{})}
	f.pending = pending
	return func(refused *Error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.pending, f.refused, f.at = nil, refused, now()
		pending.finish(ctx, nil)
	}
}
