package snapshot_test

import (
	"cmp"
	"strings"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// twice has Atlas take two snapshots for a request whose first answer is lost: it completes the first before it is asked again,
// and the list shows it later.
func twice(a *acctest.Atlas, second atlassim.Plan) {
	a.NextSnapshot(atlassim.Plan{Duration: 10 * time.Second}, second)
	a.SetBehavior(func(b *atlassim.Behavior) { b.ListLag = 3 * time.Minute })
	a.AddFault(lost)
}

// TestAccSnapshot_takenTwice names what Atlas has taken besides, or says that it could not look, however the wait ends.
func TestAccSnapshot_takenTwice(t *testing.T) {
	t.Parallel()
	const warning = "Warning: Snapshot possibly taken twice"
	for name, c := range map[string]struct {
		second  atlassim.Plan
		timeout string
		faults  []atlassim.Fault
		code    int
		said    []string
	}{
		"the list shows it later": {
			second: atlassim.Plan{Duration: 10 * time.Second},
			said:   []string{"its list showed none", "requested at 2026-03-30T12:00:00Z", `status "completed"`, `description "before the upgrade"`},
		},
		"Atlas fails the second one": {
			second: atlassim.Plan{Duration: 10 * time.Second, Fail: true}, code: 1,
			said: []string{"Error: Unable to create snapshot", "Atlas failed snapshot", `requested at 2026-03-30T12:00:00Z, status "completed"`},
		},
		"the second one takes too long": {
			second: atlassim.Plan{Duration: time.Hour}, timeout: "2m", code: 1,
			said: []string{"Error: Unable to create snapshot", "had not completed snapshot", "could not be checked", "the list does not show it"},
		},
		"the list cannot be read any more": {
			second: atlassim.Plan{Duration: 10 * time.Second},
			faults: []atlassim.Fault{at(after(8, theList), atlassim.Fault{Status: 503, Times: always})},
			said:   []string{"could not be checked", "503 Service Unavailable", "terraform import <address>"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			twice(a, c.second)
			for _, fault := range c.faults {
				a.AddFault(fault)
			}
			tf := terraform(t, a)
			output := tf.Do(c.code, append(acctest.Apply, "-var", "create_timeout="+cmp.Or(c.timeout, "1h"))...)
			mustSay(t, output, append(c.said, warning)...)
			ids := a.Snapshots()
			if len(ids) != 2 {
				t.Fatalf("Atlas has %v, expected two snapshots: the test is about nothing", ids)
			}
			if known := tf.State(address).Values["snapshot_id"]; known != ids[1].ID {
				t.Errorf("the state has %v, expected the one that was answered, %s", known, ids[1].ID)
			}
			if deleted := count(a, "DELETE"); deleted > 0 {
				t.Errorf("%d snapshots were deleted on a guess", deleted)
			}
		})
	}
}

// TestAction_takenTwice is the same for the action, which leaves nothing in a state.
func TestAction_takenTwice(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	twice(a, atlassim.Plan{Duration: 10 * time.Second})
	s := protocol(t.Context(), t, a)
	_, diagnostics := s.invoke(s.taking(a, nil), nil)
	s.must(nil, diagnostics)
	if all := strings.Join(said(diagnostics), "\n"); !strings.Contains(all, "Snapshot possibly taken twice") || !strings.Contains(all, a.Snapshots()[0].ID) {
		t.Errorf("the action says %q", all)
	}
}

// TestAccSnapshot_notTwice asks again after an answer that was lost before Atlas did anything: nobody is warned.
func TestAccSnapshot_notTwice(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	a.AddFault(lostBeforeWork)
	mustNotSay(t, terraform(t, a).Do(0, acctest.Apply...), "Warning")
	if err := onlyOne(a); err != nil {
		t.Error(err)
	}
	if waited := a.Clock.Now().Sub(acctest.Start); waited > 10*time.Minute {
		t.Errorf("it took %s, expected no more than the pause of less than a minute and the snapshot's own time", waited)
	}
}

// TestAccSnapshot_notShownYet refreshes and destroys a snapshot that Atlas does not show yet: it is neither forgotten nor left
// behind.
func TestAccSnapshot_notShownYet(t *testing.T) {
	t.Parallel()
	hidden := func(t *testing.T) (*acctest.Atlas, *acctest.Terraform) {
		t.Helper()
		a := acctest.NewAtlas(t)
		a.SetBehavior(func(b *atlassim.Behavior) { b.GetLag, b.ListLag = 10*time.Minute, 10*time.Minute })
		tf := terraform(t, a)
		interrupt(t, a, tf, 2)
		if tf.State(address) == nil {
			t.Fatal("the state does not have the snapshot")
		}
		return a, tf
	}
	t.Run("refresh", func(t *testing.T) {
		t.Parallel()
		a, tf := hidden(t)
		mustSay(t, tf.Do(2, acctest.Plan...), "Warning: Snapshot not shown by Atlas yet", "it may only show this one late", "0 to add, 1 to change, 0 to destroy")
		tf.Do(0, acctest.Apply...)
		mustNotSay(t, tf.Do(0, acctest.Plan...), "Warning")
		if err := onlyOne(a); err != nil {
			t.Error(err)
		}
	})
	t.Run("destroy", func(t *testing.T) {
		t.Parallel()
		a, tf := hidden(t)
		tf.Do(0, acctest.Destroy...)
		if left := a.Existing(); len(left) > 0 {
			t.Errorf("Terraform has forgotten %v", left)
		}
	})
	t.Run("gone after all", func(t *testing.T) {
		t.Parallel()
		a, tf := hidden(t)
		a.SetBehavior(func(b *atlassim.Behavior) { *b = atlassim.Behavior{} })
		a.Clock.Advance(time.Hour)
		deleteEverything(t, a)
		mustSay(t, tf.Do(2, acctest.Plan...), "1 to add")
	})
}

// TestAccSnapshot_replacedIsNoStray replaces a snapshot by hand while it stays until the new one is there: that finds the old
// one, alike and recent. It is imported, so that nothing but the state tells this process of it.
func TestAccSnapshot_replacedIsNoStray(t *testing.T) {
	t.Parallel()
	for name, lifecycle := range map[string]string{"create before destroy": "lifecycle {\n create_before_destroy = true\n }", "destroy first": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			// A deleted snapshot stays in the list for a while.
			a.SetBehavior(func(b *atlassim.Behavior) { b.DeletedInListFor = time.Minute })
			id, err := a.SeedSnapshot(atlassim.Seed{
				Description: new("before the upgrade"), CreatedAt: acctest.Start, ExpiresAt: acctest.Start.Add(7 * day),
			})
			if err != nil {
				t.Fatal(err)
			}
			files := configuration(t)
			files["main.tf"] = strings.Replace(files["main.tf"], "  dynamic \"timeouts\"", lifecycle+"\n  dynamic \"timeouts\"", 1)
			tf := a.InProcess(t, files)
			tf.Do(0, "import", "-no-color", address, a.Fixture().ProjectID+"/"+a.Fixture().ClusterName+"/"+id)
			mustNotSay(t, tf.Do(0, append(acctest.Apply, "-replace="+address)...), "Snapshot of an earlier run")
			if err := onlyOne(a); err != nil {
				t.Error(err)
			}
		})
	}
}
