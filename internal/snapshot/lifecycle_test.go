package snapshot_test

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
)

const day = 24 * time.Hour

// expect adds plan checks to a step: the action that it plans, and that the next plan is empty.
func expect(s resource.TestStep, action plancheck.ResourceActionType) resource.TestStep {
	s.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}
	s.ConfigPlanChecks.PostApplyPostRefresh = []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}
	return s
}

// follow checks in each step that it is applied to how the snapshot's id compares with the step before.
func follow(comparer compare.ValueComparer) func(resource.TestStep) resource.TestStep {
	same := statecheck.CompareValue(comparer)
	return func(s resource.TestStep) resource.TestStep {
		s.ConfigStateChecks = append(s.ConfigStateChecks, same.AddStateValue(address, tfjsonpath.New("snapshot_id")))
		return s
	}
}

func days(n int64) config.Variables {
	return config.Variables{"retention_in_days": config.IntegerVariable(n)}
}

func TestAccSnapshot_replacedOnAnotherCluster(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	addCluster(t, a, "Second")
	differ := follow(compare.ValuesDiffer())
	moved := config.Variables{"cluster_name": config.StringVariable("Second")}
	a.Test(t, differ(step(a, nil)), differ(expect(step(a, moved), plancheck.ResourceActionDestroyBeforeCreate)))
	if left := a.Existing(); len(left) != 0 {
		t.Errorf("%d snapshots are left in Atlas, expected none", len(left))
	}
}

func TestAccSnapshot_warnsOfReplacement(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	tf := terraform(t, a)
	tf.Do(0, acctest.Apply...)
	plan := tf.Do(2, append(acctest.Plan, "-var", "description=a typo")...)
	mustSay(t, plan, "Existing snapshot will be deleted", "A change of description cannot be made to snapshot", "skip_destroy = true")
	// Replacing is what triggers are for.
	tf.Do(0, append(acctest.Apply, "-var", `triggers={version="7"}`)...)
	plan = tf.Do(2, append(acctest.Plan, "-var", `triggers={version="8"}`)...)
	mustSay(t, plan, "must be replaced")
	mustNotSay(t, plan, "Warning")
	if left := a.Existing(); len(left) != 1 {
		t.Errorf("%d snapshots are in Atlas, expected 1", len(left))
	}
}

func TestAccSnapshot_warnsOfShortRetention(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	tf := terraform(t, a)
	tf.Do(0, append(acctest.Apply, "-var", "retention_in_days=60")...)
	a.Clock.Advance(30 * day)
	plan := tf.Do(2, append(acctest.Plan, "-var", "retention_in_days=10")...)
	mustSay(t, plan, "Snapshot is older than its new retention", "is 30 days old and is to be kept 10 days")
	mustNotSay(t, tf.Do(2, append(acctest.Plan, "-var", "retention_in_days=40")...), "Warning")
}

func TestAccSnapshot_expired(t *testing.T) {
	t.Parallel()
	later := func(a *acctest.Atlas, s resource.TestStep) resource.TestStep {
		s.PreConfig = func() { a.Clock.Advance(60 * day) }
		return s
	}
	t.Run("keep", func(t *testing.T) {
		t.Parallel()
		a := acctest.NewAtlas(t)
		keep := config.Variables{"on_expiry": config.StringVariable("keep")}
		same := follow(compare.ValuesSame())
		kept := same(later(a, expect(step(a, keep), plancheck.ResourceActionNoop)))
		kept.ConfigStateChecks = append(kept.ConfigStateChecks, value("status", knownvalue.StringExact("expired")))
		longer := config.Variables{"on_expiry": config.StringVariable("keep"), "retention_in_days": config.IntegerVariable(90)}
		a.Test(t, same(step(a, keep)), kept,
			same(expect(step(a, longer), plancheck.ResourceActionUpdate)),
			expect(step(a, days(90)), plancheck.ResourceActionDestroyBeforeCreate))
		if patched := count(a, "PATCH"); patched != 0 {
			t.Errorf("the retention of an expired snapshot was changed in Atlas by %d requests", patched)
		}
	})
	t.Run("recreate", func(t *testing.T) {
		t.Parallel()
		a := acctest.NewAtlas(t)
		differ := follow(compare.ValuesDiffer())
		a.Test(t, differ(step(a, nil)), differ(later(a, expect(step(a, nil), plancheck.ResourceActionCreate))))
	})
	t.Run("keep does not keep what somebody deleted", func(t *testing.T) {
		t.Parallel()
		a := acctest.NewAtlas(t)
		keep := config.Variables{"on_expiry": config.StringVariable("keep")}
		again := expect(step(a, keep), plancheck.ResourceActionCreate)
		again.PreConfig = func() { deleteEverything(t, a) }
		a.Test(t, step(a, keep), again)
	})
}

func TestAccSnapshot_retentionDrift(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	moved := step(a, days(7))
	moved.PreConfig = func() {
		on := client(t, a)
		if _, err := on.UpdateRetention(t.Context(), a.Fixture().ProjectID, a.Fixture().ClusterName, a.Existing()[0].ID, 90); err != nil {
			t.Fatal(err)
		}
	}
	moved.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{
		plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
	}
	moved.ConfigPlanChecks.PostApplyPostRefresh = []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}
	accepted := step(a, days(90))
	accepted.PreConfig = moved.PreConfig
	accepted.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}
	a.Test(t, step(a, days(7)), moved, accepted)
}

func TestAccSnapshot_failedIsReplaced(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	failNext(a)
	tf := terraform(t, a)
	output := tf.Do(1, acctest.Apply...)
	mustSay(t, output, "Unable to create snapshot", "Atlas failed snapshot", `its status is "failed"`, "the next apply replaces it")
	failed := tf.State(address)
	if failed == nil || failed.Values["status"] != "failed" {
		t.Fatalf("after the failure the state has %+v, expected the failed snapshot", failed)
	}
	tf.Do(0, acctest.Apply...)
	if after := tf.State(address); after.Values["status"] != "completed" || after.Values["snapshot_id"] == failed.Values["snapshot_id"] {
		t.Errorf("the failed snapshot was not replaced: %v", after.Values)
	}
	tf.Do(0, acctest.Destroy...)
	if left := a.Existing(); len(left) != 0 {
		t.Errorf("%d snapshots are left in Atlas, expected none", len(left))
	}
}
