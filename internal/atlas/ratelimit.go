package atlas

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

// limitSet is a set of endpoints that share one token bucket at Atlas.
type limitSet string

const (
	backupLimits  limitSet = "backup"  // 1200 requests, 500 more a minute
	clusterLimits limitSet = "cluster" // 10000 requests, 5000 more a minute
	flexLimits    limitSet = "flex"    // 1200 requests, 500 more a minute
)

func limitSetOf(path string) limitSet {
	switch {
	case strings.Contains(path, "/flexClusters/"):
		return flexLimits
	case strings.Contains(path, "/backup/"):
		return backupLimits
	default:
		return clusterLimits
	}
}

// limitMemory is how long an observation counts: a bucket is full again well within it.
const limitMemory = 2 * time.Minute

// rateLimits remembers what Atlas last said of each bucket. Atlas has sent the headers since January 2026 and may leave
// them out; no observation means no limit.
type rateLimits struct {
	clock wait.Clock
	mu    sync.Mutex
	seen  map[limitSet]limitSeen
}

type limitSeen struct {
	at    time.Time
	share float64 // of the bucket that is left
}

func newRateLimits(clock wait.Clock) *rateLimits {
	return &rateLimits{clock: clock, seen: map[limitSet]limitSeen{}}
}

func (l *rateLimits) observe(set limitSet, header http.Header) {
	limit, limitErr := strconv.ParseUint(header.Get("Ratelimit-Limit"), 10, 32)
	remaining, err := strconv.ParseUint(header.Get("Ratelimit-Remaining"), 10, 32)
	if limitErr != nil || err != nil || limit == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen[set] = limitSeen{at: l.clock.Now(), share: float64(remaining) / float64(limit)}
}

// stretch grows from 1 at a quarter of the bucket to 8 at its bottom.
func (l *rateLimits) stretch(set limitSet) float64 {
	const low, steepest = 0.25, 8
	l.mu.Lock()
	defer l.mu.Unlock()
	seen, ok := l.seen[set]
	if !ok || seen.share >= low || l.clock.Now().Sub(seen.at) > limitMemory {
		return 1
	}
	return 1 + (steepest-1)*(1-seen.share/low)
}
