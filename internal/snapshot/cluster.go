package snapshot

import (
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
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

// arguments are the resource's own attributes.
var arguments = diagnostics.Arguments{
	Project: path.Root("project_id"), Cluster: path.Root("cluster_name"), Retention: path.Root("retention_in_days"),
}

func failure(summary, about string) diagnostics.Operation {
	return diagnostics.Operation{Summary: summary, About: about, Arguments: arguments}
}

// clientOf is the API client that the provider gives to actions; nil where the provider has not been configured yet.
func clientOf(providerData any, summary string) (*atlas.Client, diag.Diagnostics) {
	client, ok := providerData.(*atlas.Client)
	if providerData != nil && !ok {
		return nil, diag.Diagnostics{diag.NewErrorDiagnostic(summary, fmt.Sprintf(
			"The provider gave %T in the place of its API client. This is a bug of the provider.", providerData))}
	}
	return client, nil
}
