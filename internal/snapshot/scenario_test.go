package snapshot_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

// The tests of this file have one body for every mode: see acctest.Scenario.

// description is what the scenarios call their snapshots.
const description = acctest.DescriptionPrefix + ": before the upgrade"

// having are variables, and the description of a scenario's snapshot unless they have one.
func having(variables config.Variables) config.Variables {
	all := config.Variables{"description": config.StringVariable(description)}
	for name, variable := range variables {
		all[name] = variable
	}
	return all
}

// created is a step that takes a snapshot of the replica set.
func created(s *acctest.Scenario, variables config.Variables) resource.TestStep {
	return completed(s, "replicaSet", variables, plancheck.ResourceActionCreate)
}

// updated is a step that changes it, or takes another one.
func updated(s *acctest.Scenario, variables config.Variables) resource.TestStep {
	return completed(s, "replicaSet", variables, plancheck.ResourceActionUpdate)
}

// remember notes the id of the snapshot that the step has taken.
func remember(s resource.TestStep, id *string) resource.TestStep {
	s.Check = resource.TestCheckResourceAttrWith(address, "snapshot_id", func(value string) error {
		*id = value
		return nil
	})
	return s
}

// mustBeGone asks Atlas for a snapshot that Terraform has deleted.
func mustBeGone(t *testing.T, s *acctest.Scenario, cluster, id string) {
	t.Helper()
	found, err := s.Client().GetSnapshot(t.Context(), s.ProjectID, cluster, id)
	if !atlas.IsNotFound(err) {
		t.Errorf("after the destroy Atlas has %+v (%v), expected no snapshot %s", found, err, id)
	}
}

func TestAccSnapshot_takesAndWaits(t *testing.T) {
	s := acctest.NewScenario(t)
	var id string
	s.Test(t, remember(created(s, nil), &id))
	mustBeGone(t, s, s.ClusterName, id)
}

func TestAccSnapshot_retentionChangesInPlace(t *testing.T) {
	s := acctest.NewScenario(t)
	same := follow(compare.ValuesSame())
	longer := same(updated(s, days(30)))
	longer.ConfigPlanChecks.PreApply = append(longer.ConfigPlanChecks.PreApply,
		plancheck.ExpectUnknownValue(address, tfjsonpath.New("expires_at")),
		plancheck.ExpectKnownValue(address, tfjsonpath.New("status"), knownvalue.StringExact("completed")))
	s.Test(t, same(created(s, days(7))), longer, same(updated(s, days(2))))
	if taken, patched := s.RequestCount("POST", "/backup/snapshots"), s.RequestCount("PATCH", "/backup/snapshots/"); taken != 1 || patched != 2 {
		t.Errorf("%d snapshots were asked for and %d retentions changed, expected 1 and 2", taken, patched)
	}
}

func TestAccSnapshot_changesWithoutRequest(t *testing.T) {
	s := acctest.NewScenario(t)
	same := follow(compare.ValuesSame())
	var id string
	change := same(updated(s, config.Variables{
		"skip_destroy": config.BoolVariable(true), "on_expiry": config.StringVariable("recreate"),
		"create_timeout": config.StringVariable("2h"), "triggers": config.MapVariable(map[string]config.Variable{"version": config.StringVariable("8.0")}),
	}))
	writes := func() int {
		return s.RequestCount("POST", "") + s.RequestCount("PATCH", "") + s.RequestCount("DELETE", "")
	}
	before := 0
	change.PreConfig = func() { before = writes() }
	s.Test(t, remember(same(created(s, nil)), &id), change)
	if now := writes(); now != before {
		t.Errorf("%d requests changed something in Atlas, expected none", now-before)
	}
	// skip_destroy has left it there.
	if err := s.Client().DeleteSnapshot(t.Context(), s.ProjectID, s.ClusterName, id); err != nil {
		t.Errorf("skip_destroy left no snapshot that can be deleted: %v", err)
	}
}

func TestAccSnapshot_rotates(t *testing.T) {
	trigger := func(version string) config.Variables {
		return config.Variables{"triggers": config.MapVariable(map[string]config.Variable{"version": config.StringVariable(version)})}
	}
	for name, variables := range map[string][2]config.Variables{
		"trigger":     {trigger("7.0"), trigger("8.0")},
		"description": {nil, {"description": config.StringVariable(acctest.DescriptionPrefix + ": a better word")}},
	} {
		t.Run(name, func(t *testing.T) {
			s := acctest.NewScenario(t)
			differ := follow(compare.ValuesDiffer())
			s.Test(t, differ(created(s, variables[0])), differ(updated(s, variables[1])))
			if taken, deleted := s.RequestCount("POST", "/backup/snapshots"), s.RequestCount("DELETE", "/backup/snapshots/"); taken != 2 || deleted != 2 {
				t.Errorf("%d snapshots were asked for and %d deleted, expected 2 and 2", taken, deleted)
			}
		})
	}
}

func TestAccSnapshot_import(t *testing.T) {
	t.Run("replica set", func(t *testing.T) {
		s := acctest.NewScenario(t)
		importAndPlan(t, s, "replicaSet", s.ClusterName)
	})
	t.Run("sharded", func(t *testing.T) {
		s := acctest.NewScenario(t, acctest.Sharded)
		importAndPlan(t, s, "shardedCluster", s.ShardedClusterName)
	})
}

// importAndPlan imports a snapshot by command, which must read what the apply had, and by block, which must plan nothing.
func importAndPlan(t *testing.T, s *acctest.Scenario, kind, cluster string) {
	t.Helper()
	variables := config.Variables{"retention_in_days": config.IntegerVariable(12), "cluster_name": config.StringVariable(cluster)}
	imported := step(s, having(variables))
	imported.ResourceName, imported.ImportState, imported.ImportStateVerify = address, true, true
	imported.ImportStateVerifyIgnore = []string{"timeouts"}
	planned := step(s, having(variables))
	planned.ResourceName, planned.ImportState, planned.ImportStateKind = address, true, resource.ImportBlockWithID
	planned.ImportPlanChecks.PreApply = unchanged(s, kind, variables)
	s.Test(t, completed(s, kind, variables, plancheck.ResourceActionCreate), imported, planned)
}

func TestAccSnapshot_sharded(t *testing.T) {
	s := acctest.NewScenario(t, acctest.Sharded)
	var id string
	keep := func(n int64) config.Variables {
		return config.Variables{"retention_in_days": config.IntegerVariable(n), "cluster_name": config.StringVariable(s.ShardedClusterName)}
	}
	refreshed := resource.TestStep{RefreshState: true}
	refreshed.RefreshPlanChecks.PostRefresh = unchanged(s, "shardedCluster", keep(30))
	s.Test(t, remember(completed(s, "shardedCluster", keep(12), plancheck.ResourceActionCreate), &id),
		completed(s, "shardedCluster", keep(30), plancheck.ResourceActionUpdate), refreshed)
	mustBeGone(t, s, s.ShardedClusterName, id)
}
