package snapshot_test

import (
	"maps"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
)

// unheardOf is an id that no snapshot has, in the form that cassettes give to ids.
const unheardOf = "64e000000000000000000bad"

func TestAccSnapshot_dataSources(t *testing.T) {
	t.Run("replica set", func(t *testing.T) {
		s := acctest.NewScenario(t)
		readThreeWays(t, s, "replicaSet", s.ClusterName)
	})
	t.Run("sharded", func(t *testing.T) {
		s := acctest.NewScenario(t, acctest.Sharded)
		readThreeWays(t, s, "shardedCluster", s.ShardedClusterName)
	})
}

// readThreeWays takes a snapshot and reads it by its id, as the most recent one and in the list of all: every attribute is the
// same in all of them.
func readThreeWays(t *testing.T, s *acctest.Scenario, kind, cluster string) {
	t.Helper()
	variables := config.Variables{"retention_in_days": config.IntegerVariable(3), "cluster_name": config.StringVariable(cluster)}
	reads := completed(s, kind, variables, plancheck.ResourceActionCreate)
	reads.ConfigDirectory = config.StaticDirectory("testdata/reads")
	read := func(address string, arguments acctest.Checks) {
		every := acctest.EveryAttribute(func(attributes map[string]any) acctest.Checks {
			want := s.Answer(attributes["snapshot_id"]).Checks(attributeNames)
			maps.Copy(want, arguments)
			return want
		})
		reads.ConfigStateChecks = append(reads.ConfigStateChecks,
			acctest.ExpectObject(address, every),
			statecheck.CompareValuePairs(address, tfjsonpath.New("snapshot_id"), "atlasbackup_snapshot.test", tfjsonpath.New("snapshot_id"), compare.ValuesSame()))
	}
	project, name, null := knownvalue.StringExact(s.ProjectID), knownvalue.StringExact(cluster), knownvalue.Null()
	read("data.atlasbackup_snapshot.by_id", acctest.Checks{
		"project_id": project, "cluster_name": name, "most_recent": null, "created_after": null, "created_before": null,
	})
	read("data.atlasbackup_snapshot.most_recent", acctest.Checks{
		"project_id": project, "cluster_name": name, "most_recent": knownvalue.Bool(true), "created_after": null, "created_before": null,
	})
	reads.ConfigStateChecks = append(reads.ConfigStateChecks, acctest.ExpectObject("data.atlasbackup_snapshots.all",
		knownvalue.ObjectExact(acctest.Checks{
			"project_id": project, "cluster_name": name, "description": knownvalue.StringExact(description),
			"created_after": null, "created_before": null, "snapshot_type": null, "status": null,
			"results": knownvalue.ListExact([]knownvalue.Check{acctest.EveryAttribute(func(attributes map[string]any) acctest.Checks {
				return s.Answer(attributes["snapshot_id"]).Checks(attributeNames)
			})}),
		})))
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
