package snapshot

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/operation"
)

// read reads a snapshot whole: a sharded cluster's members take a second request.
func (c *cluster) read(ctx context.Context, id string) (*atlas.Snapshot, error) {
	plain, err := c.client.GetSnapshot(ctx, c.projectID, c.name, id)
	if err != nil {
		return nil, err
	}
	return c.withMembers(ctx, plain)
}

// list is the list of the cluster's snapshots.
func (c *cluster) list(ctx context.Context) ([]*atlas.Snapshot, error) {
	return retryUnexplained(ctx, c, func(ctx context.Context) ([]*atlas.Snapshot, error) {
		return collect(c.client.ListSnapshots(ctx, c.projectID, c.name))
	})
}

// recent is the part of the list that has all recent snapshots: one page where Atlas lists the newest first, as it documents,
// otherwise all. One that cannot be read is not in the way of asking; the looks after a lost answer are not as lenient.
func (c *cluster) recent(ctx context.Context) ([]*atlas.Snapshot, error) {
	listed, err := retryUnexplained(ctx, c, func(ctx context.Context) ([]*atlas.Snapshot, error) {
		return collect(atlas.Readable(c.client.RecentSnapshots(ctx, c.projectID, c.name), func(error) {}))
	})
	if err != nil || isNewestFirst(listed) {
		return listed, err
	}
	return c.list(ctx)
}

// isNewestFirst says that a list is in the order that Atlas documents. Of two that are close it does not matter which is first:
// the request, the moment of the copy or the completion may decide.
func isNewestFirst(listed []*atlas.Snapshot) bool {
	for i := 1; i < len(listed); i++ {
		if listed[i].RequestedAt().After(listed[i-1].RequestedAt().Add(time.Hour)) {
			return false
		}
	}
	return true
}

func collect(all iter.Seq2[*atlas.Snapshot, error]) ([]*atlas.Snapshot, error) {
	var listed []*atlas.Snapshot
	for s, err := range all {
		if err != nil {
			return nil, err
		}
		listed = append(listed, s)
	}
	return listed, nil
}

// withSecondChance reads again, after a pause, what was refused without a reason: one such refusal proves nothing.
func retryUnexplained[T any](ctx context.Context, c *cluster, read func(context.Context) (T, error)) (T, error) {
	got, err := read(ctx)
	if !atlas.IsUnexplained(err) || c.client.Clock().Sleep(ctx, operation.RefusedPause) != nil {
		return got, err
	}
	return read(ctx)
}

// findInList looks for a snapshot in the list of its cluster. Without one there and without an error, it is gone.
func (c *cluster) findInList(ctx context.Context, id string) (*atlas.Snapshot, error) {
	for listed, err := range c.client.ListSnapshots(ctx, c.projectID, c.name) {
		if err != nil {
			return nil, err
		}
		if listed.ID == id {
			return listed, nil
		}
	}
	return nil, nil
}

// confirm asks the list about a snapshot that Atlas has just called missing (missing is that answer), or, where missing is nil, about
// one that Atlas shows: the snapshot is listed, or the error is [operation.ErrGone], or the list says why neither is known. A single
// 404 is no proof: it may be a passing one, or that of another address or of a project that the credentials do not reach. Forgetting
// a snapshot for it would be the end of a backup, so the list of the cluster has to agree, or Atlas has to say that the cluster
// itself is gone.
func (c *cluster) confirm(ctx context.Context, id string, missing error) (*atlas.Snapshot, error) {
	shown := missing == nil
	if shown {
		missing = c.notListedError(id)
	}
	listed, err := c.findInList(ctx, id)
	switch {
	case atlas.IsError(err, atlas.CodeClusterNotFound), err == nil && listed == nil:
		return nil, fmt.Errorf("%w: %w", operation.ErrGone, missing)
	case err == nil && !shown:
		tflog.Warn(ctx, "Atlas answered 404 for a snapshot that its list shows", map[string]any{"snapshot_id": id})
	}
	return listed, err
}

// readConfirmed is read for what a state has: neither that its snapshot is missing nor that one is there which should have
// expired is believed unless the list agrees.
func (c *cluster) readConfirmed(ctx context.Context, id string) (*atlas.Snapshot, error) {
	s, err := c.readUnexpired(ctx, id)
	if errors.Is(err, operation.ErrGone) || !atlas.IsNotFound(err) {
		return s, err
	}
	if s, err = c.confirm(ctx, id, err); err != nil {
		return nil, err
	}
	return c.withMembers(ctx, s)
}

// readUnexpired is read for what others may read at the same time. It does not believe in a snapshot that should have expired,
// nor in one that a list should have had and did not, unless a list has it.
func (c *cluster) readUnexpired(ctx context.Context, id string) (*atlas.Snapshot, error) {
	s, err := c.reader().get(ctx, c, id)
	if err != nil {
		return nil, err
	}
	expired := s.ExpiresAt != nil && !c.client.ServerNow().Before(*s.ExpiresAt)
	doubtful := expired && !s.listed || s.unlisted
	if !doubtful {
		return s.Snapshot, nil
	}
	if _, err := c.confirm(ctx, id, nil); err != nil {
		return nil, err
	}
	return s.Snapshot, nil
}

// notListed is what Atlas would say of a snapshot that its list does not have, although it shows the snapshot itself.
func (c *cluster) notListedError(id string) error {
	return &atlas.Error{
		StatusCode: http.StatusNotFound, FromAtlas: true, Code: atlas.CodeSnapshotNotFound,
		Request: "GET list of snapshots", Detail: fmt.Sprintf("The list of snapshots of %s no longer has %s.", c, id),
	}
}

// A sharded cluster's snapshot is known to the plain endpoints, but its members are told by endpoints of their own. Nothing
// depends on them, so that whatever is wrong there, and not at the plain endpoint, is good for a warning and no more.

// withMembers adds a sharded cluster's members to what the plain endpoints say of a snapshot. Where they cannot be read, the
// snapshot has the error; an error of withMembers itself is the end of ctx.
func (c *cluster) withMembers(ctx context.Context, plain *atlas.Snapshot) (*atlas.Snapshot, error) {
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
		tflog.Warn(ctx, "Unable to read the members of the snapshot", map[string]any{"snapshot_id": plain.ID, "error": atlas.Brief(err)})
	}
	return plain, nil
}

// warnOfMembers warns where withMembers could not read the members of a snapshot. so says what that leaves.
func (c *cluster) warnOfMembers(s *atlas.Snapshot, so string) diag.Diagnostics {
	if s.MembersError == nil {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("Unable to read members of snapshot", fmt.Sprintf(
		"Atlas shows %s, but not its members (members, snapshot_ids, config_server_type): %s.\n\n%s",
		c.snapshot(s.ID), atlas.Brief(s.MembersError), so))}
}

// What becomes of members that cannot be read.
const (
	membersKept = "The state keeps their last known values until a plan can read them. Nothing else depends on them."
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
			warnings = warnOfMembersList(on, err)
		}
	}
	if with, ok := m.byID[s.ID]; ok {
		s.AddMembers(with)
	}
	return warnings, nil
}

func warnOfMembersList(on *cluster, err error) diag.Diagnostics {
	return diag.Diagnostics{diag.NewWarningDiagnostic("Unable to read members of snapshots", fmt.Sprintf(
		"Atlas lists the snapshots of %s, but not their members (members, snapshot_ids, config_server_type): %s.\n\n%s",
		on, atlas.Brief(err), membersNull))}
}
