package flexrestore_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

var (
	thePost  = atlassim.Fault{Method: "POST", Path: "/backup/restoreJobs"}
	theReads = atlassim.Fault{Method: "GET", Path: "/backup/restoreJobs/"}
)

// at is a fault of the requests of part.
func at(part, how atlassim.Fault) atlassim.Fault {
	how.Method, how.Path = part.Method, part.Path
	return how
}

// TestAccFlexRestore_lostAnswer finds the job where Atlas has started one. Where none is found the restore is not requested again.
func TestAccFlexRestore_lostAnswer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault   atlassim.Fault
		started bool
	}{
		"500":                   {atlassim.Fault{Status: 500}, false},
		"500 after the work":    {atlassim.Fault{Status: 500, After: true}, true},
		"reset before the work": {atlassim.Fault{Reset: atlassim.ResetBefore}, false},
		"reset after the work":  {atlassim.Fault{Reset: atlassim.ResetAfter}, true},
		"truncated body":        {atlassim.Fault{Truncate: true}, true},
	} {
		for lag, behave := range map[string]func(*atlassim.Behavior){
			"":                  func(*atlassim.Behavior) {},
			"list lags an hour": func(b *atlassim.Behavior) { b.RestoreListLag = time.Hour },
			"oldest first":      func(b *atlassim.Behavior) { b.ListOrder = atlassim.ListOldest },
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
		id := s.Fixture().ProjectID + "/Flex0/" + s.Restores()[0].ID
		acctest.ExpectOutput(t, output, "Atlas has already restored this snapshot", "terraform import <address> "+id, "Nothing was erased")
		s.tf.Do(0, "import", "-no-color", address, id)
		s.settled(t, 1)
	}
}

// TestAccFlexRestore_survives shows what a wait survives.
func TestAccFlexRestore_survives(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		behave func(*atlassim.Behavior)
		fault  atlassim.Fault
	}{
		"throttled":         {fault: at(thePost, atlassim.Fault{Status: 429, RetryAfter: new(3), Times: 3})},
		"reads fail":        {fault: at(theReads, atlassim.Fault{Status: 503, Times: 20})},
		"404 now and again": {fault: at(theReads, atlassim.Fault{ErrorCode: "TENANT_RESTORE_NOT_FOUND", Times: 7})},
		"job shown late": {
			behave: func(b *atlassim.Behavior) { b.RestoreGetLag, b.RestoreListLag = 5*time.Minute, 5*time.Minute },
			fault:  atlassim.Fault{Method: "PUT", Status: 500},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newRestore(t)
			if c.behave != nil {
				s.SetBehavior(c.behave)
			}
			s.AddFault(c.fault)
			s.tf.Do(0, acctest.Apply...)
			s.expect(t, 1, s.restored)
			s.settled(t, 1)
		})
	}
}

// TestAccFlexRestore_failed is an error, and the next apply restores, as asked for.
func TestAccFlexRestore_failed(t *testing.T) {
	t.Parallel()
	s := newRestore(t)
	s.NextRestore(atlassim.RestorePlan{Fail: true})
	acctest.ExpectOutput(t, s.tf.Do(1, acctest.Apply...), "Error: Unable to restore", `its status is "FAILED"`, "The target is erased or incomplete")
	s.expect(t, 1, "")
	s.tf.ExpectValues(address, map[string]any{"status": "FAILED"})
	s.tf.Do(0, acctest.Apply...)
	s.expect(t, 2, s.restored)
	s.settled(t, 2)
}

// interrupt runs an apply and interrupts it when the provider pauses for the n-th time.
func (s *restoreTest) interrupt(n int) string {
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
	output, _ := run.Wait()
	s.Clock.Hold(nil)
	return output
}

// TestAccFlexRestore_interrupted leaves an untainted restore in the state, and the next apply waits for it.
func TestAccFlexRestore_interrupted(t *testing.T) {
	t.Parallel()
	s := newRestore(t)
	acctest.ExpectOutput(t, s.interrupt(3), "Restore not completed yet")
	if kept := s.tf.State(address); kept == nil || kept.Tainted || kept.Values["status"] == "COMPLETED" {
		t.Errorf("the state has %+v", kept)
	}
	s.tf.Do(0, acctest.Apply...)
	s.expect(t, 1, s.restored)
	s.settled(t, 1)
}

// TestAccFlexRestore_killed continues with the same restore after a run that has lost its state, and stops at another one.
func TestAccFlexRestore_killed(t *testing.T) {
	t.Parallel()
	s := newRestore(t)
	other := s.Seed(t, atlassim.Seed{ClusterName: s.Fixture().FlexClusterName}, 30*time.Minute)
	s.interrupt(3)
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

// TestAccFlexRestore_timedOut restores nothing when the tainted resource is replaced.
func TestAccFlexRestore_timedOut(t *testing.T) {
	t.Parallel()
	for name, then := range map[string]func(*restoreTest){
		"replaced while it runs":        func(*restoreTest) {},
		"replaced after it has ended":   func(s *restoreTest) { s.Clock.Advance(12 * time.Hour) },
		"replaced days after its end":   func(s *restoreTest) { s.Clock.Advance(5 * 24 * time.Hour) },
		"untainted after it has ended":  func(s *restoreTest) { s.Clock.Advance(12 * time.Hour); s.tf.Do(0, "untaint", address) },
		"untainted while it still runs": func(s *restoreTest) { s.tf.Do(0, "untaint", address) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newRestore(t)
			s.NextRestore(atlassim.RestorePlan{Duration: 2 * time.Hour})
			s.configure(s.fromSnapshot() + "timeouts { create = \"1h\" }")
			acctest.ExpectOutput(t, s.tf.Do(1, acctest.Apply...), "Atlas had not completed restore job", "run terraform untaint on this resource and apply again")
			then(s)
			s.configure(s.fromSnapshot())
			s.tf.Do(0, acctest.Apply...)
			s.expect(t, 1, s.restored)
			s.settled(t, 1)
		})
	}
}

// TestAccFlexRestore_forgotten keeps a job that Atlas no longer has: completed as it was, and running as unknown.
func TestAccFlexRestore_forgotten(t *testing.T) {
	t.Parallel()
	s := newRestore(t)
	s.interrupt(3)
	s.Clock.Advance(time.Hour)
	s.SetBehavior(func(b *atlassim.Behavior) { b.RestoreGetLag, b.RestoreListLag = 1000*time.Hour, 1000*time.Hour })
	output := s.tf.Do(0, acctest.Apply...)
	if !strings.Contains(output, "Warning: Restore unknown to Atlas: ") {
		t.Errorf("the output is\n%s", output)
	}
	s.settled(t, 1)
	s.tf.ExpectValues(address, map[string]any{"status": "unknown"})
}
