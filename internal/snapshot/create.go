package snapshot

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/operation"
)

// result is how the creation of a snapshot, or the wait for one, ended.
type result = operation.Result[*atlas.Snapshot]

// shortestSnapshot is how long Atlas is busy with a snapshot at the least: the shortest of 311 recorded ones took 99 s. As
// long as it is, it refuses to take another, whatever its list shows.
const shortestSnapshot = 90 * time.Second

// create takes a snapshot and waits until Atlas has completed or failed it. It calls started as soon as Atlas has accepted the
// request, before the wait.
func (c *cluster) create(ctx context.Context, request atlas.TakeSnapshotRequest, started func(*atlas.Snapshot), progress func(string)) result {
	defer c.forgetLists()
	o := c.operation(request)
	o.Progress = progress
	return o.Run(ctx, started)
}

// resume waits for a snapshot that an earlier request has led to.
func (c *cluster) resume(ctx context.Context, id string) result {
	defer c.forgetLists()
	return c.operation(atlas.TakeSnapshotRequest{}).Resume(ctx, id, (&atlas.Snapshot{ID: id}).RequestedAt())
}

// operation describes the creation of a snapshot.
func (c *cluster) operation(request atlas.TakeSnapshotRequest) *operation.Operation[*atlas.Snapshot] {
	return &operation.Operation[*atlas.Snapshot]{
		Client: c.client,
		Key:    c.key(),
		Names: operation.Names{
			Noun: "snapshot", Blocking: "on-demand snapshot", On: fmt.Sprintf("cluster %q", c.name),
			Queued: atlas.StatusQueued, DisplayStatus: displayStatus, LogFields: map[string]any{"cluster_name": c.name},
		},
		Start: func(ctx context.Context) (*atlas.Snapshot, error) {
			defer c.writing()()
			return c.client.TakeSnapshot(ctx, c.projectID, c.name, request)
		},
		IsRefusal: func(err error) bool { return atlas.IsError(err, atlas.CodeUnfinishedSnapshot) },
		List:      c.list,
		Recent:    c.recent,
		Match: func(ctx context.Context, s *atlas.Snapshot, listed []*atlas.Snapshot) (*atlas.Snapshot, operation.Match) {
			return c.match(ctx, request, s, listed)
		},
		Restart: true,
		BusyFor: shortestSnapshot,
		Get: func(ctx context.Context, id string) (*atlas.Snapshot, error) {
			return c.client.GetSnapshot(ctx, c.projectID, c.name, id)
		},
		Confirm:   c.confirm,
		Describe:  describeSnapshot,
		Schedule:  WaitSchedule,
		Milestone: func(s *atlas.Snapshot) bool { return s.CloudProvider != nil || s.CreatedAt != nil },
	}
}

// describeSnapshot returns what the engine has to know of a snapshot.
func describeSnapshot(s *atlas.Snapshot) operation.Info {
	info := operation.Info{ID: s.ID, Status: s.Status, RequestedAt: s.RequestedAt(), Unrelated: s.SnapshotType != atlas.SnapshotTypeOnDemand}
	switch s.Status {
	case atlas.StatusCompleted:
		info.State = operation.StateDone
	case atlas.StatusFailed:
		info.State = operation.StateFailed
	case atlas.StatusQueued, atlas.StatusInProgress:
		info.Blocks = !info.Unrelated
	}
	return info
}

// orphanAge is how long after its request a completed snapshot may be what a killed run has left behind: whoever killed the
// run has applied again by then, or will not wonder about the cause of a warning.
const orphanAge = time.Hour

// warnOfOrphans warns of snapshots that an earlier run of the same configuration may have requested and could not save, because
// Terraform or the provider was killed: alike in all that a request can say, recent, and not this process's. What other resources or
// configurations have may be all of this too, so they are good for a warning and no more.
func (c *cluster) warnOfOrphans(request atlas.TakeSnapshotRequest, r result) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, s := range r.Existing {
		if s.SnapshotType != atlas.SnapshotTypeOnDemand || s.Status == atlas.StatusFailed || operation.IsOwn(c.key(), s.ID) {
			continue
		}
		description := ""
		if s.Description != nil {
			description = *s.Description
		}
		alike := isSameText(request.Description, description) && matchRetention(request.RetentionInDays, s) == operation.MatchExact
		if !alike || !s.Pending() && r.ListedAt.Sub(s.RequestedAt()) > orphanAge {
			continue
		}
		diags.Append(newWarning("Snapshot of an earlier run", s.ID, fmt.Sprintf(
			"When this apply began, Atlas already had %s with the same description and retention, requested at %s (status %q). "+
				"This run did not request it.\n\n"+
				"If an earlier apply was killed before Terraform could save its state, this is the snapshot that it took: it is not tracked in "+
				"Terraform state, and Atlas keeps it until it expires. To have Terraform manage it, add a resource for it and run\n\n"+
				"  terraform import <address> %s\n\n"+
				"If you do not need it, delete it in Atlas. If another resource or configuration has it, or this apply replaces it (create_before_destroy), "+
				"there is nothing to do.",
			c.snapshot(s.ID), s.RequestedAt().UTC().Format(time.RFC3339), s.Status, framework.ImportID(c.projectID, c.name, s.ID))))
	}
	return diags
}

// warnOfTwice warns of what a request with a lost answer may have led to besides the snapshot that is known.
func (c *cluster) warnOfTwice(r result) diag.Diagnostics {
	if r.Twice == nil {
		return nil
	}
	rest := fmt.Sprintf("It could not be checked whether another led to a snapshot, too (%s).\n\n"+
		"Look at the cluster's snapshots in Atlas. Another one that nobody else took can be imported "+
		"(terraform import <address> %s) or deleted in Atlas.", briefly(r.Twice.Unread), framework.ImportID(c.projectID, c.name, "<snapshot ID>"))
	if len(r.Twice.Candidates) > 0 {
		rest = fmt.Sprintf("The list now shows more, which may be from another:\n\n%s\n"+
			"If nobody else took it, it is not tracked in Terraform state, and Atlas keeps it until it expires. To have Terraform manage it, add a "+
			"resource for it and run the command. If you do not need it, delete it in Atlas.", c.inventory(r.Twice.Candidates))
	}
	return diag.Diagnostics{newWarning("Snapshot possibly taken twice", r.ID, fmt.Sprintf(
		"No answer came to a request for a snapshot of %s (%s), and its list showed none, so Atlas was asked again. Snapshot %s is from one of "+
			"these requests. %s", c, briefly(r.Twice.Lost), r.ID, rest))}
}

func briefly(err error) string {
	if err == nil {
		return ""
	}
	return atlas.Brief(err)
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
