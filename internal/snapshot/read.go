package snapshot

import (
	"context"

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

// awaitEnd waits for a snapshot of which only the id is known.
func (c *cluster) awaitEnd(ctx context.Context, id string) (*atlas.Snapshot, error) {
	return c.settle(ctx, id, c.age(&atlas.Snapshot{ID: id}))
}
