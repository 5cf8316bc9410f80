package snapshot

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
)

// pending says that the state has a snapshot that Atlas was not done with when it was last seen.
func (m *resourceModel) pending() bool {
	switch m.Status.ValueString() {
	case atlas.StatusCompleted, atlas.StatusFailed, statusExpired, statusDeleted:
		return false
	}
	return true
}

// isGoneStatus reports whether Atlas no longer has a snapshot of this status.
func isGoneStatus(status string) bool { return status == statusExpired || status == statusDeleted }

// keepExpired says that a snapshot that is gone went because its time was up, and that the configuration is content.
func (m *resourceModel) keepExpired(now time.Time) bool {
	if m.OnExpiry.ValueString() != onExpiryKeep || m.ExpiresAt.IsNull() || m.ExpiresAt.IsUnknown() {
		return false
	}
	expiresAt, diags := m.ExpiresAt.ValueRFC3339Time()
	return !diags.HasError() && !now.Before(expiresAt)
}

// ModifyPlan plans what the attributes cannot plan one by one, and warns of what a person should look at twice.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.State.Raw.IsNull() {
		resp.Diagnostics.Append(r.checkCreate(ctx, req.Plan)...)
		return
	}
	if isSettled(ctx, &req, resp) {
		return
	}
	var plan, state resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	left, diags := getRotation(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(r.warnOfDestroy(&state)...)
		return
	}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	// A state that something older wrote last has no identity yet.
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	status := state.Status.ValueString()
	plan.keepSnapshot(&state)
	switch {
	case !plan.ProjectID.Equal(state.ProjectID), !plan.ClusterName.Equal(state.ClusterName):
		resp.Diagnostics.Append(r.warnOfReplacement(&plan, &state)...)
		plan.forgetSnapshot()
	case rotates(&plan, &state, left):
		resp.Diagnostics.Append(r.warnOfRotation(&plan, &state, left)...)
		if !left.Successor.serves(&plan) {
			resp.Diagnostics.Append(r.checkCluster(ctx, &plan)...)
		}
		plan.forgetSnapshot()
	case status == atlas.StatusFailed:
		resp.RequiresReplace = append(resp.RequiresReplace, path.Root("status"))
		plan.Status = types.StringUnknown()
		resp.Diagnostics.AddWarning("Failed snapshot", fmt.Sprintf(
			"Atlas failed snapshot %s, so there is no backup in it. The plan replaces it.", state.SnapshotID.ValueString()))
	case isUseless(&plan, &state):
		resp.RequiresReplace = append(resp.RequiresReplace, path.Root("on_expiry"))
		resp.Diagnostics.AddWarning("Snapshot has expired", fmt.Sprintf(
			"Atlas deleted snapshot %s when it expired at %s, and on_expiry is \"recreate\": the plan takes a new snapshot of cluster %q.",
			state.SnapshotID.ValueString(), state.ExpiresAt.ValueString(), state.ClusterName.ValueString()))
	default:
		resp.Diagnostics.Append(r.planInPlace(&plan, &state, left)...)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

// isSettled reports whether there is nothing to plan and nothing to say: the plan is the state, which has a completed snapshot,
// and no rotation is unfinished. Nearly every plan of nearly every resource is like that, so it costs no conversion.
func isSettled(ctx context.Context, req *resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) bool {
	if !req.Plan.Raw.Equal(req.State.Raw) || resp.Identity != nil && resp.Identity.Raw.IsFullyNull() {
		return false
	}
	unfinished, diags := req.Private.GetKey(ctx, rotationKey)
	var attributes map[string]tftypes.Value
	var status string
	if err := req.State.Raw.As(&attributes); err != nil || attributes["status"].As(&status) != nil {
		return false
	}
	return status == atlas.StatusCompleted && len(unfinished) == 0 && !diags.HasError()
}

// keepSnapshot plans that what Atlas says of the snapshot stays as it is.
func (m *resourceModel) keepSnapshot(state *resourceModel) {
	description := m.Description
	m.snapshotModel, m.ID, m.Description = state.snapshotModel, state.ID, description
}

// planInPlace plans what changes without another snapshot.
func (r *Resource) planInPlace(plan, state *resourceModel, left rotation) diag.Diagnostics {
	var diags diag.Diagnostics
	moved := !plan.RetentionInDays.Equal(state.RetentionInDays)
	if state.pending() {
		plan.forgetWhatMoves()
	} else if moved && !isGoneStatus(state.Status.ValueString()) {
		plan.ExpiresAt = timetypes.NewRFC3339Unknown()
	}
	if moved {
		diags.Append(r.checkRetention(plan, state)...)
	}
	if superseded := left.snapshotIDs(); len(superseded) > 0 {
		// Without something that changes there is no update that could delete them.
		plan.Status = types.StringUnknown()
		diags.Append(warnOfSuperseded(plan, superseded)...)
	}
	return diags
}

// forgetSnapshot makes unknown all that another snapshot brings.
func (m *resourceModel) forgetSnapshot() {
	m.forgetWhatMoves()
	m.ID, m.SnapshotID = types.StringUnknown(), types.StringUnknown()
	m.Type, m.SnapshotType, m.FrequencyType = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
}

// forgetWhatMoves makes unknown what Atlas sets or rewrites until it has completed a snapshot.
func (m *resourceModel) forgetWhatMoves() {
	m.Status = types.StringUnknown()
	for _, late := range []*types.String{&m.Type, &m.SnapshotType, &m.FrequencyType} {
		if late.IsNull() {
			*late = types.StringUnknown()
		}
	}
	m.CreatedAt, m.ExpiresAt = timetypes.NewRFC3339Unknown(), timetypes.NewRFC3339Unknown()
	m.MongodVersion, m.CloudProvider, m.MasterKeyUUID = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
	m.StorageSizeBytes = types.Int64Unknown()
	m.ReplicaSetName, m.ConfigServerType = types.StringUnknown(), types.StringUnknown()
	m.CopyRegions, m.PolicyItems = types.ListUnknown(types.StringType), types.ListUnknown(types.StringType)
	m.SnapshotIDs, m.Members = types.ListUnknown(types.StringType), types.ListUnknown(memberType)
}

func setIdentity(ctx context.Context, identity *tfsdk.ResourceIdentity, m *resourceModel) diag.Diagnostics {
	return framework.SetIdentity(ctx, identity, m.identity())
}
