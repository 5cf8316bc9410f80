package snapshot_test

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

func TestAccSnapshot_requests(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	// Completed at the first look.
	a.CompleteAfter(time.Second)
	tf := terraform(t, a)

	spent := func() int {
		n := len(a.Requests())
		a.ClearRequests()
		return n
	}
	tf.Do(0, acctest.Apply...)
	polls := 1
	if n := spent(); n-polls > 4 {
		t.Errorf("create took %d requests beyond the polls, expected at most 4", n-polls)
	} else {
		t.Logf("create: %d requests and %d poll, one challenge included", n-polls, polls)
	}
	tf.Do(0, acctest.Plan...)
	if n := spent(); n > 2 {
		t.Errorf("refresh took %d requests, expected 1 and a challenge", n)
	}
	tf.Do(0, acctest.Destroy...)
	reads, deletes := count(a, "GET"), count(a, "DELETE")
	if reads != 1 || deletes != 1 {
		t.Errorf("destroy took %d reads and %d deletes, expected 1 and 1", reads, deletes)
	}
}

func TestAccSnapshot_lostAnswer(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]atlassim.Fault{
		"reset before the work":    {Reset: atlassim.ResetBefore},
		"reset after the work":     {Reset: atlassim.ResetAfter},
		"500 without the work":     {Status: 500},
		"500 after the work":       {Status: 500, After: true},
		"503 with Retry-After":     {Status: 503, RetryAfter: new(7)},
		"502 of a proxy":           {Status: 502, Body: "<html>Bad Gateway</html>", ContentType: "text/html", After: true},
		"empty answer":             {Status: 200, Body: " ", After: true},
		"truncated answer":         {Truncate: true},
		"answer without an id":     {Status: 200, Body: "{}", After: true},
		"four resets after it":     {Reset: atlassim.ResetBefore, Times: 4},
		"throttled":                {Status: 429, RetryAfter: new(3), Times: 3},
		"throttled without a word": {Status: 429, Times: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			fault.Method, fault.Path = "POST", "/backup/snapshots"
			a.AddFault(fault)
			take := step(a, nil)
			take.ConfigPlanChecks.PostApplyPostRefresh = []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}
			take.Check = func(*terraformState) error { return onlyOne(a) }
			a.Test(t, take)
			if all := a.Snapshots(); len(all) != 1 || len(a.Existing()) != 0 {
				t.Errorf("Atlas has had %d snapshots and has %d, expected 1 and 0", len(all), len(a.Existing()))
			}
		})
	}
}

func TestAccSnapshot_lostForGood(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	a.AddFault(atlassim.Fault{Method: "POST", Path: "/backup/snapshots", Reset: atlassim.ResetBefore, Times: -1})
	tf := terraform(t, a)
	output := tf.Do(1, acctest.Apply...)
	mustSay(t, output, "Unable to create snapshot", "may or may not have taken", "terraform import")
	if tf.State(address) != nil || len(a.Snapshots()) != 0 {
		t.Errorf("the state has %v and Atlas %v, expected nothing", tf.State(address), a.Snapshots())
	}
	a.ClearFaults()
	tf.Do(0, acctest.Apply...)
}

func TestAccSnapshot_anotherIsPending(t *testing.T) {
	t.Parallel()
	seed := func(t *testing.T, a *acctest.Atlas) {
		t.Helper()
		somebody := "somebody else's"
		if _, err := a.SeedSnapshot(atlassim.Seed{Status: "inProgress", Description: &somebody}); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("is waited for", func(t *testing.T) {
		t.Parallel()
		a := acctest.NewAtlas(t)
		seed(t, a)
		take := step(a, nil)
		take.ConfigStateChecks = append(take.ConfigStateChecks, value("status", knownvalue.StringExact("completed")))
		a.Test(t, take)
		if posts := count(a, "POST"); posts != 1 {
			t.Errorf("%d snapshots were asked for, expected 1", posts)
		}
		if left := a.Existing(); len(left) != 1 {
			t.Errorf("Atlas has %v, expected the other's snapshot only", left)
		}
	})
	t.Run("came in between", func(t *testing.T) {
		t.Parallel()
		a := acctest.NewAtlas(t)
		a.AddFault(atlassim.Fault{Method: "POST", Path: "/backup/snapshots", ErrorCode: "UNFINISHED_ON_DEMAND_SNAPSHOT", Times: 2})
		a.Test(t, step(a, nil))
		if posts := count(a, "POST"); posts != 3 {
			t.Errorf("%d requests for a snapshot, expected 3", posts)
		}
	})
	t.Run("is stuck", func(t *testing.T) {
		t.Parallel()
		a := acctest.NewAtlas(t)
		if _, err := a.SeedSnapshot(atlassim.Seed{Status: "queued", Frozen: true}); err != nil {
			t.Fatal(err)
		}
		tf := terraform(t, a)
		output := tf.Do(1, append(acctest.Apply, "-var", "create_timeout=30m")...)
		mustSay(t, output, "Unable to create snapshot", "still busy with another on-demand snapshot", "after 30m0s", "No snapshot was taken")
		if tf.State(address) != nil {
			t.Error("the state has a snapshot that was never taken")
		}
	})
}

func TestAccSnapshot_severalOnOneCluster(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	a.Test(t, resource.TestStep{
		ConfigDirectory: config.StaticDirectory("testdata/several"),
		ConfigVariables: a.Variables(config.Variables{"copies": config.IntegerVariable(4)}),
		ConfigPlanChecks: resource.ConfigPlanChecks{
			PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
		},
	})
	if all := a.Snapshots(); len(all) != 4 {
		t.Errorf("Atlas has had %d snapshots, expected 4", len(all))
	}
	if posts := count(a, "POST"); posts != 4 {
		t.Errorf("%d requests for a snapshot, expected 4: each waits for its turn", posts)
	}
}

func TestAccSnapshot_pollsThroughErrors(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]atlassim.Fault{
		"429":             {Status: 429, RetryAfter: new(1), Times: 3},
		"500":             {Status: 500, Times: 3},
		"503 for minutes": {Status: 503, Times: 12},
		"reset":           {Reset: atlassim.ResetBefore, Times: 8},
		"non-JSON 502":    {Status: 502, Body: "<html>", ContentType: "text/html", Times: 2},
		"non-JSON 200":    {Status: 200, Body: "<html>", ContentType: "text/html", Times: 2},
		"truncated":       {Truncate: true, Times: 2},
		"401 once":        {Status: 401},
		"404 once":        {ErrorCode: "SNAPSHOT_NOT_FOUND"},
		"unknown status":  {Status: 200, Body: `{"id":"69ca65c03265a83afa7bbafa","status":"meditating"}`, Times: 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			fault.Method, fault.Path, fault.Skip = "GET", "/backup/snapshots/", 1
			a.AddFault(fault)
			take := step(a, nil)
			take.ConfigStateChecks = append(take.ConfigStateChecks, value("status", knownvalue.StringExact("completed")))
			take.Check = func(*terraformState) error { return onlyOne(a) }
			a.Test(t, take)
		})
	}
}

func TestAccSnapshot_goneWhileWaiting(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	a.AddFault(atlassim.Fault{Method: "GET", Path: "/backup/snapshots/", ErrorCode: "SNAPSHOT_NOT_FOUND", Times: -1, Skip: 2})
	tf := terraform(t, a)
	output := tf.Do(1, acctest.Apply...)
	mustSay(t, output, "Unable to create snapshot", "Somebody deleted the snapshot", "Error code: SNAPSHOT_NOT_FOUND")
	if kept := tf.State(address); kept != nil {
		t.Errorf("the state still has %v", kept.Values)
	}
}

func TestAccSnapshot_refusedWhileWaiting(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	a.AddFault(atlassim.Fault{Method: "GET", Path: "/backup/snapshots/", Status: 401, Times: -1, Skip: 2})
	tf := terraform(t, a)
	output := tf.Do(1, acctest.Apply...)
	mustSay(t, output, "Unable to create snapshot", "Status: 401 Unauthorized", "The snapshot exists, is in the state", "terraform untaint")
	if kept := tf.State(address); kept == nil {
		t.Error("the state has lost the snapshot")
	}
	a.ClearFaults()
	tf.Do(0, "untaint", address)
	tf.Do(0, acctest.Apply...)
	tf.Do(0, acctest.Plan...)
	if err := onlyOne(a); err != nil {
		t.Error(err)
	}
}

func TestAccSnapshot_readAfterWaitFails(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	a.CompleteAfter(time.Second)
	a.AddFault(atlassim.Fault{Method: "GET", Path: "/backup/snapshots/", Status: 403, Skip: 1})
	tf := terraform(t, a)
	mustSay(t, tf.Do(0, acctest.Apply...), "Warning: Unable to read snapshot after its completion")
	tf.Do(0, acctest.Plan...)
}
