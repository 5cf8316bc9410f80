package snapshot

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
)

// cluster is where snapshots are: one cluster of one project, reached through one client.
type cluster struct {
	client    *atlas.Client
	projectID string
	name      string
}

func (c *cluster) String() string {
	return fmt.Sprintf("cluster %q of project %s", c.name, c.projectID)
}

func (c *cluster) snapshot(id string) string { return fmt.Sprintf("snapshot %s of %s", id, c) }

// key tells the cluster from all others of the process.
func (c *cluster) key() string {
	return c.client.BaseURL() + " " + c.projectID + " " + c.name
}

// arguments are the resource's own attributes.
var arguments = diagnostics.Arguments{
	Project: path.Root("project_id"), Cluster: path.Root("cluster_name"), Retention: path.Root("retention_in_days"),
}

func operation(summary, about string) diagnostics.Operation {
	return diagnostics.Operation{Summary: summary, About: about, Arguments: arguments}
}
