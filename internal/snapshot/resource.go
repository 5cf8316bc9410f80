// Package snapshot has what the provider offers for snapshots of dedicated clusters.
package snapshot

import (
	"context"
	"errors"
	"fmt"
	"reflect"
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

var (
	_ resource.Resource                = (*Resource)(nil)
	_ resource.ResourceWithConfigure   = (*Resource)(nil)
	_ resource.ResourceWithIdentity    = (*Resource)(nil)
	_ resource.ResourceWithImportState = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan  = (*Resource)(nil)
	_ resource.ResourceWithMoveState   = (*Resource)(nil)
)

// defaultTimeout is the default of all timeouts: the longest that Atlas was seen to be stuck.
const defaultTimeout = 3 * time.Hour

// NewResource returns the resource atlasbackup_snapshot.
func NewResource() resource.Resource { return &Resource{} }

// Resource is the resource atlasbackup_snapshot.
type Resource struct {
	client *atlas.Client
	// clusters is nil unless plans check the cluster.
	clusters *framework.ClusterReads
}

func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_snapshot"
	// A rotation puts another snapshot into the same resource.
	resp.ResourceBehavior.MutableIdentity = true
}

func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	data, diags := framework.Configure(req.ProviderData, "resource")
	r.client, r.clusters = data.Client, data.Clusters
	resp.Diagnostics.Append(diags...)
}

func (r *Resource) clusterOf(m *resourceModel) *cluster {
	return &cluster{client: r.client, projectID: m.ProjectID.ValueString(), name: m.ClusterName.ValueString()}
}

// Create saves the snapshot to the state as soon as Atlas has accepted the request, so that nothing that happens afterwards loses
// it.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var model resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	request, diags := model.takeRequest(path.Empty())
	resp.Diagnostics.Append(diags...)
	timeout, diags := framework.Timeout(model.Timeouts, "create", defaultTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := r.client.Clock().WithTimeout(ctx, timeout)
	defer cancel()
	on := r.clusterOf(&model)
	save := func(s *atlas.Snapshot) {
		model.setSnapshot(s)
		resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
		resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, &model)...)
		resp.Diagnostics.Append(setLastApplied(ctx, resp.Private, s)...)
	}
	created := on.create(ctx, request, save, nil)
	resp.Diagnostics.Append(on.warnOfOrphans(request, created)...)
	resp.Diagnostics.Append(on.warnOfDuplicates(created)...)
	if created.Accepted() {
		save(created.Value)
	}
	switch created.Outcome {
	case operation.Completed:
		final, diags := r.readCompleted(ctx, on, created.Value)
		resp.Diagnostics.Append(diags...)
		save(final)
		return
	case operation.Gone:
		resp.State.RemoveResource(ctx)
	default:
	}
	resp.Diagnostics.Append(on.notCreated("Unable to create snapshot", timeout, created))
}

// readCompleted reads a completed snapshot, so that the next refresh finds nothing new. If that fails it returns what the wait saw
// last, with a warning: the snapshot is completed all the same.
func (r *Resource) readCompleted(ctx context.Context, on *cluster, settled *atlas.Snapshot) (*atlas.Snapshot, diag.Diagnostics) {
	final, err := retryUnexplained(ctx, on, func(ctx context.Context) (*atlas.Snapshot, error) { return on.read(ctx, settled.ID) })
	if err != nil {
		return settled, diag.Diagnostics{diagnostics.Warning(diagnostics.FromError(
			failure("Unable to read snapshot after its completion", on.snapshot(settled.ID)), err,
			"Atlas has completed the snapshot, and it is in the state. The next plan reads the remaining attributes."))}
	}
	return final, on.warnOfMembers(final, membersKept)
}

// Read takes one request for a replica set, two for a sharded cluster.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var model resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &model)...)
	known := model
	last, diags := getLastApplied(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	unfinished, diags := getRotation(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	// The framework requires an identity even if the snapshot is gone.
	if resp.Identity != nil && resp.Identity.Raw.IsFullyNull() {
		resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, &model)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := r.client.Clock().WithTimeout(ctx, framework.ReadTimeout)
	defer cancel()
	on := r.clusterOf(&model)
	id := model.SnapshotID.ValueString()
	operation.MarkOwn(on.key(), id)
	read := on.readConfirmed
	gone := isGoneStatus(model.Status.ValueString())
	if gone {
		// An earlier refresh confirmed it.
		read = on.readUnexpired
	}
	pending, asked := !model.Status.IsNull() && model.pending(), on.now()
	snapshot, err := read(ctx, id)
	switch {
	case pending && operation.MayAppearLate(err) && on.isNew(id, asked):
		resp.Diagnostics.Append(warnOfNotShown(on, id))
		return
	case errors.Is(err, operation.ErrGone), gone && atlas.IsNotFound(err):
		if model.keepExpired(r.client.ServerNow()) {
			model.Status = types.StringValue(statusExpired)
			break
		}
		if unfinished.Successor == nil {
			r.removeGone(ctx, on, &model, unfinished, err, resp)
			return
		}
		r.promoteSuccessor(ctx, on, &model, unfinished, resp)
		return
	case err != nil:
		resp.Diagnostics.Append(diagnostics.FromError(failure("Unable to read snapshot", on.snapshot(id)), err))
		return
	default:
		if model.pending() {
			// Atlas changes the expiry on completion. That is no change of the retention.
			last = lastApplied{}
		}
		now, before := r.client.ServerNow(), model.ExpiresAt
		resp.Diagnostics.Append(on.warnOfMembers(snapshot, membersKept)...)
		model.setSnapshot(snapshot)
		model.RetentionInDays = refreshRetention(model.RetentionInDays, last, snapshot, now)
		switch {
		case snapshot.ExpiresAt != nil && last.isStale(*snapshot.ExpiresAt, now):
			model.ExpiresAt = before
		case last.isZero() && !last.isAwaitingChange(now):
			resp.Diagnostics.Append(setLastApplied(ctx, resp.Private, snapshot)...)
		}
	}
	// Most refreshes change nothing, and converting the model costs more than reading the snapshot.
	if !reflect.DeepEqual(model, known) {
		resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
	}
}

// removeGone removes a snapshot that is gone from the state. If a rotation still has others to delete, it stays with the status
// deleted.
func (r *Resource) removeGone(ctx context.Context, on *cluster, model *resourceModel, unfinished rotation, err error, resp *resource.ReadResponse) {
	id := model.SnapshotID.ValueString()
	tflog.Warn(ctx, "The snapshot is no longer in Atlas", map[string]any{"snapshot_id": id, "cluster_name": on.name})
	if len(unfinished.Superseded) == 0 || atlas.IsError(err, atlas.CodeClusterNotFound) {
		resp.Diagnostics.Append(warnOfGone(on, model, unfinished, r.client.ServerNow(), err))
		resp.State.RemoveResource(ctx)
		return
	}
	resp.Diagnostics.Append(warnOfDeleted(on, id, unfinished))
	model.Status = types.StringValue(statusDeleted)
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
	resp.Diagnostics.Append(setRotation(ctx, resp.Private, unfinished)...)
}

// promoteSuccessor puts the successor of an unfinished rotation into the state after the old snapshot is gone.
func (r *Resource) promoteSuccessor(ctx context.Context, on *cluster, model *resourceModel, unfinished rotation, resp *resource.ReadResponse) {
	next := unfinished.Successor
	asked := on.now()
	snapshot, err := on.readConfirmed(ctx, next.SnapshotID)
	switch {
	case operation.MayAppearLate(err) && on.isNew(next.SnapshotID, asked):
		resp.Diagnostics.Append(warnOfNotShown(on, next.SnapshotID))
		return
	case errors.Is(err, operation.ErrGone):
		unfinished.Successor = nil
		r.removeGone(ctx, on, model, unfinished, err, resp)
		return
	case err != nil:
		resp.Diagnostics.Append(diagnostics.FromError(failure("Unable to read snapshot", on.snapshot(next.SnapshotID)), err))
		return
	}
	resp.Diagnostics.Append(newWarning("Snapshot deleted outside of Terraform", model.SnapshotID.ValueString(), fmt.Sprintf(
		"Atlas no longer has %s. A rotation has already requested its successor, %s, which is now in the state.",
		on.snapshot(model.SnapshotID.ValueString()), on.snapshot(next.SnapshotID))))
	diags := model.setSuccessor(ctx, snapshot, next)
	diags.Append(resp.State.Set(ctx, model)...)
	diags.Append(setIdentity(ctx, resp.Identity, model)...)
	diags.Append(setLastApplied(ctx, resp.Private, snapshot)...)
	diags.Append(setRotation(ctx, resp.Private, rotation{Superseded: unfinished.Superseded, Retained: unfinished.Retained})...)
	resp.Diagnostics.Append(diags...)
}

// Delete waits for a snapshot in progress before it deletes it. With skip_destroy it leaves the snapshot to its retention. The
// snapshots of an unfinished rotation are treated alike.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var model resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &model)...)
	unfinished, diags := getRotation(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	timeout, diags := framework.Timeout(model.Timeouts, "delete", defaultTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	on := r.clusterOf(&model)
	ids := unfinished.snapshotIDs()
	if !isGoneStatus(model.Status.ValueString()) {
		ids = append([]string{model.SnapshotID.ValueString()}, ids...)
	}
	for _, id := range ids {
		// In a replacement, the create that follows must not report it as an orphan.
		operation.MarkOwn(on.key(), id)
	}
	if model.SkipDestroy.ValueBool() {
		resp.Diagnostics.Append(warnOfKept(on, &model, ids)...)
		return
	}
	ctx, cancel := r.client.Clock().WithTimeout(ctx, timeout)
	defer cancel()
	for i, id := range ids {
		pending := i > 0 || model.pending() || isGoneStatus(model.Status.ValueString())
		if err := on.delete(ctx, id, pending); err != nil {
			resp.Diagnostics.Append(diagnostics.FromError(failure("Unable to delete snapshot", on.snapshot(id)), err, deleteRemedy(err)))
			return
		}
	}
}

// deleteRemedy says what is known of a snapshot that could not be deleted.
func deleteRemedy(err error) string {
	var failed *deleteError
	switch {
	case errors.As(err, &failed) && failed.uncertain:
		return "Atlas may or may not have deleted the snapshot, which is still in the state. Destroy again: it is no error if the snapshot is gone by then."
	case failed != nil && failed.inconsistent:
		return "Atlas answers 404 for the snapshot but still lists it, so it stays in the state. Destroy again later."
	}
	return "The snapshot is still there and in the state."
}

// ImportState accepts project_id/cluster_name/snapshot_id or the identity. The read that follows fills in everything else.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	var identity identityModel
	if req.ID == "" && req.Identity != nil && !req.Identity.Raw.IsNull() {
		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)
	} else {
		projectID, clusterName, snapshotID, err := framework.ParseImportID(req.ID, "snapshot_id")
		if err != nil {
			resp.Diagnostics.AddError("Invalid import ID", fmt.Sprintf("A snapshot is imported as project_id/cluster_name/snapshot_id: %s.", err))
			return
		}
		identity = identityModel{types.StringValue(projectID), types.StringValue(clusterName), types.StringValue(snapshotID)}
	}
	if resp.Diagnostics.HasError() {
		return
	}
	projectID, clusterName, snapshotID := identity.ProjectID.ValueString(), identity.ClusterName.ValueString(), identity.SnapshotID.ValueString()
	if err := framework.CheckImportID(projectID, clusterName, snapshotID, "snapshot_id"); err != nil {
		resp.Diagnostics.AddError("Invalid identity", fmt.Sprintf("The snapshot cannot be imported: %s.", err))
		return
	}
	model := modelFromExisting(projectID, clusterName, &atlas.Snapshot{ID: snapshotID})
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, &model)...)
}
