package snapshot_test

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

// unheardOf is an id that no snapshot has, in the form that cassettes give to ids.
const unheardOf = "64e000000000000000000bad"

func TestAccSnapshot_dataSources(t *testing.T) {
	t.Run("replica set", func(t *testing.T) {
		s := acctest.NewScenario(t)
		readThreeWays(t, s, s.ClusterName)
	})
	t.Run("sharded", func(t *testing.T) {
		s := acctest.NewScenario(t, acctest.Sharded)
		readThreeWays(t, s, s.ShardedClusterName)
	})
}

// readThreeWays takes a snapshot and reads it by its id, as the most recent one and in the list of all: they are the same.
func readThreeWays(t *testing.T, s *acctest.Scenario, cluster string) {
	t.Helper()
	reads := resource.TestStep{
		ConfigDirectory:  config.StaticDirectory("testdata/reads"),
		ConfigVariables:  s.Variables(having(config.Variables{"cluster_name": config.StringVariable(cluster)})),
		ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
	}
	for output, check := range map[string]knownvalue.Check{
		"by_id_differs":       knownvalue.ListSizeExact(0),
		"most_recent_differs": knownvalue.ListSizeExact(0),
		"listed_differs":      knownvalue.ListSizeExact(0),
		"compared":            knownvalue.Int64Exact(18),
	} {
		reads.ConfigStateChecks = append(reads.ConfigStateChecks, statecheck.ExpectKnownOutputValue(output, check))
	}
	s.Test(t, reads)
}

// TestAccSnapshot_refusedByAtlas tries what only Atlas can know to be wrong.
func TestAccSnapshot_refusedByAtlas(t *testing.T) {
	refused := func(s *acctest.Scenario, variables config.Variables, said string) resource.TestStep {
		refused := step(s, having(variables))
		refused.ExpectError = regexp.MustCompile(said)
		return refused
	}
	t.Run("unknown cluster", func(t *testing.T) {
		s := acctest.NewScenario(t)
		s.Test(t, refused(s, config.Variables{"cluster_name": config.StringVariable("Nowhere")}, `Error code: CLUSTER_NOT_FOUND`))
	})
	t.Run("unknown project", func(t *testing.T) {
		s := acctest.NewScenario(t)
		s.Test(t, refused(s, config.Variables{"project_id": config.StringVariable(unheardOf)}, `Error code: GROUP_NOT_FOUND`))
	})
	t.Run("Flex cluster", func(t *testing.T) {
		s := acctest.NewScenario(t, acctest.Flex)
		s.Test(t, refused(s, config.Variables{"cluster_name": config.StringVariable(s.FlexClusterName)}, `Error code: CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API`))
	})
	t.Run("import of an unknown id", func(t *testing.T) {
		s := acctest.NewScenario(t)
		imported := refused(s, nil, `Cannot import non-existent remote object`)
		imported.ResourceName, imported.ImportState = address, true
		imported.ImportStateId = s.ProjectID + "/" + s.ClusterName + "/" + unheardOf
		s.Test(t, imported)
	})
	t.Run("data source of an unknown id", func(t *testing.T) {
		s := acctest.NewScenario(t)
		s.Test(t, resource.TestStep{
			ConfigDirectory: config.StaticDirectory("testdata/read"),
			ConfigVariables: s.Variables(config.Variables{"snapshot_id": config.StringVariable(unheardOf)}),
			ExpectError:     regexp.MustCompile(`Error code: SNAPSHOT_NOT_FOUND`),
		})
	})
}
