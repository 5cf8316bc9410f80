package flexrestore_test

import (
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/flexrestore"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

// TestWaitSchedule bounds polls and lag for restores of every duration, not only of those that were recorded.
func TestWaitSchedule(t *testing.T) {
	t.Parallel()
	for ends := time.Second; ends < 3*time.Hour; ends += ends/50 + time.Second {
		polls, elapsed := 0, time.Duration(0)
		for ; elapsed < ends; polls++ {
			elapsed += flexrestore.WaitSchedule(wait.Progress{Elapsed: elapsed})
		}
		most, latest := 60+2*int(ends/time.Minute), max(3*time.Second, min(ends/2, 30*time.Second))
		if ends >= 51*time.Second && ends <= 111*time.Second {
			most, latest = 30, 3*time.Second
		}
		if late := elapsed - ends; polls > most || late > latest {
			t.Errorf("a restore of %s is polled %d times, and its end is noticed %s late", ends, polls, late)
		}
	}
}
