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
