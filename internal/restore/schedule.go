package restore

import (
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

// The figures of [WaitSchedule] follow real restores of small clusters: 102 of them ended 187 to 375 s after the request, half by 230 s
// and 99 % by 316 s. Atlas shows no progress. Restores of large clusters take hours, where a minute is little.
const (
	minEarlyPause = 3 * time.Second
	maxEarlyPause = 45 * time.Second
	expectedFrom  = 183 * time.Second
	expectedUntil = 290 * time.Second
	expectedPause = 4 * time.Second
	maxPause      = time.Minute
)

// WaitSchedule returns when to poll a restore next: seldom until one can be expected to end, often while most do, and then more and
// more seldom.
func WaitSchedule(p wait.Progress) time.Duration {
	switch {
	case p.Elapsed < expectedFrom:
		return min(max(p.Elapsed/2, minEarlyPause), maxEarlyPause, max(expectedFrom-p.Elapsed, minEarlyPause))
	case p.Elapsed < expectedUntil:
		return expectedPause
	}
	return min(expectedPause+(p.Elapsed-expectedUntil)/20, maxPause)
}
