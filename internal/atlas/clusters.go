package atlas

import (
	"context"
	"net/http"
)

// clustersVersion is the newest version of reading a cluster.
const clustersVersion = "2024-08-05"

// Cluster is what matters of a dedicated cluster for its backups. Pointers are nil where Atlas does not say.
type Cluster struct {
	ID            string `json:"id"`
	Name          string `json:"name"`
	ClusterType   string `json:"clusterType"`
	StateName     string `json:"stateName"`
	BackupEnabled *bool  `json:"backupEnabled"`
	Paused        *bool  `json:"paused"`
	// PITEnabled reports whether the cluster has continuous backup.
	PITEnabled       *bool   `json:"pitEnabled"`
	MongoDBVersion   *string `json:"mongoDBVersion"`
	ConfigServerType *string `json:"configServerType"`
	// ReplicationSpecs has one element per shard.
	ReplicationSpecs []struct {
		RegionConfigs []struct {
			ProviderName string `json:"providerName"`
		} `json:"regionConfigs"`
	} `json:"replicationSpecs"`
}

// StateIdle is the stateName of a cluster that Atlas is not busy with.
const StateIdle = "IDLE"

// IsShared reports whether the cluster shares its hardware with others, as free ones (M0) do: no dedicated cluster has the
// provider TENANT.
func (c *Cluster) IsShared() bool {
	for _, spec := range c.ReplicationSpecs {
		for _, config := range spec.RegionConfigs {
			if config.ProviderName == "TENANT" {
				return true
			}
		}
	}
	return false
}

// GetCluster reads a dedicated cluster, which takes the role Project Read Only. A free cluster is read like one, see
// [Cluster.IsShared]; a Flex cluster is refused ([CodeFlexInClusterAPI]).
func (c *Client) GetCluster(ctx context.Context, projectID, name string) (*Cluster, error) {
	return do[Cluster](ctx, c, call{method: http.MethodGet, path: []string{projectID, "clusters", name}, version: clustersVersion})
}
