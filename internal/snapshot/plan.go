package snapshot

import (
	"context"
	"errors"
	"fmt"
	"strings"
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
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/operation"
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
	if isUnchanged(ctx, &req, resp) {
		return
	}
	var plan, state resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	unfinished, diags := getRotation(ctx, req.Private)
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
	plan.copySnapshot(&state)
	switch {
	case !plan.ProjectID.Equal(state.ProjectID), !plan.ClusterName.Equal(state.ClusterName):
		resp.Diagnostics.Append(r.warnOfReplacement(&plan, &state)...)
		plan.setSnapshotUnknown()
	case needsRotation(&plan, &state, unfinished):
		resp.Diagnostics.Append(r.warnOfRotation(&plan, &state, unfinished)...)
		if !unfinished.Successor.matches(&plan) {
			resp.Diagnostics.Append(r.checkCluster(ctx, &plan)...)
		}
		plan.setSnapshotUnknown()
	case status == atlas.StatusFailed:
		resp.RequiresReplace = append(resp.RequiresReplace, path.Root("status"))
		plan.Status = types.StringUnknown()
		resp.Diagnostics.AddWarning("Failed snapshot", fmt.Sprintf(
			"Atlas failed snapshot %s, so it contains no backup. The plan replaces it.", state.SnapshotID.ValueString()))
	case mustBeReplaced(&plan, &state):
		resp.RequiresReplace = append(resp.RequiresReplace, path.Root("on_expiry"))
		resp.Diagnostics.AddWarning("Snapshot has expired", fmt.Sprintf(
			"Atlas deleted snapshot %s when it expired at %s, and on_expiry is \"recreate\": the plan takes a new snapshot of cluster %q.",
			state.SnapshotID.ValueString(), state.ExpiresAt.ValueString(), state.ClusterName.ValueString()))
	default:
		resp.Diagnostics.Append(r.planInPlace(&plan, &state, unfinished)...)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

// isSettled reports whether there is nothing to plan and nothing to say: the plan is the state, which has a completed snapshot,
// and no rotation is unfinished. Nearly every plan of nearly every resource is like that, so it costs no conversion.
func isUnchanged(ctx context.Context, req *resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) bool {
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
func (m *resourceModel) copySnapshot(state *resourceModel) {
	description := m.Description
	m.snapshotModel, m.ID, m.Description = state.snapshotModel, state.ID, description
}

// planInPlace plans what changes without another snapshot.
func (r *Resource) planInPlace(plan, state *resourceModel, unfinished rotation) diag.Diagnostics {
	var diags diag.Diagnostics
	moved := !plan.RetentionInDays.Equal(state.RetentionInDays)
	if state.pending() {
		plan.setPendingUnknown()
	} else if moved && !isGoneStatus(state.Status.ValueString()) {
		plan.ExpiresAt = timetypes.NewRFC3339Unknown()
	}
	if moved {
		diags.Append(r.checkRetention(plan, state)...)
	}
	if superseded := unfinished.snapshotIDs(); len(superseded) > 0 {
		// Without something that changes there is no update that could delete them.
		plan.Status = types.StringUnknown()
		diags.Append(warnOfSuperseded(plan, superseded)...)
	}
	return diags
}

// forgetSnapshot makes unknown all that another snapshot brings.
func (m *resourceModel) setSnapshotUnknown() {
	m.setPendingUnknown()
	m.ID, m.SnapshotID = types.StringUnknown(), types.StringUnknown()
	m.Type, m.SnapshotType, m.FrequencyType = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
}

// forgetWhatMoves makes unknown what Atlas sets or rewrites until it has completed a snapshot.
func (m *resourceModel) setPendingUnknown() {
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

// snapshotTypeScheduled is the snapshotType of a snapshot that the backup schedule has taken.
const snapshotTypeScheduled = "scheduled"

// isBackup reports whether destroying the resource would delete a backup: a completed snapshot that has not expired.
func (m *resourceModel) isBackup(now time.Time) bool {
	expiresAt := timeOf(m.ExpiresAt.ValueString())
	return m.Status.ValueString() == atlas.StatusCompleted && !m.SkipDestroy.ValueBool() && (expiresAt == nil || now.Before(*expiresAt))
}

// now is the present by Atlas's clock, or this machine's where the provider is not configured yet.
func (r *Resource) now() time.Time {
	if r.client == nil {
		return time.Time{}
	}
	return r.client.ServerNow()
}

// details says which snapshot the state has and what it is worth, such as
// `snapshot 5f… of cluster "Cluster0" of project 32b6… (taken at …, kept until …)`.
func (m *resourceModel) details() string {
	return fmt.Sprintf("snapshot %s of cluster %q of project %s (taken at %s, kept until %s)", m.SnapshotID.ValueString(),
		m.ClusterName.ValueString(), m.ProjectID.ValueString(), orUnknown(m.CreatedAt), orUnknown(m.ExpiresAt))
}

func orUnknown(at timetypes.RFC3339) string {
	if at.ValueString() == "" {
		return "a time not known yet"
	}
	return at.ValueString()
}

// bySchedule is what to add of a snapshot that Terraform did not take.
func (m *resourceModel) scheduledNote() string {
	if m.SnapshotType.ValueString() != snapshotTypeScheduled {
		return ""
	}
	return " Terraform did not take it: the backup schedule of the cluster did."
}

// warnOfDestroy warns where a destroy deletes a backup.
func (r *Resource) warnOfDestroy(state *resourceModel) diag.Diagnostics {
	if !state.isBackup(r.now()) {
		return nil
	}
	return diag.Diagnostics{newWarning("Snapshot will be deleted", state.SnapshotID.ValueString(), fmt.Sprintf(
		"Destroying this resource deletes %s. It cannot be recovered.%s\n\n"+
			"To keep it in Atlas until it expires, set skip_destroy = true and apply that before the destroy: the state still has skip_destroy = false, "+
			"whatever the configuration says.", state.details(), state.scheduledNote()))}
}

// warnOfReplacement warns where a snapshot of another cluster costs the one in the state.
func (r *Resource) warnOfReplacement(plan, state *resourceModel) diag.Diagnostics {
	if !state.isBackup(r.now()) {
		return nil
	}
	at, name := path.Root("cluster_name"), "cluster_name"
	if plan.ClusterName.Equal(state.ClusterName) {
		at, name = path.Root("project_id"), "project_id"
	}
	applied := ""
	if plan.SkipDestroy.ValueBool() {
		applied = " The configuration sets skip_destroy, but the state does not have it yet."
	}
	return diag.Diagnostics{newAttributeWarning(at, "Snapshot will be deleted", state.SnapshotID.ValueString(), fmt.Sprintf(
		"Changing %s forces a new snapshot, and the plan deletes %s. It cannot be recovered.%s%s\n\n"+
			"To keep it in Atlas until it expires, revert %s, apply skip_destroy = true, and then change it again.",
		name, state.details(), state.scheduledNote(), applied, name))}
}

// warnOfRotation warns of a rotation that may be no more than a better wording, that deletes what Terraform did not take, or
// that an earlier run has begun. Triggers are there to rotate: they need no warning.
func (r *Resource) warnOfRotation(plan, state *resourceModel, unfinished rotation) diag.Diagnostics {
	var diags diag.Diagnostics
	if unfinished.Successor.matches(plan) {
		diags.AddWarning("Rotation not finished", fmt.Sprintf(
			"An earlier run has requested snapshot %s of cluster %q to take the place of %s, and ended before Atlas had completed it. "+
				"The apply resumes the wait. No third snapshot is taken.", unfinished.Successor.SnapshotID, plan.ClusterName.ValueString(), state.SnapshotID.ValueString()))
	}
	described, kept := !plan.Description.Equal(state.Description), state.isBackup(r.now()) && !plan.SkipDestroy.ValueBool()
	if !kept || !described && state.scheduledNote() == "" {
		return diags
	}
	name := "triggers"
	if described {
		name = "description"
	}
	return append(diags, newAttributeWarning(path.Root(name), "Old snapshot will be deleted", state.SnapshotID.ValueString(), fmt.Sprintf(
		"A change of %s takes a new snapshot. Once Atlas has completed that, the apply deletes %s.%s\n\n"+
			"To keep both, set skip_destroy = true. To keep only the old one, revert %s.", name, state.details(), state.scheduledNote(), name)))
}

// warnOfSuperseded warns of what an earlier rotation has left over.
func warnOfSuperseded(plan *resourceModel, ids []string) diag.Diagnostics {
	does := "deletes"
	if plan.SkipDestroy.ValueBool() {
		does = "leaves in Atlas until they expire"
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("Rotation not finished", fmt.Sprintf(
		"An earlier run has left superseded snapshots of cluster %q, which the apply %s: %s.",
		plan.ClusterName.ValueString(), does, strings.Join(ids, ", ")))}
}

// checkRetention refuses a retention that would let Atlas delete the snapshot at once, unless the configuration allows it.
func (r *Resource) checkRetention(plan, state *resourceModel) diag.Diagnostics {
	at, id := path.Root("retention_in_days"), state.SnapshotID.ValueString()
	if isGoneStatus(state.Status.ValueString()) {
		return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(at, "Snapshot has expired", fmt.Sprintf(
			"Atlas deleted snapshot %s at %s. The new retention_in_days is written to the state, and nothing else changes.", id, state.ExpiresAt.ValueString()))}
	}
	createdAt := timeOf(state.CreatedAt.ValueString())
	if r.client == nil || plan.RetentionInDays.IsUnknown() || createdAt == nil || state.pending() {
		return nil
	}
	const day = 24 * time.Hour
	age, days := r.client.ServerNow().Sub(*createdAt), plan.RetentionInDays.ValueInt64()
	if age <= time.Duration(days)*day || days >= state.RetentionInDays.ValueInt64() {
		return nil
	}
	text := fmt.Sprintf("Snapshot %s is %d days old, so a retention of %d days would let Atlas delete it at once.", id, int64(age/day), days)
	if plan.AllowImmediateExpiry.ValueBool() {
		return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(at, "Snapshot is older than its new retention", text)}
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, "Snapshot is older than its new retention", fmt.Sprintf(
		"%s\n\nTo let it expire as soon as possible, keep it for %d days. To have Atlas delete it at once, set allow_immediate_expiry = true; "+
			"to delete it yourself, destroy this resource.", text, int64(age/day)+1))}
}

// warnOfGone says why the state no longer has a snapshot and, where the resource stays in the configuration, why the plan
// takes a new one.
func warnOfGone(on *cluster, m *resourceModel, unfinished rotation, now time.Time, err error) diag.Diagnostic {
	id := m.SnapshotID.ValueString()
	summary, why := summaryWithID("Snapshot deleted outside of Terraform", id), "somebody deleted it before it expired at "+orUnknown(m.ExpiresAt)
	expiresAt := timeOf(m.ExpiresAt.ValueString())
	switch {
	case isClusterGone(err):
		summary, why = "Cluster deleted outside of Terraform", "Atlas no longer has the cluster"
	case expiresAt != nil && !now.Before(*expiresAt):
		summary, why = summaryWithID("Snapshot has expired", id), fmt.Sprintf("it expired at %s, and on_expiry is %q", orUnknown(m.ExpiresAt), m.OnExpiry.ValueString())
	}
	also := ""
	if len(unfinished.Superseded) > 0 {
		also = fmt.Sprintf("\n\nTerraform also no longer tracks the snapshots that an earlier rotation still had to delete: %s.", strings.Join(unfinished.Superseded, ", "))
	}
	return diag.NewWarningDiagnostic(summary, fmt.Sprintf(
		"Atlas no longer has %s: %s. Terraform removes it from the state, and plans a new snapshot while this resource is in the configuration.%s",
		on.snapshot(id), why, also))
}

// warnOfDeleted says what becomes of the snapshots that a rotation has left to delete where somebody has deleted the one that was to
// follow them.
func warnOfDeleted(on *cluster, id string, unfinished rotation) diag.Diagnostic {
	return newWarning("Snapshot deleted outside of Terraform", id, fmt.Sprintf(
		"Atlas no longer has %s: somebody deleted it before it expired. An earlier rotation still has to delete: %s. Terraform tracks "+
			"them with this resource: the next apply takes a new snapshot before it deletes them, and a destroy deletes them.",
		on.snapshot(id), strings.Join(unfinished.Superseded, ", ")))
}

func isClusterGone(err error) bool {
	return errors.Is(err, operation.ErrGone) && atlas.IsError(err, atlas.CodeClusterNotFound)
}

// warnOfKept says which snapshots a destroy has left in Atlas, and until when.
func warnOfKept(on *cluster, m *resourceModel, ids []string) diag.Diagnostics {
	if len(ids) == 0 {
		return nil
	}
	return diag.Diagnostics{newWarning("Snapshot left in Atlas", ids[0], fmt.Sprintf(
		"skip_destroy leaves %s of %s in Atlas, which keeps it until %s. Terraform no longer tracks it.\n\n"+
			"To have Terraform manage it again, add a resource for it and run\n\n  terraform import <address> %s",
		"snapshot "+strings.Join(ids, ", snapshot "), on, orUnknown(m.ExpiresAt), framework.ImportID(on.projectID, on.name, ids[0])))}
}

// summaryOf is the summary of a warning about one snapshot. The ID stands in it because Terraform shows only the first of several
// warnings with the same summary, and of the others no more than their number: whoever destroys three snapshots has to read
// of three, and an ID that no state has is in no other place.
func summaryWithID(what, id string) string { return what + ": " + id }

func newWarning(what, id, detail string) diag.Diagnostic {
	return diag.NewWarningDiagnostic(summaryWithID(what, id), detail)
}

func newAttributeWarning(at path.Path, what, id, detail string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(at, summaryWithID(what, id), detail)
}
