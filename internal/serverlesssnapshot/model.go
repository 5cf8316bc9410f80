// Package serverlesssnapshot has the data sources of snapshots of serverless instances.
package serverlesssnapshot

import (
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
)

// instanceModel is the instance whose snapshots are read, and the endpoint that knew the answer.
type instanceModel struct {
	ProjectID    types.String `tfsdk:"project_id"`
	InstanceName types.String `tfsdk:"instance_name"`
	ServedBy     types.String `tfsdk:"served_by"`
}

// Values of served_by.
var (
	servedByServerless = types.StringValue("serverless")
	servedByFlex       = types.StringValue("flex")
)

// snapshotModel is a snapshot as Atlas shows it.
type snapshotModel struct {
	SnapshotID             types.String      `tfsdk:"snapshot_id"`
	Status                 types.String      `tfsdk:"status"`
	SnapshotType           types.String      `tfsdk:"snapshot_type"`
	FrequencyType          types.String      `tfsdk:"frequency_type"`
	CreatedAt              timetypes.RFC3339 `tfsdk:"created_at"`
	ExpiresAt              timetypes.RFC3339 `tfsdk:"expires_at"`
	MongodVersion          types.String      `tfsdk:"mongod_version"`
	ServerlessInstanceName types.String      `tfsdk:"serverless_instance_name"`
	StorageSizeBytes       types.Int64       `tfsdk:"storage_size_bytes"`
}

func newSnapshotModel(s *atlas.ServerlessSnapshot) snapshotModel {
	return snapshotModel{
		SnapshotID:             types.StringValue(s.ID),
		Status:                 types.StringValue(s.Status),
		SnapshotType:           framework.StringOrNull(s.SnapshotType),
		FrequencyType:          framework.StringOrNull(s.FrequencyType),
		CreatedAt:              framework.TimeOrNull(s.CreatedAt),
		ExpiresAt:              framework.TimeOrNull(s.ExpiresAt),
		MongodVersion:          framework.StringOrNull(s.MongodVersion),
		ServerlessInstanceName: framework.StringOrNull(s.ServerlessInstanceName),
		StorageSizeBytes:       types.Int64PointerValue(s.StorageSizeBytes),
	}
}

// fromFlex returns a snapshot of Flex in the words of serverless. What Flex does not say stays nil, also where one could guess it.
func fromFlex(s *atlas.FlexSnapshot) *atlas.ServerlessSnapshot {
	return &atlas.ServerlessSnapshot{
		ID: s.ID, Status: serverlessStatus(s.Status),
		CreatedAt: s.StartedAt, ExpiresAt: s.ExpiresAt, MongodVersion: s.MongodVersion,
	}
}

// serverlessStatus returns the serverless word for a status of Flex, and an unknown status as it is.
func serverlessStatus(flex string) string {
	switch flex {
	case atlas.FlexStatusPending, atlas.FlexStatusQueued:
		return atlas.StatusQueued
	case atlas.FlexStatusRunning:
		return atlas.StatusInProgress
	case atlas.FlexStatusCompleted:
		return atlas.StatusCompleted
	case atlas.FlexStatusFailed:
		return atlas.StatusFailed
	}
	return flex
}

const (
	sunsetDescription = "Atlas shut serverless instances down in January 2026 and migrated them to other clusters, many of them to Flex clusters, under " +
		"the same name. If the serverless API no longer serves an instance, its snapshots are read from the Flex cluster of that name."

	nullFromFlex = " Null if `served_by` is `flex`: the Flex API does not provide it."
)

// instanceAttributes adds the attributes of an instanceModel.
func instanceAttributes(attributes map[string]schema.Attribute) map[string]schema.Attribute {
	attributes["project_id"] = framework.ProjectIDAttribute()
	attributes["instance_name"] = framework.ClusterNameAttribute("Name of the serverless instance, and of the cluster that it was migrated to.")
	attributes["served_by"] = framework.ComputedString("API that returned the data: `serverless`, or `flex` if the serverless API no longer serves the instance.")
	return attributes
}

// snapshotAttributes returns the attributes of a snapshotModel.
func snapshotAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"snapshot_id": framework.ComputedString("ID of the snapshot (24 hexadecimal digits)."),
		"status": framework.ComputedString("Current status: `queued`, `inProgress`, `completed` or `failed`. Values from Flex are translated: `PENDING` and " +
			"`QUEUED` to `queued`, `RUNNING` to `inProgress`."),
		"snapshot_type":            framework.ComputedString("Origin of the snapshot: `onDemand` or `scheduled`." + nullFromFlex),
		"frequency_type":           framework.ComputedString("Frequency of the backup policy that took the snapshot: `hourly`, `daily`, `weekly` or `monthly`." + nullFromFlex),
		"created_at":               framework.ComputedTime("Time at which Atlas took the snapshot (RFC 3339, UTC), or started it if `served_by` is `flex`. Null until then."),
		"expires_at":               framework.ComputedTime("Time at which Atlas deletes the snapshot (RFC 3339, UTC)."),
		"mongod_version":           framework.ComputedString("MongoDB version of the instance when the snapshot was taken."),
		"serverless_instance_name": framework.ComputedString("Name of the instance that the snapshot belongs to." + nullFromFlex),
		"storage_size_bytes":       framework.ComputedInt64("Size of the stored snapshot in bytes." + nullFromFlex),
	}
}
