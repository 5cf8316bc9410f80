package snapshot_test

import (
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

var (
	rfc3339  = knownvalue.StringRegexp(regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`))
	objectID = knownvalue.StringRegexp(regexp.MustCompile(`^[0-9a-f]{24}$`))
)

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
	take := remember(expect(step(s, having(nil)), plancheck.ResourceActionCreate), &id)
	take.ConfigStateChecks = []statecheck.StateCheck{
		value("snapshot_id", objectID),
		value("status", knownvalue.StringExact("completed")),
		value("type", knownvalue.StringExact("replicaSet")),
		value("snapshot_type", knownvalue.StringExact("onDemand")),
		value("frequency_type", knownvalue.StringExact("ondemand")),
		value("cloud_provider", knownvalue.NotNull()),
		value("description", knownvalue.StringExact(description)),
		value("mongod_version", knownvalue.StringRegexp(regexp.MustCompile(`^\d+\.\d+\.\d+$`))),
		value("created_at", rfc3339),
		value("expires_at", rfc3339),
		value("storage_size_bytes", knownvalue.NotNull()),
		value("replica_set_name", knownvalue.NotNull()),
		value("copy_regions", knownvalue.ListSizeExact(0)),
		value("members", knownvalue.Null()),
		value("on_expiry", knownvalue.StringExact("keep")),
		value("skip_destroy", knownvalue.Bool(false)),
	}
	s.Test(t, take)
	mustBeGone(t, s, s.ClusterName, id)
}

func TestAccSnapshot_retentionChangesInPlace(t *testing.T) {
	s := acctest.NewScenario(t)
	same := follow(compare.ValuesSame())
	keep := func(n int64) resource.TestStep { return step(s, having(days(n))) }
	longer := same(expect(keep(30), plancheck.ResourceActionUpdate))
	longer.ConfigPlanChecks.PreApply = append(longer.ConfigPlanChecks.PreApply,
		plancheck.ExpectUnknownValue(address, tfjsonpath.New("expires_at")),
		plancheck.ExpectKnownValue(address, tfjsonpath.New("status"), knownvalue.StringExact("completed")))
	s.Test(t, same(keep(7)), longer, same(expect(keep(2), plancheck.ResourceActionUpdate)))
	if taken, patched := s.Sent("POST", "/backup/snapshots"), s.Sent("PATCH", "/backup/snapshots/"); taken != 1 || patched != 2 {
		t.Errorf("%d snapshots were asked for and %d retentions changed, expected 1 and 2", taken, patched)
	}
}

func TestAccSnapshot_changesWithoutRequest(t *testing.T) {
	s := acctest.NewScenario(t)
	same := follow(compare.ValuesSame())
	var id string
	change := same(expect(step(s, having(config.Variables{
		"skip_destroy": config.BoolVariable(true), "on_expiry": config.StringVariable("recreate"),
		"create_timeout": config.StringVariable("2h"), "triggers": config.MapVariable(map[string]config.Variable{"version": config.StringVariable("8.0")}),
	})), plancheck.ResourceActionUpdate))
	writes := func() int { return s.Sent("POST", "") + s.Sent("PATCH", "") + s.Sent("DELETE", "") }
	before := 0
	change.PreConfig = func() { before = writes() }
	s.Test(t, remember(same(step(s, having(nil))), &id), change)
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
		return having(config.Variables{"triggers": config.MapVariable(map[string]config.Variable{"version": config.StringVariable(version)})})
	}
	for name, variables := range map[string][2]config.Variables{
		"trigger":     {trigger("7.0"), trigger("8.0")},
		"description": {having(nil), {"description": config.StringVariable(acctest.DescriptionPrefix + ": a better word")}},
	} {
		t.Run(name, func(t *testing.T) {
			s := acctest.NewScenario(t)
			differ := follow(compare.ValuesDiffer())
			s.Test(t, differ(step(s, variables[0])), differ(expect(step(s, variables[1]), plancheck.ResourceActionUpdate)))
			if taken, deleted := s.Sent("POST", "/backup/snapshots"), s.Sent("DELETE", "/backup/snapshots/"); taken != 2 || deleted != 2 {
				t.Errorf("%d snapshots were asked for and %d deleted, expected 2 and 2", taken, deleted)
			}
		})
	}
}

func TestAccSnapshot_import(t *testing.T) {
	t.Run("replica set", func(t *testing.T) {
		s := acctest.NewScenario(t)
		importAndPlan(t, s, s.ClusterName)
	})
	t.Run("sharded", func(t *testing.T) {
		s := acctest.NewScenario(t, acctest.Sharded)
		importAndPlan(t, s, s.ShardedClusterName)
	})
}

// importAndPlan imports a snapshot by command, which must read what the apply had, and by block, which must plan nothing.
func importAndPlan(t *testing.T, s *acctest.Scenario, cluster string) {
	t.Helper()
	variables := having(config.Variables{"retention_in_days": config.IntegerVariable(12), "cluster_name": config.StringVariable(cluster)})
	imported := step(s, variables)
	imported.ResourceName, imported.ImportState, imported.ImportStateVerify = address, true, true
	imported.ImportStateVerifyIgnore = []string{"timeouts"}
	planned := step(s, variables)
	planned.ResourceName, planned.ImportState, planned.ImportStateKind = address, true, resource.ImportBlockWithID
	s.Test(t, step(s, variables), imported, planned)
}

func TestAccSnapshot_sharded(t *testing.T) {
	s := acctest.NewScenario(t, acctest.Sharded)
	var id string
	keep := func(n int64) resource.TestStep {
		return step(s, having(config.Variables{
			"retention_in_days": config.IntegerVariable(n), "cluster_name": config.StringVariable(s.ShardedClusterName),
		}))
	}
	take := remember(expect(keep(12), plancheck.ResourceActionCreate), &id)
	take.ConfigStateChecks = []statecheck.StateCheck{
		value("type", knownvalue.StringExact("shardedCluster")),
		value("status", knownvalue.StringExact("completed")),
		value("replica_set_name", knownvalue.Null()),
		value("config_server_type", knownvalue.NotNull()),
		value("snapshot_ids", knownvalue.ListPartial(map[int]knownvalue.Check{0: objectID, 1: objectID})),
		value("members", knownvalue.ListPartial(map[int]knownvalue.Check{0: knownvalue.ObjectExact(map[string]knownvalue.Check{
			"id": objectID, "cloud_provider": knownvalue.NotNull(), "replica_set_name": knownvalue.NotNull(),
		})})),
	}
	s.Test(t, take, expect(keep(30), plancheck.ResourceActionUpdate), resource.TestStep{RefreshState: true})
	mustBeGone(t, s, s.ShardedClusterName, id)
}
