package snapshot

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/attribute"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/source"
)

// filterModel are the filters that both data sources have.
type filterModel struct {
	CreatedBefore types.String `tfsdk:"created_before"`
	CreatedAfter  types.String `tfsdk:"created_after"`
}

// filter is what a snapshot has to be like. What is empty does not matter.
type filter struct {
	snapshotType, status, description string
	before, after                     time.Time
}

// filter is what the model asks for. Nothing of it can be unknown when a data source is read.
func (m filterModel) filter(snapshotType, status, description types.String) (filter, diag.Diagnostics) {
	wanted := filter{
		snapshotType: snapshotType.ValueString(), status: status.ValueString(), description: description.ValueString(),
	}
	before, diags := attribute.ParseMoment(path.Root("created_before"), m.CreatedBefore)
	wanted.before = before
	after, more := attribute.ParseMoment(path.Root("created_after"), m.CreatedAfter)
	wanted.after = after
	return wanted, append(diags, more...)
}

func (f filter) matches(s *atlas.Snapshot) bool {
	taken := s.TakenAt()
	return (f.snapshotType == "" || s.SnapshotType == f.snapshotType) &&
		(f.status == "" || s.Status == f.status) &&
		(f.description == "" || s.Description != nil && *s.Description == f.description) &&
		(f.before.IsZero() || taken.Before(f.before)) &&
		(f.after.IsZero() || taken.After(f.after))
}

// conditions say what is asked for, each as the rest of a sentence about a snapshot.
func (f filter) conditions() []string {
	var all []string
	if f.snapshotType != "" {
		all = append(all, fmt.Sprintf("is of the type %q", f.snapshotType))
	}
	if f.description != "" {
		all = append(all, fmt.Sprintf("has the description %q", f.description))
	}
	if !f.before.IsZero() {
		all = append(all, "was created before "+f.before.Format(time.RFC3339))
	}
	if !f.after.IsZero() {
		all = append(all, "was created after "+f.after.Format(time.RFC3339))
	}
	return all
}

// filterAttributes are the arguments of a filter by time and kind.
func filterAttributes() map[string]schema.StringAttribute {
	return map[string]schema.StringAttribute{
		"snapshot_type":  source.Filter("Only snapshots of this cause: `onDemand`, `scheduled` or `fallback`.", "onDemand", "scheduled", "fallback"),
		"description":    source.Filter("Only snapshots with exactly this description."),
		"created_before": source.TimeFilter("Only snapshots taken before this moment (RFC 3339)."),
		"created_after":  source.TimeFilter("Only snapshots taken after this moment (RFC 3339)."),
	}
}

// searchModel says of which cluster snapshots are looked for, and what they have to be like.
type searchModel struct {
	filterModel

	ProjectID    types.String `tfsdk:"project_id"`
	ClusterName  types.String `tfsdk:"cluster_name"`
	SnapshotType types.String `tfsdk:"snapshot_type"`
	Status       types.String `tfsdk:"status"`
	Description  types.String `tfsdk:"description"`
}

func (m *searchModel) wanted() (filter, diag.Diagnostics) {
	return m.filter(m.SnapshotType, m.Status, m.Description)
}

// searchArguments are the arguments of a searchModel.
func searchArguments() map[string]schema.StringAttribute {
	arguments := filterAttributes()
	arguments["project_id"] = source.ProjectID()
	arguments["cluster_name"] = source.Name(clusterNameDescription)
	arguments["status"] = source.Filter("Only snapshots with this status: `queued`, `inProgress`, `completed` or `failed`.",
		atlas.StatusQueued, atlas.StatusInProgress, atlas.StatusCompleted, atlas.StatusFailed)
	return arguments
}

// window is the rule that created_after comes before created_before: nothing lies between them otherwise.
type window struct{}

var _ datasource.ConfigValidator = window{}

// Description of the rule.
func (window) Description(context.Context) string {
	return "created_after must be before created_before"
}

// MarkdownDescription of the rule.
func (w window) MarkdownDescription(ctx context.Context) string { return w.Description(ctx) }

// ValidateDataSource compares the two where both are known.
func (window) ValidateDataSource(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var model filterModel
	at := path.Root("created_after")
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("created_before"), &model.CreatedBefore)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, at, &model.CreatedAfter)...)
	// What is no moment at all is the argument's own error.
	wanted, diags := model.filter(types.StringNull(), types.StringNull(), types.StringNull())
	if diags.HasError() || wanted.before.IsZero() || wanted.after.IsZero() {
		return
	}
	if !wanted.after.Before(wanted.before) {
		resp.Diagnostics.AddAttributeError(at, "Conflicting arguments", fmt.Sprintf(
			"created_after (%s) must be before created_before (%s): no snapshot lies between them.",
			model.CreatedAfter.ValueString(), model.CreatedBefore.ValueString()))
	}
}
