package snapshot_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// configuration has the files of testdata/snapshot and says where the provider comes from.
func configuration(t *testing.T) map[string]string {
	t.Helper()
	main, err := os.ReadFile("testdata/snapshot/main.tf")
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"main.tf":     string(main),
		"versions.tf": "terraform {\n  required_providers {\n    atlasbackup = { source = \"atlasbackup/atlasbackup\" }\n  }\n}\n",
	}
}

// terraform is a working directory with the configuration of testdata/snapshot, where the commands run in process.
func terraform(t *testing.T, a *acctest.Atlas) *acctest.Terraform {
	t.Helper()
	return a.InProcess(t, configuration(t))
}

// realTerraform is the same with real Terraform: for configurations and commands that tfcore does not know.
func realTerraform(t *testing.T, a *acctest.Atlas) *acctest.Terraform {
	t.Helper()
	return a.Terraform(t, configuration(t))
}

// interrupt starts an apply, and sends it an interrupt when the provider sleeps for the n-th time.
func interrupt(t *testing.T, a *acctest.Atlas, tf *acctest.Terraform, n int, arguments ...string) (string, int) {
	t.Helper()
	return interruptCommand(t, a, tf, n, append(acctest.Apply, arguments...)...)
}

// interruptCommand is interrupt for any command.
func interruptCommand(t *testing.T, a *acctest.Atlas, tf *acctest.Terraform, n int, arguments ...string) (string, int) {
	t.Helper()
	sleeping := make(chan struct{})
	slept := 0
	a.Clock.Hold(func(ctx context.Context, _ time.Duration) {
		if slept++; slept == n {
			close(sleeping)
			<-ctx.Done()
		}
	})
	run := tf.Start(arguments...)
	select {
	case <-sleeping:
	case <-run.Ended():
		output, code := run.Wait()
		t.Fatalf("it ended with %d before it was interrupted:\n%s", code, output)
	}
	if err := run.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	output, code := run.Wait()
	a.Clock.Hold(nil)
	return output, code
}

func mustSay(t *testing.T, output string, sentences ...string) {
	t.Helper()
	for _, sentence := range sentences {
		if !strings.Contains(output, sentence) {
			t.Errorf("Terraform does not say %q:\n%s", sentence, output)
		}
	}
}

func TestAccSnapshot_interruptedWhileWaiting(t *testing.T) {
	t.Parallel()
	for name, completedMeanwhile := range map[string]bool{"still in progress": false, "completed meanwhile": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			tf := terraform(t, a)
			output, _ := interrupt(t, a, tf, 3)
			mustSay(t, output, "Snapshot not completed yet", "The next plan reads it")

			kept := tf.State(address)
			if kept == nil || kept.Tainted {
				t.Fatalf("after the interrupt the state has %+v, expected an untainted snapshot", kept)
			}
			id := kept.Values["snapshot_id"]
			if completedMeanwhile {
				a.Clock.Advance(time.Hour)
				tf.Do(0, acctest.Plan...)
			} else {
				plan := tf.Do(2, acctest.Plan...)
				mustSay(t, plan, "will be updated in-place", "Plan: 0 to add, 1 to change, 0 to destroy.")
				tf.Do(0, acctest.Apply...)
				tf.Do(0, acctest.Plan...)
			}
			tf.Do(0, append(acctest.Apply, "-refresh-only")...)
			if after := tf.State(address); after.Values["snapshot_id"] != id || after.Values["status"] != "completed" {
				t.Errorf("the state has snapshot %v, status %v; expected %v, completed", after.Values["snapshot_id"], after.Values["status"], id)
			}
			if all := a.Snapshots(); len(all) != 1 {
				t.Errorf("Atlas has had %d snapshots, expected 1", len(all))
			}
			tf.Do(0, acctest.Destroy...)
		})
	}
}

func TestAccSnapshot_timedOut(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	tf := terraform(t, a)
	apply := append(acctest.Apply, "-var", "create_timeout=20s")
	output := tf.Do(1, apply...)
	mustSay(t, output, "Unable to create snapshot", "had not completed snapshot", "after 20s", `its status was "inProgress"`, "terraform untaint")

	tainted := tf.State(address)
	if tainted == nil || !tainted.Tainted {
		t.Fatalf("after the timeout the state has %+v, expected a tainted snapshot", tainted)
	}
	tf.Do(0, "untaint", address)
	tf.Do(0, apply...)
	if after := tf.State(address); after.Values["snapshot_id"] != tainted.Values["snapshot_id"] || after.Values["status"] != "completed" {
		t.Errorf("untaint and apply did not resume the wait: the state has %v", after.Values)
	}
	if all := a.Snapshots(); len(all) != 1 {
		t.Errorf("Atlas has had %d snapshots, expected 1", len(all))
	}
}

// TestAccSnapshot_retentionWhilePending changes the retention of a snapshot that Atlas is still busy with: Atlas refuses
// that, so the apply waits first. Interrupting it once more loses nothing.
func TestAccSnapshot_retentionWhilePending(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	tf := terraform(t, a)
	interrupt(t, a, tf, 2)
	id := tf.State(address).Values["snapshot_id"]

	longer := []string{"-var", "retention_in_days=21"}
	output, _ := interrupt(t, a, tf, 2, longer...)
	mustSay(t, output, "Unable to update snapshot", "The retention has not been changed. Apply again.")
	if kept := tf.State(address); kept.Tainted || kept.Values["retention_in_days"] != 7.0 || kept.Values["status"] == "completed" {
		t.Errorf("after the second interrupt the state has %+v", kept)
	}
	tf.Do(0, append(acctest.Apply, longer...)...)
	tf.Do(0, append(acctest.Plan, longer...)...)
	after := tf.State(address)
	if after.Values["snapshot_id"] != id || after.Values["retention_in_days"] != 21.0 || after.Values["status"] != "completed" {
		t.Errorf("the state has %v, expected snapshot %v kept for 21 days", after.Values, id)
	}
	if patched := count(a, "PATCH"); patched != 1 {
		t.Errorf("the retention was changed by %d requests, expected 1", patched)
	}
}

// TestAccSnapshot_interruptedInTheQueue interrupts while another snapshot of the cluster is waited for: none was asked for.
func TestAccSnapshot_interruptedInTheQueue(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	if _, err := a.SeedSnapshot(atlassim.Seed{Status: "inProgress", Frozen: true}); err != nil {
		t.Fatal(err)
	}
	tf := terraform(t, a)
	output, code := interrupt(t, a, tf, 2)
	mustSay(t, output, "Unable to create snapshot", "interrupted", "No snapshot was taken")
	if code == 0 || tf.State(address) != nil || count(a, "POST") != 0 {
		t.Errorf("exit code %d, state %v, %d requests for a snapshot", code, tf.State(address), count(a, "POST"))
	}
}
