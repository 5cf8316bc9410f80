package diagnostics_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/operation"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

// TestFromReport has another noun than snapshots say its own words after every outcome.
func TestFromReport(t *testing.T) {
	t.Parallel()
	words := diagnostics.Messages{
		Failure:  diagnostics.Failure{Summary: "Unable to restore", About: "cluster C", Noun: diagnostics.Noun{Name: "restore job", Participle: "started"}},
		Blocking: "restore", Name: func(id string) string { return "restore job " + id }, Timeout: time.Hour, TimeoutArgument: "timeouts.create",
		Continues: "Atlas goes on.", NotSeen: "It was not seen.", IfFound: "import it", InState: true, InterruptedSummary: "Restore not completed yet",
		Remedies: map[operation.Outcome]string{
			operation.Failed: "After failed.", operation.Interrupted: "After interrupted.", operation.TimedOut: "After timed out.",
			operation.Gone: "After gone.", operation.WaitFailed: "After wait failed.",
		},
	}
	lost := errors.New("the answer was lost")
	for name, c := range map[string]struct {
		report  operation.Report
		change  func(*diagnostics.Messages)
		warning bool
		want    string
	}{
		"not started, timed out": {
			report: operation.Report{Err: wait.ErrTimeout},
			want:   "Timed out after 1h0m0s (timeouts.create) before requesting a restore job of cluster C. No restore job was started.\n\nAllow more time.",
		},
		"not started, interrupted": {
			report: operation.Report{Err: context.Canceled},
			want:   "The run was interrupted before Atlas was asked for a restore job of cluster C. No restore job was started.\n\nApply again.",
		},
		"not started, refused": {report: operation.Report{Err: lost}, want: "The operation on cluster C failed: the answer was lost.\n\nNo restore job was started."},
		"busy": {
			report: operation.Report{Outcome: operation.Busy, Err: wait.ErrTimeout},
			want: "Atlas was still busy with another restore of cluster C after 1h0m0s, and takes one at a time. No restore job was started.\n\n" +
				"Apply again later, or allow more time with timeouts.create.",
		},
		"unknown": {
			report: operation.Report{Outcome: operation.Unknown, Err: lost},
			want: "Atlas may or may not have started a restore job of cluster C: the answer was lost.\n\n" +
				"Look at the cluster's restore jobs in Atlas. If there is one that nobody else requested, import it; if there is none, apply again.",
		},
		"unknown, with candidates": {
			report: operation.Report{Outcome: operation.Unknown, Err: lost}, change: func(w *diagnostics.Messages) { w.Candidates = "- 5f\n" },
			want: "Atlas may or may not have started a restore job of cluster C: the answer was lost.\n\n" +
				"These have appeared in the list since, and may be that restore job or somebody else's:\n\n- 5f\n\n" +
				"If nobody else requested one of them, import it; otherwise apply again.",
		},
		"failed": {
			report: operation.Report{Outcome: operation.Failed, ID: "5f", Status: "failed", Waited: time.Minute},
			want:   "Atlas failed restore job 5f after 1m0s: its status is \"failed\". Atlas gives no reason.\n\nAfter failed.",
		},
		"interrupted": {
			report: operation.Report{Outcome: operation.Interrupted, ID: "5f", Status: "inProgress", Err: context.Canceled}, warning: true,
			want: "The run was interrupted while Atlas was busy with restore job 5f; after 0s its status was \"inProgress\". Atlas goes on.\n\nAfter interrupted.",
		},
		"interrupted, without a state": {
			report: operation.Report{Outcome: operation.Interrupted, ID: "5f", Err: context.Canceled}, change: func(w *diagnostics.Messages) { w.InterruptedSummary = "" },
			want: "The run was interrupted while Atlas was busy with restore job 5f; after 0s its status was \"unknown\". Atlas goes on.\n\nAfter interrupted.",
		},
		"timed out, the last looks failed": {
			report: operation.Report{
				Outcome: operation.TimedOut, ID: "5f", Status: "inProgress",
				Err: &wait.IncompleteError{Polls: 5, Failed: 3, ConsecutiveFailures: 2, LastFailure: lost},
			},
			want: "Atlas had not completed restore job 5f after 0s; its status was \"inProgress\". The last 2 of 5 requests for its status failed (3 in all), " +
				"the last one with: the answer was lost. It was not seen.\n\nAfter timed out.",
		},
		"gone": {
			report: operation.Report{Outcome: operation.Gone, ID: "5f", Status: "inProgress", Err: operation.ErrGone},
			want: "The operation on restore job 5f failed: no longer in Atlas.\n\nSomebody deleted the restore job, or its cluster, while Atlas was still busy with it " +
				"(0s, last status \"inProgress\"). After gone.",
		},
		"wait failed": {
			report: operation.Report{Outcome: operation.WaitFailed, ID: "5f", Status: "inProgress", Err: lost},
			want: "The operation on restore job 5f failed: the answer was lost.\n\nThe restore job exists, is in the state and had the status \"inProgress\" after 0s. " +
				"After wait failed.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := words
			if c.change != nil {
				c.change(&w)
			}
			d := diagnostics.FromReport(w, &c.report)
			severity, summary := diag.SeverityError, "Unable to restore"
			if c.warning {
				severity, summary = diag.SeverityWarning, "Restore not completed yet"
			}
			if d.Severity() != severity || d.Summary() != summary || d.Detail() != c.want || strings.Contains(d.Detail(), "snapshot") {
				t.Errorf("%s %q:\n%s\nexpected:\n%s", d.Severity(), d.Summary(), d.Detail(), c.want)
			}
		})
	}
}
