package restore_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// boundary stops the n-th authenticated request before or after the simulator has done its work, and tells arrived.
type boundary struct {
	simulator http.Handler
	mu        sync.Mutex
	left      int
	after     bool
	arrived   chan struct{}
	release   chan struct{}
}

func (b *boundary) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	isHere := false
	if strings.HasPrefix(r.URL.Path, "/api/atlas/") && r.Header.Get("Authorization") != "" {
		b.mu.Lock()
		b.left--
		isHere = b.left == 0
		b.mu.Unlock()
	}
	answer := httptest.NewRecorder()
	if isHere && !b.after {
		close(b.arrived)
		<-b.release
	}
	b.simulator.ServeHTTP(answer, r)
	if isHere && b.after {
		close(b.arrived)
		<-b.release
	}
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// stopAt runs an apply in processes of its own and does stop when it has come to the boundary.
func (s *restoreTest) stopAt(t *testing.T, n int, after bool, stop func(*acctest.Run)) string {
	t.Helper()
	gate := &boundary{left: n, after: after, arrived: make(chan struct{}), release: make(chan struct{})}
	s.Intercept(t, func(simulator http.Handler) http.Handler {
		gate.simulator = simulator
		return gate
	})
	s.tf = s.TerraformWithProcesses(t, acctest.Files(resourceBlock(s.Atlas, confirmed+s.fromSnapshot())))
	run := s.tf.Start(acctest.Apply...)
	select {
	case <-gate.arrived:
		stop(run)
	case <-run.Ended():
	}
	close(gate.release)
	output, _ := run.Wait()
	s.tf.WaitForProviders()
	return output
}

// TestAccRestore_killed kills Terraform and the provider at every request, before and after Atlas has done its work. The next apply
// restores once in all, or names the job that the killed run has left.
func TestAccRestore_killed(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no signals to send")
	}
	// Snapshot, target, jobs twice, target, the request, the first reads of the job.
	const theRequest = 6
	for n := 1; n <= theRequest+2; n++ {
		for _, after := range []bool{false, true} {
			later := []time.Duration{0, time.Hour}
			if n != theRequest {
				later = later[n%2:][:1]
			}
			for _, later := range later {
				t.Run(fmt.Sprintf("request %d, after %t, applied %s later", n, after, later), func(t *testing.T) {
					t.Parallel()
					s := newRestore(t)
					s.stopAt(t, n, after, func(run *acctest.Run) {
						_ = run.Signal(os.Kill)
						s.tf.KillProviders()
					})
					s.Clock.Advance(later)
					output, code := s.tf.Start(acctest.Apply...).Wait()
					jobs := s.Restores()
					if code != 0 {
						acctest.ExpectOutput(t, output, "Atlas has already restored this backup", jobs[0].ID, "Nothing was erased")
						s.tf.Do(0, "import", "-no-color", address, s.Fixture().ProjectID+"/Cluster0/"+jobs[0].ID)
					}
					s.expect(t, 1, s.restored)
					s.tf.Do(0, acctest.Plan...)
					s.tf.ExpectValues(address, map[string]any{"status": "completed", "restore_job_id": jobs[0].ID})
				})
			}
		}
	}
}

// TestAccRestore_signals interrupts the whole process group: the job is in the state, and the next apply waits for it.
func TestAccRestore_signals(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no signals to send")
	}
	for name, signal := range map[string]syscall.Signal{"SIGINT": syscall.SIGINT, "SIGTERM": syscall.SIGTERM} {
		for _, n := range []int{6, 7} {
			t.Run(fmt.Sprintf("%s at request %d", name, n), func(t *testing.T) {
				t.Parallel()
				s := newRestore(t)
				s.NextRestore(atlassim.RestorePlan{Duration: 10 * time.Hour})
				output := s.stopAt(t, n, true, func(run *acctest.Run) {
					if err := run.SignalGroup(signal); err != nil {
						t.Error(err)
					}
					run.WaitForOutput("Interrupt received")
				})
				acctest.ExpectOutput(t, output, "Warning: Restore not completed yet")
				if kept := s.tf.State(address); kept == nil || kept.Tainted {
					t.Fatalf("the state has %+v", kept)
				}
				s.tf.Do(0, acctest.Apply...)
				s.expect(t, 1, s.restored)
				s.tf.Do(0, acctest.Plan...)
			})
		}
	}
}

// TestAccRestore_triggersInProcesses restores by triggers several times a day, each time in processes that know nothing of the restores
// before but what the state says.
func TestAccRestore_triggersInProcesses(t *testing.T) {
	t.Parallel()
	s := newRestore(t)
	s.tf = s.TerraformWithProcesses(t, acctest.Files(""))
	for n := 1; n <= 4; n++ {
		s.configure(fmt.Sprintf("most_recent = true\n triggers = { n = \"%d\" }", n))
		s.tf.Do(0, acctest.Apply...)
		s.expect(t, n, s.restored)
	}
	s.tf.Do(0, acctest.Plan...)
}

// TestAccRestore_repeatedInProcesses destroys and creates a restore: another process cannot tell the completed one from that of a killed
// run, unless the configuration allows to repeat it.
func TestAccRestore_repeatedInProcesses(t *testing.T) {
	t.Parallel()
	s := newRestore(t)
	s.tf = s.TerraformWithProcesses(t, acctest.Files(resourceBlock(s.Atlas, confirmed+s.fromSnapshot())))
	s.tf.Do(0, acctest.Apply...)
	s.tf.Do(0, acctest.Destroy...)
	acctest.ExpectOutput(t, s.tf.Do(1, acctest.Apply...), "Atlas has already restored this backup", "set allow_repeat = true", "Nothing was erased")
	s.expect(t, 1, s.restored)
	s.configure(s.fromSnapshot() + "allow_repeat = true")
	s.tf.Do(0, acctest.Apply...)
	s.expect(t, 2, s.restored)
	s.tf.Do(0, acctest.Plan...)
}
