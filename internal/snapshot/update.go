package snapshot

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/attribute"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

// Update resumes a wait that was interrupted and changes the retention. The other arguments that can change in place are
// the provider's own and need no request.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	timeout, diags := plan.Timeouts.Update(ctx, defaultTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := r.client.Clock().WithTimeout(ctx, timeout)
	defer cancel()
	u := &updating{cluster: r.clusterOf(&plan), id: state.SnapshotID.ValueString(), model: plan, client: r.client}
	// Until Atlas has said otherwise, what Atlas says is what it said before.
	u.model.snapshotModel, u.model.ID, u.model.RetentionInDays = state.snapshotModel, state.ID, state.RetentionInDays

	resp.Diagnostics.Append(u.run(ctx, &plan, &state)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &u.model)...)
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, &u.model)...)
	if u.last != nil {
		resp.Diagnostics.Append(setSeen(ctx, resp.Private, u.last)...)
	}
}

// updating is one run of Update. model is the state to save, whatever comes.
type updating struct {
	*cluster
	client *atlas.Client
	id     string
	model  resourceModel
	// last is the snapshot as last seen; nil where no request was needed or none was answered.
	last *atlas.Snapshot
}

func (u *updating) see(s *atlas.Snapshot) {
	u.last = s
	u.model.setSnapshot(s)
}

func (u *updating) run(ctx context.Context, plan, state *resourceModel) diag.Diagnostics {
	moved := !plan.RetentionInDays.Equal(state.RetentionInDays)
	switch {
	case state.Status.ValueString() == statusExpired || (!moved && !state.pending()):
		u.model.RetentionInDays = plan.RetentionInDays
		return nil
	case state.pending():
		if failure := u.resume(ctx, moved); failure != nil {
			return diag.Diagnostics{failure}
		}
	}
	if moved {
		days := plan.RetentionInDays.ValueInt64()
		if _, err := u.client.UpdateRetention(ctx, u.projectID, u.name, u.id, days); err != nil {
			return u.failed(err, unchanged(err))
		}
		u.model.RetentionInDays = plan.RetentionInDays
	}
	final, err := u.read(ctx, u.id)
	if err != nil {
		return u.failed(err, "The update itself went well; only reading the snapshot afterwards did not. Apply again.")
	}
	if state.pending() {
		u.see(final)
		return nil
	}
	// The plan promised that nothing else moves. What has moved all the same, such as a copy to another region, is for the
	// next refresh to find.
	u.last = final
	u.model.ExpiresAt = attribute.Time(final.ExpiresAt)
	return nil
}

// isOpen says that it is not known whether Atlas has carried out the request of err: no answer came, or nobody waited for it.
func isOpen(err error) bool {
	return atlas.IsLost(err) || isInterruption(err) || errors.Is(err, wait.ErrTimeout)
}

// unchanged says what is known of the retention after a change of it has failed.
func unchanged(err error) string {
	if isOpen(err) {
		return "Atlas may or may not have changed the retention. Apply again: asking twice does no harm."
	}
	return "The snapshot keeps the retention that it had."
}

// resume waits for a snapshot that an earlier run did not wait for. nil means that Atlas has completed it.
func (u *updating) resume(ctx context.Context, moved bool) diag.Diagnostic {
	started := u.client.Clock().Now()
	now, err := u.read(ctx, u.id)
	if err == nil {
		now, err = u.settleFrom(ctx, now)
		u.see(now)
	}
	switch {
	case err == nil && now.Status == atlas.StatusCompleted:
		return nil
	case moved && isInterruption(err):
		return diagnostics.FromError(u.operation(), err, "The retention has not been changed. Apply again.")
	}
	return unsettled("Unable to update snapshot", u.cluster, &u.model, u.client.Clock().Now().Sub(started), err)
}

func (u *updating) operation() diagnostics.Operation {
	return operation("Unable to update snapshot", u.snapshot(u.id))
}

func (u *updating) failed(err error, remedy string) diag.Diagnostics {
	return diag.Diagnostics{diagnostics.FromError(u.operation(), err, remedy)}
}
