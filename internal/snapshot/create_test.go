package snapshot_test

import (
	"os"
	"testing"
	"time"

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
		tf := terraform(t, a)
		applyAs(t, tf, creates)
		tf.ExpectValues(address, map[string]any{"status": "completed"})
		tf.Do(0, acctest.Destroy...)
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
		tf := terraform(t, a)
		applyAs(t, tf, creates)
		destroyAll(t, a, tf)
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
	t.Run("is stuck, and Atlas does not answer in the end", func(t *testing.T) {
		t.Parallel()
		a := acctest.NewAtlas(t)
		if _, err := a.SeedSnapshot(atlassim.Seed{Status: "queued", Frozen: true}); err != nil {
			t.Fatal(err)
		}
		a.AddFault(at(after(1, theReads), atlassim.Fault{Status: 503, Times: always}))
		output := terraform(t, a).Do(1, append(acctest.Apply, "-var", "create_timeout=30m")...)
		mustSay(t, output, "still busy with another on-demand snapshot", "requests for its status failed", "503 Service Unavailable", "No snapshot was taken")
	})
}

func TestAccSnapshot_severalOnOneCluster(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	several, err := os.ReadFile("testdata/several/main.tf")
	if err != nil {
		t.Fatal(err)
	}
	tf := a.Configuration(t, string(several))
	tf.Do(0, with(acctest.Apply, "copies=4")...)
	tf.Do(0, with(acctest.Plan, "copies=4")...)
	destroyAll(t, a, tf, "copies=4")
	if all := a.Snapshots(); len(all) != 4 {
		t.Errorf("Atlas has had %d snapshots, expected 4", len(all))
	}
	if posts := count(a, "POST"); posts != 4 {
		t.Errorf("%d requests for a snapshot, expected 4: each waits for its turn", posts)
	}
}
