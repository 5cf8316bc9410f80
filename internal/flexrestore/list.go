package flexrestore

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
)

var (
	_ list.ListResourceWithConfigure        = (*ListResource)(nil)
	_ list.ListResourceWithConfigValidators = (*ListResource)(nil)
)

// NewListResource returns the list resource atlasbackup_flex_restore.
func NewListResource() list.ListResource { return &ListResource{} }

// ListResource lists restore jobs that can be imported as atlasbackup_flex_restore, for terraform query. It has the name and the client of
// the resource.
type ListResource struct{ Resource }

func (l *ListResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	attributes := map[string]schema.Attribute{}
	for name, argument := range listArguments() {
		attributes[name] = schema.StringAttribute{
			Required: argument.Required, Optional: argument.Optional, MarkdownDescription: argument.MarkdownDescription, Validators: argument.Validators,
		}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the restores of backups of a Flex cluster, whoever requested them, for `terraform query` and import. Downloads are left " +
			"out. Jobs are read in pages of 500, up to the `limit` of the list block, in the order of Atlas.",
		Attributes: attributes,
	}
}

func (l *ListResource) ListResourceConfigValidators(context.Context) []list.ConfigValidator {
	return []list.ConfigValidator{requestedRange}
}

// List streams the jobs page by page.
func (l *ListResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var model listModel
	diags := req.Config.Get(ctx, &model)
	wanted, more := model.filter()
	if diags.Append(more...); diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	on := &cluster{client: l.client, projectID: model.ProjectID.ValueString(), name: model.ClusterName.ValueString()}
	stream.Results = func(push func(list.ListResult) bool) {
		ctx, cancel := l.client.Clock().WithTimeout(ctx, framework.ReadTimeout)
		defer cancel()
		on.stream(ctx, req, wanted, push)
	}
}

func (c *cluster) stream(ctx context.Context, req list.ListRequest, wanted filter, push func(list.ListResult) bool) {
	about, pushed := "the restore jobs of "+c.String(), int64(0)
	for job, err := range c.newestJobs(ctx, func() time.Time { return wanted.after }) {
		switch {
		case atlas.IsUnreadableElement(err):
			if !push(list.ListResult{Diagnostics: diagnostics.Unreadable(about, []error{err})}) {
				return
			}
			continue
		case err != nil:
			push(list.ListResult{Diagnostics: diag.Diagnostics{diagnostics.FromError(noun.Failure("Unable to list restores", about), err)}})
			return
		case describeJob(job).Unrelated, !wanted.matches(job):
			continue
		}
		if !push(c.listed(ctx, req, job)) {
			return
		}
		// The next job may take a request for the next page.
		if pushed++; pushed == req.Limit {
			return
		}
	}
}

func (c *cluster) listed(ctx context.Context, req list.ListRequest, job *atlas.FlexRestoreJob) list.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = fmt.Sprintf("%s onto %s %s UTC (%s)", c.name, job.TargetClusterName, job.RequestedAt().UTC().Format("2006-01-02 15:04"), job.Status)
	model := modelFromExisting(c.projectID, c.name, job)
	result.Diagnostics.Append(model.setIdentity(ctx, result.Identity)...)
	if req.IncludeResource {
		result.Diagnostics.Append(result.Resource.Set(ctx, &model)...)
	}
	return result
}
