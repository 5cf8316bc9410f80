package snapshot_test

import (
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// TestAccSnapshot_notShownYetByAnotherClock refreshes a snapshot that Atlas does not show yet, with a clock that is hours ahead of
// Atlas's: the first answer tells so, and the snapshot is new all the same.
func TestAccSnapshot_notShownYetByAnotherClock(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	a.SetBehavior(func(b *atlassim.Behavior) { b.ClockOffset = -5 * time.Hour })
	tf := terraform(t, a)
	interrupt(t, a, tf, 3)
	a.SetBehavior(func(b *atlassim.Behavior) { b.ListLag, b.GetLag = 10*time.Minute, 10*time.Minute })
	mustSay(t, tf.Do(2, acctest.Plan...), "Warning: Snapshot not shown by Atlas yet")
	if tf.State(address) == nil {
		t.Error("the state has forgotten the snapshot")
	}
	a.SetBehavior(func(b *atlassim.Behavior) { b.ListLag, b.GetLag = 0, 0 })
	tf.Do(0, acctest.Apply...)
	if all := a.Snapshots(); len(all) != 1 {
		t.Errorf("Atlas has had %d snapshots, expected 1", len(all))
	}
}
