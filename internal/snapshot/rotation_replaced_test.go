package snapshot_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
)

// TestAccSnapshot_rotationReplaced replaces a resource with an unfinished rotation: what the rotation has requested is deleted with the
// old snapshot, or named.
func TestAccSnapshot_rotationReplaced(t *testing.T) {
	t.Parallel()
	for name, replace := range map[string]func(*acctest.Terraform) []string{
		"replaced": func(*acctest.Terraform) []string { return []string{"-replace=" + address} },
		"tainted": func(tf *acctest.Terraform) []string {
			tf.Do(0, "taint", address)
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			r := &rotationTest{Atlas: a, tf: a.TerraformWithProcesses(t, configuration(t))}
			r.tf.Do(0, rotating(acctest.Apply, "7")...)
			r.old = r.id(t)
			r.tf.Do(1, rotating(acctest.Apply, "8", "-var", "update_timeout=20s")...)
			requested := slices.DeleteFunc(r.existing(), func(id string) bool { return id == r.old })
			output := r.tf.Do(0, rotating(acctest.Apply, "8", replace(r.tf)...)...)
			for _, id := range r.existing() {
				// Terraform passes no private state of a tainted resource to its destruction.
				if id != r.id(t) && (name != "tainted" || !strings.Contains(output, "Snapshot of an earlier run: "+id)) {
					t.Errorf("Atlas still has snapshot %s of %s", id, requested)
				}
			}
		})
	}
}
