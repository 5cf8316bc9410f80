package snapshot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

func isInterruption(err error) bool {
	return errors.Is(err, context.Canceled) && !errors.Is(err, wait.ErrTimeout)
}

// asker is on whose behalf a snapshot is taken: what diagnostics call things.
type asker struct {
	summary string
	// timeout is the argument that allows more time.
	timeout string
	// ifTaken is what to do with a snapshot that turns up after its request was lost.
	ifTaken func(on *cluster) string
	// goesOn and unknown are what becomes of a snapshot after the wait for it: where Atlas was seen to be busy with it, and where
	// it was not seen in the end.
	goesOn, unknown string
}

var forResource = asker{
	summary: "Unable to create snapshot", timeout: "timeouts.create",
	ifTaken: func(on *cluster) string {
		return fmt.Sprintf("import it (terraform import <address> %s)", framework.ImportID(on.projectID, on.name, "<snapshot id>"))
	},
	goesOn:  "Atlas goes on with it, and the state has it.",
	unknown: "What Atlas has done with it since is not known; the state has it.",
}

var forAction = asker{
	summary: "Unable to take snapshot", timeout: "timeout",
	ifTaken: func(*cluster) string { return "it is the one, and Atlas deletes it when its retention ends" },
	goesOn:  "Atlas goes on with it, and deletes it when its retention ends.",
	unknown: "What Atlas has done with it since is not known; it is kept until its retention ends.",
}

// notTaken is what to say when there is no snapshot, or none that is known.
func (a *asker) notTaken(on *cluster, timeout time.Duration, got acquired) diag.Diagnostic {
	err := got.err
	var lost *lostError
	switch {
	case errors.As(err, &lost) && len(lost.candidates) > 0:
		return diag.NewErrorDiagnostic(a.summary, fmt.Sprintf(
			"Atlas may or may not have taken a snapshot of %s: %s.\n\n"+
				"What has turned up in its list since may be that snapshot or somebody else's:\n\n%s\n"+
				"If nobody else took one of them, %s; otherwise apply again.",
			on, err, on.inventory(lost.candidates), a.ifTaken(on)))
	case lost != nil:
		return diag.NewErrorDiagnostic(a.summary, fmt.Sprintf(
			"Atlas may or may not have taken a snapshot of %s: %s.\n\n"+
				"Look at the cluster's snapshots in Atlas. If there is one that nobody else took, %s; if there is none, apply again.",
			on, err, a.ifTaken(on)))
	case errors.Is(err, wait.ErrTimeout) && !got.busy:
		return diag.NewErrorDiagnostic(a.summary, fmt.Sprintf(
			"The %s that %s allows were up before Atlas could be asked for a snapshot of %s. No snapshot was taken.\n\n"+
				"Allow more time.", timeout, a.timeout, on))
	case errors.Is(err, wait.ErrTimeout):
		return diag.NewErrorDiagnostic(a.summary, fmt.Sprintf(
			"Atlas was still busy with another on-demand snapshot of %s after %s, and takes one at a time.%s No snapshot was taken.\n\n"+
				"Apply again later, or allow more time with %s.", on, timeout, failedLooks(err), a.timeout))
	case isInterruption(err):
		return diag.NewErrorDiagnostic(a.summary, fmt.Sprintf(
			"The run was interrupted before Atlas was asked for a snapshot of %s. No snapshot was taken.\n\nApply again.", on))
	}
	return diagnostics.FromError(failure(a.summary, on.String()), err, "No snapshot was taken.")
}

// sinceLastSeen says what is known of a snapshot since it was last seen: that Atlas goes on with it, unless the looks failed in
// the end.
func (a *asker) sinceLastSeen(err error) string {
	if failed := failedLooks(err); failed != "" {
		return failed + " " + a.unknown
	}
	return " " + a.goesOn
}

// failedLooks says how many looks have failed, and how, where the wait ended with such; otherwise nothing. It begins with
// a space, as what follows a sentence does.
func failedLooks(err error) string {
	var unfinished *wait.Unfinished
	if !errors.As(err, &unfinished) || unfinished.FailedInARow == 0 {
		return ""
	}
	return fmt.Sprintf(" The last %d of %d looks at it failed (%d in all), the last one with: %s.",
		unfinished.FailedInARow, unfinished.Looks, unfinished.Failed, strings.TrimRight(atlas.Brief(unfinished.LastFailure), ". "))
}

// unsettled is what to say when the wait for a snapshot ended without a completed one. The state has it in every case but
// the one in which Atlas has it no longer.
func unsettled(summary string, on *cluster, m *resourceModel, waited time.Duration, err error) diag.Diagnostic {
	id, status := m.SnapshotID.ValueString(), m.Status.ValueString()
	waited = waited.Round(time.Second)
	switch {
	case err == nil:
		return diag.NewErrorDiagnostic(summary, fmt.Sprintf(
			"Atlas failed %s after %s: its status is %q. Atlas gives no reason.\n\n"+
				"The failed snapshot stays in the state; the next apply replaces it. If that fails too, look at the cluster in Atlas.",
			on.snapshot(id), waited, status))
	case isInterruption(err):
		return diag.NewWarningDiagnostic("Snapshot not completed yet", fmt.Sprintf(
			"The run was interrupted while Atlas was busy with %s; after %s its status was %q.%s\n\n"+
				"The next plan reads it: if Atlas has completed it by then there is nothing to do, otherwise apply resumes the wait. "+
				"No second snapshot is taken.", on.snapshot(id), waited, status, forResource.sinceLastSeen(err)))
	case errors.Is(err, wait.ErrTimeout):
		return diag.NewErrorDiagnostic(summary, fmt.Sprintf(
			"Atlas had not completed %s after %s; its status was %q.%s\n\n"+
				"To wait on for this snapshot, run terraform untaint on this resource and apply again, with a longer timeout if need be. "+
				"Without untaint, a snapshot whose creation timed out is replaced.", on.snapshot(id), waited, status, forResource.sinceLastSeen(err)))
	case errors.Is(err, errGone):
		return diagnostics.FromError(failure(summary, on.snapshot(id)), err, fmt.Sprintf(
			"Somebody deleted the snapshot, or its cluster, while Atlas was still busy with it (%s, last status %q). Apply again to take a new one.", waited, status))
	}
	return diagnostics.FromError(failure(summary, on.snapshot(id)), err, fmt.Sprintf(
		"The snapshot exists, is in the state and had the status %q after %s. To wait on for it rather than replace it, "+
			"mend the cause, run terraform untaint on this resource if it is tainted, and apply again.", status, waited))
}

// notShownYet is what to say of a snapshot of the state that Atlas does not show, and cannot have deleted yet.
func notShownYet(on *cluster, id string) diag.Diagnostic {
	requested := fmt.Sprintf("less than %s ago", readLag)
	if !on.client.HasServerTime() {
		requested = "lately, as far as can be told from answers without a Date header,"
	}
	return diag.NewWarningDiagnostic("Snapshot not shown by Atlas yet", fmt.Sprintf(
		"Atlas does not show %s. It was requested %s and was not completed when it was last seen. Atlas deletes no snapshot "+
			"that it is busy with, so it may show this one late. The state keeps it, and the next apply resumes the wait.", on.snapshot(id), requested))
}

// uncompleted is what the action says where it leaves a snapshot that Atlas has not completed. It is an error always: what
// was to come after the snapshot must not come without one.
func uncompleted(on *cluster, got acquired) diag.Diagnostic {
	op := failure(forAction.summary, on.snapshot(got.snapshot.ID))
	status, waited := got.snapshot.Status, got.waited.Round(time.Second)
	switch {
	case got.err == nil:
		return diag.NewErrorDiagnostic(op.Summary, fmt.Sprintf(
			"Atlas failed %s after %s: its status is %q. Atlas gives no reason.\n\nApply again to take another. If that fails too, look at the cluster in Atlas.",
			op.About, waited, status))
	case isInterruption(got.err):
		return diag.NewErrorDiagnostic(op.Summary, fmt.Sprintf(
			"The run was interrupted while Atlas was busy with %s; after %s its status was %q.%s", op.About, waited, status, forAction.sinceLastSeen(got.err)))
	case errors.Is(got.err, wait.ErrTimeout):
		return diag.NewErrorDiagnostic(op.Summary, fmt.Sprintf(
			"Atlas had not completed %s after %s; its status was %q.%s\n\nAllow more time with timeout, and apply again to take another.",
			op.About, waited, status, forAction.sinceLastSeen(got.err)))
	case errors.Is(got.err, errGone):
		return diagnostics.FromError(op, got.err, fmt.Sprintf(
			"Somebody deleted the snapshot, or its cluster, while Atlas was still busy with it (%s, last status %q). Apply again to take another.", waited, status))
	}
	return diagnostics.FromError(op, got.err, fmt.Sprintf("The snapshot exists and had the status %q after %s.%s", status, waited, forAction.sinceLastSeen(nil)))
}
