package snapshot

import (
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/operation"
)

// words are what is said of a snapshot that was not completed, whoever wanted it.
func (c *cluster) words(summary string, timeout time.Duration, timeoutArgument string, r result) diagnostics.Words {
	w := diagnostics.Words{
		Failure: failure(summary, c.String()), Noun: "snapshot", Blocking: "on-demand snapshot", Name: c.snapshot,
		Timeout: timeout, TimeoutArgument: timeoutArgument,
	}
	if len(r.Candidates) > 0 {
		w.Candidates = c.inventory(r.Candidates)
	}
	return w
}

const failedAgain = "If that fails too, look at the cluster in Atlas."

// notCreated is the diagnostic of the resource where the snapshot was not completed; summary is that of a create or an update.
func (c *cluster) notCreated(summary string, timeout time.Duration, r result) diag.Diagnostic {
	w := c.words(summary, timeout, "timeouts.create", r)
	w.IfTaken = fmt.Sprintf("import it (terraform import <address> %s)", framework.ImportID(c.projectID, c.name, "<snapshot id>"))
	w.Continues, w.NotSeen = "Atlas goes on with it, and the state has it.", "What Atlas has done with it since is not known; the state has it."
	w.InState, w.InterruptedSummary = true, "Snapshot not completed yet"
	w.Remedies = map[operation.Outcome]string{
		operation.Failed: "The failed snapshot stays in the state; the next apply replaces it. " + failedAgain,
		operation.Interrupted: "The next plan reads it: if Atlas has completed it by then there is nothing to do, otherwise apply resumes the wait. " +
			"No second snapshot is taken.",
		operation.TimedOut: "To wait on for this snapshot, run terraform untaint on this resource and apply again, with a longer timeout if need be. " +
			"Without untaint, a snapshot whose creation timed out is replaced.",
		operation.Gone: "Apply again to take a new one.",
		operation.WaitFailed: "To wait on for it rather than replace it, mend the cause, run terraform untaint on this resource if it is " +
			"tainted, and apply again.",
	}
	return diagnostics.FromReport(w, &r.Report)
}

// notRotated is the diagnostic of a rotation whose new snapshot was not completed; old is the one that the state keeps.
func (c *cluster) notRotated(old string, timeout time.Duration, r result) diag.Diagnostic {
	w := c.words(unableToUpdate, timeout, "timeouts.update", r)
	w.IfTaken = fmt.Sprintf("delete it in Atlas, or add a resource for it and import it (terraform import <address> %s), then apply again",
		framework.ImportID(c.projectID, c.name, "<snapshot id>"))
	w.Continues, w.NotSeen = "Atlas goes on with it.", "What Atlas has done with it since is not known."
	w.Keeps = fmt.Sprintf("The state keeps snapshot %s.", old)
	w.InterruptedSummary = "Snapshot not completed yet"
	w.Remedies = map[operation.Outcome]string{
		operation.Failed: "Apply again to take another. " + failedAgain,
		operation.Interrupted: "The next apply resumes the wait, then deletes the old snapshot unless skip_destroy is set. " +
			"No third snapshot is taken.",
		operation.TimedOut:   "Apply again to resume the wait, with a longer timeouts.update if need be. No third snapshot is taken.",
		operation.Gone:       "Apply again to take another.",
		operation.WaitFailed: "Mend the cause and apply again: the wait is resumed.",
	}
	return diagnostics.FromReport(w, &r.Report)
}

// notTaken is the diagnostic of the action. It is an error always: what was to come after the snapshot must not come without one.
func (c *cluster) notTaken(timeout time.Duration, r result) diag.Diagnostic {
	w := c.words("Unable to take snapshot", timeout, "timeout", r)
	w.IfTaken = "it is the one, and Atlas deletes it when its retention ends"
	w.Continues = "Atlas goes on with it, and deletes it when its retention ends."
	w.NotSeen = "What Atlas has done with it since is not known; it is kept until its retention ends."
	w.Remedies = map[operation.Outcome]string{
		operation.Failed:     "Apply again to take another. " + failedAgain,
		operation.TimedOut:   "Allow more time with timeout, and apply again to take another.",
		operation.Gone:       "Apply again to take another.",
		operation.WaitFailed: w.Continues,
	}
	return diagnostics.FromReport(w, &r.Report)
}

// notShownYet is what to say of a snapshot of the state that Atlas does not show, and cannot have deleted yet.
func notShownYet(on *cluster, id string) diag.Diagnostic {
	requested := fmt.Sprintf("less than %s ago", operation.ReadLag)
	if !on.client.HasServerTime() {
		requested = "lately, as far as can be told from answers without a Date header,"
	}
	return diag.NewWarningDiagnostic("Snapshot not shown by Atlas yet", fmt.Sprintf(
		"Atlas does not show %s. It was requested %s and was not completed when it was last seen. Atlas deletes no snapshot "+
			"that it is busy with, so it may show this one late. The state keeps it, and the next apply resumes the wait.", on.snapshot(id), requested))
}

// displayStatus returns a word of the API that runs several together as it is shown to a person.
func displayStatus(word string) string {
	switch word {
	case atlas.StatusInProgress:
		return "in progress"
	case atlas.SnapshotTypeOnDemand:
		return "on demand"
	}
	return word
}

// completion says what came of a snapshot, such as "completed, 1.6 GB, expires 2026-08-17T03:31:02Z".
func completion(s *atlas.Snapshot) string {
	text := displayStatus(s.Status)
	if s.StorageSizeBytes != nil && *s.StorageSizeBytes > 0 {
		text += ", " + displaySize(*s.StorageSizeBytes)
	}
	if s.ExpiresAt != nil {
		text += ", expires " + s.ExpiresAt.UTC().Format(time.RFC3339)
	}
	return text
}

// displaySize returns a number of bytes for a person, in steps of a thousand.
func displaySize(bytes int64) string {
	amount, unit := float64(bytes), "bytes"
	for _, larger := range []string{"kB", "MB", "GB", "TB"} {
		if amount < 1000 {
			break
		}
		amount, unit = amount/1000, larger
	}
	if unit == "bytes" {
		return fmt.Sprintf("%d %s", bytes, unit)
	}
	return fmt.Sprintf("%.1f %s", amount, unit)
}
