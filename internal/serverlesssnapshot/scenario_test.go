package serverlesssnapshot_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// The tests of this file have one body for every mode: see acctest.Scenario.

func TestAccServerlessSnapshot_reads(t *testing.T) {
	t.Run("since the sunset", func(t *testing.T) {
		readBothWays(t, acctest.NewScenario(t, acctest.Serverless), "flex")
	})
	t.Run("before the sunset", func(t *testing.T) {
		before := acctest.Simulated(func(o *atlassim.Options) { o.Serverless = atlassim.ServerlessLive })
		readBothWays(t, acctest.NewScenario(t, before), "serverless")
	})
}

func readBothWays(t *testing.T, s *acctest.Scenario, servedBy string) {
	t.Helper()
	s.Test(t, resource.TestStep{
		ConfigDirectory: config.StaticDirectory("testdata/reads"),
		ConfigVariables: config.Variables{
			"project_id": config.StringVariable(s.ProjectID), "instance_name": config.StringVariable(s.ServerlessInstanceName),
		},
		ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownOutputValue("by_id_differs", knownvalue.ListSizeExact(0)),
			statecheck.ExpectKnownOutputValue("served_by", knownvalue.ListExact([]knownvalue.Check{
				knownvalue.StringExact(servedBy), knownvalue.StringExact(servedBy),
			})),
		},
	})
}
