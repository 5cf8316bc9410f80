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

// read reads a snapshot. The members of a sharded cluster's snapshot take a second request.
func (c *cluster) read(ctx context.Context, id string) (*atlas.Snapshot, error) {
	plain, err := c.client.GetSnapshot(ctx, c.projectID, c.name, id)
	if err != nil {
		return nil, err
	}
	return c.withMembers(ctx, plain)
}

// list returns the snapshots of the cluster.
func (c *cluster) list(ctx context.Context) ([]*atlas.Snapshot, error) {
	return retryUnexplained(ctx, c, func(ctx context.Context) ([]*atlas.Snapshot, error) {
		return collect(c.client.ListSnapshots(ctx, c.projectID, c.name))
	})
}

// recent returns at least all recent snapshots: the first page if Atlas lists the newest first, as documented, otherwise all. A
// snapshot that cannot be read does not block the request; the search after a lost answer is stricter.
func (c *cluster) recent(ctx context.Context) ([]*atlas.Snapshot, error) {
	listed, err := retryUnexplained(ctx, c, func(ctx context.Context) ([]*atlas.Snapshot, error) {
		return collect(atlas.Readable(c.client.RecentSnapshots(ctx, c.projectID, c.name), func(error) {}))
	})
	if err != nil || isNewestFirst(listed) {
		return listed, err
	}
	return c.list(ctx)
}

// isNewestFirst reports whether a list is in the documented order. The order of two close snapshots does not matter: it may go by
// request, copy or completion.
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

// retryUnexplained reads again, after a pause, if the first read was refused without a reason: one such refusal proves nothing.
func retryUnexplained[T any](ctx context.Context, c *cluster, read func(context.Context) (T, error)) (T, error) {
	got, err := read(ctx)
	if !atlas.IsUnexplained(err) || c.client.Clock().Sleep(ctx, operation.RefusedPause) != nil {
		return got, err
	}
	return read(ctx)
}

// findInList returns a snapshot from the list of its cluster, and nil without an error if it is not there.
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

// confirm looks a snapshot up in the list, after Atlas answered 404 for it (missing is that answer) or, if missing is nil, showed
// it. It returns the listed snapshot, [operation.ErrGone], or the error of the list. A single 404 is no proof: it may be temporary,
// or from another address, or about a project that the credentials do not reach. Forgetting a snapshot on such grounds would lose a
// backup, so the list has to agree, or Atlas has to say that the cluster itself is gone.
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

// readConfirmed reads a snapshot that is in a state. It confirms with the list both that a snapshot is gone and that one exists
// which should have expired.
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

// readUnexpired reads a snapshot, sharing lists with concurrent reads. It confirms with the list that a snapshot exists which should
// have expired, or which an earlier list should have had.
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

// notListedError returns Atlas's error for a snapshot that is gone: the list does not have it, although Atlas still shows the
// snapshot itself.
func (c *cluster) notListedError(id string) error {
	return &atlas.Error{
		StatusCode: http.StatusNotFound, FromAtlas: true, Code: atlas.CodeSnapshotNotFound,
		Request: "GET list of snapshots", Detail: fmt.Sprintf("The list of snapshots of %s no longer has %s.", c, id),
	}
}

// Atlas returns the members of a sharded cluster's snapshot only from endpoints of their own. Nothing depends on them, so their errors
// are only warnings.

// withMembers adds the members of a sharded cluster's snapshot. If they cannot be read, the snapshot has the error; an error of
// withMembers itself is the end of ctx.
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
		tflog.Warn(ctx, "Unable to read the members of the snapshot", map[string]any{"snapshot_id": plain.ID, "error": atlas.LogSafe(err)})
	}
	return plain, nil
}

// warnOfMembers returns a warning if withMembers could not read the members. so says what follows.
func (c *cluster) warnOfMembers(s *atlas.Snapshot, so string) diag.Diagnostics {
	if s.MembersError == nil {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("Unable to read members of snapshot", fmt.Sprintf(
		"Atlas shows %s, but not its members (members, snapshot_ids, config_server_type): %s.\n\n%s",
		c.snapshot(s.ID), atlas.LogSafe(s.MembersError), so))}
}

// What becomes of members that cannot be read.
const (
	membersKept = "The state keeps their last known values until a plan can read them. Nothing else depends on them."
	membersNull = "They are null here. Nothing else depends on them."
)

// keepMembers keeps known members of the same snapshot that Atlas does not return (any more): they never change.
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

// shardedMembers has the members of all snapshots of a sharded cluster, from one list that is read when the first is needed.
type shardedMembers struct {
	// byID is nil until the list has been read.
	byID map[string]*atlas.Snapshot
}

// add adds the members to a snapshot. If the list cannot be read it warns, once; an error is the end of ctx.
func (m *shardedMembers) add(ctx context.Context, on *cluster, s *atlas.Snapshot) (diag.Diagnostics, error) {
	if s.Type != atlas.TypeSharded {
		return nil, nil
	}
	var warnings diag.Diagnostics
	if m.byID == nil {
		byID, err := on.listSharded(ctx)
		if err != nil && ctx.Err() != nil {
			return nil, err
		}
		if m.byID = byID; err != nil {
			warnings = warnOfMembersList(on, err)
		}
	}
	if with, ok := m.byID[s.ID]; ok {
		s.AddMembers(with)
	}
	return warnings, nil
}

// listSharded returns the snapshots of a sharded cluster with their members, by ID. The map is not nil, even if the list cannot be read.
func (c *cluster) listSharded(ctx context.Context) (map[string]*atlas.Snapshot, error) {
	all, err := c.client.ListShardedSnapshots(ctx, c.projectID, c.name)
	byID := make(map[string]*atlas.Snapshot, len(all))
	for _, sharded := range all {
		byID[sharded.ID] = sharded
	}
	return byID, err
}

func warnOfMembersList(on *cluster, err error) diag.Diagnostics {
	return diag.Diagnostics{diag.NewWarningDiagnostic("Unable to read members of snapshots", fmt.Sprintf(
		"Atlas lists the snapshots of %s, but not their members (members, snapshot_ids, config_server_type): %s.\n\n%s",
		on, atlas.LogSafe(err), membersNull))}
}
