package snapshot

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

const unableToPlan = "Unable to plan snapshot"

// checkReason says why a plan reads the cluster, and when it should not.
const checkReason = "The plan checks this because of check_at_plan = true in the provider block. Remove that if the same apply creates, " +
	"changes or resumes the cluster first."

// checkCreate checks the cluster when a new resource is planned.
func (r *Resource) checkCreate(ctx context.Context, plan tfsdk.Plan) diag.Diagnostics {
	if r.clusters == nil || plan.Raw.IsNull() {
		return nil
	}
	var model resourceModel
	if diags := plan.Get(ctx, &model); diags.HasError() {
		return diags
	}
	return r.checkCluster(ctx, &model)
}

// checkCluster returns an error, with check_at_plan, if Atlas cannot take a snapshot of the cluster: wrong project, cluster or
// credentials then fail the plan rather than the apply. It costs one request per cluster.
func (r *Resource) checkCluster(ctx context.Context, plan *resourceModel) diag.Diagnostics {
	if r.clusters == nil || plan.ProjectID.IsUnknown() || plan.ClusterName.IsUnknown() {
		return nil
	}
	ctx, cancel := r.client.Clock().WithTimeout(ctx, framework.ReadTimeout)
	defer cancel()
	on := r.clusterOf(plan)
	found, err := r.clusters.Get(ctx, on.projectID, on.name)
	switch {
	case errors.Is(err, atlas.ErrCredentialsUnknown):
		return nil
	case atlas.IsTransient(err), errors.Is(err, wait.ErrTimeout):
		// A transient error says nothing of the configuration.
		return diag.Diagnostics{diagnostics.Warning(diagnostics.FromError(failure("Unable to check cluster", on.String()), err,
			"The plan continues without the check."))}
	case err != nil:
		return diag.Diagnostics{diagnostics.FromError(failure(unableToPlan, on.String()), err, checkReason)}
	}
	return checkClusterState(on, found)
}

// checkClusterState returns an error if Atlas takes no snapshots of a cluster in this state.
func checkClusterState(on *cluster, found *atlas.Cluster) diag.Diagnostics {
	why, remedy := "", ""
	switch {
	case found.IsShared():
		why = "it is a free cluster, which has no backups"
		remedy = "Use a dedicated cluster (M10 or larger)."
	case found.BackupEnabled != nil && !*found.BackupEnabled:
		why = "Cloud Backup is off"
		remedy = "Turn it on (backup_enabled = true in mongodbatlas_advanced_cluster), then plan again."
	case found.Paused != nil && *found.Paused:
		why = "the cluster is paused"
		remedy = "Resume it (paused = false in mongodbatlas_advanced_cluster), then plan again."
	default:
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("cluster_name"), unableToPlan, fmt.Sprintf(
		"No snapshot of %s can be taken: %s.\n\n%s\n%s", on, why, remedy, checkReason))}
}
