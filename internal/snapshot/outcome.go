package snapshot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

func isInterruption(err error) bool {
	return errors.Is(err, context.Canceled) && !errors.Is(err, wait.ErrTimeout)
}

// notTaken is what to say when there is no snapshot, or none that is known.
func notTaken(on *cluster, timeout time.Duration, err error) diag.Diagnostic {
	const summary = "Unable to create snapshot"
	op := operation(summary, on.String())
	switch {
	case errors.Is(err, errLost):
		return diag.NewErrorDiagnostic(summary, fmt.Sprintf(
			"Atlas may or may not have taken a snapshot of %s: %s.\n\n"+
				"Look at the cluster's snapshots in Atlas. If there is one that nobody else took, import it "+
				"(terraform import <address> %s); if there is none, apply again.",
			on, err, importID(on.projectID, on.name, "<snapshot id>")))
	case errors.Is(err, wait.ErrTimeout):
		return diag.NewErrorDiagnostic(summary, fmt.Sprintf(
			"Atlas was still busy with another on-demand snapshot of %s after %s, and takes one at a time. No snapshot was taken.\n\n"+
				"Apply again later, or allow more time with timeouts.create.", on, timeout))
	case isInterruption(err):
		return diag.NewErrorDiagnostic(summary, fmt.Sprintf(
			"The run was interrupted before Atlas was asked for a snapshot of %s. No snapshot was taken.\n\nApply again.", on))
	}
	return diagnostics.FromError(op, err, "No snapshot was taken.")
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
			"The run was interrupted while Atlas was busy with %s; after %s its status was %q. Atlas goes on with it, and the state has it.\n\n"+
				"The next plan reads it: if Atlas has completed it by then there is nothing to do, otherwise apply resumes the wait. "+
				"No second snapshot is taken.", on.snapshot(id), waited, status))
	case errors.Is(err, wait.ErrTimeout):
		return diag.NewErrorDiagnostic(summary, fmt.Sprintf(
			"Atlas had not completed %s after %s; its status was %q. Atlas goes on with it, and the state has it.\n\n"+
				"To wait on for this snapshot, run terraform untaint on this resource and apply again, with a longer timeout if need be. "+
				"Without untaint, a snapshot whose creation timed out is replaced.", on.snapshot(id), waited, status))
	case atlas.IsNotFound(err):
		return diagnostics.FromError(operation(summary, on.snapshot(id)), err, fmt.Sprintf(
			"Somebody deleted the snapshot, or its cluster, while Atlas was still busy with it (%s, last status %q). Apply again to take a new one.", waited, status))
	}
	return diagnostics.FromError(operation(summary, on.snapshot(id)), err, fmt.Sprintf(
		"The snapshot exists, is in the state and had the status %q after %s. To wait on for it rather than replace it, "+
			"mend the cause, run terraform untaint on this resource if it is tainted, and apply again.", status, waited))
}
