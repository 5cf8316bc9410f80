package snapshot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

// errGone is for a snapshot that Atlas has no longer. A single 404 is no proof: it may be a passing one, or that of another
// address or of a project that the credentials do not reach. Forgetting a snapshot for it would be the end of a backup, so
// the list of the cluster has to agree, or Atlas has to say that the cluster itself is gone.
var errGone = errors.New("the snapshot is gone")

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

// confirm asks the list about a snapshot that Atlas has just called missing: it is there all the same, or the error is
// [errGone], or the list says why neither is known.
func (c *cluster) confirm(ctx context.Context, id string, missing error) (*atlas.Snapshot, error) {
	listed, err := c.findInList(ctx, id)
	switch {
	case atlas.IsError(err, atlas.CodeClusterNotFound), err == nil && listed == nil:
		return nil, fmt.Errorf("%w: %w", errGone, missing)
	case err == nil:
		tflog.Warn(ctx, "Atlas called a snapshot missing that its list has", map[string]any{"snapshot_id": id})
	}
	return listed, err
}

// machineClockError is how far this machine's clock may be from Atlas's: a wrong time zone is up to 14 hours.
const machineClockError = 24 * time.Hour

// isNew reports whether a snapshot had been requested so short a time before Atlas was asked about it that Atlas may not have
// shown it yet. asked is by this machine's clock. How far that is from Atlas's, only an answer with a Date header tells.
func (c *cluster) isNew(id string, asked time.Time) bool {
	newFor := readLag
	if !c.client.HasServerTime() {
		newFor += machineClockError
	}
	return c.age(&atlas.Snapshot{ID: id})-c.now().Sub(asked) < newFor
}

// isUnproven says that err is no proof that a new snapshot is gone which was not completed when it was last seen: Atlas deletes
// none that it is busy with, and its reads may lag behind the request. Where the cluster is gone, so is the snapshot.
func isUnproven(err error) bool {
	return errors.Is(err, errGone) && !atlas.IsError(err, atlas.CodeClusterNotFound)
}

// readBelievable is read for what a state has: neither that its snapshot is missing nor that one is there which should have
// expired is believed unless the list agrees.
func (c *cluster) readBelievable(ctx context.Context, id string) (*atlas.Snapshot, error) {
	s, err := c.readUnexpired(ctx, id)
	if errors.Is(err, errGone) || !atlas.IsNotFound(err) {
		return s, err
	}
	if s, err = c.confirm(ctx, id, err); err != nil {
		return nil, err
	}
	return c.whole(ctx, s)
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
	if _, err := c.confirm(ctx, id, c.notListed(id)); err != nil {
		return nil, err
	}
	return s.Snapshot, nil
}

// notListed is what Atlas would say of a snapshot that its list does not have, although it shows the snapshot itself.
func (c *cluster) notListed(id string) error {
	return &atlas.Error{
		StatusCode: http.StatusNotFound, FromAtlas: true, Code: atlas.CodeSnapshotNotFound,
		Request: "GET list of snapshots", Detail: fmt.Sprintf("The list of snapshots of %s no longer has %s.", c, id),
	}
}
