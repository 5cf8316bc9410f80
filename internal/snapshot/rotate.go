package snapshot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

const unableToRotate = "Unable to update snapshot"

var forRotation = asker{
	summary: unableToRotate, timeout: "timeouts.update",
	ifTaken: func(on *cluster) string {
		return fmt.Sprintf("delete it in Atlas, or add a resource for it and import it (terraform import <address> %s), then apply again",
			framework.ImportID(on.projectID, on.name, "<snapshot id>"))
	},
	goesOn:  "Atlas goes on with it.",
	unknown: "What Atlas has done with it since is not known.",
}

// rotate takes a new snapshot, waits until Atlas has completed it and puts it into the state; the old one is then superseded.
// However it ends, the state has a snapshot: the old one until the new one is completed. It returns what is left to do.
func (r *Resource) rotate(
	ctx context.Context, plan, state *resourceModel, left rotation, timeout time.Duration, resp *resource.UpdateResponse,
) rotation {
	request, diags := plan.takeRequest(path.Empty())
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return left
	}
	on, old := r.clusterOf(plan), state.SnapshotID.ValueString()
	for _, id := range append(append(left.snapshotIDs(), left.Left...), old) {
		askedFor.add(on, id)
	}
	accepted := func(s *atlas.Snapshot) {
		left.Successor = newSuccessor(s.ID, plan)
		resp.Diagnostics.Append(setRotation(ctx, resp.Private, left)...)
	}
	var got acquired
	if left.Successor != nil {
		got = on.resume(ctx, left.Successor.SnapshotID)
		if got.useless() {
			// Nobody is waiting for a reason: the run that saw it fail or disappear has ended.
			left = left.superseding()
		}
	}
	if left.Successor == nil {
		got = on.acquire(ctx, request, accepted)
		resp.Diagnostics.Append(got.warnings(on)...)
	}
	switch {
	case left.Successor == nil:
		resp.Diagnostics.Append(forRotation.notTaken(on, timeout, got))
		return left
	case got.completed():
		final, diags := r.readFinal(ctx, on, got.snapshot)
		resp.Diagnostics.Append(diags...)
		r.putIntoState(ctx, plan, final, left.Successor.RetentionInDays, resp)
		tflog.Info(ctx, "Rotated snapshot", map[string]any{"snapshot_id": final.ID, "superseded_snapshot_id": old, "cluster_name": on.name})
		left.Successor = nil
		if !isGoneStatus(state.Status.ValueString()) {
			left.Superseded = append(left.Superseded, old)
		}
		return left
	case isInterruption(got.err):
		// The arguments are the plan's, so that Terraform takes the result; the snapshot is still the old one.
		kept := *plan
		kept.snapshotModel, kept.ID, kept.Description = state.snapshotModel, state.ID, plan.Description
		resp.Diagnostics.Append(saveUpdate(ctx, resp, &kept)...)
	}
	resp.Diagnostics.Append(notRotated(on, old, left.Successor.SnapshotID, got))
	if got.useless() {
		left = left.superseding()
	}
	return left
}

// putIntoState puts the completed new snapshot into the state. One that an earlier run requested may have been requested with
// another retention, in days, than the plan has now.
func (r *Resource) putIntoState(ctx context.Context, plan *resourceModel, s *atlas.Snapshot, requested int64, resp *resource.UpdateResponse) {
	rotated := *plan
	rotated.setSnapshot(s)
	resp.Diagnostics.Append(setLastApplied(ctx, resp.Private, s)...)
	if wanted := plan.RetentionInDays.ValueInt64(); wanted != requested {
		on := r.clusterOf(plan)
		expiresAt, err := on.changeRetention(ctx, s.ID, wanted, s.ExpiresAt)
		if err != nil {
			rotated.RetentionInDays = types.Int64Value(requested)
			resp.Diagnostics.Append(diagnostics.FromError(failure(unableToRotate, on.snapshot(s.ID)), err, unchanged(err)))
		} else {
			rotated.ExpiresAt = framework.TimeOrNull(expiresAt)
			resp.Diagnostics.Append(setChanged(ctx, resp.Private, s.ExpiresAt, expiresAt, r.client.ServerNow())...)
		}
	}
	resp.Diagnostics.Append(saveUpdate(ctx, resp, &rotated)...)
}

// resume waits for a snapshot that an earlier run requested.
func (c *cluster) resume(ctx context.Context, id string) acquired {
	started := c.client.Clock().Now()
	s, err := c.awaitEnd(ctx, id)
	return acquired{snapshot: s, waited: c.client.Clock().Now().Sub(started), err: err}
}

func (a acquired) completed() bool {
	return a.err == nil && a.snapshot != nil && a.snapshot.Status == atlas.StatusCompleted
}

// useless reports whether the snapshot will never be completed: it has failed or is gone.
func (a acquired) useless() bool {
	return errors.Is(a.err, errGone) || a.err == nil && a.snapshot != nil && a.snapshot.Status == atlas.StatusFailed
}

// notRotated tells how a rotation ended whose new snapshot has been requested and not been completed.
func notRotated(on *cluster, old, id string, got acquired) diag.Diagnostic {
	status := "unknown"
	if got.snapshot != nil {
		status = got.snapshot.Status
	}
	waited, keeps := got.waited.Round(time.Second), fmt.Sprintf("The state keeps snapshot %s.", old)
	switch {
	case got.err == nil:
		return diag.NewErrorDiagnostic(unableToRotate, fmt.Sprintf(
			"Atlas failed %s after %s: its status is %q. Atlas gives no reason. %s\n\n"+
				"Apply again to take another. If that fails too, look at the cluster in Atlas.", on.snapshot(id), waited, status, keeps))
	case isInterruption(got.err):
		return diag.NewWarningDiagnostic("Snapshot not completed yet", fmt.Sprintf(
			"The run was interrupted while Atlas was busy with %s; after %s its status was %q.%s %s\n\n"+
				"The next apply resumes the wait, then deletes the old snapshot unless skip_destroy is set. No third snapshot is taken.",
			on.snapshot(id), waited, status, forRotation.sinceLastSeen(got.err), keeps))
	case errors.Is(got.err, wait.ErrTimeout):
		return diag.NewErrorDiagnostic(unableToRotate, fmt.Sprintf(
			"Atlas had not completed %s after %s; its status was %q.%s %s\n\n"+
				"Apply again to resume the wait, with a longer timeouts.update if need be. No third snapshot is taken.",
			on.snapshot(id), waited, status, forRotation.sinceLastSeen(got.err), keeps))
	case errors.Is(got.err, errGone):
		return diagnostics.FromError(failure(unableToRotate, on.snapshot(id)), got.err, fmt.Sprintf(
			"Somebody deleted the new snapshot while Atlas was still busy with it. %s Apply again to take another.", keeps))
	}
	return diagnostics.FromError(failure(unableToRotate, on.snapshot(id)), got.err, fmt.Sprintf(
		"The new snapshot had the status %q after %s. %s Mend the cause and apply again: the wait is resumed.", status, waited, keeps))
}

// deleteSuperseded deletes what a rotation has left over, or leaves it in Atlas where skip_destroy says so, and returns what is
// still to be deleted.
func (r *Resource) deleteSuperseded(ctx context.Context, plan *resourceModel, left rotation) (rotation, diag.Diagnostics) {
	var diags diag.Diagnostics
	on := r.clusterOf(plan)
	var remaining, kept, refused []string
	for _, id := range left.Superseded {
		askedFor.add(on, id)
		if plan.SkipDestroy.ValueBool() {
			kept = append(kept, id)
			continue
		}
		err := on.delete(ctx, id, false)
		if err == nil {
			continue
		}
		final := isFinalRefusal(err)
		if final {
			refused = append(refused, id)
		} else {
			remaining = append(remaining, id)
		}
		diags.Append(notDeleted(on, id, err, final))
	}
	if len(kept) > 0 {
		diags.Append(newWarning("Old snapshot left in Atlas", kept[0], fmt.Sprintf(
			"skip_destroy leaves what the new snapshot of %s supersedes in Atlas, which deletes it when it expires: %s. Terraform no longer tracks it.",
			on, strings.Join(kept, ", "))))
	}
	left.Superseded = remaining
	return left.letGo(on, append(kept, refused...)), diags
}

// isFinalRefusal reports whether Atlas has refused a request in a way that the same request will meet again, such as a Backup
// Compliance Policy or a missing role.
func isFinalRefusal(err error) bool {
	return atlas.IsError(err) && !isPassing(err) && !atlas.IsTransient(err) && !atlas.IsUnauthorized(err) && !atlas.IsNotFound(err) && !atlas.IsLost(err)
}

// isPassing reports whether the refusal is about the state that the cluster is in, such as being updated, or about the address
// that the request came from.
func isPassing(err error) bool {
	return atlas.IsError(err, atlas.CodeGeneral, atlas.CodePausedCluster, atlas.CodeNotOnAccessList, atlas.CodeRequiresAccessList)
}

// notDeleted warns of an old snapshot that is still there beside the new one.
func notDeleted(on *cluster, id string, err error, final bool) diag.Diagnostic {
	remedy := "The new snapshot is completed and in the state. The next apply deletes the old one, " +
		"or leaves it in Atlas until it expires where skip_destroy is set."
	if final {
		remedy = fmt.Sprintf("The new snapshot is completed and in the state. Terraform no longer tracks the old one: Atlas keeps it until it expires. "+
			"To have Terraform manage it, add a resource for it and run\n\n  terraform import <address> %s", framework.ImportID(on.projectID, on.name, id))
	}
	return diagnostics.Warning(diagnostics.FromError(failure(summaryOf("Unable to delete the old snapshot", id), on.snapshot(id)), err, remedy))
}
