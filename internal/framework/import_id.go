package framework

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
)

// ImportID returns the import ID of a resource of a cluster: project_id/cluster_name/<id>.
func ImportID(projectID, clusterName, id string) string {
	return projectID + "/" + clusterName + "/" + id
}

// mongodbatlasImportID matches an import ID of the provider mongodbatlas: the same parts, joined by hyphens.
var mongodbatlasImportID = regexp.MustCompile(`^([a-f0-9]{24})-([a-zA-Z0-9][a-zA-Z0-9-]*)-([a-f0-9]{24})$`)

// ParseImportID splits an import ID. idName is the name of its last part, such as "snapshot_id". The error says which part is wrong,
// as part of a sentence.
func ParseImportID(importID, idName string) (projectID, clusterName, id string, err error) {
	if importID == "" {
		return "", "", "", errors.New("the import ID is empty")
	}
	if parts := mongodbatlasImportID.FindStringSubmatch(importID); parts != nil {
		return "", "", "", fmt.Errorf("%q has hyphens between the parts, as IDs of the provider mongodbatlas have; import it as %s",
			importID, ImportID(parts[1], parts[2], parts[3]))
	}
	parts := strings.Split(importID, "/")
	if len(parts) != 3 {
		count := fmt.Sprintf("%d parts", len(parts))
		if len(parts) == 1 {
			count = "1 part"
		}
		return "", "", "", fmt.Errorf("%q has %s separated by slashes, not the three of project_id/cluster_name/%s", importID, count, idName)
	}
	return parts[0], parts[1], parts[2], CheckImportID(parts[0], parts[1], parts[2], idName)
}

// CheckImportID returns an error about the first part of an import ID, or of an identity, that is not in Atlas's form.
func CheckImportID(projectID, clusterName, id, idName string) error {
	switch {
	case !objectIDPattern.MatchString(projectID):
		return fmt.Errorf("the project_id %q %s", projectID, objectIDRule)
	case !clusterNamePattern.MatchString(clusterName):
		return fmt.Errorf("the cluster_name %q %s", clusterName, clusterNameRule)
	case !objectIDPattern.MatchString(id):
		return fmt.Errorf("the %s %q %s", idName, id, objectIDRule)
	}
	return nil
}

// SetIdentity sets the identity of a resource, if Terraform supports identities.
func SetIdentity(ctx context.Context, identity *tfsdk.ResourceIdentity, value any) diag.Diagnostics {
	if identity == nil {
		return nil
	}
	return identity.Set(ctx, value)
}
