package snapshot

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
)

// Update rotates the snapshot, or resumes a wait that was interrupted and changes the retention. The other arguments that
// can change in place are the provider's own and need no request.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	left, diags := getRotation(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	timeout, diags := framework.Timeout(plan.Timeouts, "update", defaultTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := r.client.Clock().WithTimeout(ctx, timeout)
	defer cancel()
	// What was not known yet may ask for a rotation that the plan did not promise: then it is for the next plan.
	rotate := plan.SnapshotID.IsUnknown() && rotates(&plan, &state, left)
	left = left.withoutUnfit(&plan)
	if rotate {
		left = r.rotate(ctx, &plan, &state, left, timeout, resp)
	} else {
		r.updateInPlace(ctx, &plan, &state, resp)
	}
	if left.Successor == nil && !resp.Diagnostics.HasError() {
		var diags diag.Diagnostics
		left, diags = r.deleteSuperseded(ctx, &plan, left)
		resp.Diagnostics.Append(diags...)
	}
	resp.Diagnostics.Append(setRotation(ctx, resp.Private, left)...)
}

// saveUpdate puts what is known of the snapshot into the state.
func saveUpdate(ctx context.Context, resp *resource.UpdateResponse, m *resourceModel) diag.Diagnostics {
	diags := resp.State.Set(ctx, m)
	return append(diags, setIdentity(ctx, resp.Identity, m)...)
}

// updateInPlace waits for the snapshot in the state, where Atlas is not done with it, and changes its retention.
func (r *Resource) updateInPlace(ctx context.Context, plan, state *resourceModel, resp *resource.UpdateResponse) {
	on, id := r.clusterOf(plan), state.SnapshotID.ValueString()
	moved, gone := !plan.RetentionInDays.Equal(state.RetentionInDays), isGoneStatus(state.Status.ValueString())
	updated := *plan
	// Until Atlas has said otherwise, what Atlas says is what it said before.
	updated.snapshotModel, updated.ID, updated.RetentionInDays = state.snapshotModel, state.ID, state.RetentionInDays
	updated.Description = plan.Description
	defer func() { resp.Diagnostics.Append(saveUpdate(ctx, resp, &updated)...) }()
	op := failure("Unable to update snapshot", on.snapshot(id))

	if state.pending() {
		got := on.resume(ctx, id)
		if got.snapshot != nil {
			updated.setSnapshot(got.snapshot)
			resp.Diagnostics.Append(setLastApplied(ctx, resp.Private, got.snapshot)...)
		}
		switch {
		case got.completed():
		case moved && isInterruption(got.err):
			resp.Diagnostics.Append(diagnostics.FromError(op, got.err, "The retention has not been changed. Apply again."))
			return
		default:
			resp.Diagnostics.Append(unsettled(op.Summary, on, &updated, got.waited, got.err))
			return
		}
		final, diags := r.readFinal(ctx, on, got.snapshot)
		resp.Diagnostics.Append(diags...)
		updated.setSnapshot(final)
		resp.Diagnostics.Append(setLastApplied(ctx, resp.Private, final)...)
	}
	if moved && !gone {
		expiresAt, err := on.changeRetention(ctx, id, plan.RetentionInDays.ValueInt64(), timeOf(updated.ExpiresAt.ValueString()))
		if err != nil {
			resp.Diagnostics.Append(diagnostics.FromError(op, err, unchanged(err)))
			return
		}
		// The plan promised that nothing else moves. What has moved all the same, such as a copy to another region, is for
		// the next refresh to find.
		resp.Diagnostics.Append(setChanged(ctx, resp.Private, timeOf(updated.ExpiresAt.ValueString()), expiresAt, r.client.ServerNow())...)
		updated.ExpiresAt = framework.TimeOrNull(expiresAt)
	}
	updated.RetentionInDays = plan.RetentionInDays
}

// changeRetention has Atlas keep a snapshot for days and returns the expiry that this leads to, nil where Atlas does not tell
// one. before is the expiry until then. Atlas refuses while it is not done with the snapshot; then it is waited for.
func (c *cluster) changeRetention(ctx context.Context, id string, days int64, before *time.Time) (*time.Time, error) {
	for {
		written := c.writing()
		changed, err := c.client.UpdateRetention(ctx, c.projectID, c.name, id, days)
		written()
		switch {
		case err == nil && changed.ExpiresAt != nil && (before == nil || !isNear(*changed.ExpiresAt, *before)):
			return changed.ExpiresAt, nil
		case err == nil:
			// The answer does not show the change: a read may. Where it cannot be had, the next refresh finds it.
			if read, err := c.client.GetSnapshot(ctx, c.projectID, c.name, id); err == nil {
				changed = read
			}
			return changed.ExpiresAt, nil
		case !atlas.IsError(err, atlas.CodeModifyInProgress):
			return nil, err
		}
		tflog.Info(ctx, "Waiting for the snapshot to complete: Atlas changes no retention before", map[string]any{"snapshot_id": id})
		if _, err := c.awaitEnd(ctx, id); err != nil {
			return nil, err
		}
		if err := c.client.Clock().Sleep(ctx, refusedPause); err != nil {
			return nil, err
		}
	}
}

// unchanged says what is known of the retention after a change of it has failed.
func unchanged(err error) string {
	if atlas.IsLost(err) {
		return "Atlas may or may not have changed the retention. Apply again: asking twice does no harm."
	}
	return "The snapshot keeps the retention that it had."
}
