package snapshot

import (
	"context"
	"fmt"
	"net/http"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

// read reads a snapshot whole: a sharded cluster's members take a second request.
func (c *cluster) read(ctx context.Context, id string) (*atlas.Snapshot, error) {
	plain, err := c.client.GetSnapshot(ctx, c.projectID, c.name, id)
	if err != nil {
		return nil, err
	}
	return c.whole(ctx, plain)
}

// whole adds a sharded cluster's members to what the plain endpoints say of a snapshot.
func (c *cluster) whole(ctx context.Context, plain *atlas.Snapshot) (*atlas.Snapshot, error) {
	if plain.Type != atlas.TypeSharded {
		return plain, nil
	}
	sharded, err := c.client.GetShardedSnapshot(ctx, c.projectID, c.name, plain.ID)
	if err != nil {
		return nil, err
	}
	plain.AddMembers(sharded)
	return plain, nil
}

// readBelievable is read, but does not believe in a snapshot that should have expired unless the list has it too.
func (c *cluster) readBelievable(ctx context.Context, id string) (*atlas.Snapshot, error) {
	s, err := c.read(ctx, id)
	if err != nil || s.ExpiresAt == nil || c.client.ServerNow().Before(*s.ExpiresAt) {
		return s, err
	}
	for listed, err := range c.client.ListSnapshots(ctx, c.projectID, c.name) {
		if err != nil {
			return nil, err
		}
		if listed.ID == id {
			return s, nil
		}
	}
	return nil, &atlas.Error{
		StatusCode: http.StatusNotFound, FromAtlas: true, Code: atlas.CodeSnapshotNotFound,
		Request: "GET list of snapshots", Detail: fmt.Sprintf("The list of snapshots of %s no longer has %s.", c, id),
	}
}

// delete deletes a snapshot, which is no error where it is gone already. Atlas refuses while it is in progress; then it is
// waited for.
func (c *cluster) delete(ctx context.Context, id string, pending bool) error {
	for {
		if pending {
			if _, err := c.awaitEnd(ctx, id); err != nil {
				return ignoreNotFound(err)
			}
		}
		err := c.client.DeleteSnapshot(ctx, c.projectID, c.name, id)
		if !atlas.IsError(err, atlas.CodeDeleteInProgress) {
			return ignoreNotFound(err)
		}
		tflog.Info(ctx, "waiting for the snapshot to complete: Atlas deletes none before", map[string]any{"snapshot_id": id})
		if pending {
			// Atlas calls it settled and in progress at once: give it time.
			if err := c.client.Clock().Sleep(ctx, refusedPause); err != nil {
				return err
			}
		}
		pending = true
	}
}

// awaitEnd waits for a snapshot of which only the id is known.
func (c *cluster) awaitEnd(ctx context.Context, id string) (*atlas.Snapshot, error) {
	s, err := c.client.GetSnapshot(ctx, c.projectID, c.name, id)
	if err != nil {
		return nil, err
	}
	return c.settleFrom(ctx, s)
}

func ignoreNotFound(err error) error {
	if atlas.IsNotFound(err) {
		return nil
	}
	return err
}
