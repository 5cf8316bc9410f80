// Package flexsnapshot has what the provider offers for the snapshots of Flex clusters.
package flexsnapshot

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/attribute"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/source"
)

// clusterModel is what the configuration says of where to read.
type clusterModel struct {
	ProjectID   types.String `tfsdk:"project_id"`
	ClusterName types.String `tfsdk:"cluster_name"`
}

// cluster says which cluster is meant, as a part of a sentence.
func (m clusterModel) cluster() string {
	return fmt.Sprintf("Flex cluster %q of project %s", m.ClusterName.ValueString(), m.ProjectID.ValueString())
}

// snapshotModel is what Atlas says of a snapshot.
type snapshotModel struct {
	SnapshotID    types.String      `tfsdk:"snapshot_id"`
	Status        types.String      `tfsdk:"status"`
	ScheduledAt   timetypes.RFC3339 `tfsdk:"scheduled_at"`
	StartedAt     timetypes.RFC3339 `tfsdk:"started_at"`
	FinishedAt    timetypes.RFC3339 `tfsdk:"finished_at"`
	ExpiresAt     timetypes.RFC3339 `tfsdk:"expires_at"`
	MongodVersion types.String      `tfsdk:"mongod_version"`
}

func newSnapshotModel(s *atlas.FlexSnapshot) snapshotModel {
	return snapshotModel{
		SnapshotID:    types.StringValue(s.ID),
		Status:        types.StringValue(s.Status),
		ScheduledAt:   attribute.Time(s.ScheduledAt),
		StartedAt:     attribute.Time(s.StartedAt),
		FinishedAt:    attribute.Time(s.FinishedAt),
		ExpiresAt:     attribute.Time(s.ExpiresAt),
		MongodVersion: attribute.String(s.MongodVersion),
	}
}

// snapshotAttributes are what Atlas says of a snapshot.
func snapshotAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"snapshot_id": source.String("ID of the snapshot (24 hexadecimal digits)."),
		"status": source.String("Current status: `PENDING`, `QUEUED`, `RUNNING`, `COMPLETED` or `FAILED`. Snapshots of dedicated clusters have " +
			"other values."),
		"scheduled_at":   source.Time("Time for which the snapshot was scheduled (RFC 3339, UTC)."),
		"started_at":     source.Time("Time at which Atlas started the snapshot (RFC 3339, UTC), usually within a minute of `scheduled_at`."),
		"finished_at":    source.Time("Time at which the snapshot completed or failed (RFC 3339, UTC). Null until then."),
		"expires_at":     source.Time("Time at which Atlas deletes the snapshot (RFC 3339, UTC), eight days after `scheduled_at`. The API's `expiration`."),
		"mongod_version": source.String("MongoDB version of the cluster when the snapshot was taken."),
	}
}

// clusterName is the argument that has the name of the cluster.
const clusterName = "cluster_name"

const (
	clusterNameDescription = "Name of the Flex cluster."

	flexSnapshots = "Atlas takes one snapshot of a Flex cluster a day and keeps the last eight. Flex clusters have no on-demand snapshots."
)
