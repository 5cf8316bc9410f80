package operation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

// Outcome is how an operation ended.
type Outcome int

const (
	// NotStarted: Atlas was not asked, or has refused; Err says why.
	NotStarted Outcome = iota
	// Busy: Atlas was busy with another operation until the time was up. It was not asked, or has refused.
	Busy
	// Unknown: Atlas was asked, the answer was lost, and it is not known whether anything came of it; Err is a [LostError].
	Unknown
	// Completed: Atlas has completed it.
	Completed
	// Failed: Atlas has given it up.
	Failed
	// Interrupted: the run was interrupted during the wait.
	Interrupted
	// TimedOut: the time was up during the wait.
	TimedOut
	// Gone: Atlas no longer has it; Err is [ErrGone].
	Gone
	// WaitFailed: Atlas has accepted it, and Err has ended the wait.
	WaitFailed
)

// Report is what is to be told of how an operation ended.
type Report struct {
	Outcome Outcome
	// ID and Status are of the value as last seen, "" where none was seen.
	ID, Status string
	// Waited is how long the operation took so far, the wait for its turn excluded.
	Waited time.Duration
	// Err is the error that ended the operation; nil where Atlas has completed or failed it.
	Err error
}

// Accepted reports whether Atlas is known to have accepted the request.
func (r *Report) Accepted() bool { return r.Outcome >= Completed }

// Hopeless reports whether Atlas will never complete it: it has failed or is gone.
func (r *Report) HasFailed() bool { return r.Outcome == Failed || r.Outcome == Gone }

// Result is how an operation ended and what it has led to.
type Result[T any] struct {
	Report
	// Value is the value as last seen; zero where ID is "".
	Value T
	// Existing is what the list had before the request, at ListedAt by Atlas's clock.
	Existing []T
	ListedAt time.Time
	// Candidates are values that the request with the lost answer may have led to, where the outcome is Unknown.
	Candidates []T
	// Twice is set where Atlas may have carried out more than one request.
	Duplicates *Duplicates[T]
}

// Twice is what was found of a request that Atlas may have carried out besides the one whose value is known.
type Duplicates[T any] struct {
	// Lost is the answer that was lost.
	Lost error
	// Candidates are values that it may have led to.
	Candidates []T
	// Unread is why it cannot be said that there are no others.
	SearchErr error
}

// ErrGone is for a value that Atlas no longer has. A single 404 is no proof: see [Operation.Confirm].
var ErrGone = errors.New("no longer in Atlas")

// LostError is for a request of which it is not known whether Atlas has carried it out.
type LostError struct {
	// Lost is the answer that did not come, and Then what ended the search for what the request led to; nil where nothing did.
	Lost, Then error
	// Listed reports that candidates were found.
	Listed bool
	noun   string
}

func (e *LostError) Error() string {
	text := fmt.Sprintf("it is not known whether Atlas took the %s: %v", e.noun, e.Lost)
	if e.Then != nil {
		text += fmt.Sprintf("; then: %v", e.Then)
	}
	return text
}

// IsInterruption reports whether an operation was interrupted, and did not run out of time.
func IsInterruption(err error) bool {
	return errors.Is(err, context.Canceled) && !errors.Is(err, wait.ErrTimeout)
}

// notStarted is result where no value is known.
func (o *Operation[T]) notStarted(result Result[T], busy bool, err error) Result[T] {
	var lost *lostRequest[T]
	switch {
	case errors.As(err, &lost):
		result.Outcome, result.Candidates = Unknown, lost.candidates
		err = &LostError{Lost: lost.lost, Then: lost.then, Listed: len(lost.candidates) > 0, noun: o.Names.Noun}
	case busy && errors.Is(err, wait.ErrTimeout):
		result.Outcome = Busy
	default:
		result.Outcome = NotStarted
	}
	result.Err = err
	return result
}

// ended is result after a wait. seen says whether the value is known.
func (o *Operation[T]) ended(result Result[T], value T, seen bool, err error) Result[T] {
	var info Info
	if seen {
		info = o.Describe(value)
		result.Value, result.ID, result.Status = value, info.ID, info.Status
	}
	switch result.Err = err; {
	case err == nil && info.State == StateDone:
		result.Outcome = Completed
	case err == nil:
		result.Outcome = Failed
	case errors.Is(err, ErrGone):
		result.Outcome = Gone
	case IsInterruption(err):
		result.Outcome = Interrupted
	case errors.Is(err, wait.ErrTimeout):
		result.Outcome = TimedOut
	default:
		result.Outcome = WaitFailed
	}
	return result
}
