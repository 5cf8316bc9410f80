package snapshot_test

import (
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// TestAccSnapshot_notShownYetByAnotherClock refreshes a snapshot that Atlas does not show yet, with a clock that is hours ahead of
// Atlas's. The first answer tells so by its Date header; without one the clock is not believed. The snapshot is new all the same.
func TestAccSnapshot_notShownYetByAnotherClock(t *testing.T) {
	t.Parallel()
	for name, noDate := range map[string]bool{"Date": false, "no Date": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testNotShownYet(t, noDate)
		})
	}
}

func testNotShownYet(t *testing.T, noDate bool) {
	t.Helper()
	a := acctest.NewAtlas(t)
	a.SetBehavior(func(b *atlassim.Behavior) { b.ClockOffset, b.NoDate = -5*time.Hour, noDate })
	tf := terraform(t, a)
	interrupt(t, a, tf, 3)
	a.SetBehavior(func(b *atlassim.Behavior) { b.ListLag, b.GetLag = 10*time.Minute, 10*time.Minute })
	mustSay(t, tf.Do(2, acctest.Plan...), "Warning: Snapshot not shown by Atlas yet")
	if tf.State(address) == nil {
		t.Error("the state has forgotten the snapshot")
	}
	// Without a refresh the wait begins before any answer has told Atlas's clock.
	tf.Do(0, append(acctest.Apply, "-refresh=false")...)
	if all := a.Snapshots(); len(all) != 1 {
		t.Errorf("Atlas has had %d snapshots, expected 1", len(all))
	}
}
