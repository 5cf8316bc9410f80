package diagnostics

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/operation"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

// Words are what a noun says of an [operation.Operation] that was not completed.
type Messages struct {
	// Failure is about what the request is for, such as `cluster "Cluster0" of project 5f…`.
	Failure
	// Blocking is what may stand in its way, such as "on-demand snapshot".
	Blocking string
	// Name returns the name of one value, such as `snapshot 6b… of cluster "Cluster0" of project 5f…`.
	Name func(id string) string
	// Timeout is the time limit and TimeoutArgument the argument that sets it.
	Timeout         time.Duration
	TimeoutArgument string
	// Continues and NotSeen say what becomes of a value after the wait for it: where Atlas was seen to be busy with it, and where the
	// last looks at it failed.
	Continues, NotSeen string
	// InState reports that a value that Atlas has accepted is in the state.
	InState bool
	// Keeps is what the state keeps; it may be empty.
	Keeps string
	// IfTaken is what to do with a value that turns up after its request was lost. It completes "If nobody else …,". Candidates are the
	// values that may be the one, line by line.
	IfFound, Candidates string
	// Remedies are what to do after an outcome. After Interrupted, the diagnostic is a warning where InterruptedSummary is set.
	Remedies           map[operation.Outcome]string
	InterruptedSummary string
}

// FromReport returns the diagnostic of an operation that was not completed.
func FromReport(w Messages, r *operation.Report) diag.Diagnostic {
	summary, on := w.Summary, w.About
	about := w.Failure
	about.About = w.Name(r.ID)
	status, waited := cmp.Or(r.Status, "unknown"), r.Waited.Round(time.Second)
	withRemedy := func(text string) string {
		if remedy := w.Remedies[r.Outcome]; remedy != "" {
			return text + "\n\n" + remedy
		}
		return text
	}
	switch r.Outcome {
	case operation.Unknown:
		return diag.NewErrorDiagnostic(summary, w.unknown(r))
	case operation.Busy:
		return diag.NewErrorDiagnostic(summary, fmt.Sprintf(
			"Atlas was still busy with another %s of %s after %s, and takes one at a time.%s %s\n\n"+
				"Apply again later, or allow more time with %s.", w.Blocking, on, w.Timeout, failedPolls(r.Err), w.noneCreated(), w.TimeoutArgument))
	case operation.NotStarted:
		return w.notStarted(r.Err)
	case operation.Failed:
		return diag.NewErrorDiagnostic(summary, withRemedy(fmt.Sprintf(
			"Atlas failed %s after %s: its status is %q. Atlas gives no reason.%s", about.About, waited, status, afterSentence(w.Keeps))))
	case operation.Interrupted:
		detail := withRemedy(fmt.Sprintf("The run was interrupted while Atlas was busy with %s; after %s its status was %q.%s%s",
			about.About, waited, status, w.sinceLastSeen(r.Err), afterSentence(w.Keeps)))
		if w.InterruptedSummary != "" {
			return diag.NewWarningDiagnostic(w.InterruptedSummary, detail)
		}
		return diag.NewErrorDiagnostic(summary, detail)
	case operation.TimedOut:
		return diag.NewErrorDiagnostic(summary, withRemedy(fmt.Sprintf("Atlas had not completed %s after %s; its status was %q.%s%s",
			about.About, waited, status, w.sinceLastSeen(r.Err), afterSentence(w.Keeps))))
	case operation.Gone:
		return FromError(about, r.Err, fmt.Sprintf("Somebody deleted the %s, or its cluster, while Atlas was still busy with it (%s, last status %q).%s%s",
			w.Noun.Name, waited, status, afterSentence(w.Keeps), afterSentence(w.Remedies[r.Outcome])))
	case operation.WaitFailed, operation.Completed:
	}
	inState := ""
	if w.InState {
		inState = ", is in the state"
	}
	return FromError(about, r.Err, fmt.Sprintf("The %s exists%s and had the status %q after %s.%s%s",
		w.Noun.Name, inState, status, waited, afterSentence(w.Keeps), afterSentence(w.Remedies[r.Outcome])))
}

// sentence returns text as what follows a sentence.
func afterSentence(text string) string {
	if text == "" {
		return ""
	}
	return " " + text
}

// unknown returns what may have become of a request with a lost answer.
func (w Messages) unknown(r *operation.Report) string {
	text := fmt.Sprintf("Atlas may or may not have %s a %s of %s: %s.\n\n", w.Noun.Participle, w.Noun.Name, w.About, r.Err)
	if w.Candidates == "" {
		return text + fmt.Sprintf("Look at the cluster's %ss in Atlas. If there is one that nobody else requested, %s; if there is none, apply again.", w.Noun.Name, w.IfFound)
	}
	return text + fmt.Sprintf("These have appeared in the list since, and may be that %s or somebody else's:\n\n%s\n"+
		"If nobody else requested one of them, %s; otherwise apply again.", w.Noun.Name, w.Candidates, w.IfFound)
}

// none says that nothing came of the request, such as "No snapshot was taken."
func (w Messages) noneCreated() string {
	return fmt.Sprintf("No %s was %s.", w.Noun.Name, w.Noun.Participle)
}

// notStarted returns why Atlas was not asked, or has refused.
func (w Messages) notStarted(err error) diag.Diagnostic {
	summary, on := w.Summary, w.About
	switch {
	case errors.Is(err, wait.ErrTimeout):
		return diag.NewErrorDiagnostic(summary, fmt.Sprintf("Timed out after %s (%s) before requesting a %s of %s. %s\n\nAllow more time.",
			w.Timeout, w.TimeoutArgument, w.Noun.Name, on, w.noneCreated()))
	case operation.IsInterruption(err):
		return diag.NewErrorDiagnostic(summary, fmt.Sprintf(
			"The run was interrupted before Atlas was asked for a %s of %s. %s\n\nApply again.", w.Noun.Name, on, w.noneCreated()))
	}
	return FromError(w.Failure, err, w.noneCreated())
}

// sinceLastSeen returns what is known of a value since it was last seen: that Atlas continues with it, unless the looks failed in
// the end.
func (w Messages) sinceLastSeen(err error) string {
	if failed := failedPolls(err); failed != "" {
		return failed + afterSentence(w.NotSeen)
	}
	return afterSentence(w.Continues)
}

// failedLooks returns how many looks have failed, and how, where the wait ended with such; otherwise nothing. It begins with
// a space, as what follows a sentence does.
func failedPolls(err error) string {
	var incomplete *wait.IncompleteError
	if !errors.As(err, &incomplete) || incomplete.ConsecutiveFailures == 0 {
		return ""
	}
	return fmt.Sprintf(" The last %d of %d requests for its status failed (%d in all), the last one with: %s.",
		incomplete.ConsecutiveFailures, incomplete.Polls, incomplete.Failed, strings.TrimRight(atlas.Brief(incomplete.LastFailure), ". "))
}
