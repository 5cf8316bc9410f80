package snapshot

import (
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
)

// filterModel has the filters by time, which both data sources and the list resource have.
type filterModel struct {
	CreatedBefore types.String `tfsdk:"created_before"`
	CreatedAfter  types.String `tfsdk:"created_after"`
}

// filter has the conditions on a snapshot. An empty field matches everything.
type filter struct {
	snapshotType, status, description string
	before, after                     time.Time
}

// filter returns the conditions of the model. None can be unknown when a data source is read.
func (m filterModel) filter(snapshotType, status, description types.String) (filter, diag.Diagnostics) {
	f := filter{
		snapshotType: snapshotType.ValueString(), status: status.ValueString(), description: description.ValueString(),
	}
	before, diags := framework.ParseTime(path.Root("created_before"), m.CreatedBefore)
	f.before = before
	after, more := framework.ParseTime(path.Root("created_after"), m.CreatedAfter)
	f.after = after
	return f, append(diags, more...)
}

func (f filter) matches(s *atlas.Snapshot) bool {
	taken := s.TakenAt()
	return (f.snapshotType == "" || s.SnapshotType == f.snapshotType) &&
		(f.status == "" || s.Status == f.status) &&
		(f.description == "" || s.Description != nil && *s.Description == f.description) &&
		(f.before.IsZero() || taken.Before(f.before)) &&
		(f.after.IsZero() || taken.After(f.after))
}

// conditions returns the conditions in words, each as the rest of a sentence about a snapshot.
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

// filterAttributes returns the filters that both data sources and the list resource have.
func filterAttributes() map[string]schema.StringAttribute {
	return map[string]schema.StringAttribute{
		"snapshot_type":  framework.FilterAttribute("Origin of the snapshots to read: `onDemand`, `scheduled` or `fallback`.", "onDemand", "scheduled", "fallback"),
		"description":    framework.FilterAttribute("Exact description of the snapshots to read."),
		"created_before": framework.TimeFilterAttribute("Time before which the snapshots to read were taken (RFC 3339)."),
		"created_after":  framework.TimeFilterAttribute("Time after which the snapshots to read were taken (RFC 3339)."),
	}
}

// createdRange requires that created_after is before created_before.
var createdRange = framework.TimeRange{Noun: "snapshot", After: "created_after", Before: "created_before"}

// listModel is what the plural data source and the list resource select snapshots by.
type listModel struct {
	filterModel

	ProjectID    types.String `tfsdk:"project_id"`
	ClusterName  types.String `tfsdk:"cluster_name"`
	SnapshotType types.String `tfsdk:"snapshot_type"`
	Status       types.String `tfsdk:"status"`
	Description  types.String `tfsdk:"description"`
}

func (m *listModel) filter() (filter, diag.Diagnostics) {
	return m.filterModel.filter(m.SnapshotType, m.Status, m.Description)
}

// listArguments returns the arguments of a listModel.
func listArguments() map[string]schema.StringAttribute {
	arguments := filterAttributes()
	arguments["project_id"] = framework.ProjectIDAttribute()
	arguments["cluster_name"] = framework.ClusterNameAttribute(clusterNameDescription)
	arguments["status"] = framework.FilterAttribute("Status of the snapshots to read: `queued`, `inProgress`, `completed` or `failed`.",
		atlas.StatusQueued, atlas.StatusInProgress, atlas.StatusCompleted, atlas.StatusFailed)
	return arguments
}
