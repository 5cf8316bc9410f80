package atlas

import (
	"context"
	"sync"
	"time"
)

// throttle is until when requests wait because Atlas has refused one for the rate limit, for each of its token buckets.
type throttle struct {
	mu    sync.Mutex
	until map[bool]time.Time // by usesBackupLimit
}

// extend has all requests to the bucket of path wait until then.
func (t *throttle) extend(path string, until time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.until == nil {
		t.until = map[bool]time.Time{}
	}
	if bucket := usesBackupLimit(path); until.After(t.until[bucket]) {
		t.until[bucket] = until
	}
}

// left is how long a request to path has to wait at now.
func (t *throttle) left(path string, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return max(t.until[usesBackupLimit(path)].Sub(now), 0)
}

// waitForRateLimit waits while another request's 429 says so, unless ctx has no time for it: then the caller gets Atlas's answer.
func (c *Client) waitForRateLimit(ctx context.Context, path string) error {
	pause := c.throttle.left(path, c.clock.Now())
	if pause == 0 {
		return nil
	}
	// A bit more, at random, keeps those that wait from coming back together.
	pause += time.Duration(c.jitter() * 0.2 * float64(pause))
	if left, ok := c.clock.Remaining(ctx); ok && pause > left {
		return nil
	}
	return c.clock.Sleep(ctx, pause)
}
