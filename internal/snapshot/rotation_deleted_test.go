package snapshot_test

import (
	"net/http"
	"testing"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// newDeletedRotation is a resource whose rotation could not delete the old snapshot, and whose new one somebody has deleted since.
func newDeletedRotation(t *testing.T) (r *rotationTest, deleted string) {
	t.Helper()
	r = newRotation(t)
	r.AddFault(atlassim.Fault{Method: http.MethodDelete, Status: http.StatusServiceUnavailable, Times: -1})
	r.tf.Do(0, rotating(acctest.Apply, "8")...)
	r.ClearFaults()
	deleted = r.id(t)
	if err := client(t, r.Atlas).DeleteSnapshot(t.Context(), r.Fixture().ProjectID, r.Fixture().ClusterName, deleted); err != nil {
		t.Fatal(err)
	}
	return r, deleted
}

// TestAccSnapshot_rotationDeletedApplied takes a new snapshot before it deletes the old one, which may be the only backup.
func TestAccSnapshot_rotationDeletedApplied(t *testing.T) {
	t.Parallel()
	r, deleted := newDeletedRotation(t)
	mustSay(t, r.tf.Do(2, rotating(acctest.Plan, "8")...), "Warning: Snapshot deleted outside of Terraform: "+deleted, r.old, "will be updated in-place")
	r.tf.Do(0, append(acctest.Apply, "-refresh-only", "-var", `triggers={version="8"}`)...)
	if status := r.tf.State(address).Values["status"]; status != "deleted" {
		t.Errorf("the status is %v, expected deleted", status)
	}
	r.tf.Do(0, rotating(acctest.Apply, "8")...)
	r.ends(t, 3)
}

// TestAccSnapshot_rotationDeletedDestroyed deletes the old snapshot with the resource.
func TestAccSnapshot_rotationDeletedDestroyed(t *testing.T) {
	t.Parallel()
	r, _ := newDeletedRotation(t)
	r.tf.Do(0, acctest.Destroy...)
	if left := r.existing(); len(left) > 0 {
		t.Errorf("destroy left %v", left)
	}
}

// TestAccSnapshot_rotationDeletedWithItsCluster forgets everything with the cluster.
func TestAccSnapshot_rotationDeletedWithItsCluster(t *testing.T) {
	t.Parallel()
	r, _ := newDeletedRotation(t)
	if !r.DeleteCluster(r.Fixture().ClusterName) {
		t.Fatal("there was no cluster")
	}
	mustSay(t, r.tf.Do(2, rotating(acctest.Plan, "8")...), "Warning: Cluster deleted outside of Terraform")
	r.tf.Do(0, acctest.Destroy...)
}
