package snapshot_test

import (
	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

const address = "atlasbackup_snapshot.test"

// step applies testdata/snapshot with these variables, on a simulator or in a scenario.
func step(a interface {
	Variables(config.Variables) config.Variables
}, variables config.Variables,
) resource.TestStep {
	return resource.TestStep{
		ConfigDirectory: config.StaticDirectory("testdata/snapshot"),
		ConfigVariables: a.Variables(variables),
	}
}
