package snapshot

import (
	"fmt"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

// cluster is where snapshots are: one cluster of one project, reached through one client.
type cluster struct {
	client    *atlas.Client
	projectID string
	name      string
	// listener, where set, is told of the progress of what takes minutes, in words for a person.
	listener func(message string)
	// last is what the log has said last, and foreign says that it is about a snapshot that somebody else requested.
	last    reported
	foreign bool
}

func (c *cluster) now() time.Time { return c.client.Clock().Now() }

func (c *cluster) String() string {
	return fmt.Sprintf("cluster %q of project %s", c.name, c.projectID)
}

func (c *cluster) snapshot(id string) string { return fmt.Sprintf("snapshot %s of %s", id, c) }

// key tells the cluster from all others of the process.
func (c *cluster) key() string {
	return c.client.BaseURL() + " " + c.projectID + " " + c.name
}
