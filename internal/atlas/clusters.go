package atlas

import "context"

// clustersVersion is the newest version of reading a cluster.
const clustersVersion = "2024-08-05"

// Cluster is what matters of a dedicated cluster for its backups.
type Cluster struct {
	ID            string `json:"id"`
	Name          string `json:"name"`
	ClusterType   string `json:"clusterType"`
	StateName     string `json:"stateName"`
	BackupEnabled bool   `json:"backupEnabled"`
	Paused        bool   `json:"paused"`
}

// GetCluster reads a dedicated cluster. A Flex cluster is refused ([CodeFlexInClusterAPI]).
func (c *Client) GetCluster(ctx context.Context, projectID, name string) (*Cluster, error) {
	return getOne[Cluster](ctx, c, []string{projectID, "clusters", name}, clustersVersion)
}
