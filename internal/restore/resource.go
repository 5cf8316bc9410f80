// Package restore has what the provider offers for restores of dedicated clusters.
package restore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/operation"
)

var (
	_ resource.Resource                   = (*Resource)(nil)
	_ resource.ResourceWithConfigure      = (*Resource)(nil)
	_ resource.ResourceWithIdentity       = (*Resource)(nil)
	_ resource.ResourceWithImportState    = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan     = (*Resource)(nil)
	_ resource.ResourceWithValidateConfig = (*Resource)(nil)
)

// unfinishedKey is in the private state of a restore whose creation ended with an error, such as a timeout. Terraform replaces the
// resource then, which must not restore again: the state keeps the status "inProgress" until an apply has seen the end, so that the
// destroy knows that the create that follows has to continue with the job.
const unfinishedKey = "unfinished"

// defaultTimeout is the default of all timeouts: large clusters take hours.
const defaultTimeout = 12 * time.Hour

// NewResource returns the resource atlasbackup_restore.
func NewResource() resource.Resource { return &Resource{} }

// Resource is the resource atlasbackup_restore.
type Resource struct {
	client *atlas.Client
	// checksAtPlan reports whether plans check the source and the target.
	checksAtPlan bool
}

func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_restore"
	// A change of triggers puts another job into the same resource.
	resp.ResourceBehavior.MutableIdentity = true
}

func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	data, diags := framework.Configure(req.ProviderData, "resource")
	r.client, r.checksAtPlan = data.Client, data.Clusters != nil
	resp.Diagnostics.Append(diags...)
}

func (r *Resource) clusterOf(m *sourceModel) *cluster {
	return &cluster{client: r.client, projectID: m.ProjectID.ValueString(), name: m.ClusterName.ValueString()}
}

// jobClusterOf returns the cluster that the job in the state is of.
func (r *Resource) jobClusterOf(m *jobModel) *cluster {
	projectID, name := m.cluster()
	return &cluster{client: r.client, projectID: projectID, name: name}
}

func (r *Resource) targetOf(m *sourceModel) *target {
	return &target{client: r.client, projectID: m.targetProjectID(), name: m.TargetClusterName.ValueString()}
}

// Create saves the job to the state as soon as Atlas has accepted the request, so that nothing that happens afterwards loses it.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var model resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	timeout, diags := framework.Timeout(model.Timeouts, "create", defaultTimeout)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := r.client.Clock().WithTimeout(ctx, timeout)
	defer cancel()
	save := func(job *atlas.RestoreJob) {
		model.jobModel = newJobModel(model.ProjectID.ValueString(), model.ClusterName.ValueString(), job)
		resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
		resp.Diagnostics.Append(model.setIdentity(ctx, resp.Identity)...)
	}
	isContinued, diags := r.continueAbandoned(ctx, &model, timeout, save)
	if !isContinued {
		diags.Append(r.run(ctx, &model, timeout, nil, save)...)
	}
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, unfinishedKey, []byte("true"))...)
	}
	if !model.RestoreJobID.IsUnknown() && model.Status.ValueString() == statusUnknown {
		resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
	}
}

// run restores as the model says, and calls save with the job whenever Atlas has shown something new of it. last is the restore in the
// state, nil for a new resource.
func (r *Resource) run(ctx context.Context, model *resourceModel, timeout time.Duration, last *jobModel, save func(*atlas.RestoreJob)) diag.Diagnostics {
	on, onto := r.clusterOf(&model.sourceModel), r.targetOf(&model.sourceModel)
	diags := model.checkArguments()
	if diags.HasError() {
		return diags
	}
	from, more := on.resolveSource(ctx, &model.sourceModel)
	if diags.Append(more...); !diags.HasError() {
		diags.Append(onto.check(ctx, from)...)
	}
	if diags.HasError() {
		return diags
	}
	options := restoreOptions{repeats: model.AllowRepeat.ValueBool()}
	if last != nil {
		options.after = (&atlas.RestoreJob{ID: last.RestoreJobID.ValueString()}).RequestedAt()
	}
	restored := on.restore(ctx, from, onto, save, options)
	diags.Append(on.warnOfEarlier(from, onto, restored)...)
	return append(diags, r.finish(ctx, &model.jobModel, on, onto, restored, timeout, last == nil, save)...)
}

// continueAbandoned continues with the job of the restore that this one replaces, if no apply has seen its end, whatever the arguments are
// now: only triggers restore again. It reports whether there is nothing more to request.
func (r *Resource) continueAbandoned(
	ctx context.Context, model *resourceModel, timeout time.Duration, save func(*atlas.RestoreJob),
) (isContinued bool, diags diag.Diagnostics) {
	on, onto := r.clusterOf(&model.sourceModel), r.targetOf(&model.sourceModel)
	abandoned, ok := abandonedJobs.Take(on.abandonedKey(onto))
	if !ok {
		return false, nil
	}
	job, err := on.read(ctx, abandoned.ID)
	if errors.Is(err, operation.ErrGone) {
		return true, diag.Diagnostics{on.notRequested(onto, &lostJobError{id: abandoned.ID})}
	}
	if err != nil {
		// The state has to have it, whatever the wait makes of the error.
		job = &atlas.RestoreJob{ID: abandoned.ID, DeliveryType: atlas.DeliveryAutomated, TargetProjectID: onto.projectID, TargetClusterName: onto.name}
	}
	again := framework.TriggersChange(abandoned.Triggers, model.Triggers)
	if statusOf(job) == atlas.RestoreFailed || again && statusOf(job) == atlas.RestoreCompleted {
		return false, nil
	}
	asked := model.Triggers
	if again {
		// What triggers ask for comes after it: until then the state is to ask for it.
		model.Triggers = abandoned.Triggers
	}
	save(job)
	resumed := on.resume(ctx, onto, abandoned.ID)
	if !again {
		diags.AddWarning("Restore continued: "+abandoned.ID, fmt.Sprintf(
			"The resource that this one replaces had requested %s onto %s, and no apply had seen its end. The run has waited for that restore and requested "+
				"no other one. To restore again, change triggers.", on.job(abandoned.ID), onto))
		return true, append(diags, r.finish(ctx, &model.jobModel, on, onto, resumed, timeout, true, save)...)
	}
	if resumed.Outcome != operation.Completed && !resumed.HasFailed() {
		return true, diag.Diagnostics{on.notFinished(onto, timeout, resumed)}
	}
	if resumed.Value != nil {
		save(resumed.Value)
	}
	model.Triggers = asked
	return false, nil
}

// finish saves what a restore, or a wait for one, has ended with.
func (r *Resource) finish(
	ctx context.Context, model *jobModel, on *cluster, onto *target, restored result, timeout time.Duration, isNew bool, save func(*atlas.RestoreJob),
) diag.Diagnostics {
	if restored.Accepted() && restored.Value != nil {
		save(restored.Value)
	}
	switch restored.Outcome {
	case operation.Completed:
		return onto.waitUntilIdle(ctx)
	case operation.Gone:
		model.Status = types.StringValue(statusUnknown)
	default:
	}
	return diag.Diagnostics{on.notRestored(onto, timeout, isNew, restored)}
}

// Read reads the job until it has ended. Afterwards nothing changes it, and Atlas may forget it: the state keeps it as it was last seen.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var model resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &model)...)
	unfinished, diags := req.Private.GetKey(ctx, unfinishedKey)
	resp.Diagnostics.Append(diags...)
	// The framework requires an identity.
	if resp.Identity != nil && resp.Identity.Raw.IsFullyNull() {
		resp.Diagnostics.Append(model.setIdentity(ctx, resp.Identity)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	id, isImport := model.RestoreJobID.ValueString(), model.Status.IsNull()
	on, onto := r.jobClusterOf(&model.jobModel), r.targetOf(&model.sourceModel)
	if !isImport {
		operation.MarkOwn(onto.key(), id)
	}
	if !model.pending() {
		return
	}
	ctx, cancel := r.client.Clock().WithTimeout(ctx, framework.ReadTimeout)
	defer cancel()
	asked := r.client.Clock().Now()
	job, err := on.read(ctx, id)
	switch {
	case isImport && errors.Is(err, operation.ErrGone):
		resp.Diagnostics.AddError("Unable to import restore", fmt.Sprintf("Atlas has no %s. Atlas shows a restore job only under the cluster that the backup is of.", on.job(id)))
	case isImport && err == nil && job.DeliveryType == atlas.DeliveryDownload:
		resp.Diagnostics.AddError("Unable to import restore", fmt.Sprintf("%s is a download, not a restore onto a cluster.", capitalize(on.job(id))))
	case operation.MayAppearLate(err) && operation.IsNew(r.client, (&atlas.RestoreJob{ID: id}).RequestedAt(), asked):
		resp.Diagnostics.AddWarning("Restore not shown by Atlas yet", fmt.Sprintf(
			"Atlas does not show %s, which was requested recently and had not ended when it was last seen. The state keeps it, and the next apply resumes the wait.", on.job(id)))
	case errors.Is(err, operation.ErrGone):
		resp.Diagnostics.AddWarning("Restore unknown to Atlas: "+id, fmt.Sprintf(
			"Atlas no longer has %s, which had not ended when it was last seen, so it is not known how it ended. The state keeps it with the status %q, and nothing is restored "+
				"again.\n\nLook at the target, %s, in Atlas: it may be erased, incomplete or restored. To restore again, change triggers.", on.job(id), statusUnknown, onto))
		model.Status = types.StringValue(statusUnknown)
		resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
	case err != nil:
		resp.Diagnostics.Append(diagnostics.FromError(noun.Failure("Unable to read restore", on.job(id)), err))
	case isImport:
		imported := modelFromExisting(on.projectID, on.name, job)
		imported.Timeouts = model.Timeouts
		resp.Diagnostics.Append(resp.State.Set(ctx, &imported)...)
	case statusOf(job) == atlas.RestoreCompleted && len(unfinished) > 0:
		// See unfinishedKey.
	default:
		model.jobModel = newJobModel(on.projectID, on.name, job)
		resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
	}
}

// read reads a job and confirms with the list that one is gone.
func (c *cluster) read(ctx context.Context, id string) (*atlas.RestoreJob, error) {
	job, err := c.client.GetRestoreJob(ctx, c.projectID, c.name, id)
	if !atlas.IsNotFound(err) {
		return job, err
	}
	return c.confirm(ctx, id, err)
}

// Update restores only if a value of triggers changes. Otherwise it resumes an interrupted wait and saves the arguments.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	timeout, diags := framework.Timeout(plan.Timeouts, "update", defaultTimeout)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := r.client.Clock().WithTimeout(ctx, timeout)
	defer cancel()
	again := framework.TriggersChange(state.Triggers, plan.Triggers)
	operation.MarkOwn(r.targetOf(&state.sourceModel).key(), state.RestoreJobID.ValueString())
	kept := state
	if !again {
		kept = plan
		kept.jobModel = state.jobModel
	}
	save := func(m *resourceModel) func(*atlas.RestoreJob) {
		return func(job *atlas.RestoreJob) {
			on := r.clusterOf(&m.sourceModel)
			if m == &kept {
				on = r.jobClusterOf(&m.jobModel)
			}
			m.jobModel = newJobModel(on.projectID, on.name, job)
			resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
			resp.Diagnostics.Append(m.setIdentity(ctx, resp.Identity)...)
		}
	}
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, unfinishedKey, nil)...)
	if kept.pending() {
		on, onto := r.jobClusterOf(&kept.jobModel), r.targetOf(&state.sourceModel)
		resumed := on.resume(ctx, onto, kept.RestoreJobID.ValueString())
		if resumed.Outcome != operation.Completed && again && !resumed.HasFailed() {
			// The state keeps the triggers of before, so the next apply restores.
			resp.Diagnostics.Append(on.notFinished(onto, timeout, resumed))
			return
		}
		diags := r.finish(ctx, &kept.jobModel, on, onto, resumed, timeout, false, save(&kept))
		if !again {
			resp.Diagnostics.Append(diags...)
		}
	}
	if !again {
		resp.Diagnostics.Append(resp.State.Set(ctx, &kept)...)
		resp.Diagnostics.Append(kept.setIdentity(ctx, resp.Identity)...)
		return
	}
	resp.Diagnostics.Append(r.run(ctx, &plan, timeout, &kept.jobModel, save(&plan))...)
	if plan.Status.ValueString() == statusUnknown {
		resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	}
}

// Delete sends no request: a restore cannot be undone, and one that is running cannot be cancelled.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var model resourceModel
	if resp.Diagnostics.Append(req.State.Get(ctx, &model)...); resp.Diagnostics.HasError() {
		return
	}
	id, onto := model.RestoreJobID.ValueString(), r.targetOf(&model.sourceModel)
	hasEnded := model.Status.ValueString() == atlas.RestoreCompleted || model.Status.ValueString() == atlas.RestoreFailed
	operation.MarkOwn(onto.key(), id)
	if !hasEnded {
		abandonedJobs.Add(r.jobClusterOf(&model.jobModel).abandonedKey(onto), framework.AbandonedJob{ID: id, Triggers: model.Triggers})
		resp.Diagnostics.Append(model.warnOfRunning())
	}
}

// ImportState accepts project_id/cluster_name/restore_job_id or the identity. The read that follows fills in everything else.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	var identity identityModel
	if req.ID == "" && req.Identity != nil && !req.Identity.Raw.IsNull() {
		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)
	} else {
		projectID, clusterName, jobID, err := framework.ParseImportID(req.ID, "restore_job_id")
		if err != nil {
			resp.Diagnostics.AddError("Invalid import ID", fmt.Sprintf("A restore is imported as project_id/cluster_name/restore_job_id: %s.", err))
			return
		}
		identity = identityModel{types.StringValue(projectID), types.StringValue(clusterName), types.StringValue(jobID)}
	}
	if resp.Diagnostics.HasError() {
		return
	}
	projectID, clusterName, jobID := identity.ProjectID.ValueString(), identity.ClusterName.ValueString(), identity.RestoreJobID.ValueString()
	if err := framework.CheckImportID(projectID, clusterName, jobID, "restore_job_id"); err != nil {
		resp.Diagnostics.AddError("Invalid identity", fmt.Sprintf("The restore cannot be imported: %s.", err))
		return
	}
	model := modelFromExisting(projectID, clusterName, &atlas.RestoreJob{ID: jobID})
	model.Status = types.StringNull()
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
	resp.Diagnostics.Append(model.setIdentity(ctx, resp.Identity)...)
}
