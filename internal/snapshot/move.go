package snapshot

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
)

// officialProvider is the end of the address of MongoDB's own provider in every registry and mirror.
const officialProvider = "/mongodb/mongodbatlas"

// officialTypes are the names of the snapshot resource of the official provider: the first one until version 1.x.
var officialTypes = map[string]bool{"mongodbatlas_cloud_provider_snapshot": true, "mongodbatlas_cloud_backup_snapshot": true}

// MoveState moves the state of the official provider's resource without a request: the next refresh reads what is missing.
func (r *Resource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{StateMover: moveFromOfficial}}
}

// moveFromOfficial leaves the target null for any other source, which tells the framework to try the next mover.
func moveFromOfficial(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	if !officialTypes[req.SourceTypeName] || !strings.HasSuffix("/"+req.SourceProviderAddress, officialProvider) {
		return
	}
	model, err := fromOfficial(req.SourceRawState)
	if err != nil {
		resp.Diagnostics.AddError("Unable to move snapshot", fmt.Sprintf(
			"The state of %s cannot be moved to an atlasbackup_snapshot: %s.\n\n"+
				"Nothing was changed. Remove the resource from the state with a removed block (destroy = false) and import the snapshot "+
				"as project_id/cluster_name/snapshot_id in its place.", req.SourceTypeName, err))
		return
	}
	resp.Diagnostics.Append(resp.TargetState.Set(ctx, model)...)
	resp.Diagnostics.Append(setIdentity(ctx, resp.TargetIdentity, model)...)
}

// officialState is the state of the official provider's resource in all versions: later ones have more attributes, under the same
// names. All of them may be missing or null.
type officialState struct {
	ID               string           `json:"id"`
	ProjectID        string           `json:"project_id"`
	ClusterName      string           `json:"cluster_name"`
	SnapshotID       string           `json:"snapshot_id"`
	Description      *string          `json:"description"`
	RetentionInDays  *int64           `json:"retention_in_days"`
	CreatedAt        string           `json:"created_at"`
	ExpiresAt        string           `json:"expires_at"`
	MasterKeyUUID    *string          `json:"master_key_uuid"`
	MongodVersion    *string          `json:"mongod_version"`
	SnapshotType     string           `json:"snapshot_type"`
	Status           string           `json:"status"`
	StorageSizeBytes *int64           `json:"storage_size_bytes"`
	Type             string           `json:"type"`
	CloudProvider    *string          `json:"cloud_provider"`
	ReplicaSetName   *string          `json:"replica_set_name"`
	Members          []officialMember `json:"members"`
	SnapshotIDs      []string         `json:"snapshot_ids"`
	Timeouts         *struct {
		Create *string `json:"create"`
	} `json:"timeouts"`
}

type officialMember struct {
	ID             string `json:"id"`
	CloudProvider  string `json:"cloud_provider"`
	ReplicaSetName string `json:"replica_set_name"`
}

// fromOfficial returns the model of a snapshot in the official provider's state.
func fromOfficial(raw *tfprotov6.RawState) (*resourceModel, error) {
	if raw == nil || len(raw.JSON) == 0 {
		return nil, errors.New("it was last written by Terraform 0.11 or older. Apply once with the official provider, then move")
	}
	var state officialState
	if err := json.Unmarshal(raw.JSON, &state); err != nil {
		return nil, fmt.Errorf("it does not have the schema of that resource: %w", err)
	}
	if err := state.identify(); err != nil {
		return nil, err
	}
	model := modelFromExisting(state.ProjectID, state.ClusterName, state.snapshot())
	if state.RetentionInDays != nil && *state.RetentionInDays > 0 {
		// After an import with the official provider it is missing or 0: then the refresh derives it.
		model.RetentionInDays = types.Int64PointerValue(state.RetentionInDays)
	}
	if state.Timeouts != nil && state.Timeouts.Create != nil {
		// The configuration still has it, and the plan should be empty.
		model.Timeouts = timeouts.Value{Object: types.ObjectValueMust(timeoutTypes, map[string]attr.Value{
			"create": types.StringPointerValue(state.Timeouts.Create), "update": types.StringNull(), "delete": types.StringNull(),
		})}
	}
	return &model, nil
}

func (o *officialState) snapshot() *atlas.Snapshot {
	s := &atlas.Snapshot{
		ID: o.SnapshotID, Status: o.Status, Type: o.Type, SnapshotType: o.SnapshotType, Description: o.Description,
		CreatedAt: timeOf(o.CreatedAt), ExpiresAt: timeOf(o.ExpiresAt), MongodVersion: o.MongodVersion,
		StorageSizeBytes: o.StorageSizeBytes, CloudProvider: o.CloudProvider, ReplicaSetName: o.ReplicaSetName,
		MasterKeyUUID: o.MasterKeyUUID,
	}
	if o.Type == atlas.TypeSharded {
		s.SnapshotIDs = o.SnapshotIDs
		for _, member := range o.Members {
			s.Members = append(s.Members, atlas.SnapshotMember(member))
		}
	}
	return s
}

// timeOf returns nil for what is not a time: the next refresh reads it anyway.
func timeOf(text string) *time.Time {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return nil
	}
	return &at
}

// identify sets the parts of the ID. The official provider relies on its ID; the attributes fill in for it.
func (o *officialState) identify() error {
	id := officialID(o.ID)
	for _, part := range []struct {
		name  string
		value *string
	}{{"project_id", &o.ProjectID}, {"cluster_name", &o.ClusterName}, {"snapshot_id", &o.SnapshotID}} {
		if id[part.name] != "" {
			*part.value = id[part.name]
		}
		if *part.value == "" {
			return fmt.Errorf("neither its ID %q nor its attributes contain the %s", o.ID, part.name)
		}
	}
	return framework.CheckImportID(o.ProjectID, o.ClusterName, o.SnapshotID, "snapshot_id")
}

// officialID parses the official provider's ID: names and values in base64, in pairs joined by hyphens. Its first version encoded
// each pair as a whole, all others the two halves; the order of the pairs varies.
func officialID(id string) map[string]string {
	parts := map[string]string{}
	for pair := range strings.SplitSeq(id, "-") {
		name, value, halves := strings.Cut(pair, ":")
		name = decoded(name)
		if halves {
			value = decoded(value)
		} else {
			name, value, _ = strings.Cut(name, ":")
		}
		parts[name] = value
	}
	return parts
}

// decoded decodes base64, and returns "" for anything else.
func decoded(text string) string {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return ""
	}
	return string(raw)
}
