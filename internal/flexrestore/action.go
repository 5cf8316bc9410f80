package flexrestore

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/operation"
)

var (
	_ action.Action                   = (*Action)(nil)
	_ action.ActionWithConfigure      = (*Action)(nil)
	_ action.ActionWithValidateConfig = (*Action)(nil)
)

// NewAction returns the action atlasbackup_flex_restore.
func NewAction() action.Action { return &Action{} }

// Action is the action atlasbackup_flex_restore. It restores as the resource does, each time it is invoked. Nothing of it is tracked in
// Terraform state.
type Action struct {
	client *atlas.Client
}

// actionModel is the configuration of the action.
type actionModel struct {
	sourceModel

	Timeout types.String `tfsdk:"timeout"`
}

func (a *Action) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_flex_restore"
}

func (a *Action) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"timeout": schema.StringAttribute{
			Optional: true, Validators: framework.DurationValidators(), MarkdownDescription: "Time limit for the restore, such as `6h`. Default `3h`.",
		},
	}
	for name, a := range arguments {
		attributes[name] = a.actionAttribute()
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Restores a snapshot of a Flex cluster onto a cluster, and waits until Atlas has completed it. " +
			"**Atlas erases the target cluster first**, each time the action is invoked. The restore is not tracked in Terraform state.",
		Attributes: attributes,
	}
}

// actionAttribute returns the argument of the action.
func (a argument) actionAttribute() schema.Attribute {
	if a.isBool {
		return schema.BoolAttribute{Optional: true, MarkdownDescription: a.description}
	}
	return schema.StringAttribute{Required: a.required, Optional: !a.required, MarkdownDescription: a.description, Validators: a.validators}
}

func (a *Action) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	data, diags := framework.Configure(req.ProviderData, "action")
	a.client, resp.Diagnostics = data.Client, diags
}

// ValidateConfig checks what can be known before the action is invoked.
func (a *Action) ValidateConfig(ctx context.Context, req action.ValidateConfigRequest, resp *action.ValidateConfigResponse) {
	var config actionModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &config)...); !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(config.checkArguments()...)
	}
}

// Invoke fails unless Atlas completes the restore.
func (a *Action) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var model actionModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &model)...); resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := framework.ParseDuration(path.Root("timeout"), model.Timeout, defaultTimeout)
	diags.Append(model.checkArguments()...)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := a.client.Clock().WithTimeout(ctx, timeout)
	defer cancel()
	on := &cluster{client: a.client, projectID: model.ProjectID.ValueString(), name: model.ClusterName.ValueString()}
	onto := &target{client: a.client, projectID: model.targetProjectID(), name: model.TargetClusterName.ValueString()}
	from, diags := on.resolveSource(ctx, &model.sourceModel)
	if !diags.HasError() {
		diags.Append(onto.check(ctx, from)...)
	}
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	send := framework.ProgressSender(ctx, resp.SendProgress)
	started := func(job *atlas.FlexRestoreJob) { send("Atlas runs " + on.job(job.ID) + " onto " + onto.String()) }
	restored := on.restore(ctx, from, onto, started, restoreOptions{repeats: true, progress: send})
	resp.Diagnostics.Append(on.warnOfEarlier(from, onto, restored)...)
	if restored.Outcome != operation.Completed {
		resp.Diagnostics.Append(on.notInvoked(onto, timeout, restored))
		return
	}
	ended := newJobModel(on.projectID, on.name, restored.Value)
	send(displayCompletion(&ended))
}
