package restore_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

const html = "<html>Bad Gateway</html>"

// lostAnswers are the ways in which the answer to the request is lost. started reports whether Atlas restores all the same.
var lostAnswers = map[string]struct {
	fault   atlassim.Fault
	started bool
}{
	"500":                   {atlassim.Fault{Status: 500}, false},
	"500 after the work":    {atlassim.Fault{Status: 500, After: true}, true},
	"503":                   {atlassim.Fault{Status: 503}, false},
	"408 after the work":    {atlassim.Fault{Status: 408, After: true}, true},
	"page of a proxy":       {atlassim.Fault{Status: 502, Body: html, ContentType: "text/html"}, false},
	"200 of a proxy":        {atlassim.Fault{Status: 200, Body: html, ContentType: "text/html"}, false},
	"403 of a proxy":        {atlassim.Fault{Status: 403, Body: html, ContentType: "text/html", After: true}, true},
	"redirect":              {atlassim.Fault{Status: 302, After: true}, true},
	"429 of a proxy":        {atlassim.Fault{Status: 429, Body: html, ContentType: "text/html", After: true}, true},
	"reset before the work": {atlassim.Fault{Reset: atlassim.ResetBefore}, false},
	"reset after the work":  {atlassim.Fault{Reset: atlassim.ResetAfter}, true},
	"empty body":            {atlassim.Fault{Status: 200, Body: " ", After: true}, true},
	"truncated body":        {atlassim.Fault{Truncate: true}, true},
}

// TestAccRestore_lostAnswer finds the job where Atlas has started one. Where none is found the restore is not requested again: the error
// says what to do, and the next apply restores once.
func TestAccRestore_lostAnswer(t *testing.T) {
	t.Parallel()
	for name, c := range lostAnswers {
		for lag, behave := range map[string]func(*atlassim.Behavior){
			"":                  func(*atlassim.Behavior) {},
			"list lags 90 s":    func(b *atlassim.Behavior) { b.RestoreListLag = 90 * time.Second },
			"list lags an hour": func(b *atlassim.Behavior) { b.RestoreListLag = time.Hour },
			"no Date header":    func(b *atlassim.Behavior) { b.NoDate = true },
			"clock hours off":   func(b *atlassim.Behavior) { b.ClockOffset = 5 * time.Hour },
			"oldest first":      func(b *atlassim.Behavior) { b.ListOrder = atlassim.ListOldest },
			"target idle":       func(b *atlassim.Behavior) { b.RestoreTargetIdle = true },
		} {
			t.Run(name+"/"+lag, func(t *testing.T) {
				t.Parallel()
				s := newRestore(t)
				s.SetBehavior(behave)
				s.AddFault(at(thePost, c.fault))
				s.lost(t, c.started, lag == "list lags an hour")
			})
		}
	}
}

func (s *restoreTest) lost(t *testing.T, started, hidden bool) {
	t.Helper()
	if started && !hidden {
		s.tf.Do(0, acctest.Apply...)
		s.expect(t, 1, s.restored)
		s.settled(t, 1)
		return
	}
	output := s.tf.Do(1, acctest.Apply...)
	acctest.ExpectOutput(t, output, "Error: Unable to restore", "Atlas may or may not have created a restore job", "terraform import <address>")
	posts := 0
	for _, request := range s.Requests() {
		if request.Method == "POST" && request.Auth != "none" {
			posts++
		}
	}
	if posts > 1 {
		t.Errorf("the restore was requested %d times", posts)
	}
	if !hidden {
		s.tf.Do(0, acctest.Apply...)
		s.expect(t, 1, s.restored)
		s.settled(t, 1)
		return
	}
	// Once the list shows the job, the next apply names it.
	if s.SetBehavior(func(b *atlassim.Behavior) { b.RestoreListLag = 0 }); started {
		s.Clock.Advance(time.Hour)
		output = s.tf.Do(1, acctest.Apply...)
		id := s.Fixture().ProjectID + "/Cluster0/" + s.Restores()[0].ID
		acctest.ExpectOutput(t, output, "Atlas has already restored this backup", "terraform import <address> "+id, "Nothing was erased")
		s.tf.Do(0, "import", "-no-color", address, id)
		s.settled(t, 1)
	}
}

// TestAccRestore_survives shows the faults that a wait survives.
func TestAccRestore_survives(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		behave func(*atlassim.Behavior)
		faults []atlassim.Fault
	}{
		"throttled":                 {faults: []atlassim.Fault{at(thePost, atlassim.Fault{Status: 429, RetryAfter: new(3), Times: 3})}},
		"credentials refused once":  {faults: []atlassim.Fault{at(thePost, atlassim.Fault{Status: 401})}},
		"list fails once":           {faults: []atlassim.Fault{at(theList, atlassim.Fault{Status: 500})}},
		"reads fail":                {faults: []atlassim.Fault{at(theReads, atlassim.Fault{Status: 503, Times: 20})}},
		"404 once":                  {faults: []atlassim.Fault{at(theReads, atlassim.Fault{ErrorCode: "RESTORE_JOB_NOT_FOUND", Times: 1})}},
		"404 again and again":       {faults: []atlassim.Fault{at(theReads, atlassim.Fault{ErrorCode: "RESTORE_JOB_NOT_FOUND", Times: 7})}},
		"job shown late":            {behave: func(b *atlassim.Behavior) { b.RestoreGetLag, b.RestoreListLag = 5*time.Minute, 5*time.Minute }},
		"target never busy":         {behave: func(b *atlassim.Behavior) { b.RestoreTargetIdle = true }},
		"target busy for long":      {behave: func(b *atlassim.Behavior) { b.RestoreTargetBusyFor = 5 * time.Minute }},
		"token or key refused once": {faults: []atlassim.Fault{at(theReads, atlassim.Fault{Status: 401}), at(theReads, atlassim.Fault{Status: 403})}},
		"forgotten after the end":   {behave: func(b *atlassim.Behavior) { b.RestorePurgedAfter = 10 * time.Minute }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newRestore(t)
			if c.behave != nil {
				s.SetBehavior(c.behave)
			}
			for _, fault := range c.faults {
				s.AddFault(fault)
			}
			s.tf.Do(0, acctest.Apply...)
			s.expect(t, 1, s.restored)
			s.settled(t, 1)
		})
	}
}

// TestAccRestore_failed calls a failed job failed, also where it looks finished or cancelled. The next apply restores, as asked for.
func TestAccRestore_failed(t *testing.T) {
	t.Parallel()
	for _, only := range []bool{false, true} {
		s := newRestore(t)
		s.SetBehavior(func(b *atlassim.Behavior) { b.RestoreFailedOnly = only })
		s.NextRestore(atlassim.RestorePlan{Fail: true})
		output := s.tf.Do(1, acctest.Apply...)
		acctest.ExpectOutput(t, output, "Error: Unable to restore", `its status is "failed"`, "The target is erased or incomplete")
		s.expect(t, 1, "")
		s.tf.ExpectValues(address, map[string]any{"status": "failed"})
		s.tf.Do(0, acctest.Apply...)
		s.expect(t, 2, s.restored)
		s.settled(t, 2)
	}
}

// TestAccRestore_failedAgain restores nothing by itself after a restore that triggers asked for has failed.
func TestAccRestore_failedAgain(t *testing.T) {
	t.Parallel()
	s := newRestore(t)
	s.configure(s.fromSnapshot() + "triggers = { week = \"1\" }")
	s.tf.Do(0, acctest.Apply...)
	s.configure(s.fromSnapshot() + "triggers = { week = \"2\" }")
	s.NextRestore(atlassim.RestorePlan{Fail: true})
	acctest.ExpectOutput(t, s.tf.Do(1, acctest.Apply...), "To restore again, change triggers")
	acctest.ExpectOutput(t, s.tf.Do(0, acctest.Apply...), "Warning: Failed restore: ", "change a value of triggers")
	s.expect(t, 2, "")
	s.configure(s.fromSnapshot() + "triggers = { week = \"3\" }")
	s.tf.Do(0, acctest.Apply...)
	s.expect(t, 3, s.restored)
	s.settled(t, 3)
}

// interrupt runs an apply and interrupts it when the provider pauses for the n-th time.
func (s *restoreTest) interrupt(n int) (string, int) {
	sleeping, slept := make(chan struct{}), 0
	s.Clock.Hold(func(ctx context.Context, _ time.Duration) {
		if slept++; slept == n {
			close(sleeping)
			<-ctx.Done()
		}
	})
	run := s.tf.Start(acctest.Apply...)
	select {
	case <-sleeping:
		_ = run.Signal(nil)
	case <-run.Ended():
	}
	output, code := run.Wait()
	s.Clock.Hold(nil)
	return output, code
}

// TestAccRestore_interrupted leaves an untainted restore in the state, and the next apply waits for it.
func TestAccRestore_interrupted(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 6; n++ {
		t.Run(fmt.Sprintf("at pause %d", n), func(t *testing.T) {
			t.Parallel()
			s := newRestore(t)
			output, code := s.interrupt(n)
			if code != 1 && !strings.Contains(output, "Restore not completed yet") {
				t.Fatalf("exit code %d:\n%s", code, output)
			}
			if kept := s.tf.State(address); kept == nil || kept.Tainted || kept.Values["status"] != "inProgress" {
				t.Errorf("the state has %+v", kept)
			}
			s.tf.Do(0, acctest.Apply...)
			s.expect(t, 1, s.restored)
			s.settled(t, 1)
		})
	}
}

// TestAccRestore_interruptedAgain interrupts a restore that triggers asked for.
func TestAccRestore_interruptedAgain(t *testing.T) {
	t.Parallel()
	s := newRestore(t)
	s.configure(s.fromSnapshot() + "triggers = { week = \"1\" }")
	s.tf.Do(0, acctest.Apply...)
	s.configure(s.fromSnapshot() + "triggers = { week = \"2\" }")
	s.interrupt(3)
	// Another one is asked for before this one has ended.
	s.configure(s.fromSnapshot() + "triggers = { week = \"3\" }")
	s.tf.Do(0, acctest.Apply...)
	s.expect(t, 3, s.restored)
	s.settled(t, 3)
	for i, job := range s.Restores() {
		if i > 0 && job.RequestedAt.Before(s.Restores()[i-1].FinishedAt) {
			t.Errorf("restore %d was requested while the one before it ran", i+1)
		}
	}
}

// TestAccRestore_timedOut is an error that can be waited out, and replacing the tainted resource restores nothing.
func TestAccRestore_timedOut(t *testing.T) {
	t.Parallel()
	for name, then := range map[string]func(*testing.T, *restoreTest){
		"untainted":                        func(_ *testing.T, s *restoreTest) { s.tf.Do(0, "untaint", address) },
		"replaced while it runs":           func(*testing.T, *restoreTest) {},
		"replaced after it has ended":      func(_ *testing.T, s *restoreTest) { s.Clock.Advance(12 * time.Hour) },
		"untainted after it was completed": func(_ *testing.T, s *restoreTest) { s.Clock.Advance(12 * time.Hour); s.tf.Do(0, "untaint", address) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newRestore(t)
			s.NextRestore(atlassim.RestorePlan{Duration: 10 * time.Hour})
			s.configure(s.fromSnapshot() + "timeouts { create = \"1h\" }")
			output := s.tf.Do(1, acctest.Apply...)
			acctest.ExpectOutput(t, output, "Atlas had not completed restore job", "run terraform untaint on this resource and apply again")
			then(t, s)
			s.configure(s.fromSnapshot())
			s.tf.Do(0, acctest.Apply...)
			s.expect(t, 1, s.restored)
			s.settled(t, 1)
		})
	}
}

// TestAccRestore_lostJob keeps a job in the state that Atlas forgets while it runs. Nothing is restored again.
func TestAccRestore_lostJob(t *testing.T) {
	t.Parallel()
	for name, forget := range map[string]func(*restoreTest){
		"cluster deleted": func(s *restoreTest) { s.DeleteCluster(s.Fixture().ClusterName) },
		"job forgotten": func(s *restoreTest) {
			s.SetBehavior(func(b *atlassim.Behavior) { b.RestoreGetLag, b.RestoreListLag = 1000*time.Hour, 1000*time.Hour })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newRestore(t)
			s.interrupt(3)
			s.Clock.Advance(time.Hour)
			forget(s)
			output := s.tf.Do(0, acctest.Apply...)
			acctest.ExpectOutput(t, output, "Warning: Restore unknown to Atlas: ", "change triggers")
			s.settled(t, 1)
			s.tf.ExpectValues(address, map[string]any{"status": "unknown"})
		})
	}
}

// TestAccRestore_busy stops where something else is restored onto the target, and continues the same restore.
func TestAccRestore_busy(t *testing.T) {
	t.Parallel()
	s := newRestore(t)
	other := s.Seed(t, atlassim.Seed{ExpiresAt: acctest.Start.AddDate(0, 0, 30)}, time.Hour)
	s.interrupt(3)
	// As a run that was killed leaves it.
	if err := os.Remove(filepath.Join(s.tf.Directory(), "terraform.tfstate")); err != nil {
		t.Fatal(err)
	}
	s.configure("snapshot_id = \"" + other + "\"")
	acctest.ExpectOutput(t, s.tf.Do(1, acctest.Apply...), "Atlas is already restoring onto cluster", s.Restores()[0].ID, "Nothing was erased")
	s.configure(s.fromSnapshot())
	acctest.ExpectOutput(t, s.tf.Do(0, acctest.Apply...), "Warning: Restore of an earlier run: "+s.Restores()[0].ID)
	s.expect(t, 1, s.restored)
	s.settled(t, 1)
}

// TestAccRestore_twoOntoOneTarget runs one after the other, each once.
func TestAccRestore_twoOntoOneTarget(t *testing.T) {
	t.Parallel()
	s := newRestore(t)
	block := resourceBlock(s.Atlas, confirmed+s.fromSnapshot())
	s.tf.Write("main.tf", block+strings.Replace(block, `"test"`, `"other"`, 1))
	s.tf.Do(0, acctest.Apply...)
	s.expect(t, 2, s.restored)
	s.settled(t, 2)
}
