package snapshot_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
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

// What a plan says that it does to the snapshot.
const (
	creates        = "# " + address + " will be created"
	updates        = "# " + address + " will be updated in-place"
	replaces       = "-/+ # " + address + " must be replaced"
	changesNothing = "No changes."
)

// applyAs plans with these variables, which has to be this action, and applies. No plan finds anything left to do then, with a
// refresh and without one. It returns the snapshot's ID.
func applyAs(t *testing.T, tf *acctest.Terraform, action string, variables ...string) string {
	t.Helper()
	plan, _ := tf.Start(with(acctest.Plan, variables...)...).Wait()
	mustSay(t, plan, action)
	tf.Do(0, with(acctest.Apply, variables...)...)
	tf.Do(0, append(with(acctest.Plan, variables...), "-refresh=false")...)
	tf.Do(0, with(acctest.Plan, variables...)...)
	id, _ := tf.Values(address)["snapshot_id"].(string)
	return id
}

func mustDiffer(t *testing.T, before, after string) {
	t.Helper()
	if before == after {
		t.Errorf("the state still has snapshot %s", before)
	}
}

func mustStay(t *testing.T, before, after string) {
	t.Helper()
	if before != after {
		t.Errorf("the state has snapshot %s, expected %s as before", after, before)
	}
}

// destroyAll destroys everything: Atlas has no snapshot then.
func destroyAll(t *testing.T, a *acctest.Atlas, tf *acctest.Terraform, variables ...string) {
	t.Helper()
	tf.Do(0, with(acctest.Destroy, variables...)...)
	if left := a.Existing(); len(left) != 0 {
		t.Errorf("%d snapshots are left in Atlas, expected none", len(left))
	}
}

func TestAccSnapshot_replacedOnAnotherCluster(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	addCluster(t, a, "Second")
	tf := terraform(t, a)
	before := applyAs(t, tf, creates)
	mustDiffer(t, before, applyAs(t, tf, replaces, "cluster_name=Second"))
	destroyAll(t, a, tf, "cluster_name=Second")
}

func TestAccSnapshot_warnsOfReplacement(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	addCluster(t, a, "Second")
	tf := terraform(t, a)
	tf.Do(0, acctest.Apply...)
	plan := tf.Do(2, append(acctest.Plan, "-var", "cluster_name=Second")...)
	mustSay(t, plan, "must be replaced", "Warning: Snapshot will be deleted", "Changing cluster_name forces a new snapshot", "kept until 2026-")
	plan = tf.Do(2, append(acctest.Plan, "-var", "cluster_name=Second", "-var", "skip_destroy=true")...)
	mustSay(t, plan, "The configuration sets skip_destroy, but the state does not have it yet.")
	tf.Do(0, append(acctest.Apply, "-var", "skip_destroy=true")...)
	mustNotSay(t, tf.Do(2, append(acctest.Plan, "-var", "cluster_name=Second", "-var", "skip_destroy=true")...), "Warning")
}

func TestAccSnapshot_warnsOfDestroy(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	tf := terraform(t, a)
	tf.Do(0, append(acctest.Apply, "-var", "retention_in_days=2")...)
	destroy := []string{"plan", "-destroy", "-input=false", "-no-color", "-detailed-exitcode"}
	mustSay(t, tf.Do(2, destroy...), "Warning: Snapshot will be deleted", "It cannot be recovered", "the state still has skip_destroy = false")
	a.Clock.Advance(3 * day)
	mustNotSay(t, tf.Do(2, destroy...), "Warning: Snapshot will be deleted")
}

// TestAccSnapshot_warnsOfScheduled destroys an imported snapshot that the schedule took.
func TestAccSnapshot_warnsOfScheduled(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	id, err := a.SeedSnapshot(atlassim.Seed{SnapshotType: "scheduled", CreatedAt: acctest.Start, ExpiresAt: acctest.Start.Add(7 * day)})
	if err != nil {
		t.Fatal(err)
	}
	tf := terraform(t, a)
	tf.Do(0, "import", "-no-color", address, a.Fixture().ProjectID+"/"+a.Fixture().ClusterName+"/"+id)
	mustSay(t, tf.Do(2, acctest.Plan...), "Warning: Old snapshot will be deleted", "the backup schedule of the cluster did")
	mustSay(t, tf.Do(0, acctest.Destroy...), "Warning: Snapshot will be deleted", "the backup schedule of the cluster did")
}

// TestAccSnapshot_keptByDestroy destroys what skip_destroy leaves in Atlas: the user reads what is left, and until when.
func TestAccSnapshot_keptByDestroy(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	tf := terraform(t, a)
	tf.Do(0, append(acctest.Apply, "-var", "skip_destroy=true")...)
	id, expiresAt := tf.State(address).Values["snapshot_id"], tf.State(address).Values["expires_at"]
	output := tf.Do(0, append(acctest.Destroy, "-var", "skip_destroy=true")...)
	mustNotSay(t, output, "Snapshot will be deleted")
	mustSay(t, output, "Warning: Snapshot left in Atlas", fmt.Sprintf("skip_destroy leaves snapshot %s of cluster", id), fmt.Sprintf("keeps it until %s", expiresAt))
	if err := onlyOne(a); err != nil {
		t.Error(err)
	}
}

func TestAccSnapshot_refusesShortRetention(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	tf := terraform(t, a)
	tf.Do(0, append(acctest.Apply, "-var", "retention_in_days=60")...)
	a.Clock.Advance(30 * day)
	shorter := append(acctest.Plan, "-var", "retention_in_days=10")
	mustSay(t, tf.Do(1, shorter...), "Error: Snapshot is older than its new retention", "with "+address, "is 30 days old", "keep it for 31 days", "allow_immediate_expiry = true")
	mustNotSay(t, tf.Do(2, append(acctest.Plan, "-var", "retention_in_days=31")...), "Warning", "Error")

	allowed := []string{"-var", "retention_in_days=10", "-var", "allow_immediate_expiry=true"}
	mustSay(t, tf.Do(0, append(acctest.Apply, allowed...)...), "Warning: Snapshot is older than its new retention")
	if posts := count(a, "POST"); posts != 1 {
		t.Errorf("%d snapshots were requested, expected 1", posts)
	}
	tf.Do(0, append(append(acctest.Apply, "-refresh-only"), allowed...)...)
	if status := tf.State(address).Values["status"]; status != "expired" {
		t.Errorf("the status is %v, expected expired", status)
	}
	tf.Do(0, append(acctest.Plan, allowed...)...)
}

func TestAccSnapshot_expired(t *testing.T) {
	t.Parallel()
	t.Run("keep", func(t *testing.T) {
		t.Parallel()
		a := acctest.NewAtlas(t)
		tf := terraform(t, a)
		before := applyAs(t, tf, creates, "on_expiry=keep")
		a.Clock.Advance(60 * day)
		mustStay(t, before, applyAs(t, tf, changesNothing, "on_expiry=keep"))
		tf.ExpectValues(address, map[string]any{"status": "expired"})
		mustStay(t, before, applyAs(t, tf, updates, "on_expiry=keep", "retention_in_days=90"))
		applyAs(t, tf, replaces, "on_expiry=recreate", "retention_in_days=90")
		if patched := count(a, "PATCH"); patched != 0 {
			t.Errorf("the retention of an expired snapshot was changed in Atlas by %d requests", patched)
		}
		destroyAll(t, a, tf, "on_expiry=recreate", "retention_in_days=90")
	})
	t.Run("recreate", func(t *testing.T) {
		t.Parallel()
		a := acctest.NewAtlas(t)
		tf := terraform(t, a)
		before := applyAs(t, tf, creates, "on_expiry=recreate")
		a.Clock.Advance(60 * day)
		mustDiffer(t, before, applyAs(t, tf, creates, "on_expiry=recreate"))
		destroyAll(t, a, tf, "on_expiry=recreate")
	})
	t.Run("keep is the default", func(t *testing.T) {
		t.Parallel()
		a := acctest.NewAtlas(t)
		tf := terraform(t, a)
		before := applyAs(t, tf, creates)
		a.Clock.Advance(60 * day)
		mustStay(t, before, applyAs(t, tf, changesNothing))
		destroyAll(t, a, tf)
	})
	t.Run("recreate says why", func(t *testing.T) {
		t.Parallel()
		a := acctest.NewAtlas(t)
		tf := terraform(t, a)
		tf.Do(0, append(acctest.Apply, "-var", "on_expiry=recreate")...)
		a.Clock.Advance(60 * day)
		mustSay(t, tf.Do(2, append(acctest.Plan, "-var", "on_expiry=recreate")...), "Warning: Snapshot has expired", `on_expiry is "recreate"`)
	})
	t.Run("recreate what was kept", func(t *testing.T) {
		t.Parallel()
		a := acctest.NewAtlas(t)
		tf := terraform(t, a)
		tf.Do(0, acctest.Apply...)
		a.Clock.Advance(60 * day)
		tf.Do(0, append(acctest.Apply, "-refresh-only")...)
		mustSay(t, tf.Do(2, append(acctest.Plan, "-var", "on_expiry=recreate")...), "Warning: Snapshot has expired", "must be replaced")
	})
	t.Run("keep does not keep what somebody deleted", func(t *testing.T) {
		t.Parallel()
		a := acctest.NewAtlas(t)
		tf := terraform(t, a)
		applyAs(t, tf, creates, "on_expiry=keep")
		deleteEverything(t, a)
		applyAs(t, tf, creates, "on_expiry=keep")
		destroyAll(t, a, tf, "on_expiry=keep")
	})
}

func TestAccSnapshot_retentionDrift(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	changeOutside := func() {
		if _, err := client(t, a).UpdateRetention(t.Context(), a.Fixture().ProjectID, a.Fixture().ClusterName, a.Existing()[0].ID, 90); err != nil {
			t.Fatal(err)
		}
	}
	tf := terraform(t, a)
	applyAs(t, tf, creates, "retention_in_days=7")
	changeOutside()
	applyAs(t, tf, updates, "retention_in_days=7")
	// Until then it could be a read that lags behind the apply of before.
	a.Clock.Advance(time.Hour)
	changeOutside()
	applyAs(t, tf, changesNothing, "retention_in_days=90")
	destroyAll(t, a, tf, "retention_in_days=90")
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
