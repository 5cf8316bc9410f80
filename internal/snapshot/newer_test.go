package snapshot_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/querycheck/queryfilter"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
)

// since114 runs the steps with Terraform 1.14 or newer, and skips them with an older one: it knows neither lists nor actions.
func since114(t *testing.T, a *acctest.Atlas, steps ...resource.TestStep) {
	t.Helper()
	resource.Test(t, resource.TestCase{
		IsUnitTest:               true,
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_14_0)},
		ProtoV6ProviderFactories: a.Providers(),
		Steps:                    steps,
	})
}

func TestAccList_query(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	ids := seedThree(t, a)
	list := fmt.Sprintf(`
provider "atlasbackup" {}

list "atlasbackup_snapshot" "all" {
  provider         = atlasbackup
  include_resource = true

  config {
    project_id    = %q
    cluster_name  = %q
    created_after = "2026-03-27T12:00:00Z"
  }
}
`, a.Fixture().ProjectID, a.Fixture().ClusterName)
	identity := map[string]knownvalue.Check{
		"project_id":   knownvalue.StringExact(a.Fixture().ProjectID),
		"cluster_name": knownvalue.StringExact(a.Fixture().ClusterName),
		"snapshot_id":  knownvalue.StringExact(ids[0]),
	}
	since114(
		t, a, step(a, nil),
		resource.TestStep{Query: true, Config: list, QueryResultChecks: []querycheck.QueryResultCheck{
			// The two that were there, and the one of the first step.
			querycheck.ExpectLength("atlasbackup_snapshot.all", 3),
			querycheck.ExpectIdentity("atlasbackup_snapshot.all", identity),
			querycheck.ExpectResourceDisplayName("atlasbackup_snapshot.all", queryfilter.ByResourceIdentity(identity),
				knownvalue.StringExact("Cluster0 2026-03-29 03:28 UTC, on demand, before the upgrade (completed)")),
		}},
	)
}

// upgrading is a change, to version, of something before which a snapshot is to be taken.
func upgrading(a *acctest.Atlas, version string) string {
	return fmt.Sprintf(`
resource "terraform_data" "cluster" {
  input = %q

  lifecycle {
    action_trigger {
      events  = [before_update]
      actions = [action.atlasbackup_take_snapshot.before]
    }
  }
}

action "atlasbackup_take_snapshot" "before" {
  config {
    project_id        = %q
    cluster_name      = %q
    retention_in_days = 7
    description       = "before the upgrade"
  }
}
`, version, a.Fixture().ProjectID, a.Fixture().ClusterName)
}

// TestAccAction_beforeUpdate takes a snapshot before each update, and none before the creation. Where there is no snapshot
// there is no update.
func TestAccAction_beforeUpdate(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	expect := func(snapshots int) func() {
		return func() {
			if taken := a.Existing(); len(taken) != snapshots {
				t.Errorf("Atlas has %v, expected %d", taken, snapshots)
			}
		}
	}
	output := func(version string) resource.TestCheckFunc {
		return resource.TestCheckResourceAttr("terraform_data.cluster", "output", version)
	}
	since114(
		t, a,
		resource.TestStep{Config: upgrading(a, "7"), PostApplyFunc: expect(0), Check: output("7")},
		resource.TestStep{Config: upgrading(a, "8"), PostApplyFunc: expect(1), Check: output("8")},
		resource.TestStep{
			PreConfig: func() { failNext(a) }, Config: upgrading(a, "9"),
			ExpectError: regexp.MustCompile("Unable to take snapshot"),
		},
		resource.TestStep{
			// The failed snapshot is the second; the update is still to come.
			Config:           upgrading(a, "9"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction("terraform_data.cluster", plancheck.ResourceActionUpdate)}},
			PostApplyFunc:    expect(3), Check: output("9"),
		},
	)
}
