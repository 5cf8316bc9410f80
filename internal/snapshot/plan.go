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

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

// pending says that the state has a snapshot that Atlas was not done with when it was last seen.
func (m *resourceModel) pending() bool {
	switch m.Status.ValueString() {
	case atlas.StatusCompleted, atlas.StatusFailed, statusExpired:
		return false
	}
	return true
}

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
	if req.Plan.Raw.IsNull() || req.State.Raw.IsNull() {
		return
	}
	var plan, state resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	// A state that something older wrote last has no identity yet.
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if changed := replacingArguments(&plan, &state); len(changed) > 0 {
		resp.Diagnostics.Append(warnOfReplacement(changed, &state)...)
		return
	}
	status := state.Status.ValueString()
	switch {
	case status == atlas.StatusFailed:
		resp.RequiresReplace = append(resp.RequiresReplace, path.Root("status"))
		plan.Status = types.StringUnknown()
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("status"), types.StringUnknown())...)
		resp.Diagnostics.AddWarning("Failed snapshot", fmt.Sprintf(
			"Atlas failed snapshot %s, so there is no backup in it. The plan replaces it.", state.SnapshotID.ValueString()))
		return
	case status == statusExpired && plan.OnExpiry.ValueString() == onExpiryRecreate:
		resp.RequiresReplace = append(resp.RequiresReplace, path.Root("on_expiry"))
		return
	}
	moved := !plan.RetentionInDays.Equal(state.RetentionInDays)
	if state.pending() {
		plan.forgetWhatMoves()
	} else if moved && status != statusExpired {
		plan.ExpiresAt = timetypes.NewRFC3339Unknown()
	}
	if moved {
		resp.Diagnostics.Append(r.warnOfRetention(&plan, &state)...)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
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

// replacingArguments are the names of those that a new snapshot has to be taken for.
func replacingArguments(plan, state *resourceModel) []string {
	var changed []string
	if !plan.ProjectID.Equal(state.ProjectID) {
		changed = append(changed, "project_id")
	}
	if !plan.ClusterName.Equal(state.ClusterName) {
		changed = append(changed, "cluster_name")
	}
	if !plan.Description.Equal(state.Description) {
		changed = append(changed, "description")
	}
	if triggersChange(state.Triggers, plan.Triggers) {
		changed = append(changed, "triggers")
	}
	return changed
}

// warnOfReplacement warns where the old snapshot is deleted for something that may be no more than a better wording or a
// typo. Triggers are there to replace: they need no warning.
func warnOfReplacement(changed []string, state *resourceModel) diag.Diagnostics {
	if changed[0] == "triggers" || state.SkipDestroy.ValueBool() || state.Status.ValueString() == statusExpired {
		return nil
	}
	name := changed[0]
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root(name), "Existing snapshot will be deleted", fmt.Sprintf(
		"A change of %s cannot be made to snapshot %s of cluster %q, so the plan deletes it and takes a new one: what was backed up then (%s) is gone.\n\n"+
			"To keep the old snapshot until it expires, put %s back, apply skip_destroy = true, and change it then.",
		name, state.SnapshotID.ValueString(), state.ClusterName.ValueString(), orUnknown(state.CreatedAt.ValueString()), name))}
}

func orUnknown(at string) string {
	if at == "" {
		return "at a time not known yet"
	}
	return at
}

// warnOfRetention warns of a new retention that does nothing, or more than it looks like.
func (r *Resource) warnOfRetention(plan, state *resourceModel) diag.Diagnostics {
	at, id := path.Root("retention_in_days"), state.SnapshotID.ValueString()
	if state.Status.ValueString() == statusExpired {
		return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(at, "Snapshot has expired", fmt.Sprintf(
			"Atlas deleted snapshot %s at %s. Another retention_in_days is written to the state, and nothing else happens.", id, state.ExpiresAt.ValueString()))}
	}
	createdAt, diags := state.CreatedAt.ValueRFC3339Time()
	if r.client == nil || plan.RetentionInDays.IsUnknown() || state.CreatedAt.IsNull() || diags.HasError() {
		return nil
	}
	age := r.client.ServerNow().Sub(createdAt)
	if days := plan.RetentionInDays.ValueInt64(); age > time.Duration(days)*24*time.Hour && days < state.RetentionInDays.ValueInt64() {
		return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(at, "Snapshot is older than its new retention", fmt.Sprintf(
			"Snapshot %s is %d days old and is to be kept %d days. Atlas does not document from when it counts a changed retention: it may delete the snapshot at once.",
			id, int(age.Hours()/24), days))}
	}
	return nil
}

func setIdentity(ctx context.Context, identity *tfsdk.ResourceIdentity, m *resourceModel) diag.Diagnostics {
	if identity == nil {
		return nil
	}
	return identity.Set(ctx, m.identity())
}
