package snapshot_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
)

// terraform is a working directory with the configuration of testdata/snapshot.
func terraform(t *testing.T, a *acctest.Atlas) *acctest.Terraform {
	t.Helper()
	main, err := os.ReadFile("testdata/snapshot/main.tf")
	if err != nil {
		t.Fatal(err)
	}
	return a.Terraform(t, map[string]string{
		"main.tf":     string(main),
		"versions.tf": "terraform {\n  required_providers {\n    atlasbackup = { source = \"atlasbackup/atlasbackup\" }\n  }\n}\n",
	})
}

// interrupt starts an apply, and sends it an interrupt when the provider sleeps for the n-th time.
func interrupt(t *testing.T, a *acctest.Atlas, tf *acctest.Terraform, n int) (string, int) {
	t.Helper()
	sleeping := make(chan struct{})
	slept := 0
	a.Clock.Hold(func(ctx context.Context, _ time.Duration) {
		if slept++; slept == n {
			close(sleeping)
			<-ctx.Done()
		}
	})
	run := tf.Start(acctest.Apply...)
	<-sleeping
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
