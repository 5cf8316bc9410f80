package snapshot_test

import (
	"testing"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// needsRole is what a missing role is answered with. A refusal of another cause must not say it.
const needsRole = "Project Backup Creator"

// TestAccSnapshot_refusedForTheCluster has Atlas refuse what cannot be done to such a cluster or such a snapshot: the error
// says what to do about it.
func TestAccSnapshot_refusedForTheCluster(t *testing.T) {
	t.Parallel()
	const policy = "ATLAS_RESOURCE_POLICIES_VIOLATION_NOT_AUTHORIZED"
	deleted := `{"detail":"Reason: This cluster is currently being deleted, cannot update.","error":400,"errorCode":"ATLAS_GENERAL_ERROR","parameters":[],"reason":"Bad Request"}`
	for name, c := range map[string]struct {
		fault   atlassim.Fault
		command []string
		said    string
	}{
		"a free cluster":              {at(thePost, atlassim.Fault{ErrorCode: "PROVIDER_BACKUP_NOT_SUPPORTED"}), acctest.Apply, "a free cluster (M0) has no snapshots at all"},
		"another endpoint":            {at(thePost, atlassim.Fault{ErrorCode: "INCORRECT_BACKUP_API_ENDPOINT"}), acctest.Apply, "Set cluster_name to a dedicated cluster"},
		"a paused cluster":            {at(thePost, atlassim.Fault{ErrorCode: "CANNOT_UPDATE_PAUSED_CLUSTER"}), acctest.Apply, "Resume it (paused = false"},
		"a cluster that is updated":   {at(thePost, atlassim.Fault{ErrorCode: "ATLAS_GENERAL_ERROR"}), acctest.Apply, "Wait until its state is IDLE"},
		"a cluster that is deleted":   {at(thePost, atlassim.Fault{Status: 400, Body: deleted}), acctest.Apply, "Atlas is deleting the cluster"},
		"a resource policy":           {at(thePost, atlassim.Fault{ErrorCode: policy}), acctest.Apply, "Ask an Organization Owner"},
		"a policy about retention":    {at(thePatch, atlassim.Fault{ErrorCode: policy}), retain30, "Ask an Organization Owner"},
		"a policy about deletion":     {at(theDelete, atlassim.Fault{ErrorCode: policy}), acctest.Destroy, "Ask an Organization Owner"},
		"a shard's part, retention":   {at(thePatch, atlassim.Fault{ErrorCode: "CANNOT_MODIFY_CLUSTER_SNAPSHOT"}), retain30, "Revert retention_in_days"},
		"a snapshot that stays so":    {at(thePatch, atlassim.Fault{ErrorCode: "CANNOT_MODIFY_SNAPSHOT"}), retain30, "Revert retention_in_days"},
		"a shard's part, deletion":    {at(theDelete, atlassim.Fault{ErrorCode: "CANNOT_DELETE_FROM_CLUSTER_SNAPSHOT"}), acctest.Destroy, "deletes only as a whole"},
		"a paused cluster, retention": {at(thePatch, atlassim.Fault{ErrorCode: "CANNOT_UPDATE_PAUSED_CLUSTER"}), retain30, "Resume it (paused = false"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			tf := terraform(t, a)
			taken := 0
			if c.fault.Method != "POST" {
				tf.Do(0, acctest.Apply...)
				taken = 1
			}
			c.fault.Times = always
			a.AddFault(c.fault)
			output := tf.Do(1, c.command...)
			mustSay(t, output, c.said)
			mustNotSay(t, output, needsRole, "may or may not")
			if n := len(a.Existing()); n != taken || (tf.State(address) != nil) != (taken == 1) {
				t.Errorf("Atlas has %d snapshots and the state %v, expected %d", n, tf.State(address), taken)
			}
			a.ClearFaults()
			tf.Do(0, c.command...)
		})
	}
}
