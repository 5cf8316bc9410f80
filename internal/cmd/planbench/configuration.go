package main

import (
	"fmt"
	"strings"
)

const (
	// address is the registry address of the provider; OpenTofu looks in its own registry.
	address       = "registry.terraform.io/atlasbackup/atlasbackup"
	addressOfTofu = "registry.opentofu.org/atlasbackup/atlasbackup"
)

// cliConfiguration makes Terraform take the provider from a folder. A JSON string is valid HCL: backslashes of a Windows path are
// escaped.
func cliConfiguration(provider string) string {
	return fmt.Sprintf("disable_checkpoint = true\nprovider_installation {\n  dev_overrides {\n    %[1]q = %[3]q\n    %[2]q = %[3]q\n  }\n  direct {}\n}\n",
		address, addressOfTofu, provider)
}

// snapshots returns a configuration of n snapshots, evenly on the clusters, that match those that the simulator starts with.
func snapshots(n, clusters int, projectID string) string {
	return fmt.Sprintf(`terraform {
  required_providers {
    atlasbackup = {
      source = "atlasbackup/atlasbackup"
    }
  }
}

resource "atlasbackup_snapshot" "bench" {
  count = %d

  project_id        = %q
  cluster_name      = "Cluster${count.index %% %d}"
  description       = "seeded"
  retention_in_days = 365
}
`, n, projectID, clusters)
}

// floor returns a configuration of n resources that need neither a provider nor Atlas.
func floor(n int) string {
	return fmt.Sprintf("resource \"terraform_data\" \"floor\" {\n  count = %d\n}\n", n)
}

// imports returns import blocks for that configuration. ids has the snapshots by the name of their cluster.
func imports(clusters int, projectID string, ids map[string][]string) string {
	var text strings.Builder
	for i := range clusters {
		name := fmt.Sprintf("Cluster%d", i)
		for j, id := range ids[name] {
			fmt.Fprintf(&text, "import {\n  to = atlasbackup_snapshot.bench[%d]\n  id = %q\n}\n", i+j*clusters, projectID+"/"+name+"/"+id)
		}
	}
	return text.String()
}
