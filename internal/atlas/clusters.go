package atlas

import (
	"context"
	"net/http"
)

// clustersVersion is the newest version of reading a cluster.
const clustersVersion = "2024-08-05"

// Cluster is what matters of a dedicated cluster for its backups. Pointers are nil where Atlas does not say.
type Cluster struct {
	ID               string            `json:"id"`
	Name             string            `json:"name"`
	ClusterType      string            `json:"clusterType"`
	StateName        string            `json:"stateName"`
	BackupEnabled    *bool             `json:"backupEnabled"`
	Paused           *bool             `json:"paused"`
	ReplicationSpecs []ReplicationSpec `json:"replicationSpecs"`
}

// ReplicationSpec is the hardware of a shard, or of the whole cluster where it has none.
type ReplicationSpec struct {
	RegionConfigs []RegionConfig `json:"regionConfigs"`
}

// RegionConfig is the hardware in a region.
type RegionConfig struct {
	// ProviderName is the cloud provider, or [ProviderTenant].
	ProviderName string `json:"providerName"`
}

// ProviderTenant is the providerName of a cluster that shares its hardware with others, such as a free one (M0).
const ProviderTenant = "TENANT"

// IsShared reports whether the cluster is no dedicated one.
func (c *Cluster) IsShared() bool {
	for _, spec := range c.ReplicationSpecs {
		for _, config := range spec.RegionConfigs {
			if config.ProviderName == ProviderTenant {
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
