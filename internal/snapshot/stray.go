package snapshot

import (
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

// Where Terraform or the provider is killed between the request for a snapshot and the saving of the state, no state has
// the snapshot. The next apply meets it in the list that it reads anyway, and says so.

// strayAge is how long after its request a completed snapshot may be what a killed run has left behind: whoever killed the
// run has applied again by then, or will not wonder about the cause of a warning.
const strayAge = time.Hour

// ledger has the snapshots that this process has asked for, or let go of: those are no strays, however alike they are.
type ledger struct {
	mu  sync.Mutex
	ids map[[2]string]struct{} // the cluster's key and the id
}

var askedFor = &ledger{ids: map[[2]string]struct{}{}}

func (l *ledger) add(on *cluster, id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ids[[2]string{on.key(), id}] = struct{}{}
}

func (l *ledger) has(on *cluster, id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := l.ids[[2]string{on.key(), id}]
	return ok
}

// isStray says that s may be what an earlier run of the same configuration asked for and could not save: it is alike in
// all that a request can say, recent, and not this process's. What other resources or configurations have may be all of
// this too, so it is good for a warning and no more.
func (t *taking) isStray(s *atlas.Snapshot) bool {
	if s.SnapshotType != atlas.SnapshotTypeOnDemand || s.Status == atlas.StatusFailed || askedFor.has(t.cluster, s.ID) || !t.isAlike(s) {
		return false
	}
	return s.Pending() || t.age(s) <= strayAge
}

// warnOfStrays speaks of what the first look at the list found. The command is what this provider's import takes.
func (c *cluster) warnOfStrays() diag.Diagnostics {
	var diags diag.Diagnostics
	for _, s := range c.strays {
		diags.AddWarning("Snapshot of an earlier run", fmt.Sprintf(
			"When this apply began, Atlas already had %s with the same description and retention, asked for at %s (status %q). "+
				"It was not this run that asked for it.\n\n"+
				"If an earlier apply was killed before Terraform could save its state, this is the snapshot that it took: no state has it, "+
				"and Atlas keeps it until it expires. To have Terraform manage it, add a resource for it and run\n\n"+
				"  terraform import <address> %s\n\n"+
				"To be rid of it, delete it in Atlas. If another resource or configuration has it, there is nothing to do.",
			c.snapshot(s.ID), s.RequestedAt().UTC().Format(time.RFC3339), s.Status, importID(c.projectID, c.name, s.ID)))
	}
	return diags
}
