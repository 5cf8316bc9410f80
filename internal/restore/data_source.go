package restore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
)

// readModel has the attributes of a restore job in the data sources. The delivery URL of a download is a secret and has no attribute.
type readModel struct {
	RestoreJobID      types.String      `tfsdk:"restore_job_id"`
	DeliveryType      types.String      `tfsdk:"delivery_type"`
	Status            types.String      `tfsdk:"status"`
	SnapshotID        types.String      `tfsdk:"snapshot_id"`
	SnapshotCreatedAt timetypes.RFC3339 `tfsdk:"snapshot_created_at"`
	PointInTime       timetypes.RFC3339 `tfsdk:"point_in_time"`
	OplogTS           types.Int64       `tfsdk:"oplog_ts"`
	OplogInc          types.Int64       `tfsdk:"oplog_inc"`
	TargetClusterName types.String      `tfsdk:"target_cluster_name"`
	TargetProjectID   types.String      `tfsdk:"target_project_id"`
	RequestedAt       timetypes.RFC3339 `tfsdk:"requested_at"`
	FinishedAt        timetypes.RFC3339 `tfsdk:"finished_at"`
	ExpiresAt         timetypes.RFC3339 `tfsdk:"expires_at"`
	DurationSeconds   types.Int64       `tfsdk:"duration_seconds"`
	DataAgeSeconds    types.Int64       `tfsdk:"data_age_seconds"`
}

func newReadModel(j *atlas.RestoreJob) readModel {
	job := newJobModel("", "", j)
	status := j.Status()
	m := readModel{
		RestoreJobID:      job.RestoreJobID,
		DeliveryType:      framework.StringOrNull(&j.DeliveryType),
		Status:            types.StringValue(status),
		SnapshotID:        job.RestoredSnapshotID,
		SnapshotCreatedAt: job.SnapshotCreatedAt,
		PointInTime:       timetypes.NewRFC3339Null(),
		OplogTS:           types.Int64PointerValue(j.OplogTS),
		OplogInc:          types.Int64PointerValue(j.OplogInc),
		TargetClusterName: framework.StringOrNull(&j.TargetClusterName),
		TargetProjectID:   framework.StringOrNull(&j.TargetProjectID),
		RequestedAt:       job.RequestedAt,
		FinishedAt:        job.FinishedAt,
		ExpiresAt:         framework.TimeOrNull(j.ExpiresAt),
		DurationSeconds:   job.DurationSeconds,
		DataAgeSeconds:    job.DataAgeSeconds,
	}
	if j.PointInTimeSeconds != nil {
		at := time.Unix(*j.PointInTimeSeconds, 0)
		m.PointInTime = framework.TimeOrNull(&at)
	}
	if j.DeliveryType == atlas.DeliveryDownload {
		// Its finishedAt is when its URL expired.
		m.DurationSeconds = types.Int64Null()
	}
	return m
}

// dataSourceModel is the configuration and the state of the data source atlasbackup_restore_job.
type dataSourceModel struct {
	readModel

	ProjectID   types.String `tfsdk:"project_id"`
	ClusterName types.String `tfsdk:"cluster_name"`
	MostRecent  types.Bool   `tfsdk:"most_recent"`
}

var lookup = framework.Lookup{Noun: "restore job", ID: "restore_job_id"}

const clusterNameDescription = "Name of the dedicated cluster that the backup is of. Atlas shows a restore job under this cluster, whatever it was restored onto."

// NewDataSource returns the data source atlasbackup_restore_job.
func NewDataSource() datasource.DataSource {
	attributes := readAttributes()
	attributes["project_id"] = framework.ProjectIDAttribute()
	attributes["cluster_name"] = framework.ClusterNameAttribute(clusterNameDescription)
	lookup.AddAttributes(attributes, "Whether to read the most recently requested restore job that is completed and matches the filters.")
	for name, filter := range filterAttributes() {
		filter.Computed = true
		filter.MarkdownDescription = attributes[name].GetMarkdownDescription() + " Can be set together with `most_recent`, to read only jobs with this value."
		attributes[name] = lookup.Filter(filter)
	}
	return framework.NewDataSource(framework.DataSource[dataSourceModel]{
		Name: "restore_job",
		Schema: schema.Schema{
			MarkdownDescription: "Provides details about one restore job of a dedicated Atlas cluster, whoever requested it: the one with a given ID, or the most recent " +
				"completed one.",
			Attributes: attributes,
		},
		Validators: []datasource.ConfigValidator{lookup},
		Read:       readOne,
	})
}

func readOne(ctx context.Context, client *atlas.Client, model *dataSourceModel) diag.Diagnostics {
	on := &cluster{client: client, projectID: model.ProjectID.ValueString(), name: model.ClusterName.ValueString()}
	f := noun.Failure("Unable to read restore job", on.String())
	f.Object = path.Root(lookup.ID)
	if !model.MostRecent.ValueBool() {
		id := model.RestoreJobID.ValueString()
		job, err := client.GetRestoreJob(ctx, on.projectID, on.name, id)
		if err != nil {
			f.About = on.job(id)
			return diag.Diagnostics{diagnostics.FromError(f, err)}
		}
		model.readModel = newReadModel(job)
		return nil
	}
	wanted := filter{deliveryType: model.DeliveryType.ValueString(), target: model.TargetClusterName.ValueString()}
	jobs, unreadable, err := on.all(ctx, filter{})
	if err != nil {
		return diag.Diagnostics{diagnostics.FromError(f, err)}
	}
	search := diagnostics.Search{
		Conditions: wanted.conditions(), Filters: "delivery_type and target_cluster_name", Seen: len(jobs), Unreadable: unreadable,
	}
	for _, job := range jobs {
		switch {
		case !wanted.matches(job):
		case job.Status() == atlas.RestoreCompleted:
			model.readModel = newReadModel(job)
			return diagnostics.Unreadable("the restore jobs of "+on.String(), unreadable)
		case job.Status() == atlas.RestoreInProgress:
			search.Unfinished++
		default:
			search.Failed++
		}
	}
	return diag.Diagnostics{diagnostics.NothingFound(f, framework.MostRecentPath, search)}
}

// all returns the jobs that match a filter, the most recently requested first.
func (c *cluster) all(ctx context.Context, f filter) (matching []*atlas.RestoreJob, unreadable []error, err error) {
	jobs, unreadable, err := framework.Collect(c.client.ListRestoreJobs(ctx, c.projectID, c.name), (*atlas.RestoreJob).RequestedAt)
	for _, job := range jobs {
		if f.matches(job) {
			matching = append(matching, job)
		}
	}
	// Several may be requested within a second, and Atlas documents no order.
	slices.SortStableFunc(matching, func(a, b *atlas.RestoreJob) int {
		return cmp.Or(b.RequestedAt().Compare(a.RequestedAt()), cmp.Compare(b.ID, a.ID))
	})
	return matching, unreadable, err
}

// filter has the conditions on a restore job. An empty field matches everything.
type filter struct {
	status, deliveryType, target string
	before, after                time.Time
}

func (f filter) matches(j *atlas.RestoreJob) bool {
	requested := j.RequestedAt()
	return (f.status == "" || j.Status() == f.status) &&
		(f.deliveryType == "" || j.DeliveryType == f.deliveryType) &&
		(f.target == "" || j.TargetClusterName == f.target) &&
		(f.before.IsZero() || requested.Before(f.before)) &&
		(f.after.IsZero() || requested.After(f.after))
}

// conditions returns the conditions in words, each as the rest of a sentence about a restore job.
func (f filter) conditions() []string {
	var all []string
	if f.deliveryType != "" {
		all = append(all, fmt.Sprintf("has the delivery type %q", f.deliveryType))
	}
	if f.target != "" {
		all = append(all, fmt.Sprintf("is onto cluster %q", f.target))
	}
	return all
}

// filterAttributes returns the filters that both data sources and the list resource have.
func filterAttributes() map[string]schema.StringAttribute {
	target := framework.FilterAttribute("Name of the cluster that the jobs to read restore onto.")
	target.Validators = framework.ClusterNameValidators()
	return map[string]schema.StringAttribute{
		"delivery_type": framework.FilterAttribute("Kind of the jobs to read: `automated`, `pointInTime` or `download`.",
			atlas.DeliveryAutomated, atlas.DeliveryPointInTime, atlas.DeliveryDownload),
		"target_cluster_name": target,
	}
}

// readAttributes returns the attributes of a readModel.
func readAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"restore_job_id": framework.ComputedString("ID of the restore job (24 hexadecimal digits)."),
		"delivery_type": framework.ComputedString("Kind of the job: `automated` (a snapshot, onto a cluster), `pointInTime` (a point in time, onto a cluster) or " +
			"`download` (a snapshot, to be downloaded)."),
		"status": framework.ComputedString("Status of the job: `inProgress`, `completed`, `failed`, `cancelled`, or `expired` for a download that is no longer available. " +
			"Atlas sends no status: this one is derived from `failed`, `cancelled`, `expired` and `finishedAt`, in this order."),
		"snapshot_id":         framework.ComputedString("ID of the restored snapshot. Null for a point in time."),
		"snapshot_created_at": framework.ComputedTime("Time at which Atlas took the restored snapshot (RFC 3339, UTC)."),
		"point_in_time":       framework.ComputedTime("Time that was restored (RFC 3339, UTC). Null for a snapshot and for an oplog timestamp."),
		"oplog_ts":            framework.ComputedInt64("Oplog timestamp that was restored, in seconds since 1970."),
		"oplog_inc":           framework.ComputedInt64("Increment of the oplog timestamp."),
		"target_cluster_name": framework.ComputedString("Name of the cluster that was restored onto. Null for a download."),
		"target_project_id":   framework.ComputedString("ID of the project of that cluster."),
		"requested_at":        framework.ComputedTime("Time at which the job was requested (RFC 3339, UTC)."),
		"finished_at":         framework.ComputedTime("Time at which the job ended (RFC 3339, UTC). Null until then; for a download, until its URL has expired."),
		"expires_at":          framework.ComputedTime("Time until which a download is available (RFC 3339, UTC)."),
		"duration_seconds":    framework.ComputedInt64("Duration of a restore onto a cluster in seconds, from the request to its end: the recovery time."),
		"data_age_seconds":    framework.ComputedInt64("Age of the restored data in seconds when the job was requested: the recovery point."),
	}
}
