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

// pending reports whether Atlas was still taking the snapshot when it was last seen.
func (m *resourceModel) pending() bool {
	switch m.Status.ValueString() {
	case atlas.StatusCompleted, atlas.StatusFailed, statusExpired, statusDeleted:
		return false
	}
	return true
}

func isGoneStatus(status string) bool { return status == statusExpired || status == statusDeleted }

// keepExpired reports whether a snapshot that is gone has expired and on_expiry keeps it.
func (m *resourceModel) keepExpired(now time.Time) bool {
	if m.OnExpiry.ValueString() != onExpiryKeep || m.ExpiresAt.IsNull() || m.ExpiresAt.IsUnknown() {
		return false
	}
	expiresAt, diags := m.ExpiresAt.ValueRFC3339Time()
	return !diags.HasError() && !now.Before(expiresAt)
}

// ModifyPlan plans what depends on several attributes, and warns of what deserves a second look.
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

// isUnchanged reports whether the plan equals the state, the snapshot is completed and no rotation is unfinished. Nearly every plan
// of nearly every resource is like that, so this converts as little as possible.
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

// copySnapshot plans the attributes of the snapshot as they are in the state.
func (m *resourceModel) copySnapshot(state *resourceModel) {
	description := m.Description
	m.snapshotModel, m.ID, m.Description = state.snapshotModel, state.ID, description
}

// planInPlace plans changes that need no new snapshot.
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

// setSnapshotUnknown sets to unknown all attributes that a new snapshot changes.
func (m *resourceModel) setSnapshotUnknown() {
	m.setPendingUnknown()
	m.ID, m.SnapshotID = types.StringUnknown(), types.StringUnknown()
	m.Type, m.SnapshotType, m.FrequencyType = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
}

// setPendingUnknown sets to unknown what Atlas sets or changes until it has completed the snapshot.
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

// snapshotTypeScheduled is the snapshotType of snapshots that the backup schedule takes.
const snapshotTypeScheduled = "scheduled"

// isBackup reports whether destroying the resource would delete a backup: a completed snapshot that has not expired.
func (m *resourceModel) isBackup(now time.Time) bool {
	expiresAt := timeOf(m.ExpiresAt.ValueString())
	return m.Status.ValueString() == atlas.StatusCompleted && !m.SkipDestroy.ValueBool() && (expiresAt == nil || now.Before(*expiresAt))
}

// now returns the time by Atlas's clock, or zero if the provider is not configured yet.
func (r *Resource) now() time.Time {
	if r.client == nil {
		return time.Time{}
	}
	return r.client.ServerNow()
}

// details returns the snapshot in the state in words, such as
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

// scheduledNote returns a sentence for a snapshot that Terraform did not take.
func (m *resourceModel) scheduledNote() string {
	if m.SnapshotType.ValueString() != snapshotTypeScheduled {
		return ""
	}
	return " Terraform did not take it: the backup schedule of the cluster did."
}

// warnOfDestroy warns if a destroy deletes a backup.
func (r *Resource) warnOfDestroy(state *resourceModel) diag.Diagnostics {
	if !state.isBackup(r.now()) {
		return nil
	}
	return diag.Diagnostics{newWarning("Snapshot will be deleted", state.SnapshotID.ValueString(), fmt.Sprintf(
		"Destroying this resource deletes %s. It cannot be recovered.%s\n\n"+
			"To keep it in Atlas until it expires, set skip_destroy = true and apply that before the destroy: the state still has skip_destroy = false, "+
			"whatever the configuration says.", state.details(), state.scheduledNote()))}
}

// warnOfReplacement warns if a change of the cluster deletes the snapshot in the state.
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

// warnOfRotation warns of a rotation that a mere rewording of the description causes, that deletes a snapshot which Terraform did
// not take, or that an earlier run has begun. Triggers are meant to rotate: they need no warning.
func (r *Resource) warnOfRotation(plan, state *resourceModel, unfinished rotation) diag.Diagnostics {
	var diags diag.Diagnostics
	if unfinished.Successor.matches(plan) {
		diags.AddWarning("Rotation not finished", fmt.Sprintf(
			"An earlier run has requested snapshot %s of cluster %q to take the place of %s, and ended before Atlas had completed it. "+
				"The apply resumes the wait. No third snapshot is taken.", unfinished.Successor.SnapshotID, plan.ClusterName.ValueString(), state.SnapshotID.ValueString()))
	}
	if unfinished.Due && unfinished.Successor == nil {
		diags.AddWarning("Rotation not finished", fmt.Sprintf(
			"An earlier run was interrupted before Atlas had completed a new snapshot of cluster %q to take the place of %s, and Atlas has not "+
				"completed it since. The apply takes another one.", plan.ClusterName.ValueString(), state.SnapshotID.ValueString()))
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

// warnOfSuperseded warns of snapshots that an earlier rotation has not deleted yet.
func warnOfSuperseded(plan *resourceModel, ids []string) diag.Diagnostics {
	does := "deletes"
	if plan.SkipDestroy.ValueBool() {
		does = "leaves in Atlas until they expire"
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("Rotation not finished", fmt.Sprintf(
		"An earlier run has left superseded snapshots of cluster %q, which the apply %s: %s.",
		plan.ClusterName.ValueString(), does, strings.Join(ids, ", ")))}
}

// checkRetention returns an error if the new retention lets Atlas delete the snapshot immediately, or a warning if the configuration
// allows that.
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

// warnOfGone says why the snapshot is removed from the state.
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

// warnOfDeleted says what happens to the superseded snapshots of a rotation whose new snapshot was deleted outside of Terraform.
func warnOfDeleted(on *cluster, id string, unfinished rotation) diag.Diagnostic {
	return newWarning("Snapshot deleted outside of Terraform", id, fmt.Sprintf(
		"Atlas no longer has %s: somebody deleted it before it expired. An earlier rotation still has to delete: %s. Terraform tracks "+
			"them with this resource: the next apply takes a new snapshot before it deletes them, and a destroy deletes them.",
		on.snapshot(id), strings.Join(unfinished.Superseded, ", ")))
}

func isClusterGone(err error) bool {
	return errors.Is(err, operation.ErrGone) && atlas.IsError(err, atlas.CodeClusterNotFound)
}

// warnOfKept says which snapshots a destroy leaves in Atlas, and until when.
func warnOfKept(on *cluster, m *resourceModel, ids []string) diag.Diagnostics {
	if len(ids) == 0 {
		return nil
	}
	return diag.Diagnostics{newWarning("Snapshot left in Atlas", ids[0], fmt.Sprintf(
		"skip_destroy leaves %s of %s in Atlas, which keeps it until %s. Terraform no longer tracks it.\n\n"+
			"To have Terraform manage it again, add a resource for it and run\n\n  terraform import <address> %s",
		"snapshot "+strings.Join(ids, ", snapshot "), on, orUnknown(m.ExpiresAt), framework.ImportID(on.projectID, on.name, ids[0])))}
}

// summaryWithID returns the summary of a warning about one snapshot. It includes the ID because Terraform shows only the first of
// several warnings with the same summary: a destroy of three snapshots has to name three, and an ID that is not in the state
// is shown nowhere else.
func summaryWithID(what, id string) string { return what + ": " + id }

func newWarning(what, id, detail string) diag.Diagnostic {
	return diag.NewWarningDiagnostic(summaryWithID(what, id), detail)
}

func newAttributeWarning(at path.Path, what, id, detail string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(at, summaryWithID(what, id), detail)
}
