package snapshot

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/operation"
)

var (
	_ action.Action              = (*TakeAction)(nil)
	_ action.ActionWithConfigure = (*TakeAction)(nil)
)

// NewTakeAction returns the action atlasbackup_take_snapshot.
func NewTakeAction() action.Action { return &TakeAction{} }

// TakeAction is the action atlasbackup_take_snapshot. It takes a snapshot as the resource does. The snapshot is not tracked in
// Terraform state: Atlas deletes it when its retention ends.
type TakeAction struct {
	client *atlas.Client
}

// actionModel is the configuration of the action.
type actionModel struct {
	ProjectID       types.String `tfsdk:"project_id"`
	ClusterName     types.String `tfsdk:"cluster_name"`
	RetentionInDays types.Int64  `tfsdk:"retention_in_days"`
	Description     types.String `tfsdk:"description"`
	Timeout         types.String `tfsdk:"timeout"`
}

func (a *TakeAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_take_snapshot"
}

func (a *TakeAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Takes an on-demand snapshot of a dedicated Atlas cluster and waits until Atlas has completed it. The snapshot is not " +
			"tracked in Terraform state; Atlas deletes it when it expires.",
		Attributes: map[string]schema.Attribute{
			"project_id": schema.StringAttribute{
				Required: true, MarkdownDescription: "ID of the Atlas project (24 hexadecimal digits).", Validators: framework.ObjectIDValidators(),
			},
			"cluster_name": schema.StringAttribute{
				Required: true, MarkdownDescription: clusterNameDescription, Validators: framework.ClusterNameValidators(),
			},
			"retention_in_days": schema.Int64Attribute{
				Required: true, CustomType: framework.WholeNumberType{}, MarkdownDescription: "Number of days that Atlas keeps the snapshot, from 1 to 36500.",
				Validators: []validator.Int64{int64validator.Between(1, maxRetentionInDays)},
			},
			"description": schema.StringAttribute{
				Optional: true, MarkdownDescription: "Description of the snapshot.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"timeout": schema.StringAttribute{
				Optional: true, Validators: framework.DurationValidators(),
				MarkdownDescription: "Time limit for the snapshot, such as `90m`, including the wait for another snapshot of the cluster. Default `3h`.",
			},
		},
	}
}

func (a *TakeAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	data, diags := framework.Configure(req.ProviderData, "action")
	a.client, resp.Diagnostics = data.Client, diags
}

// Invoke fails unless Atlas completes the snapshot, so that what depends on the action does not happen without one.
func (a *TakeAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var model actionModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := framework.ParseDuration(path.Root("timeout"), model.Timeout, defaultTimeout)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := a.client.Clock().WithTimeout(ctx, timeout)
	defer cancel()
	on := &cluster{client: a.client, projectID: model.ProjectID.ValueString(), name: model.ClusterName.ValueString()}
	request := atlas.TakeSnapshotRequest{Description: model.Description.ValueString(), RetentionInDays: model.RetentionInDays.ValueInt64()}
	send := framework.ProgressSender(ctx, resp.SendProgress)
	taken := on.create(ctx, request, func(s *atlas.Snapshot) { send("Atlas takes " + on.snapshot(s.ID)) }, send)
	resp.Diagnostics.Append(on.warnOfDuplicates(taken)...)
	if taken.Outcome != operation.Completed {
		resp.Diagnostics.Append(on.notTaken(timeout, taken))
		return
	}
	send(displayCompletion(taken.Value))
}
