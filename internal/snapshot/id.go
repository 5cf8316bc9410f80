package snapshot

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/attribute"
)

// importID is the id of the resource: what `terraform import` takes.
func importID(projectID, clusterName, snapshotID string) string {
	return projectID + "/" + clusterName + "/" + snapshotID
}

// officialImportID is what the provider mongodbatlas takes: the same three parts, joined by hyphens.
var officialImportID = regexp.MustCompile(`^([a-f0-9]{24})-([a-zA-Z0-9][a-zA-Z0-9-]*)-([a-f0-9]{24})$`)

// parseImportID takes an import id apart and says which part is wrong.
func parseImportID(id string) (projectID, clusterName, snapshotID string, err error) {
	if id == "" {
		return "", "", "", errors.New("the import ID is empty")
	}
	if official := officialImportID.FindStringSubmatch(id); official != nil {
		return "", "", "", fmt.Errorf("%q has hyphens between the parts, as IDs of the provider mongodbatlas have; import it as %s",
			id, importID(official[1], official[2], official[3]))
	}
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
