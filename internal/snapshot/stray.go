package snapshot

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
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

// orphans are the snapshots of the list that an earlier run of the same configuration may have asked for and could not save:
// alike in all that a request can say, recent, and not this process's. What other resources or configurations have may be all
// of this too, so they are good for a warning and no more.
func (c *cluster) orphans(request atlas.TakeSnapshotRequest, listed []*atlas.Snapshot) []*atlas.Snapshot {
	var orphans []*atlas.Snapshot
	for _, s := range listed {
		if s.SnapshotType != atlas.SnapshotTypeOnDemand || s.Status == atlas.StatusFailed || askedFor.has(c, s.ID) {
			continue
		}
		description := ""
		if s.Description != nil {
			description = *s.Description
		}
		alike := isSameText(request.Description, description) && matchRetention(request.RetentionInDays, s) == matchExact
		if alike && (s.Pending() || c.age(s) <= strayAge) {
			orphans = append(orphans, s)
		}
	}
	return orphans
}

// warnings speak of snapshots that no state may have. The commands are what this provider's import takes.
func (a acquired) warnings(on *cluster) diag.Diagnostics {
	return append(a.warnOfOrphans(on), a.warnOfSecond(on)...)
}

// warnOfOrphans speaks of what the first look at the list found.
func (a acquired) warnOfOrphans(on *cluster) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, s := range a.orphans {
		diags.Append(newWarning("Snapshot of an earlier run", s.ID, fmt.Sprintf(
			"When this apply began, Atlas already had %s with the same description and retention, asked for at %s (status %q). "+
				"It was not this run that asked for it.\n\n"+
				"If an earlier apply was killed before Terraform could save its state, this is the snapshot that it took: no state has it, "+
				"and Atlas keeps it until it expires. To have Terraform manage it, add a resource for it and run\n\n"+
				"  terraform import <address> %s\n\n"+
				"To be rid of it, delete it in Atlas. If another resource or configuration has it, or this apply replaces it (create_before_destroy), "+
				"there is nothing to do.",
			on.snapshot(s.ID), s.RequestedAt().UTC().Format(time.RFC3339), s.Status, framework.ImportID(on.projectID, on.name, s.ID))))
	}
	return diags
}

// warnOfSecond speaks of what a request without an answer may have left behind besides the snapshot that is known.
func (a acquired) warnOfSecond(on *cluster) diag.Diagnostics {
	var diags diag.Diagnostics
	switch {
	case a.second == nil:
	case len(a.second.candidates) > 0:
		diags.Append(newWarning("Snapshot possibly taken twice", a.snapshot.ID, fmt.Sprintf(
			"No answer came to a request for a snapshot of %s (%s), and its list showed none, so Atlas was asked again. Snapshot %s is from one of these requests. "+
				"The list now shows more, which may be from another:\n\n%s\n"+
				"If nobody else took it, no state has it, and Atlas keeps it until it expires. To have Terraform manage it, add a resource for it and run "+
				"the command; to be rid of it, delete it in Atlas.",
			on, atlas.Brief(a.second.lost), a.snapshot.ID, on.inventory(a.second.candidates))))
	default:
		diags.Append(newWarning("Snapshot possibly taken twice", a.snapshot.ID, fmt.Sprintf(
			"No answer came to a request for a snapshot of %s (%s), and its list showed none, so Atlas was asked again. Snapshot %s is from one of these requests. "+
				"It could not be checked whether another left one behind, too (%s).\n\n"+
				"Look at the cluster's snapshots in Atlas. Another one that nobody else took can be imported "+
				"(terraform import <address> %s) or deleted in Atlas.",
			on, atlas.Brief(a.second.lost), a.snapshot.ID, atlas.Brief(a.second.unread), framework.ImportID(on.projectID, on.name, "<snapshot ID>"))))
	}
	return diags
}

// inventory is a list of snapshots for a person, each with the command that imports it.
func (c *cluster) inventory(snapshots []*atlas.Snapshot) string {
	var text strings.Builder
	for _, s := range snapshots {
		described := "no description"
		if !isBlank(s.Description) {
			described = fmt.Sprintf("description %q", *s.Description)
		}
		fmt.Fprintf(&text, "- %s, requested at %s, status %q, %s:\n  terraform import <address> %s\n",
			s.ID, s.RequestedAt().UTC().Format(time.RFC3339), s.Status, described, framework.ImportID(c.projectID, c.name, s.ID))
	}
	return text.String()
}
