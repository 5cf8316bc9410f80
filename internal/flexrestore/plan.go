package flexrestore

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
)

// ValidateConfig checks what can be known without a plan.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config resourceModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &config)...); !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(config.checkArguments()...)
	}
}

// checkArguments returns errors about arguments that contradict each other. Unknown values are checked again once they are known.
func (m *sourceModel) checkArguments() diag.Diagnostics {
	var diags diag.Diagnostics
	if !m.EraseTarget.IsUnknown() && !m.TargetClusterName.IsUnknown() && !m.EraseTarget.Equal(m.TargetClusterName) {
		diags.AddAttributeError(path.Root("erase_target"), "Target not confirmed", fmt.Sprintf(
			"Atlas erases the target cluster before it restores. erase_target is %q, and the target is %q: set erase_target = %q if that cluster may be erased.",
			m.EraseTarget.ValueString(), m.TargetClusterName.ValueString(), m.TargetClusterName.ValueString()))
	}
	sources, unknown := []string{}, false
	for _, source := range []struct {
		name          string
		unknown, null bool
	}{
		{"snapshot_id", m.SnapshotID.IsUnknown(), m.SnapshotID.IsNull()},
		// most_recent = false counts as not set, so that a module can turn it off and set another source.
		{"most_recent", m.MostRecent.IsUnknown(), !m.MostRecent.ValueBool()},
	} {
		unknown = unknown || source.unknown
		if !source.unknown && !source.null {
			sources = append(sources, source.name)
		}
	}
	const rule = "Exactly one of snapshot_id and most_recent = true says what to restore"
	switch {
	case len(sources) > 1:
		diags.AddAttributeError(path.Root(sources[1]), "Conflicting arguments", fmt.Sprintf("%s, and both %s and %s are set. Keep one of them.", rule, sources[0], sources[1]))
	case len(sources) == 0 && !unknown:
		diags.AddError("Missing argument", rule+", and none of them is set.")
	}
	return diags
}

// ModifyPlan plans what a restore changes, and says whether one runs.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var plan, state resourceModel
	isCreate := req.State.Raw.IsNull()
	if !isCreate {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if req.Plan.Raw.IsNull() {
		if !isCreate && state.pending() {
			resp.Diagnostics.Append(state.warnOfRunning())
		}
		return
	}
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...); resp.Diagnostics.HasError() {
		return
	}
	if plan.TargetProjectID.IsUnknown() {
		var configured types.String
		resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("target_project_id"), &configured)...)
		if configured.IsNull() {
			plan.TargetProjectID = plan.ProjectID
		}
	}
	again := !isCreate && framework.TriggersChange(state.Triggers, plan.Triggers)
	switch {
	case isCreate, again:
		plan.setUnknown()
		resp.Diagnostics.Append(plan.warnOfRestore(again)...)
		resp.Diagnostics.Append(r.checkAtPlan(ctx, &plan.sourceModel)...)
	default:
		plan.jobModel = state.jobModel
		resp.Diagnostics.Append(plan.warnOfNoRestore(&state)...)
		if state.pending() {
			plan.setEndUnknown()
		}
		// A state that something older wrote last has no identity yet.
		resp.Diagnostics.Append(state.setIdentity(ctx, resp.Identity)...)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

// warnOfRestore warns of a restore that is easily overlooked in the plan: an update in place that erases a cluster, and one that erases
// the cluster that the snapshot is of.
func (m *resourceModel) warnOfRestore(again bool) diag.Diagnostics {
	var diags diag.Diagnostics
	if again {
		diags.AddAttributeWarning(path.Root("triggers"), "Target will be erased again: "+m.TargetClusterName.ValueString(), fmt.Sprintf(
			"A value of triggers changes, so the apply restores again: Atlas erases cluster %q and everything that was written to it since the last restore.",
			m.TargetClusterName.ValueString()))
	}
	if !m.TargetClusterName.IsUnknown() && !m.ClusterName.IsUnknown() && !m.TargetProjectID.IsUnknown() && m.isTargetSource() {
		diags.AddAttributeWarning(targetPath, "Restore onto the source cluster: "+m.TargetClusterName.ValueString(), fmt.Sprintf(
			"The target is the cluster that the snapshot is of. Atlas erases cluster %q, and what was written to it since the snapshot is lost.", m.TargetClusterName.ValueString()))
	}
	return diags
}

// warnOfNoRestore says that a changed source or target restores nothing, and what is known of a restore that did not succeed.
func (m *resourceModel) warnOfNoRestore(state *resourceModel) diag.Diagnostics {
	var diags diag.Diagnostics
	if !m.sourceEqual(&state.sourceModel) {
		diags.AddWarning("Nothing is restored: "+state.RestoreJobID.ValueString(), fmt.Sprintf(
			"What is to be restored, or onto which cluster, changes (or is not known before the apply), and triggers does not. The apply writes the new arguments to the state and "+
				"restores nothing: the last restore is still %s.\n\nTo restore, change a value of triggers.", restoreInWords(state)))
	}
	if state.Status.ValueString() == atlas.FlexStatusFailed {
		diags.AddWarning("Failed restore: "+state.RestoreJobID.ValueString(), fmt.Sprintf(
			"Atlas failed %s. The target is erased or incomplete. The plan does not restore again: to do that, change a value of triggers.", restoreInWords(state)))
	}
	return diags
}

func restoreInWords(m *resourceModel) string {
	_, clusterName := m.cluster()
	return fmt.Sprintf("restore job %s of Flex cluster %q", m.RestoreJobID.ValueString(), clusterName)
}

// warnOfRunning says what a destroy means for a restore that has not ended.
func (m *resourceModel) warnOfRunning() diag.Diagnostic {
	return diag.NewWarningDiagnostic("Restore goes on: "+m.RestoreJobID.ValueString(), fmt.Sprintf(
		"%s had not ended when it was last seen. A restore can be neither undone nor cancelled: Terraform forgets it, and Atlas goes on with it. Cluster %q is not usable until it "+
			"has ended.", capitalize(restoreInWords(m)), m.TargetClusterName.ValueString()))
}

// checkReason says why a plan reads the clusters, and when it should not.
const checkReason = "The plan checks this because of check_at_plan = true in the provider block. Remove that if the same apply creates, " +
	"changes or resumes a cluster first."

// checkAtPlan checks the source and the target, with check_at_plan, as the apply does before it requests the restore.
func (r *Resource) checkAtPlan(ctx context.Context, m *sourceModel) diag.Diagnostics {
	if !r.checksAtPlan || m.checkArguments().HasError() {
		return nil
	}
	for _, value := range append(m.values(), m.MostRecent) {
		if value.IsUnknown() {
			return nil
		}
	}
	ctx, cancel := r.client.Clock().WithTimeout(ctx, framework.ReadTimeout)
	defer cancel()
	from, diags := r.clusterOf(m).resolveSource(ctx, m)
	if !diags.HasError() {
		diags.Append(r.targetOf(m).check(ctx, from)...)
	}
	for i, d := range diags {
		explained := diag.NewErrorDiagnostic("Unable to plan restore", d.Detail()+"\n\n"+checkReason)
		diags[i] = explained
		if at, ok := d.(diag.DiagnosticWithPath); ok {
			diags[i] = diag.NewAttributeErrorDiagnostic(at.Path(), explained.Summary(), explained.Detail())
		}
	}
	return diags
}
