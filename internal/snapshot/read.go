package snapshot

import (
	"context"
	"errors"

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
	switch {
	case atlas.IsNotFound(err):
		// The plain endpoint has just shown the snapshot, so it is only this that cannot be told.
		tflog.Warn(ctx, "Atlas does not tell the members of the snapshot", map[string]any{"snapshot_id": plain.ID})
	case err != nil:
		return nil, err
	default:
		plain.AddMembers(sharded)
	}
	return plain, nil
}

// missingTries bounds how often Atlas is told to delete what it calls missing although its list has it.
const missingTries = 3

// delete deletes a snapshot, which is no error where it is gone already. Atlas refuses while it is in progress; then it is
// waited for.
func (c *cluster) delete(ctx context.Context, id string, pending bool) error {
	missing := 0
	for {
		if pending {
			if _, err := c.awaitEnd(ctx, id); err != nil {
				return ignoreGone(err)
			}
		}
		err := c.client.DeleteSnapshot(ctx, c.projectID, c.name, id)
		if atlas.IsNotFound(err) {
			if _, gone := c.confirm(ctx, id, err); gone != nil {
				return ignoreGone(gone)
			}
			if missing++; missing < missingTries {
				continue
			}
		}
		if !atlas.IsError(err, atlas.CodeDeleteInProgress) {
			return err
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
	return c.settle(ctx, id, c.age(&atlas.Snapshot{ID: id}))
}

func ignoreGone(err error) error {
	if errors.Is(err, errGone) {
		return nil
	}
	return err
}
