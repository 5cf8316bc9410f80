package snapshot

import (
	"context"
	"fmt"
	"maps"
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
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/operation"
)

// A change of triggers or description rotates: a new snapshot is taken and completed before the old one is deleted, so that there is
// always a completed backup. If a rotation ends early, the state keeps the old snapshot, and Terraform's private state what is left to
// do.

// rotationKey is the key of a rotation in the private state.
const rotationKey = "rotation"

// rotation is what an unfinished rotation has left to do.
type rotation struct {
	// Successor is the requested snapshot that replaces the one in the state.
	Successor *successor `json:"successor,omitempty"`
	// Superseded are the IDs of snapshots to delete once the state has a completed one.
	Superseded []string `json:"superseded,omitempty"`
	// Retained are the IDs of snapshots recently left in Atlas, by skip_destroy or because Atlas refused to delete them: a later
	// rotation must not report them as orphans.
	Retained []string `json:"left,omitempty"`
	// Due reports whether the state has the arguments of an interrupted rotation, and still the old snapshot: nothing but this tells
	// that another one is wanted, should the successor fail.
	Due bool `json:"due,omitempty"`
}

// successor is a requested snapshot, with the arguments that it was requested with.
type successor struct {
	SnapshotID      string            `json:"snapshot_id"`
	Description     string            `json:"description,omitempty"`
	RetentionInDays int64             `json:"retention_in_days"`
	Triggers        map[string]string `json:"triggers,omitempty"`
}

func newSuccessor(id string, m *resourceModel) *successor {
	return &successor{
		SnapshotID: id, Description: m.Description.ValueString(), RetentionInDays: m.RetentionInDays.ValueInt64(),
		Triggers: triggersOf(m),
	}
}

// matches reports whether the plan asks for this successor. Its retention may differ: it can be changed.
func (s *successor) matches(plan *resourceModel) bool {
	return s != nil && !plan.Description.IsUnknown() && !plan.Triggers.IsUnknown() &&
		s.Description == plan.Description.ValueString() && maps.Equal(s.Triggers, triggersOf(plan))
}

func triggersOf(m *resourceModel) map[string]string {
	triggers := map[string]string{}
	for key, value := range m.Triggers.Elements() {
		if text, ok := value.(types.String); ok {
			triggers[key] = text.ValueString()
		}
	}
	return triggers
}

// forPlan returns the rotation as the plan continues it: a successor that does not match is superseded.
func (r rotation) forPlan(plan *resourceModel) rotation {
	if r.Successor == nil || r.Successor.matches(plan) {
		return r
	}
	return r.withoutSuccessor()
}

// withoutSuccessor returns the rotation with its successor superseded.
func (r rotation) withoutSuccessor() rotation {
	if r.Successor == nil {
		return r
	}
	return rotation{
		Superseded: append(append([]string(nil), r.Superseded...), r.Successor.SnapshotID), Retained: r.Retained, Due: r.Due,
	}
}

// snapshotIDs returns the IDs of all snapshots of the rotation, without the one in the state.
func (r rotation) snapshotIDs() []string { return r.withoutSuccessor().Superseded }

// withRetained returns the rotation after snapshots of a cluster were left in Atlas.
func (r rotation) withRetained(on *cluster, ids []string) rotation {
	var lately []string
	for _, id := range append(append([]string(nil), r.Retained...), ids...) {
		if on.age(&atlas.Snapshot{ID: id}) <= orphanAge {
			lately = append(lately, id)
		}
	}
	r.Retained = lately
	return r
}

func getRotation(ctx context.Context, private privateReader) (rotation, diag.Diagnostics) {
	var r rotation
	diags := getPrivate(ctx, private, rotationKey, &r)
	return r, diags
}

// setRotation saves what is left to do, or removes the key if that is nothing.
func setRotation(ctx context.Context, private privateWriter, r rotation) diag.Diagnostics {
	if r.Successor == nil && len(r.Superseded) == 0 && len(r.Retained) == 0 && !r.Due {
		return private.SetKey(ctx, rotationKey, nil)
	}
	return setPrivate(ctx, private, rotationKey, r)
}

// needsRotation reports whether the plan needs another snapshot of the same cluster by an update. A snapshot that must be replaced
// is, unless an earlier rotation has others: a replacement deletes those, one of which may be the only backup, before it takes a new
// one.
func needsRotation(plan, state *resourceModel, unfinished rotation) bool {
	if mustBeReplaced(plan, state) {
		return len(unfinished.snapshotIDs()) > 0
	}
	return hasRotatingChange(plan, state) || unfinished.Due || unfinished.Successor.matches(plan)
}

// hasRotatingChange reports whether an argument changes that rotates. The first triggers of a snapshot, such as an imported one, and
// the removal of all do not rotate.
func hasRotatingChange(plan, state *resourceModel) bool {
	return !plan.Description.Equal(state.Description) || framework.TriggersChange(state.Triggers, plan.Triggers)
}

// mustBeReplaced reports whether the snapshot in the state is of no more use: it failed, was deleted, or has expired and on_expiry
// is "recreate".
func mustBeReplaced(plan, state *resourceModel) bool {
	switch state.Status.ValueString() {
	case atlas.StatusFailed, statusDeleted:
		return true
	case statusExpired:
		return plan.OnExpiry.ValueString() == onExpiryRecreate
	}
	return false
}

const unableToUpdate = "Unable to update snapshot"

// rotate takes a new snapshot, waits until Atlas has completed it and puts it into the state; the old one is then superseded. Until
// then the state keeps the old one. It returns what is left to do.
func (r *Resource) rotate(
	ctx context.Context, plan, state *resourceModel, unfinished rotation, timeout time.Duration, resp *resource.UpdateResponse,
) rotation {
	request, diags := plan.takeRequest(path.Empty())
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return unfinished
	}
	on, old := r.clusterOf(plan), state.SnapshotID.ValueString()
	for _, id := range append(append(unfinished.snapshotIDs(), unfinished.Retained...), old) {
		operation.MarkOwn(on.key(), id)
	}
	started := func(s *atlas.Snapshot) {
		unfinished.Successor = newSuccessor(s.ID, plan)
		resp.Diagnostics.Append(setRotation(ctx, resp.Private, unfinished)...)
	}
	var created result
	if unfinished.Successor != nil {
		created = on.resume(ctx, unfinished.Successor.SnapshotID)
		if created.HasFailed() {
			// The run that requested it has reported this, or has ended.
			unfinished = unfinished.withoutSuccessor()
		}
	}
	if unfinished.Successor == nil {
		created = on.create(ctx, request, started, nil)
		resp.Diagnostics.Append(on.warnOfOrphans(request, created)...)
		resp.Diagnostics.Append(on.warnOfDuplicates(created)...)
	}
	if created.ID == "" && unfinished.Successor != nil {
		created.ID = unfinished.Successor.SnapshotID
	}
	switch created.Outcome {
	case operation.Completed:
		final, diags := r.readCompleted(ctx, on, created.Value)
		resp.Diagnostics.Append(diags...)
		r.putIntoState(ctx, plan, final, unfinished.Successor.RetentionInDays, resp)
		tflog.Info(ctx, "Rotated snapshot", map[string]any{"snapshot_id": final.ID, "superseded_snapshot_id": old, "cluster_name": on.name})
		unfinished.Successor, unfinished.Due = nil, false
		if !isGoneStatus(state.Status.ValueString()) {
			unfinished.Superseded = append(unfinished.Superseded, old)
		}
		return unfinished
	case operation.Interrupted:
		// The arguments are the plan's, or Terraform would reject the result; the snapshot is still the old one.
		kept := *plan
		kept.snapshotModel, kept.ID, kept.Description = state.snapshotModel, state.ID, plan.Description
		resp.Diagnostics.Append(saveUpdate(ctx, resp, &kept)...)
		unfinished.Due = true
	case operation.Failed, operation.Gone:
		unfinished = unfinished.withoutSuccessor()
	default:
	}
	resp.Diagnostics.Append(on.notRotated(old, timeout, created))
	return unfinished
}

// putIntoState puts the completed new snapshot into the state. One that an earlier run requested may have another retention
// (requested, in days) than the plan.
func (r *Resource) putIntoState(ctx context.Context, plan *resourceModel, s *atlas.Snapshot, requested int64, resp *resource.UpdateResponse) {
	rotated := *plan
	rotated.setSnapshot(s)
	resp.Diagnostics.Append(setLastApplied(ctx, resp.Private, s)...)
	if wanted := plan.RetentionInDays.ValueInt64(); wanted != requested {
		on := r.clusterOf(plan)
		expiresAt, err := on.changeRetention(ctx, s.ID, wanted, s.ExpiresAt)
		if err != nil {
			rotated.RetentionInDays = types.Int64Value(requested)
			resp.Diagnostics.Append(diagnostics.FromError(failure(unableToUpdate, on.snapshot(s.ID)), err, retentionRemedy(err)))
		} else {
			rotated.ExpiresAt = framework.TimeOrNull(expiresAt)
			resp.Diagnostics.Append(setRetentionChange(ctx, resp.Private, s.ExpiresAt, expiresAt, r.client.ServerNow())...)
		}
	}
	resp.Diagnostics.Append(saveUpdate(ctx, resp, &rotated)...)
}

// deleteSuperseded deletes the superseded snapshots, or leaves them in Atlas with skip_destroy, and returns what is left to do.
func (r *Resource) deleteSuperseded(ctx context.Context, plan *resourceModel, unfinished rotation) (rotation, diag.Diagnostics) {
	var diags diag.Diagnostics
	on := r.clusterOf(plan)
	var remaining, kept, refused []string
	for _, id := range unfinished.Superseded {
		operation.MarkOwn(on.key(), id)
		if plan.SkipDestroy.ValueBool() {
			kept = append(kept, id)
			continue
		}
		err := on.delete(ctx, id, false)
		if err == nil {
			continue
		}
		final := isPermanent(err)
		if final {
			refused = append(refused, id)
		} else {
			remaining = append(remaining, id)
		}
		diags.Append(warnOfNotDeleted(on, id, err, final))
	}
	if len(kept) > 0 {
		diags.Append(newWarning("Old snapshot left in Atlas", kept[0], fmt.Sprintf(
			"skip_destroy leaves the old snapshots of %s in Atlas until they expire: %s. Terraform no longer tracks them.",
			on, strings.Join(kept, ", "))))
	}
	unfinished.Superseded = remaining
	return unfinished.withRetained(on, append(kept, refused...)), diags
}

// isPermanent reports whether Atlas would refuse the same request again, such as for a Backup Compliance Policy or a missing role.
func isPermanent(err error) bool {
	return atlas.IsError(err) && !isTemporary(err) && !atlas.IsTransient(err) && !atlas.IsUnauthorized(err) && !atlas.IsNotFound(err) && !atlas.IsLost(err)
}

// isTemporary reports whether a refusal is about the state of the cluster, such as being updated, or about the address of this
// machine.
func isTemporary(err error) bool {
	return atlas.IsError(err, atlas.CodeGeneral, atlas.CodePausedCluster, atlas.CodeNotOnAccessList, atlas.CodeRequiresAccessList)
}

// warnOfNotDeleted returns a warning about an old snapshot that still exists beside the new one.
func warnOfNotDeleted(on *cluster, id string, err error, final bool) diag.Diagnostic {
	remedy := "The new snapshot is completed and in the state. The next apply deletes the old one, " +
		"or leaves it in Atlas until it expires where skip_destroy is set."
	if final {
		remedy = fmt.Sprintf("The new snapshot is completed and in the state. Terraform no longer tracks the old one: Atlas keeps it until it expires. "+
			"To have Terraform manage it, add a resource for it and run\n\n  terraform import <address> %s", framework.ImportID(on.projectID, on.name, id))
	}
	return diagnostics.Warning(diagnostics.FromError(failure(summaryWithID("Unable to delete the old snapshot", id), on.snapshot(id)), err, remedy))
}
