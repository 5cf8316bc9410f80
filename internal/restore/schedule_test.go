package restore_test

import (
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/restore"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

// polls returns how often a restore of this duration is polled, and how late its end is noticed.
func polls(ends time.Duration) (count int, late time.Duration) {
	for elapsed := time.Duration(0); ; count++ {
		if elapsed >= ends && count > 0 {
			return count, elapsed - ends
		}
		elapsed += restore.WaitSchedule(wait.Progress{Elapsed: elapsed})
	}
}

// TestWaitSchedule bounds polls and lag for restores of every duration, not only of those that were recorded.
func TestWaitSchedule(t *testing.T) {
	t.Parallel()
	for ends := time.Second; ends < 24*time.Hour; ends += ends/50 + time.Second {
		count, late := polls(ends)
		most, latest := 80+int(ends/time.Minute), max(3*time.Second, min(ends/2, time.Minute))
		if ends > 187*time.Second && ends < 320*time.Second {
			most, latest = 45, 8*time.Second
		}
		if count > most || late > latest {
			t.Errorf("a restore of %s is polled %d times, and its end is noticed %s late", ends, count, late)
		}
	}
	if count, _ := polls(230 * time.Second); count > 30 {
		t.Errorf("%d polls at the median", count)
	}
}
