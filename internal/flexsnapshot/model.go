// Package flexsnapshot has the data sources of snapshots of Flex clusters.
package flexsnapshot

import (
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
)

// snapshotModel is a snapshot as Atlas shows it.
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
		ScheduledAt:   framework.TimeOrNull(s.ScheduledAt),
		StartedAt:     framework.TimeOrNull(s.StartedAt),
		FinishedAt:    framework.TimeOrNull(s.FinishedAt),
		ExpiresAt:     framework.TimeOrNull(s.ExpiresAt),
		MongodVersion: framework.StringOrNull(s.MongodVersion),
	}
}

// snapshotAttributes returns the attributes of a snapshotModel.
func snapshotAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"snapshot_id": framework.ComputedString("ID of the snapshot (24 hexadecimal digits)."),
		"status": framework.ComputedString("Current status: `PENDING`, `QUEUED`, `RUNNING`, `COMPLETED` or `FAILED`. Snapshots of dedicated clusters have " +
			"other values."),
		"scheduled_at":   framework.ComputedTime("Time for which the snapshot was scheduled (RFC 3339, UTC)."),
		"started_at":     framework.ComputedTime("Time at which Atlas started the snapshot (RFC 3339, UTC), usually within a minute of `scheduled_at`."),
		"finished_at":    framework.ComputedTime("Time at which the snapshot completed or failed (RFC 3339, UTC). Null until then."),
		"expires_at":     framework.ComputedTime("Time at which Atlas deletes the snapshot (RFC 3339, UTC), eight days after `scheduled_at`. Called `expiration` in the API."),
		"mongod_version": framework.ComputedString("MongoDB version of the cluster when the snapshot was taken."),
	}
}
