package flexsnapshot_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

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
	project, cluster := knownvalue.StringExact(s.ProjectID), knownvalue.StringExact(s.FlexClusterName)
	all := reads(s, s.FlexClusterName)
	all.ConfigPlanChecks = resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
	for address, want := range map[string]func() acctest.Checks{
		"data.atlasbackup_flex_snapshots.all": func() acctest.Checks {
			var results []knownvalue.Check
			for _, answer := range slices.Backward(s.Answers()) { // Atlas lists the oldest first
				results = append(results, knownvalue.ObjectExact(answer.Checks(keys)))
			}
			return acctest.Checks{"project_id": project, "cluster_name": cluster, "results": knownvalue.ListExact(results)}
		},
		"data.atlasbackup_flex_snapshot.by_id": func() acctest.Checks {
			return with(newest(s, ""), acctest.Checks{"project_id": project, "cluster_name": cluster, "most_recent": knownvalue.Null()})
		},
		"data.atlasbackup_flex_snapshot.most_recent": func() acctest.Checks {
			return with(newest(s, "COMPLETED"), acctest.Checks{"project_id": project, "cluster_name": cluster, "most_recent": knownvalue.Bool(true)})
		},
	} {
		every := acctest.EveryAttribute(func(map[string]any) acctest.Checks { return want() })
		all.ConfigStateChecks = append(all.ConfigStateChecks, acctest.ExpectObject(address, every))
	}
	all.ConfigStateChecks = append(all.ConfigStateChecks,
		acctest.ExpectObject("data.atlasbackup_flex_snapshot.most_recent", knownvalue.ObjectPartial(completed)))
	s.Test(t, all)
}

// completed has what any Atlas says of a completed snapshot.
var completed = acctest.Checks{
	"snapshot_id": acctest.ObjectID, "status": knownvalue.StringExact("COMPLETED"),
	"scheduled_at": acctest.RFC3339, "started_at": acctest.RFC3339, "finished_at": acctest.RFC3339, "expires_at": acctest.RFC3339,
	"mongod_version": acctest.MongoDBVersion,
}

// newest returns the checks of the snapshot that was started last, of those with this status if there is one.
func newest(s *acctest.Scenario, status string) acctest.Checks {
	last := acctest.Answer{}
	for _, answer := range s.Answers() {
		if status != "" && answer["status"] != status {
			continue
		}
		if last["id"] == nil || fmt.Sprint(answer["startTime"]) > fmt.Sprint(last["startTime"]) {
			last = answer
		}
	}
	return last.Checks(keys)
}

func with(of, more acctest.Checks) acctest.Checks {
	maps.Copy(of, more)
	return of
}

func TestAccFlexSnapshot_dedicatedCluster(t *testing.T) {
	s := acctest.NewScenario(t)
	refused := reads(s, s.ClusterName)
	refused.ExpectError = regexp.MustCompile(`Error code: CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API`)
	s.Test(t, refused)
}
