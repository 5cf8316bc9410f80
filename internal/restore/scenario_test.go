package restore_test

import (
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

// TestAccRestore_restoresAndAgain has one body for every mode: see acctest.Scenario. It takes a snapshot, restores it, plans nothing,
// restores it again by triggers, and imports the job.
func TestAccRestore_restoresAndAgain(t *testing.T) {
	s := acctest.NewScenario(t, acctest.RestoreTarget)
	jobs := statecheck.CompareValue(compare.ValuesDiffer())
	step := func(week string, action plancheck.ResourceActionType) resource.TestStep {
		at := func(name string) tfjsonpath.Path { return tfjsonpath.New(name) }
		return resource.TestStep{
			ConfigDirectory: config.StaticDirectory("testdata/restore"),
			ConfigVariables: s.Variables(config.Variables{
				"target_cluster_name": config.StringVariable(s.TargetClusterName), "week": config.StringVariable(week),
			}),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply:             []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)},
				PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, at("status"), knownvalue.StringExact("completed")),
				statecheck.ExpectKnownValue(address, at("finished_at"), knownvalue.NotNull()),
				statecheck.ExpectKnownValue(address, at("duration_seconds"), knownvalue.NotNull()),
				statecheck.CompareValuePairs(address, at("restored_snapshot_id"), "atlasbackup_snapshot.test", at("snapshot_id"), compare.ValuesSame()),
				statecheck.CompareValuePairs(address, at("snapshot_created_at"), "atlasbackup_snapshot.test", at("created_at"), compare.ValuesSame()),
				statecheck.CompareValuePairs(address, at("finished_at"), "data.atlasbackup_restore_job.test", at("finished_at"), compare.ValuesSame()),
				jobs.AddStateValue(address, at("restore_job_id")),
			},
		}
	}
	imported := step("2", plancheck.ResourceActionNoop)
	imported.ResourceName, imported.ImportState, imported.ImportStateVerify = address, true, true
	imported.ImportStateVerifyIgnore = []string{"triggers"}
	imported.ConfigPlanChecks, imported.ConfigStateChecks = resource.ConfigPlanChecks{}, nil
	s.Test(t, step("1", plancheck.ResourceActionCreate), step("2", plancheck.ResourceActionUpdate), imported)
}
