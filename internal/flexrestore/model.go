package flexrestore

import (
	"context"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
)

// statusUnknown is the status of a restore whose job Atlas no longer has, and that had not ended when it was last seen. Atlas has no
// such status.
const statusUnknown = "unknown"

// sourceModel has the arguments that the resource and the action have in common.
type sourceModel struct {
	ProjectID         types.String `tfsdk:"project_id"`
	ClusterName       types.String `tfsdk:"cluster_name"`
	SnapshotID        types.String `tfsdk:"snapshot_id"`
	MostRecent        types.Bool   `tfsdk:"most_recent"`
	TargetClusterName types.String `tfsdk:"target_cluster_name"`
	TargetProjectID   types.String `tfsdk:"target_project_id"`
	EraseTarget       types.String `tfsdk:"erase_target"`
}

// jobModel has the attributes of the job.
type jobModel struct {
	ID                 types.String      `tfsdk:"id"`
	RestoreJobID       types.String      `tfsdk:"restore_job_id"`
	Status             types.String      `tfsdk:"status"`
	RestoredSnapshotID types.String      `tfsdk:"restored_snapshot_id"`
	SnapshotCreatedAt  timetypes.RFC3339 `tfsdk:"snapshot_created_at"`
	RequestedAt        timetypes.RFC3339 `tfsdk:"requested_at"`
	FinishedAt         timetypes.RFC3339 `tfsdk:"finished_at"`
	DurationSeconds    types.Int64       `tfsdk:"duration_seconds"`
	DataAgeSeconds     types.Int64       `tfsdk:"data_age_seconds"`
}

// resourceModel is the configuration and the state of the resource.
type resourceModel struct {
	sourceModel
	jobModel

	Triggers    types.Map      `tfsdk:"triggers"`
	AllowRepeat types.Bool     `tfsdk:"allow_repeat"`
	Timeouts    timeouts.Value `tfsdk:"timeouts"`
}

type identityModel struct {
	ProjectID    types.String `tfsdk:"project_id"`
	ClusterName  types.String `tfsdk:"cluster_name"`
	RestoreJobID types.String `tfsdk:"restore_job_id"`
}

// targetProjectID returns the project of the target.
func (m *sourceModel) targetProjectID() string {
	if m.TargetProjectID.IsNull() || m.TargetProjectID.IsUnknown() {
		return m.ProjectID.ValueString()
	}
	return m.TargetProjectID.ValueString()
}

// isTargetSource reports whether the restore is onto the cluster that the snapshot is of.
func (m *sourceModel) isTargetSource() bool {
	return m.targetProjectID() == m.ProjectID.ValueString() && m.TargetClusterName.Equal(m.ClusterName)
}

// sourceEqual reports whether two models restore the same thing onto the same cluster. Unknown values are equal to nothing.
func (m *sourceModel) sourceEqual(other *sourceModel) bool {
	known, of := m.values(), other.values()
	for i, value := range known {
		if value.IsUnknown() || of[i].IsUnknown() || !value.Equal(of[i]) {
			return false
		}
	}
	return true
}

// values returns what decides what is restored onto what.
func (m *sourceModel) values() []attr.Value {
	return []attr.Value{
		m.ProjectID, m.ClusterName, m.SnapshotID, types.BoolValue(m.MostRecent.ValueBool()),
		m.TargetClusterName, m.TargetProjectID,
	}
}

// pending reports whether the restore had not ended when it was last seen.
func (m *jobModel) pending() bool {
	switch m.Status.ValueString() {
	case atlas.FlexStatusCompleted, atlas.FlexStatusFailed, statusUnknown:
		return false
	}
	return true
}

// newJobModel returns the attributes of a job of snapshots of a cluster.
func newJobModel(projectID, clusterName string, j *atlas.FlexRestoreJob) jobModel {
	requestedAt := j.RequestedAt()
	m := jobModel{
		ID:                 types.StringValue(framework.ImportID(projectID, clusterName, j.ID)),
		RestoreJobID:       types.StringValue(j.ID),
		Status:             types.StringValue(j.Status),
		RestoredSnapshotID: framework.StringOrNull(&j.SnapshotID),
		SnapshotCreatedAt:  framework.TimeOrNull(j.SnapshotFinishedAt),
		RequestedAt:        framework.TimeOrNull(&requestedAt),
		FinishedAt:         framework.TimeOrNull(j.FinishedAt),
		DurationSeconds:    secondsBetween(&requestedAt, j.FinishedAt),
	}
	m.DataAgeSeconds = secondsBetween(j.SnapshotFinishedAt, &requestedAt)
	return m
}

func secondsBetween(from, to *time.Time) types.Int64 {
	if from == nil || to == nil {
		return types.Int64Null()
	}
	return types.Int64Value(int64(to.Sub(*from).Round(time.Second) / time.Second))
}

// setUnknown plans the attributes of a restore that the apply requests.
func (m *jobModel) setUnknown() {
	m.ID, m.RestoreJobID, m.RestoredSnapshotID = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
	m.SnapshotCreatedAt, m.RequestedAt = timetypes.NewRFC3339Unknown(), timetypes.NewRFC3339Unknown()
	m.DataAgeSeconds = types.Int64Unknown()
	m.setEndUnknown()
}

// setEndUnknown plans the attributes that change when the restore ends, and those that Atlas has not shown yet.
func (m *jobModel) setEndUnknown() {
	m.Status, m.FinishedAt, m.DurationSeconds = types.StringUnknown(), timetypes.NewRFC3339Unknown(), types.Int64Unknown()
	if m.RestoredSnapshotID.IsNull() {
		m.RestoredSnapshotID = types.StringUnknown()
	}
	if m.SnapshotCreatedAt.IsNull() {
		m.SnapshotCreatedAt = timetypes.NewRFC3339Unknown()
	}
	if m.DataAgeSeconds.IsNull() {
		m.DataAgeSeconds = types.Int64Unknown()
	}
}

// cluster returns the project and the name of the cluster that the job is of. The arguments may have changed since.
func (m *jobModel) cluster() (projectID, clusterName string) {
	projectID, rest, _ := strings.Cut(m.ID.ValueString(), "/")
	clusterName, _, _ = strings.Cut(rest, "/")
	return projectID, clusterName
}

func (m *jobModel) setIdentity(ctx context.Context, identity *tfsdk.ResourceIdentity) diag.Diagnostics {
	projectID, clusterName := m.cluster()
	return framework.SetIdentity(ctx, identity, identityModel{types.StringValue(projectID), types.StringValue(clusterName), m.RestoreJobID})
}

// timeoutTypes are the types of the attributes of the timeouts block.
var timeoutTypes = map[string]attr.Type{"create": types.StringType, "update": types.StringType}

// modelFromExisting returns the model of a job that this resource did not request: imported or listed. The arguments are those that
// would have led to the job.
func modelFromExisting(projectID, clusterName string, j *atlas.FlexRestoreJob) resourceModel {
	target := framework.StringOrNull(&j.TargetClusterName)
	m := resourceModel{
		sourceModel: sourceModel{
			ProjectID: types.StringValue(projectID), ClusterName: types.StringValue(clusterName),
			TargetClusterName: target, EraseTarget: target, TargetProjectID: framework.StringOrNull(&j.TargetProjectID),
			SnapshotID: framework.StringOrNull(&j.SnapshotID),
		},
		jobModel: newJobModel(projectID, clusterName, j),
		Triggers: types.MapNull(types.StringType),
		Timeouts: timeouts.Value{Object: types.ObjectNull(timeoutTypes)},
	}
	return m
}
