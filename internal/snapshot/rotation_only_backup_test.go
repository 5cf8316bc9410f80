package snapshot_test

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// TestAccSnapshot_rotationOfWhatFails has a rotation wait behind the old snapshot, which Atlas fails, and interrupts it during the
// wait for the new one: that is the only backup by then, and the next apply keeps it.
func TestAccSnapshot_rotationOfWhatFails(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	r := &rotationTest{Atlas: a, tf: terraform(t, a)}
	failNext(a)
	interrupt(t, a, r.tf, 3, "-var", `triggers={version="7"}`)
	r.old = r.id(t)
	waiting := make(chan struct{})
	var once sync.Once
	a.Clock.Hold(func(ctx context.Context, _ time.Duration) {
		if len(a.Snapshots()) == 2 {
			once.Do(func() { close(waiting) })
			<-ctx.Done()
		}
	})
	run := r.tf.Start(rotating(acctest.Apply, "8")...)
	<-waiting
	if err := run.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	run.Wait()
	a.Clock.Hold(nil)
	a.Clock.Advance(time.Hour)
	mustSay(t, r.tf.Do(2, rotating(acctest.Plan, "8")...), "Warning: Rotation not finished", "will be updated in-place")
	r.tf.Do(0, rotating(acctest.Apply, "8")...)
	r.ends(t, 2)
}

// TestAccSnapshot_rotationGoesOnWithWhatIsNotShown loses the old snapshot while Atlas does not show the new one yet.
func TestAccSnapshot_rotationGoesOnWithWhatIsNotShown(t *testing.T) {
	t.Parallel()
	r := newRotation(t)
	r.Clock.Advance(time.Hour)
	r.SetBehavior(func(b *atlassim.Behavior) { b.GetLag, b.ListLag = 10*time.Minute, 10*time.Minute })
	r.tf.Do(1, rotating(acctest.Apply, "8", "-var", "update_timeout=20s")...)
	if err := client(t, r.Atlas).DeleteSnapshot(t.Context(), r.Fixture().ProjectID, r.Fixture().ClusterName, r.old); err != nil {
		t.Fatal(err)
	}
	mustSay(t, r.tf.Do(0, append(acctest.Apply, "-refresh-only", "-var", `triggers={version="8"}`)...), "Warning: Snapshot not shown by Atlas yet")
	r.Clock.Advance(time.Hour)
	mustSay(t, r.tf.Do(0, rotating(acctest.Apply, "8")...), "Warning: Snapshot deleted outside of Terraform", r.old)
	r.ends(t, 2)
}
