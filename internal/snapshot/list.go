package snapshot

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
)

var (
	_ list.ListResourceWithConfigure        = (*ListResource)(nil)
	_ list.ListResourceWithConfigValidators = (*ListResource)(nil)
)

// NewListResource returns the list resource atlasbackup_snapshot.
func NewListResource() list.ListResource { return &ListResource{} }

// ListResource lists snapshots that can be imported as atlasbackup_snapshot, for terraform query. It has the name and the client of
// the resource.
type ListResource struct{ Resource }

func (l *ListResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	attributes := map[string]schema.Attribute{}
	for name, argument := range listArguments() {
		attributes[name] = schema.StringAttribute{
			Required: argument.Required, Optional: argument.Optional, CustomType: argument.CustomType,
			MarkdownDescription: argument.MarkdownDescription, Validators: argument.Validators,
		}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the snapshots of a dedicated Atlas cluster, on-demand and scheduled, newest first, for `terraform query` and import. " +
			"Snapshots are read in pages of 500, up to the `limit` of the list block.",
		Attributes: attributes,
	}
}

func (l *ListResource) ListResourceConfigValidators(context.Context) []list.ConfigValidator {
	return []list.ConfigValidator{createdRange}
}

// List streams the snapshots page by page. The members of a sharded cluster's snapshots take one more request, if full resources are
// requested.
func (l *ListResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var model listModel
	diags := req.Config.Get(ctx, &model)
	filter, more := model.filter()
	if diags.Append(more...); diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	listing := &listing{
		cluster: &cluster{client: l.client, projectID: model.ProjectID.ValueString(), name: model.ClusterName.ValueString()},
		request: req,
	}
	stream.Results = func(push func(list.ListResult) bool) {
		ctx, cancel := l.client.Clock().WithTimeout(ctx, framework.ReadTimeout)
		defer cancel()
		listing.run(ctx, filter, push)
	}
}

type listing struct {
	*cluster
	request list.ListRequest
	members shardedMembers
}

func (l *listing) run(ctx context.Context, f filter, push func(list.ListResult) bool) {
	pushed := int64(0)
	for s, err := range l.client.ListSnapshots(ctx, l.projectID, l.name) {
		if atlas.IsUnreadableElement(err) {
			if !push(list.ListResult{Diagnostics: diagnostics.Unreadable("the snapshots of "+l.String(), []error{err})}) {
				return
			}
			continue
		}
		if err != nil {
			push(list.ListResult{Diagnostics: l.failed(err)})
			return
		}
		if !f.matches(s) {
			continue
		}
		if !push(l.result(ctx, s)) {
			return
		}
		// The next snapshot may take a request for the next page.
		if pushed++; pushed == l.request.Limit {
			return
		}
	}
}

func (l *listing) failed(err error) diag.Diagnostics {
	return diag.Diagnostics{diagnostics.FromError(failure("Unable to list snapshots", "the snapshots of "+l.String()), err)}
}

func (l *listing) result(ctx context.Context, s *atlas.Snapshot) list.ListResult {
	result := l.request.NewListResult(ctx)
	result.DisplayName = displayName(l.name, s)
	if l.request.IncludeResource {
		warnings, err := l.members.add(ctx, l.cluster, s)
		if err != nil {
			result.Diagnostics = l.failed(err)
			return result
		}
		result.Diagnostics.Append(warnings...)
	}
	model := modelFromExisting(l.projectID, l.name, s)
	if s.ExpiresAt != nil {
		model.RetentionInDays = types.Int64Value(retentionOf(s))
	}
	result.Diagnostics.Append(setIdentity(ctx, result.Identity, &model)...)
	if l.request.IncludeResource {
		result.Diagnostics.Append(result.Resource.Set(ctx, &model)...)
	}
	return result
}

// displayName returns the name of a snapshot in a list, such as
// "Cluster0 2026-08-10 03:28 UTC, on demand, before the upgrade (completed)".
func displayName(clusterName string, s *atlas.Snapshot) string {
	name := fmt.Sprintf("%s %s UTC, %s", clusterName, s.TakenAt().UTC().Format("2006-01-02 15:04"), displayStatus(s.SnapshotType))
	if s.Description != nil && *s.Description != "" {
		name += ", " + *s.Description
	}
	return name + " (" + displayStatus(s.Status) + ")"
}
