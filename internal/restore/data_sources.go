package restore

import (
	"context"

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
	DeliveryType      types.String `tfsdk:"delivery_type"`
	TargetClusterName types.String `tfsdk:"target_cluster_name"`
	RequestedBefore   types.String `tfsdk:"requested_before"`
	RequestedAfter    types.String `tfsdk:"requested_after"`
}

// dataSourcesModel is the configuration and the state of the data source atlasbackup_restore_jobs.
type dataSourcesModel struct {
	listModel

	Results []readModel `tfsdk:"results"`
}

// requestedRange requires that requested_after is before requested_before.
var requestedRange = framework.TimeRange{Noun: "restore job", After: "requested_after", Before: "requested_before"}

// NewDataSources returns the data source atlasbackup_restore_jobs.
func NewDataSources() datasource.DataSource {
	attributes := map[string]schema.Attribute{"results": framework.ComputedObjects("The restore jobs, newest first.", readAttributes())}
	for name, argument := range listArguments() {
		attributes[name] = argument
	}
	return framework.NewDataSource(framework.DataSource[dataSourcesModel]{
		Name: "restore_jobs",
		Schema: schema.Schema{
			MarkdownDescription: "Provides details about all restore jobs of a dedicated Atlas cluster, whoever requested them, newest first, or those that match the " +
				"filters.",
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
	found, unreadable, err := on.all(ctx, wanted)
	if err != nil {
		return diag.Diagnostics{diagnostics.FromError(noun.Failure("Unable to read restore jobs", about), err)}
	}
	model.Results = framework.Models(found, newReadModel)
	return diagnostics.Unreadable(about, unreadable)
}

func (m *listModel) filter() (filter, diag.Diagnostics) {
	before, diags := framework.ParseTime(path.Root("requested_before"), m.RequestedBefore)
	after, more := framework.ParseTime(path.Root("requested_after"), m.RequestedAfter)
	return filter{
		status: m.Status.ValueString(), deliveryType: m.DeliveryType.ValueString(), target: m.TargetClusterName.ValueString(),
		before: before, after: after,
	}, append(diags, more...)
}

// listArguments returns the arguments of a listModel.
func listArguments() map[string]schema.StringAttribute {
	arguments := filterAttributes()
	arguments["project_id"] = framework.ProjectIDAttribute()
	arguments["cluster_name"] = framework.ClusterNameAttribute(clusterNameDescription)
	arguments["status"] = framework.FilterAttribute("Status of the jobs to read: `inProgress`, `completed`, `failed`, `cancelled` or `expired`.",
		atlas.RestoreInProgress, atlas.RestoreCompleted, atlas.RestoreFailed, atlas.RestoreCancelled, atlas.RestoreExpired)
	arguments["requested_before"] = framework.TimeFilterAttribute("Time before which the jobs to read were requested (RFC 3339).")
	arguments["requested_after"] = framework.TimeFilterAttribute("Time after which the jobs to read were requested (RFC 3339).")
	return arguments
}
