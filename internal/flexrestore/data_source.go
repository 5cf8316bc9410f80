package flexrestore

import (
	"context"
	"fmt"
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

// readModel has the attributes of a restore job in the data sources.
type readModel struct {
	RestoreJobID      types.String      `tfsdk:"restore_job_id"`
	DeliveryType      types.String      `tfsdk:"delivery_type"`
	Status            types.String      `tfsdk:"status"`
	SnapshotID        types.String      `tfsdk:"snapshot_id"`
	SnapshotCreatedAt timetypes.RFC3339 `tfsdk:"snapshot_created_at"`
	TargetClusterName types.String      `tfsdk:"target_cluster_name"`
	TargetProjectID   types.String      `tfsdk:"target_project_id"`
	RequestedAt       timetypes.RFC3339 `tfsdk:"requested_at"`
	FinishedAt        timetypes.RFC3339 `tfsdk:"finished_at"`
	DurationSeconds   types.Int64       `tfsdk:"duration_seconds"`
	DataAgeSeconds    types.Int64       `tfsdk:"data_age_seconds"`
}

func newReadModel(j *atlas.FlexRestoreJob) readModel {
	job := newJobModel("", "", j)
	return readModel{
		RestoreJobID:      job.RestoreJobID,
		DeliveryType:      framework.StringOrNull(&j.DeliveryType),
		Status:            job.Status,
		SnapshotID:        job.RestoredSnapshotID,
		SnapshotCreatedAt: job.SnapshotCreatedAt,
		TargetClusterName: framework.StringOrNull(&j.TargetClusterName),
		TargetProjectID:   framework.StringOrNull(&j.TargetProjectID),
		RequestedAt:       job.RequestedAt,
		FinishedAt:        job.FinishedAt,
		DurationSeconds:   job.DurationSeconds,
		DataAgeSeconds:    job.DataAgeSeconds,
	}
}

// dataSourceModel is the configuration and the state of the data source atlasbackup_flex_restore_job.
type dataSourceModel struct {
	readModel

	ProjectID   types.String `tfsdk:"project_id"`
	ClusterName types.String `tfsdk:"cluster_name"`
	MostRecent  types.Bool   `tfsdk:"most_recent"`
}

var lookup = framework.Lookup{Noun: "restore job", ID: "restore_job_id"}

const clusterNameDescription = "Name of the Flex cluster that the snapshot is of. Atlas shows a restore job under this cluster, whatever it was restored onto."

// NewDataSource returns the data source atlasbackup_flex_restore_job.
func NewDataSource() datasource.DataSource {
	attributes := readAttributes()
	attributes["project_id"] = framework.ProjectIDAttribute()
	attributes["cluster_name"] = framework.ClusterNameAttribute(clusterNameDescription)
	lookup.AddAttributes(attributes, "Whether to read the most recently requested restore job that is completed and matches the filter.")
	filter := targetFilter()
	filter.Computed = true
	filter.MarkdownDescription = attributes["target_cluster_name"].GetMarkdownDescription() + " Can be set together with `most_recent`, to read only jobs with this value."
	attributes["target_cluster_name"] = lookup.Filter(filter)
	return framework.NewDataSource(framework.DataSource[dataSourceModel]{
		Name: "flex_restore_job",
		Schema: schema.Schema{
			MarkdownDescription: "Provides details about one restore job of a Flex cluster, whoever requested it: the one with a given ID, or the most recent completed one.",
			Attributes:          attributes,
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
		job, err := client.GetFlexRestoreJob(ctx, on.projectID, on.name, id)
		if err != nil {
			f.About = on.job(id)
			return diag.Diagnostics{diagnostics.FromError(f, err)}
		}
		model.readModel = newReadModel(job)
		return nil
	}
	wanted := filter{target: model.TargetClusterName.ValueString()}
	search := diagnostics.Search{Conditions: wanted.conditions(), Filters: "target_cluster_name"}
	var newest *atlas.FlexRestoreJob
	jobs := on.newestJobs(ctx, func() time.Time {
		if newest == nil {
			return time.Time{}
		}
		return newest.RequestedAt()
	})
	for job, err := range atlas.Readable(jobs, func(err error) { search.Unreadable = append(search.Unreadable, err) }) {
		if err != nil {
			return diag.Diagnostics{diagnostics.FromError(f, err)}
		}
		search.Seen++
		switch {
		case !wanted.matches(job):
		case job.Status == atlas.FlexStatusFailed:
			search.Failed++
		case job.Status != atlas.FlexStatusCompleted:
			search.Unfinished++
		case newest == nil || job.RequestedAt().After(newest.RequestedAt()):
			newest = job
		}
	}
	if newest == nil {
		return diag.Diagnostics{diagnostics.NothingFound(f, framework.MostRecentPath, search)}
	}
	model.readModel = newReadModel(newest)
	return diagnostics.Unreadable("the restore jobs of "+on.String(), search.Unreadable)
}

// filter has the conditions on a restore job. An empty field matches everything.
type filter struct {
	status, target string
	before, after  time.Time
}

func (f filter) matches(j *atlas.FlexRestoreJob) bool {
	requested := j.RequestedAt()
	return (f.status == "" || j.Status == f.status) &&
		(f.target == "" || j.TargetClusterName == f.target) &&
		(f.before.IsZero() || requested.Before(f.before)) &&
		(f.after.IsZero() || requested.After(f.after))
}

// conditions returns the conditions in words, each as the rest of a sentence about a restore job.
func (f filter) conditions() []string {
	if f.target == "" {
		return nil
	}
	return []string{fmt.Sprintf("is onto cluster %q", f.target)}
}

// targetFilter returns the filter that both data sources have.
func targetFilter() schema.StringAttribute {
	target := framework.FilterAttribute("Name of the cluster that the jobs to read restore onto.")
	target.Validators = framework.ClusterNameValidators()
	return target
}

// readAttributes returns the attributes of a readModel.
func readAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"restore_job_id":      framework.ComputedString("ID of the restore job (24 hexadecimal digits)."),
		"delivery_type":       framework.ComputedString("Kind of the job: `RESTORE` (onto a cluster) or `DOWNLOAD`."),
		"status":              framework.ComputedString("Status of the job: `PENDING`, `QUEUED`, `RUNNING`, `COMPLETED` or `FAILED`."),
		"snapshot_id":         framework.ComputedString("ID of the restored snapshot."),
		"snapshot_created_at": framework.ComputedTime("Time at which Atlas completed the restored snapshot (RFC 3339, UTC). Called `snapshotFinishedDate` in the API."),
		"target_cluster_name": framework.ComputedString("Name of the cluster that was restored onto."),
		"target_project_id":   framework.ComputedString("ID of the project of that cluster."),
		"requested_at":        framework.ComputedTime("Time at which the job was requested (RFC 3339, UTC)."),
		"finished_at":         framework.ComputedTime("Time at which Atlas completed or failed the job (RFC 3339, UTC). Null until then."),
		"duration_seconds":    framework.ComputedInt64("Duration of the restore in seconds, from the request to its end: the recovery time."),
		"data_age_seconds": framework.ComputedInt64("Age of the restored snapshot in seconds when the job was requested, counted from `snapshot_created_at`: the recovery " +
			"point."),
	}
}
