package snapshot

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
)

// snapshotModel has the attributes of a snapshot, which have the same names in the resource and the data sources.
type snapshotModel struct {
	SnapshotID       types.String      `tfsdk:"snapshot_id"`
	Status           types.String      `tfsdk:"status"`
	Type             types.String      `tfsdk:"type"`
	SnapshotType     types.String      `tfsdk:"snapshot_type"`
	FrequencyType    types.String      `tfsdk:"frequency_type"`
	Description      types.String      `tfsdk:"description"`
	CreatedAt        timetypes.RFC3339 `tfsdk:"created_at"`
	ExpiresAt        timetypes.RFC3339 `tfsdk:"expires_at"`
	MongodVersion    types.String      `tfsdk:"mongod_version"`
	StorageSizeBytes types.Int64       `tfsdk:"storage_size_bytes"`
	CloudProvider    types.String      `tfsdk:"cloud_provider"`
	ReplicaSetName   types.String      `tfsdk:"replica_set_name"`
	CopyRegions      types.List        `tfsdk:"copy_regions"`
	PolicyItems      types.List        `tfsdk:"policy_items"`
	MasterKeyUUID    types.String      `tfsdk:"master_key_uuid"`
	ConfigServerType types.String      `tfsdk:"config_server_type"`
	SnapshotIDs      types.List        `tfsdk:"snapshot_ids"`
	Members          types.List        `tfsdk:"members"`
}

// resourceModel is the configuration and the state of the resource.
type resourceModel struct {
	snapshotModel

	ID                   types.String   `tfsdk:"id"`
	ProjectID            types.String   `tfsdk:"project_id"`
	ClusterName          types.String   `tfsdk:"cluster_name"`
	RetentionInDays      types.Int64    `tfsdk:"retention_in_days"`
	AllowImmediateExpiry types.Bool     `tfsdk:"allow_immediate_expiry"`
	Triggers             types.Map      `tfsdk:"triggers"`
	SkipDestroy          types.Bool     `tfsdk:"skip_destroy"`
	OnExpiry             types.String   `tfsdk:"on_expiry"`
	Timeouts             timeouts.Value `tfsdk:"timeouts"`
}

type identityModel struct {
	ProjectID   types.String `tfsdk:"project_id"`
	ClusterName types.String `tfsdk:"cluster_name"`
	SnapshotID  types.String `tfsdk:"snapshot_id"`
}

var memberType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"id": types.StringType, "cloud_provider": types.StringType, "replica_set_name": types.StringType,
}}

// takeRequest returns the request of the model. at is the path of the model.
func (m *resourceModel) takeRequest(at path.Path) (atlas.TakeSnapshotRequest, diag.Diagnostics) {
	var diags diag.Diagnostics
	if m.Description.IsUnknown() || m.RetentionInDays.IsUnknown() || m.RetentionInDays.IsNull() {
		diags.AddAttributeError(at.AtName("retention_in_days"), "Unable to create snapshot",
			"retention_in_days and description must be known when the snapshot is taken.")
	}
	return atlas.TakeSnapshotRequest{
		Description: m.Description.ValueString(), RetentionInDays: m.RetentionInDays.ValueInt64(),
	}, diags
}

// setSnapshot sets the attributes of a snapshot. What Atlas does not return (yet) is null; nothing stays unknown. The description
// stays as configured, even if it is null, unless the snapshot is new to the model (which has no status yet), as in an import.
func (m *resourceModel) setSnapshot(s *atlas.Snapshot) {
	known, configured, adopting := m.snapshotModel, m.Description, m.Status.IsNull()
	m.snapshotModel = newSnapshotModel(s)
	m.keepMembers(known)
	if !adopting {
		m.Description = configured
	}
	m.ID = types.StringValue(framework.ImportID(m.ProjectID.ValueString(), m.ClusterName.ValueString(), s.ID))
}

// setSuccessor sets the attributes of another snapshot, and the arguments that it was requested with.
func (m *resourceModel) setSuccessor(ctx context.Context, s *atlas.Snapshot, next *successor) diag.Diagnostics {
	m.Description, m.RetentionInDays = types.StringNull(), types.Int64Value(next.RetentionInDays)
	if next.Description != "" {
		m.Description = types.StringValue(next.Description)
	}
	triggers, diags := types.MapValueFrom(ctx, types.StringType, next.Triggers)
	if len(next.Triggers) > 0 {
		m.Triggers = triggers
	}
	m.setSnapshot(s)
	return diags
}

func (m *resourceModel) identity() identityModel {
	return identityModel{ProjectID: m.ProjectID, ClusterName: m.ClusterName, SnapshotID: m.SnapshotID}
}

func newSnapshotModel(s *atlas.Snapshot) snapshotModel {
	return snapshotModel{
		SnapshotID:       types.StringValue(s.ID),
		Status:           framework.StringOrNull(&s.Status),
		Type:             framework.StringOrNull(&s.Type),
		SnapshotType:     framework.StringOrNull(&s.SnapshotType),
		FrequencyType:    framework.StringOrNull(s.FrequencyType),
		Description:      framework.StringOrNull(s.Description),
		CreatedAt:        framework.TimeOrNull(s.CreatedAt),
		ExpiresAt:        framework.TimeOrNull(s.ExpiresAt),
		MongodVersion:    framework.StringOrNull(s.MongodVersion),
		StorageSizeBytes: types.Int64PointerValue(s.StorageSizeBytes),
		CloudProvider:    framework.StringOrNull(s.CloudProvider),
		ReplicaSetName:   framework.StringOrNull(s.ReplicaSetName),
		CopyRegions:      framework.StringsOrNull(s.CopyRegions),
		PolicyItems:      framework.StringsOrNull(s.PolicyItems),
		MasterKeyUUID:    framework.StringOrNull(s.MasterKeyUUID),
		ConfigServerType: framework.StringOrNull(s.ConfigServerType),
		SnapshotIDs:      framework.StringsOrNull(s.SnapshotIDs),
		Members:          membersOrNull(s.Members),
	}
}

func membersOrNull(members []atlas.SnapshotMember) types.List {
	if members == nil {
		return types.ListNull(memberType)
	}
	elements := make([]attr.Value, 0, len(members))
	for _, member := range members {
		elements = append(elements, types.ObjectValueMust(memberType.AttrTypes, map[string]attr.Value{
			"id":               framework.StringOrNull(&member.ID),
			"cloud_provider":   framework.StringOrNull(&member.CloudProvider),
			"replica_set_name": framework.StringOrNull(&member.ReplicaSetName),
		}))
	}
	return types.ListValueMust(memberType, elements)
}

// timeoutTypes are the types of the attributes of the timeouts block.
var timeoutTypes = map[string]attr.Type{"create": types.StringType, "update": types.StringType, "delete": types.StringType}

// modelFromExisting returns the model of a snapshot that this resource did not take: imported, listed or moved from another
// provider. Arguments that Atlas does not know have their defaults; the retention is null.
func modelFromExisting(projectID, clusterName string, s *atlas.Snapshot) resourceModel {
	m := resourceModel{
		ProjectID:   types.StringValue(projectID),
		ClusterName: types.StringValue(clusterName),
		Triggers:    types.MapNull(types.StringType),
		SkipDestroy: types.BoolValue(false),
		OnExpiry:    types.StringValue(onExpiryKeep),
		Timeouts:    timeouts.Value{Object: types.ObjectNull(timeoutTypes)},
	}
	m.setSnapshot(s)
	return m
}
