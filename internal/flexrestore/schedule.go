package flexrestore

import (
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

// The figures of [WaitSchedule] follow 208 real restores of Flex clusters: they ended 51 to 835 s after the request, half by 59 s, 90 %
// by 75 s and 99 % by 111 s. Of some 1,800 more that Atlas listed one took 57 minutes.
const (
	minEarlyPause = 3 * time.Second
	maxEarlyPause = 15 * time.Second
	expectedFrom  = 50 * time.Second
	expectedUntil = 112 * time.Second
	expectedPause = 3 * time.Second
	maxPause      = 30 * time.Second
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
