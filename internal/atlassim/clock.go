package atlassim

import "time"

// clock tells two times.
//
// Atlas's time (now) is what snapshots live in: it runs Speed times as fast as the wall clock, so that a snapshot of three
// minutes can take three seconds.
//
// The time of the connection (unscaled) is what nonces, access tokens and rate limits live in, and it never runs faster
// than the wall clock. Clients are real: they measure expires_in, Retry-After and the age of a nonce in real seconds, so
// at Speed 60 a scaled nonce would be stale after one second and a scaled token dead after a minute, which no client of
// the true Atlas ever meets.
//
// Advance moves both, for a test that wants an expired token has no other way. An injected Now is both times at once.
type clock struct {
	wall     func() time.Time
	start    time.Time
	speed    float64
	advanced time.Duration
}

func newClock(options Options) clock {
	if options.Now != nil {
		return clock{wall: options.Now, start: options.Now(), speed: 1}
	}
	return clock{wall: time.Now, start: time.Now(), speed: options.Speed}
}

func (c *clock) advance(d time.Duration) {
	if d > 0 {
		c.advanced += d
	}
}

// now returns Atlas's time.
func (c *clock) now() time.Time {
	elapsed := c.wall().Sub(c.start)
	return c.start.Add(time.Duration(float64(elapsed) * c.speed)).Add(c.advanced).UTC()
}

// unscaled returns the time of nonces, tokens and rate limits.
func (c *clock) unscaled() time.Time {
	return c.wall().Add(c.advanced).UTC()
}

// timestamp returns a point in time as Atlas writes it: whole seconds, never a fraction.
func timestamp(t time.Time) string {
	return t.UTC().Format("2006-01-02T15:04:05Z")
}
