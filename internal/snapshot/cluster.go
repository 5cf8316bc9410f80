package snapshot

import (
	"fmt"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/operation"
)

// cluster is where snapshots are: one cluster of one project, reached through one client.
type cluster struct {
	client    *atlas.Client
	projectID string
	name      string
}

func (c *cluster) now() time.Time { return c.client.Clock().Now() }

func (c *cluster) String() string {
	return fmt.Sprintf("cluster %q of project %s", c.name, c.projectID)
}

func (c *cluster) snapshot(id string) string { return fmt.Sprintf("snapshot %s of %s", id, c) }

// age is the time since Atlas was asked for s, by Atlas's clock.
func (c *cluster) age(s *atlas.Snapshot) time.Duration {
	return c.client.ServerNow().Sub(s.RequestedAt())
}

// isNew reports whether Atlas may not have shown a snapshot yet when it was asked about it, see [operation.IsNew].
func (c *cluster) isNew(id string, asked time.Time) bool {
	return operation.IsNew(c.client, (&atlas.Snapshot{ID: id}).RequestedAt(), asked)
}

// key tells the cluster from all others of the process.
func (c *cluster) key() string {
	return c.client.BaseURL() + " " + c.projectID + " " + c.name
}
