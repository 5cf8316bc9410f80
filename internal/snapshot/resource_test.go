package snapshot_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
)

const address = "atlasbackup_snapshot.test"

// step applies testdata/snapshot with these variables.
func step(a *acctest.Atlas, variables config.Variables) resource.TestStep {
	return resource.TestStep{
		ConfigDirectory: config.StaticDirectory("testdata/snapshot"),
		ConfigVariables: a.Variables(variables),
	}
}

func value(attribute string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), check)
}

func TestAccSnapshot_takesAndWaits(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	take := step(a, nil)
	take.ConfigPlanChecks.PostApplyPostRefresh = []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}
	take.ConfigStateChecks = []statecheck.StateCheck{
		value("status", knownvalue.StringExact("completed")),
		value("type", knownvalue.StringExact("replicaSet")),
		value("snapshot_type", knownvalue.StringExact("onDemand")),
		value("frequency_type", knownvalue.StringExact("ondemand")),
		value("cloud_provider", knownvalue.StringExact("AWS")),
		value("description", knownvalue.StringExact("before the upgrade")),
		value("mongod_version", knownvalue.StringRegexp(regexp.MustCompile(`^\d+\.\d+\.\d+$`))),
		value("created_at", knownvalue.StringRegexp(regexp.MustCompile(`^2026-03-30T12:\d\d:\d\dZ$`))),
		value("expires_at", knownvalue.StringRegexp(regexp.MustCompile(`^2026-04-06T12:\d\d:\d\dZ$`))),
		value("storage_size_bytes", knownvalue.NotNull()),
		value("copy_regions", knownvalue.ListSizeExact(0)),
		value("members", knownvalue.Null()),
		value("on_expiry", knownvalue.StringExact("recreate")),
		value("skip_destroy", knownvalue.Bool(false)),
	}
	a.Test(t, take)
	if left := a.Existing(); len(left) > 0 {
		t.Errorf("destroy left snapshots in Atlas: %v", left)
	}
}
