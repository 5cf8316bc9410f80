package flexrestore

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
)

// listModel is what the plural data source and the list resource select jobs by.
type listModel struct {
	ProjectID         types.String `tfsdk:"project_id"`
	ClusterName       types.String `tfsdk:"cluster_name"`
	Status            types.String `tfsdk:"status"`
	TargetClusterName types.String `tfsdk:"target_cluster_name"`
	RequestedBefore   types.String `tfsdk:"requested_before"`
	RequestedAfter    types.String `tfsdk:"requested_after"`
}

// dataSourcesModel is the configuration and the state of the data source atlasbackup_flex_restore_jobs.
type dataSourcesModel struct {
	listModel

	Results []readModel `tfsdk:"results"`
}

// requestedRange requires that requested_after is before requested_before.
var requestedRange = framework.TimeRange{Noun: "restore job", After: "requested_after", Before: "requested_before"}

// NewDataSources returns the data source atlasbackup_flex_restore_jobs.
func NewDataSources() datasource.DataSource {
	attributes := map[string]schema.Attribute{"results": framework.ComputedObjects("The restore jobs, newest first.", readAttributes())}
	for name, argument := range listArguments() {
		attributes[name] = argument
	}
	return framework.NewDataSource(framework.DataSource[dataSourcesModel]{
		Name: "flex_restore_jobs",
		Schema: schema.Schema{
			MarkdownDescription: "Provides details about all restore jobs of a Flex cluster, whoever requested them, newest first, or those that match the filters. Atlas keeps every " +
				"job for ever: set `requested_after` to read only the recent ones.",
			Attributes: attributes,
		},
		Validators: []datasource.ConfigValidator{requestedRange},
		Read:       readAll,
	})
}

func readAll(ctx context.Context, client *atlas.Client, model *dataSourcesModel) diag.Diagnostics {
	wanted, diags := model.filter()
	if diags.HasError() {
		return diags
	}
	on := &cluster{client: client, projectID: model.ProjectID.ValueString(), name: model.ClusterName.ValueString()}
	about := "the restore jobs of " + on.String()
	found, unreadable, err := framework.Collect(on.newestJobs(ctx, func() time.Time { return wanted.after }), (*atlas.FlexRestoreJob).RequestedAt)
	if err != nil {
		return diag.Diagnostics{diagnostics.FromError(noun.Failure("Unable to read restore jobs", about), err)}
	}
	var matching []*atlas.FlexRestoreJob
	for _, job := range found {
		if wanted.matches(job) {
			matching = append(matching, job)
		}
	}
	model.Results = framework.Models(matching, newReadModel)
	return diagnostics.Unreadable(about, unreadable)
}

func (m *listModel) filter() (filter, diag.Diagnostics) {
	before, diags := framework.ParseTime(path.Root("requested_before"), m.RequestedBefore)
	after, more := framework.ParseTime(path.Root("requested_after"), m.RequestedAfter)
	return filter{status: m.Status.ValueString(), target: m.TargetClusterName.ValueString(), before: before, after: after}, append(diags, more...)
}

// listArguments returns the arguments of a listModel.
func listArguments() map[string]schema.StringAttribute {
	return map[string]schema.StringAttribute{
		"project_id":   framework.ProjectIDAttribute(),
		"cluster_name": framework.ClusterNameAttribute(clusterNameDescription),
		"status": framework.FilterAttribute("Status of the jobs to read: `PENDING`, `QUEUED`, `RUNNING`, `COMPLETED` or `FAILED`.",
			atlas.FlexStatusPending, atlas.FlexStatusQueued, atlas.FlexStatusRunning, atlas.FlexStatusCompleted, atlas.FlexStatusFailed),
		"target_cluster_name": targetFilter(),
		"requested_before":    framework.TimeFilterAttribute("Time before which the jobs to read were requested (RFC 3339)."),
		"requested_after":     framework.TimeFilterAttribute("Time after which the jobs to read were requested (RFC 3339)."),
	}
}
