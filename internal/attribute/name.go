// Package attribute has what is alike in the attributes of everything that the provider offers: ids, names, and how a value
// of Atlas becomes one of Terraform.
package attribute

import (
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// What the patterns of ids and names ask for, as the rest of a sentence about the value.
const (
	ObjectIDRule    = "must be 24 hexadecimal digits in lower case, as Atlas shows them"
	ClusterNameRule = "must be a cluster's name: letters, digits and hyphens, beginning with a letter or digit"
)

// The patterns of the API for ids and names.
var (
	objectID    = regexp.MustCompile(`^[a-f0-9]{24}$`)
	clusterName = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9-]*$`)
)

// IsObjectID says that s has the form of an id of Atlas.
func IsObjectID(s string) bool { return objectID.MatchString(s) }

// IsClusterName says that s has the form of a cluster's or serverless instance's name.
func IsClusterName(s string) bool { return clusterName.MatchString(s) }

// ObjectID validates an id of Atlas.
func ObjectID() []validator.String {
	return []validator.String{stringvalidator.RegexMatches(objectID, ObjectIDRule)}
}

// ClusterName validates the name of a cluster or of a serverless instance.
func ClusterName() []validator.String {
	return []validator.String{stringvalidator.RegexMatches(clusterName, ClusterNameRule)}
}
