package flexsnapshot_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
)

// The tests of this file have one body for every mode: see acctest.Scenario.

func reads(s *acctest.Scenario, cluster string) resource.TestStep {
	return resource.TestStep{
		ConfigDirectory: config.StaticDirectory("testdata/reads"),
		ConfigVariables: s.Variables(config.Variables{"cluster_name": config.StringVariable(cluster)}),
	}
}

func TestAccFlexSnapshot_reads(t *testing.T) {
	s := acctest.NewScenario(t, acctest.Flex)
	all := reads(s, s.FlexClusterName)
	all.ConfigPlanChecks = resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
	all.ConfigStateChecks = []statecheck.StateCheck{
		statecheck.ExpectKnownOutputValue("by_id_differs", knownvalue.ListSizeExact(0)),
		statecheck.ExpectKnownOutputValue("oldest_first", knownvalue.ListSizeExact(0)),
		statecheck.ExpectKnownOutputValue("most_recent_status", knownvalue.StringExact("COMPLETED")),
	}
	s.Test(t, all)
}

func TestAccFlexSnapshot_dedicatedCluster(t *testing.T) {
	s := acctest.NewScenario(t)
	refused := reads(s, s.ClusterName)
	refused.ExpectError = regexp.MustCompile(`Error code: CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API`)
	s.Test(t, refused)
}
