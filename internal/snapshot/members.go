package snapshot

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

// A sharded cluster's snapshot is known to the plain endpoints, but its members are told by endpoints of their own. Nothing
// depends on them, so that whatever is wrong there, and not at the plain endpoint, is good for a warning and no more.

// whole adds a sharded cluster's members to what the plain endpoints say of a snapshot. Where they cannot be read, the
// snapshot has the error; an error of whole itself is the end of ctx.
func (c *cluster) whole(ctx context.Context, plain *atlas.Snapshot) (*atlas.Snapshot, error) {
	if plain.Type != atlas.TypeSharded {
		return plain, nil
	}
	sharded, err := c.client.GetShardedSnapshot(ctx, c.projectID, c.name, plain.ID)
	switch {
	case err == nil:
		plain.AddMembers(sharded)
	case ctx.Err() != nil:
		return nil, err
	default:
		plain.MembersError = err
		tflog.Warn(ctx, "the members of the snapshot cannot be read", map[string]any{"snapshot_id": plain.ID, "error": atlas.Brief(err)})
	}
	return plain, nil
}

// warnOfMembers warns where whole could not read the members of a snapshot. so says what that leaves.
func (c *cluster) warnOfMembers(s *atlas.Snapshot, so string) diag.Diagnostics {
	if s.MembersError == nil {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("Unable to read members of snapshot", fmt.Sprintf(
		"Atlas shows %s, but not what its shards have (members, snapshot_ids, config_server_type): %s.\n\n%s",
		c.snapshot(s.ID), atlas.Brief(s.MembersError), so))}
}

// What becomes of members that cannot be read.
const (
	membersStay = "The state keeps what it has of them, and the next plan that can read them brings it up to date. Nothing else depends on them."
	membersNull = "They are null here. Nothing else depends on them."
)

// keepMembers keeps what is known of a snapshot's members where Atlas does not tell them (any more): they do not change.
func (m *snapshotModel) keepMembers(known snapshotModel) {
	if !m.SnapshotID.Equal(known.SnapshotID) {
		return
	}
	if m.ConfigServerType.IsNull() && !known.ConfigServerType.IsUnknown() {
		m.ConfigServerType = known.ConfigServerType
	}
	for kept, value := range map[*types.List]types.List{&m.SnapshotIDs: known.SnapshotIDs, &m.Members: known.Members} {
		if kept.IsNull() && !value.IsUnknown() {
			*kept = value
		}
	}
}

// shardedMembers are the members of all snapshots of a sharded cluster, from one list that is read when the first is wanted.
type shardedMembers struct {
	// byID is nil until the list has been asked for.
	byID map[string]*atlas.Snapshot
}

// add completes a snapshot. Where the list cannot be read it warns, once; an error is the end of ctx.
func (m *shardedMembers) add(ctx context.Context, on *cluster, s *atlas.Snapshot) (diag.Diagnostics, error) {
	if s.Type != atlas.TypeSharded {
		return nil, nil
	}
	var warnings diag.Diagnostics
	if m.byID == nil {
		all, err := on.client.ListShardedSnapshots(ctx, on.projectID, on.name)
		if err != nil && ctx.Err() != nil {
			return nil, err
		}
		m.byID = make(map[string]*atlas.Snapshot, len(all))
		for _, sharded := range all {
			m.byID[sharded.ID] = sharded
		}
		if err != nil {
			warnings = unreadMembersList(on, err)
		}
	}
	if with, ok := m.byID[s.ID]; ok {
		s.AddMembers(with)
	}
	return warnings, nil
}

func unreadMembersList(on *cluster, err error) diag.Diagnostics {
	return diag.Diagnostics{diag.NewWarningDiagnostic("Unable to read members of snapshots", fmt.Sprintf(
		"Atlas lists the snapshots of %s, but not what its shards have (members, snapshot_ids, config_server_type): %s.\n\n%s",
		on, atlas.Brief(err), membersNull))}
}
