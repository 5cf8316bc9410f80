package atlas

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// observe learns from the headers of an answer.
func (c *Client) observe(request *http.Request, response *http.Response) {
	if credentialsAccepted(response) {
		c.credentialsWorked.Store(true)
	}
	if date, err := http.ParseTime(response.Header.Get("Date")); err == nil {
		ahead := date.Sub(c.clock.Now())
		c.serverAhead.Store(&ahead)
	}
	if usesBackupLimit(request.URL.Path) {
		limit, limitErr := strconv.ParseUint(response.Header.Get("Ratelimit-Limit"), 10, 32)
		remaining, err := strconv.ParseUint(response.Header.Get("Ratelimit-Remaining"), 10, 32)
		if limitErr == nil && err == nil && limit > 0 {
			c.backupLimit.Store(&rateLimit{at: c.clock.Now(), share: float64(remaining) / float64(limit)})
		}
	}
}

// ServerNow returns the present instant by the clock of Atlas, from the Date header of its last answer, so that a machine whose
// clock is off judges Atlas's timestamps rightly. Before the first answer it is the clock of this machine.
func (c *Client) ServerNow() time.Time {
	now := c.clock.Now()
	if ahead := c.serverAhead.Load(); ahead != nil {
		return now.Add(*ahead)
	}
	return now
}

// HasServerTime reports whether an answer of Atlas has had a Date header. Until then ServerNow is this machine's clock, which may
// be hours off.
func (c *Client) HasServerTime() bool { return c.serverAhead.Load() != nil }

// rateLimit is what Atlas last said of the token bucket of backups. Atlas has sent the headers since January 2026 and may leave
// them out; no observation means no limit.
type rateLimit struct {
	at    time.Time
	share float64 // of the bucket that was left
}

// usesBackupLimit reports whether requests to path share the token bucket of backups: 1200 requests, 500 more a minute. Flex
// clusters and clusters themselves have buckets of their own.
func usesBackupLimit(path string) bool {
	return strings.Contains(path, "/backup/") && !strings.Contains(path, "/flexClusters/")
}

// rateLimitMemory is how long an observation counts: a bucket is full again well within it.
const rateLimitMemory = 2 * time.Minute

// BackoffMultiplier returns how many times longer than planned a poller should pause because the rate limit of backups runs low, by the
// RateLimit headers of Atlas's last answer: from 1 at a quarter of the bucket to 8 at its bottom.
func (c *Client) BackoffMultiplier() float64 {
	const low, steepest = 0.25, 8
	last := c.backupLimit.Load()
	if last == nil || last.share >= low || c.clock.Now().Sub(last.at) > rateLimitMemory {
		return 1
	}
	return 1 + (steepest-1)*(1-last.share/low)
}
