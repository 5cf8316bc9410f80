package snapshot_test

import (
	"os"
	"testing"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
)

// TestAccSnapshot_warnsOfEach has one plan delete several snapshots. Of warnings with the same summary Terraform shows only the
// first.
func TestAccSnapshot_warnsOfEach(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	several, err := os.ReadFile("testdata/several/main.tf")
	if err != nil {
		t.Fatal(err)
	}
	files := configuration(t)
	files["main.tf"] = string(several)
	tf := a.Terraform(t, files)
	tf.Do(0, append(acctest.Apply, "-var", "copies=3")...)
	output := tf.Do(2, append(acctest.Plan, "-var", "copies=0")...)
	mustNotSay(t, output, "more similar warning")
	for _, s := range a.Existing() {
		mustSay(t, output, "Warning: Snapshot will be deleted: "+s.ID, "deletes snapshot "+s.ID)
	}
	if len(a.Existing()) != 3 {
		t.Errorf("Atlas has %d snapshots", len(a.Existing()))
	}
}
