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

// Messages are the texts of a noun for an [operation.Operation] that was not completed.
type Messages struct {
	// Failure is about what the request is for, such as `cluster "Cluster0" of project 5f…`.
	Failure
	// Blocking is what may block the operation, such as "on-demand snapshot".
	Blocking string
	// Name returns a value in words, such as `snapshot 6b… of cluster "Cluster0" of project 5f…`.
	Name func(id string) string
	// Timeout is the time limit, and TimeoutArgument the argument that sets it.
	Timeout         time.Duration
	TimeoutArgument string
	// Continues and NotSeen say what happens to a value after the wait: if Atlas was seen to be busy with it, and if the last polls
	// failed.
	Continues, NotSeen string
	// InState reports whether a value that Atlas accepted is in the state.
	InState bool
	// Keeps is a sentence about what the state keeps; it may be empty.
	Keeps string
	// IfFound is what to do with a value that is found after the answer to its request was lost. It completes "If nobody else …,".
	// Candidates are the values that may be it, line by line.
	IfFound, Candidates string
	// Remedies are what to do after each outcome. After Interrupted the diagnostic is a warning if InterruptedSummary is set.
	Remedies           map[operation.Outcome]string
	InterruptedSummary string
}

// FromReport returns the diagnostic of an operation that was not completed.
func FromReport(m Messages, r *operation.Report) diag.Diagnostic {
	summary, on := m.Summary, m.About
	about := m.Failure
	about.About = m.Name(r.ID)
	status, waited := cmp.Or(r.Status, "unknown"), r.Waited.Round(time.Second)
	withRemedy := func(text string) string {
		if remedy := m.Remedies[r.Outcome]; remedy != "" {
			return text + "\n\n" + remedy
		}
		return text
	}
	switch r.Outcome {
	case operation.Unknown:
		return diag.NewErrorDiagnostic(summary, m.unknown(r))
	case operation.Busy:
		return diag.NewErrorDiagnostic(summary, fmt.Sprintf(
			"Atlas was still busy with another %s of %s after %s, and takes one at a time.%s %s\n\n"+
				"Apply again later, or allow more time with %s.", m.Blocking, on, m.Timeout, failedPolls(r.Err), m.noneCreated(), m.TimeoutArgument))
	case operation.NotStarted:
		return m.notStarted(r.Err)
	case operation.Failed:
		return diag.NewErrorDiagnostic(summary, withRemedy(fmt.Sprintf(
			"Atlas failed %s after %s: its status is %q. Atlas gives no reason.%s", about.About, waited, status, afterSentence(m.Keeps))))
	case operation.Interrupted:
		detail := withRemedy(fmt.Sprintf("The run was interrupted while Atlas was busy with %s; after %s its status was %q.%s%s",
			about.About, waited, status, m.sinceLastSeen(r.Err), afterSentence(m.Keeps)))
		if m.InterruptedSummary != "" {
			return diag.NewWarningDiagnostic(m.InterruptedSummary, detail)
		}
		return diag.NewErrorDiagnostic(summary, detail)
	case operation.TimedOut:
		return diag.NewErrorDiagnostic(summary, withRemedy(fmt.Sprintf("Atlas had not completed %s after %s; its status was %q.%s%s",
			about.About, waited, status, m.sinceLastSeen(r.Err), afterSentence(m.Keeps))))
	case operation.Gone:
		return FromError(about, r.Err, fmt.Sprintf("Somebody deleted the %s, or its cluster, while Atlas was still busy with it (%s, last status %q).%s%s",
			m.Noun.Name, waited, status, afterSentence(m.Keeps), afterSentence(m.Remedies[r.Outcome])))
	case operation.WaitFailed, operation.Completed:
	}
	inState := ""
	if m.InState {
		inState = ", is in the state"
	}
	return FromError(about, r.Err, fmt.Sprintf("The %s exists%s and had the status %q after %s.%s%s",
		m.Noun.Name, inState, status, waited, afterSentence(m.Keeps), afterSentence(m.Remedies[r.Outcome])))
}

// afterSentence returns text with a space before it, unless it is empty.
func afterSentence(text string) string {
	if text == "" {
		return ""
	}
	return " " + text
}

// unknown says what a request with a lost answer may have led to.
func (m Messages) unknown(r *operation.Report) string {
	text := fmt.Sprintf("Atlas may or may not have %s a %s of %s: %s.\n\n", m.Noun.Participle, m.Noun.Name, m.About, r.Err)
	if m.Candidates == "" {
		return text + fmt.Sprintf("Look at the cluster's %ss in Atlas. If there is one that nobody else requested, %s; if there is none, apply again.", m.Noun.Name, m.IfFound)
	}
	return text + fmt.Sprintf("These have appeared in the list since, and may be that %s or somebody else's:\n\n%s\n"+
		"If nobody else requested one of them, %s; otherwise apply again.", m.Noun.Name, m.Candidates, m.IfFound)
}

// noneCreated says that nothing came of the request, such as "No snapshot was taken."
func (m Messages) noneCreated() string {
	return fmt.Sprintf("No %s was %s.", m.Noun.Name, m.Noun.Participle)
}

// notStarted returns the diagnostic of a request that was not sent or was refused.
func (m Messages) notStarted(err error) diag.Diagnostic {
	summary, on := m.Summary, m.About
	switch {
	case errors.Is(err, wait.ErrTimeout):
		return diag.NewErrorDiagnostic(summary, fmt.Sprintf("Timed out after %s (%s) before requesting a %s of %s. %s\n\nAllow more time.",
			m.Timeout, m.TimeoutArgument, m.Noun.Name, on, m.noneCreated()))
	case operation.IsInterruption(err):
		return diag.NewErrorDiagnostic(summary, fmt.Sprintf(
			"The run was interrupted before Atlas was asked for a %s of %s. %s\n\nApply again.", m.Noun.Name, on, m.noneCreated()))
	}
	return FromError(m.Failure, err, m.noneCreated())
}

// sinceLastSeen says what is known of a value since it was last seen: that Atlas continues with it, unless the last polls failed.
func (m Messages) sinceLastSeen(err error) string {
	if failed := failedPolls(err); failed != "" {
		return failed + afterSentence(m.NotSeen)
	}
	return afterSentence(m.Continues)
}

// failedPolls says how many polls failed, and how, if the wait ended with failures. It begins with a space.
func failedPolls(err error) string {
	var incomplete *wait.IncompleteError
	if !errors.As(err, &incomplete) || incomplete.ConsecutiveFailures == 0 {
		return ""
	}
	return fmt.Sprintf(" The last %d of %d requests for its status failed (%d in all), the last one with: %s.",
		incomplete.ConsecutiveFailures, incomplete.Polls, incomplete.Failed, strings.TrimRight(atlas.LogSafe(incomplete.LastFailure), ". "))
}
