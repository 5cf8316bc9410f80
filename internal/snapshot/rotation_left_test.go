package snapshot_test

import (
	"testing"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
)

// TestAccSnapshot_rotationKnowsWhatItLeft rotates twice with skip_destroy, each time in processes of its own: what the first
// rotation has left in Atlas is alike and recent, and no snapshot of a killed run.
func TestAccSnapshot_rotationKnowsWhatItLeft(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	r := &rotationTest{Atlas: a, tf: a.TerraformWithProcesses(t, configuration(t))}
	r.tf.Do(0, rotating(acctest.Apply, "7", "-var", "skip_destroy=true")...)
	for _, version := range []string{"8", "9", "10"} {
		mustNotSay(t, r.tf.Do(0, rotating(acctest.Apply, version, "-var", "skip_destroy=true")...), "Snapshot of an earlier run")
	}
	if left := r.existing(); len(left) != 4 {
		t.Errorf("Atlas has %v, expected four snapshots", left)
	}
}

// TestAccSnapshot_rotationKnowsWhatWasRefused is the same where Atlas refuses to delete the old snapshots.
func TestAccSnapshot_rotationKnowsWhatWasRefused(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	a.SetCompliancePolicy(true, 1)
	tf := a.TerraformWithProcesses(t, configuration(t))
	for _, version := range []string{"7", "8", "9"} {
		mustNotSay(t, tf.Do(0, rotating(acctest.Apply, version)...), "Snapshot of an earlier run")
	}
}
