package snapshot

import (
	"fmt"
	"strings"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/attribute"
)

// importID is the id of the resource: what `terraform import` takes.
func importID(projectID, clusterName, snapshotID string) string {
	return projectID + "/" + clusterName + "/" + snapshotID
}

// parseImportID takes an import id apart and says which part is wrong.
func parseImportID(id string) (projectID, clusterName, snapshotID string, err error) {
	parts := strings.Split(id, "/")
	if len(parts) != 3 {
		count := fmt.Sprintf("%d parts", len(parts))
		if len(parts) == 1 {
			count = "1 part"
		}
		return "", "", "", fmt.Errorf("%q has %s separated by slashes, not the three of project_id/cluster_name/snapshot_id", id, count)
	}
	return parts[0], parts[1], parts[2], checkNames(parts[0], parts[1], parts[2])
}

func checkNames(projectID, clusterName, snapshotID string) error {
	switch {
	case !attribute.IsObjectID(projectID):
		return fmt.Errorf("the project_id %q %s", projectID, attribute.ObjectIDRule)
	case !attribute.IsClusterName(clusterName):
		return fmt.Errorf("the cluster_name %q %s", clusterName, attribute.ClusterNameRule)
	case !attribute.IsObjectID(snapshotID):
		return fmt.Errorf("the snapshot_id %q %s", snapshotID, attribute.ObjectIDRule)
	}
	return nil
}
