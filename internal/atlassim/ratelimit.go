package atlassim

import (
	"time"
)

// bucketName names a documented set of endpoints that share one rate limit.
type bucketName string

const (
	bucketBackup        bucketName = "Cloud Backups"
	bucketClusters      bucketName = "Clusters"
	bucketFlex          bucketName = "Flex Clusters"
	bucketFlexSnapshots bucketName = "Flex Snapshots"
)

// refillPeriod is the time in which a bucket gets its refill.
const refillPeriod = time.Minute

// bucket is a token bucket: every request takes one token, and refill tokens come back in a minute.
type bucket struct {
	capacity, refill int
	tokens           float64
	filled           time.Time
}

// newBuckets returns the documented limits of one project.
func newBuckets() map[bucketName]*bucket {
	return map[bucketName]*bucket{
		bucketBackup:        newBucket(1200, 500),
		bucketClusters:      newBucket(10000, 5000),
		bucketFlex:          newBucket(1200, 500),
		bucketFlexSnapshots: newBucket(1200, 500),
	}
}

func newBucket(capacity, refill int) *bucket {
	return &bucket{capacity: capacity, refill: refill, tokens: float64(capacity)}
}

// SetRateLimit replaces the limit of the backup endpoints by a full bucket of this capacity, which gets back
// refillPerMinute tokens a minute. Values below zero count as zero.
func (s *Simulator) SetRateLimit(capacity, refillPerMinute int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.buckets[bucketBackup] = newBucket(max(capacity, 0), max(refillPerMinute, 0))
}

// take takes a token, or says how long it is until there is one.
func (b *bucket) take(now time.Time) (wait time.Duration, ok bool) {
	if !b.filled.IsZero() {
		b.tokens += refilled(max(now.Sub(b.filled), 0), b.refill)
		b.tokens = min(b.tokens, float64(b.capacity))
	}
	b.filled = now
	if b.tokens >= 1 {
		b.tokens--
		return 0, true
	}
	if b.refill == 0 || b.capacity == 0 {
		return refillPeriod, false
	}
	return time.Duration((1 - b.tokens) / float64(b.refill) * float64(refillPeriod)), false
}

func (b *bucket) remaining() int { return int(b.tokens) }

// takeToken charges the request to its bucket.
func (c *call) takeToken() *apiError {
	limit, limited := c.sim.buckets[c.operation.bucket]
	if !limited {
		return nil
	}
	c.limit = limit
	wait, ok := limit.take(c.sim.clock.unscaled())
	if ok {
		return nil
	}
	seconds := retrySeconds(wait)
	refusal := c.fail("RATE_LIMITED_TOKEN_BUCKET", "wait", seconds, "capacity", limit.capacity, "refill", limit.refill)
	refusal.retryAfter = &seconds
	return refusal
}

// window counts events in a fixed stretch of time.
type window struct {
	started time.Time
	count   int
}

// admit counts one event and reports whether it is within the limit, and if not how long the window still lasts.
func (w *window) admit(now time.Time, length time.Duration, limit int) (wait time.Duration, ok bool) {
	if now.Sub(w.started) >= length {
		*w = window{started: now}
	}
	if w.count >= limit {
		return w.started.Add(length).Sub(now), false
	}
	w.count++
	return 0, true
}
