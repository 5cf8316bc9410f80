package snapshot_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// TestAccSnapshot_rotationDue interrupts a rotation whose new snapshot Atlas then fails, and has Atlas refuse the next one: the state
// has the new triggers by then, and the apply after that takes a snapshot for them all the same.
func TestAccSnapshot_rotationDue(t *testing.T) {
	t.Parallel()
	r := newRotation(t)
	retention := []string{"-var", "retention_in_days=30"}
	failNext(r.Atlas)
	interrupt(t, r.Atlas, r.tf, 3, append(retention, "-var", `triggers={version="8"}`)...)
	r.Clock.Advance(time.Hour)
	r.AddFault(atlassim.Fault{Method: http.MethodPost, Path: "/backup/snapshots", ErrorCode: "CLUSTER_ALREADY_PAUSED", Status: http.StatusConflict, Times: -1})
	r.tf.Do(1, rotating(acctest.Apply, "8", retention...)...)
	r.ClearFaults()
	acctest.ExpectOutput(t, r.tf.Do(2, rotating(acctest.Plan, "8", retention...)...), "Warning: Rotation not finished", "will be updated in-place")
	r.tf.Do(0, rotating(acctest.Apply, "8", retention...)...)
	r.tf.Do(0, rotating(acctest.Plan, "8", retention...)...)
	existing := r.Existing()
	if len(existing) != 1 || existing[0].ID == r.old || existing[0].ID != r.id(t) {
		t.Fatalf("Atlas has %v, expected one new snapshot", r.existing())
	}
	if kept := existing[0].ExpiresAt.Sub(existing[0].RequestedAt).Round(24 * time.Hour); kept != 30*24*time.Hour {
		t.Errorf("Atlas keeps it for %s", kept)
	}
}
