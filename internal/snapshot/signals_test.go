package snapshot_test

import (
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
)

// The places at which a run is interrupted or killed.
var (
	beforePost  = place{method: http.MethodGet, path: "/backup/snapshots"}
	postToCome  = place{method: http.MethodPost, path: "/backup/snapshots"}
	postAtWork  = place{method: http.MethodPost, path: "/backup/snapshots", after: true}
	whileWaits  = place{method: http.MethodGet, path: "/backup/snapshots/", skip: 1}
	finalRead   = place{method: http.MethodGet, path: "/backup/snapshots/", skip: 1}
	stopSignals = map[string]syscall.Signal{"SIGINT": syscall.SIGINT, "SIGTERM": syscall.SIGTERM}
	allPlaces   = map[string]place{
		"before the POST": beforePost, "POST on its way": postToCome, "POST answered": postAtWork, "while waiting": whileWaits, "final read": finalRead,
	}
)

// struck is an Atlas behind a gate with Terraform before it, each process its own.
type struck struct {
	*acctest.Atlas
	gate *gate
	tf   *acctest.Terraform
}

func newStruck(t *testing.T, at string) *struck {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no signals to send")
	}
	s := &struck{Atlas: acctest.NewAtlas(t)}
	if at == "final read" {
		// Completed at the first look: the second read is the final one.
		s.CompleteAfter(time.Second)
	}
	s.Intercept(t, func(simulator http.Handler) http.Handler {
		s.gate = newGate(simulator)
		return s.gate
	})
	s.tf = s.TerraformWithProcesses(t, configuration(t))
	return s
}

// send sends a signal to terraform alone, or to its whole process group.
func send(t *testing.T, run *acctest.Run, signal syscall.Signal, toGroup bool) {
	t.Helper()
	send := func() error { return run.Signal(signal) }
	if toGroup {
		send = func() error { return run.SignalGroup(signal) }
	}
	if err := send(); err != nil {
		t.Fatal(err)
	}
}

// interrupt runs an apply, sends the signal when the request at the place has come, and lets terraform end by itself. No
// provider outlives it.
func (s *struck) interrupt(t *testing.T, at place, signal syscall.Signal, toGroup bool) string {
	t.Helper()
	s.gate.close(at)
	run := s.tf.Start(acctest.Apply...)
	<-s.gate.arrived
	send(t, run, signal, toGroup)
	run.WaitForOutput("Interrupt received")
	close(s.gate.release)
	output, _ := run.Wait()
	s.tf.WaitForProviders()
	s.gate.open()
	return output
}

// asked is how many requests Atlas has had for a path.
func (s *struck) asked(path string) int {
	n := 0
	for _, request := range s.Requests() {
		if request.Path == path {
			n++
		}
	}
	return n
}

// kill runs an apply and kills terraform, the provider or both when the request at the place has come. What Atlas has
// received by then it does.
func (s *struck) kill(t *testing.T, at place, whom string) string {
	t.Helper()
	s.gate.close(at)
	run := s.tf.Start(acctest.Apply...)
	<-s.gate.arrived
	if whom != "provider" {
		if err := run.Signal(os.Kill); err != nil {
			t.Fatal(err)
		}
	}
	if whom != "terraform" && s.tf.KillProviders() == 0 {
		t.Error("there was no provider process to kill")
	}
	output, _ := run.Wait()
	close(s.gate.release)
	<-s.gate.passed
	s.tf.KillProviders()
	s.tf.WaitForProviders()
	s.gate.open()
	return output
}

// settle applies again and checks what must be true whatever happened: no taint, a completed snapshot, an empty plan.
func (s *struck) settle(t *testing.T) string {
	t.Helper()
	if kept := s.tf.State(address); kept != nil && kept.Tainted {
		t.Errorf("the state has a tainted snapshot: %v", kept.Values)
	}
	output := s.tf.Do(0, acctest.Apply...)
	if kept := s.tf.State(address); kept == nil || kept.Values["status"] != "completed" {
		t.Errorf("after the next apply the state has %+v, expected a completed snapshot", kept)
	}
	s.tf.Do(0, acctest.Plan...)
	return output
}

func TestAccSnapshot_interrupted(t *testing.T) {
	t.Parallel()
	for name := range allPlaces {
		for signalName, signal := range stopSignals {
			for whom, toGroup := range map[string]bool{"terraform": false, "the process group": true} {
				t.Run(signalName+" to "+whom+" "+name, func(t *testing.T) {
					t.Parallel()
					interruptedAt(t, name, signal, toGroup)
				})
			}
		}
	}
}

func interruptedAt(t *testing.T, name string, signal syscall.Signal, toGroup bool) {
	t.Helper()
	s := newStruck(t, name)
	output := s.interrupt(t, allPlaces[name], signal, toGroup)
	kept := s.tf.State(address)
	switch name {
	case "before the POST":
		mustSay(t, output, "Unable to create snapshot", "No snapshot was taken")
		if kept != nil || len(s.Snapshots()) != 0 {
			t.Errorf("the state has %v and Atlas %v, expected nothing", kept, s.Snapshots())
		}
	case "final read":
		mustSay(t, output, "Warning: Unable to read snapshot after its completion")
	default:
		mustSay(t, output, "Warning: Snapshot not completed yet", "No second snapshot is taken")
	}
	if name != "before the POST" && kept == nil {
		t.Fatalf("the state does not have the snapshot:\n%s", output)
	}
	mustNotSay(t, s.settle(t), "Warning: Snapshot")
	if after := s.tf.State(address); kept != nil && after.Values["snapshot_id"] != kept.Values["snapshot_id"] {
		t.Errorf("the state has snapshot %v, expected %v", after.Values["snapshot_id"], kept.Values["snapshot_id"])
	}
	if all := s.Snapshots(); len(all) != 1 {
		t.Errorf("Atlas has had %d snapshots, expected 1: %v", len(all), all)
	}
}

// TestAccSnapshot_orphaned ends Terraform while its provider waits: the provider does not go on without it. Where it has
// taken an OAuth token it gives that back.
func TestAccSnapshot_orphaned(t *testing.T) {
	t.Parallel()
	for name, strike := range map[string]func(t *testing.T, run *acctest.Run){
		"SIGKILL to terraform": func(t *testing.T, run *acctest.Run) { send(t, run, syscall.SIGKILL, false) },
		// As timeout --kill-after does where Terraform does not end in time.
		"SIGTERM to the process group, then SIGKILL to terraform": func(t *testing.T, run *acctest.Run) {
			send(t, run, syscall.SIGTERM, true)
			run.WaitForOutput("Interrupt received")
			send(t, run, syscall.SIGKILL, false)
		},
		// Terraform dies of the end of its terminal session.
		"SIGHUP to the process group": func(t *testing.T, run *acctest.Run) { send(t, run, syscall.SIGHUP, true) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if strings.Contains(name, "SIGHUP") && signal.Ignored(syscall.SIGHUP) {
				t.Skip("SIGHUP is ignored, as nohup has it, and so by every process that this test starts")
			}
			s := newStruck(t, "")
			s.tf.SetEnvironment("MONGODB_ATLAS_PUBLIC_API_KEY=", "MONGODB_ATLAS_PRIVATE_API_KEY=",
				"MONGODB_ATLAS_CLIENT_ID="+s.Fixture().ClientID, "MONGODB_ATLAS_CLIENT_SECRET="+s.Fixture().ClientSecret)
			// The answer to the request for the snapshot is what neither Terraform's end nor an interrupt cuts short.
			s.gate.close(postAtWork)
			run := s.tf.Start(acctest.Apply...)
			<-s.gate.arrived
			strike(t, run)
			run.Wait()
			s.tf.WaitForProviders()
			close(s.gate.release)
			<-s.gate.passed
			s.gate.open()
			taken, returned := s.asked("/api/oauth/token"), s.asked("/api/oauth/revoke")
			if taken == 0 || returned != taken {
				t.Errorf("%d access tokens were taken and %d given back", taken, returned)
			}
		})
	}
}

// TestAccSnapshot_killed kills what could have saved the state. Where Atlas had been asked by then, the next apply says so,
// and how to adopt the snapshot; the test does as it says.
func TestAccSnapshot_killed(t *testing.T) {
	t.Parallel()
	for name, at := range allPlaces {
		for _, whom := range []string{"provider", "terraform", "both"} {
			if whom == "both" && at.method == http.MethodGet {
				// The request that matters is the one for the snapshot.
				continue
			}
			t.Run(whom+" "+name, func(t *testing.T) {
				t.Parallel()
				s := newStruck(t, name)
				output := s.kill(t, at, whom)
				if whom == "provider" {
					mustSay(t, output, "Error: ")
				}
				if kept := s.tf.State(address); kept != nil {
					t.Fatalf("a killed run has saved %v", kept.Values)
				}
				left := s.Existing()
				if name == "before the POST" {
					if len(left) != 0 {
						t.Errorf("Atlas has %v, expected nothing: it was not asked", left)
					}
					mustNotSay(t, s.settle(t), "Warning: Snapshot")
					return
				}
				if len(left) != 1 {
					t.Fatalf("Atlas has %v, expected one snapshot", left)
				}
				said := s.settle(t)
				mustSay(t, said, "Warning: Snapshot of an earlier run", left[0].ID, "not tracked in Terraform state")
				s.adopt(t, said)
			})
		}
	}
}

// adopt does what the warning says, and checks that every snapshot in Atlas is in the state then.
func (s *struck) adopt(t *testing.T, said string) {
	t.Helper()
	_, command, _ := strings.Cut(said, "terraform import <address> ")
	id, _, _ := strings.Cut(command, " ")
	configuration := configuration(t)["main.tf"]
	resource := configuration[strings.Index(configuration, "resource "):]
	s.tf.Write("adopted.tf", strings.Replace(resource, `"test"`, `"adopted"`, 1))
	s.tf.Do(0, "import", "-no-color", "atlasbackup_snapshot.adopted", id)
	s.tf.Do(0, acctest.Plan...)
	adopted, own := s.tf.State("atlasbackup_snapshot.adopted"), s.tf.State(address)
	known := map[any]bool{adopted.Values["snapshot_id"]: true, own.Values["snapshot_id"]: true}
	for _, snapshot := range s.Existing() {
		if !known[snapshot.ID] {
			t.Errorf("Atlas has snapshot %s, the state has %v", snapshot.ID, known)
		}
		delete(known, snapshot.ID)
	}
	if len(known) > 0 {
		t.Errorf("the state has %v, which Atlas has not", known)
	}
}

// TestAccSnapshot_killedWhileResuming kills a run that waits on for a snapshot that the state has already.
func TestAccSnapshot_killedWhileResuming(t *testing.T) {
	t.Parallel()
	for _, whom := range []string{"provider", "terraform", "both"} {
		t.Run(whom, func(t *testing.T) {
			t.Parallel()
			s := newStruck(t, "")
			s.interrupt(t, whileWaits, syscall.SIGINT, false)
			// The refresh and the first look of the update pass.
			s.kill(t, place{method: http.MethodGet, path: "/backup/snapshots/", skip: 2}, whom)
			mustNotSay(t, s.settle(t), "Warning: Snapshot")
			if all := s.Snapshots(); len(all) != 1 {
				t.Errorf("Atlas has had %d snapshots, expected 1", len(all))
			}
		})
	}
}
