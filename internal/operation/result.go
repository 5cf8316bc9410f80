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
	// NotStarted is for a request that was not sent or was refused; Err says why.
	NotStarted Outcome = iota
	// Busy is for a request that was not sent or was refused because Atlas was busy with another operation until the timeout.
	Busy
	// Unknown is for a request whose answer was lost, so that it is not known whether Atlas carried it out; Err is a [LostError].
	Unknown
	// Completed is for what Atlas has completed.
	Completed
	// Failed is for what Atlas has failed.
	Failed
	// Interrupted is for a run that was interrupted during the wait.
	Interrupted
	// TimedOut is for a wait that the timeout ended.
	TimedOut
	// Gone is for what Atlas no longer has; Err is [ErrGone].
	Gone
	// WaitFailed is for an accepted request where Err ended the wait.
	WaitFailed
)

// Report says how an operation ended.
type Report struct {
	Outcome Outcome
	// ID and Status are of the value as last seen, "" if none was seen.
	ID, Status string
	// Waited is how long the operation took, without the wait for the lock.
	Waited time.Duration
	// Err is the error that ended the operation; nil if Atlas completed or failed it.
	Err error
}

// Accepted reports whether Atlas is known to have accepted the request.
func (r *Report) Accepted() bool { return r.Outcome >= Completed }

// HasFailed reports whether Atlas will never complete it: it failed or is gone.
func (r *Report) HasFailed() bool { return r.Outcome == Failed || r.Outcome == Gone }

// Result is a [Report] with the values.
type Result[T any] struct {
	Report
	// Value is the value as last seen; zero if ID is "".
	Value T
	// Existing is the list before the request, at ListedAt by Atlas's clock.
	Existing []T
	ListedAt time.Time
	// Candidates are values that the request with the lost answer may have led to, where the outcome is Unknown.
	Candidates []T
	// Duplicates is set if Atlas may have carried out more than one request.
	Duplicates *Duplicates[T]
}

// Duplicates is what was found of requests that Atlas may have carried out besides the one whose value is known.
type Duplicates[T any] struct {
	// Lost is the error of the request without an answer.
	Lost error
	// Candidates are values that it may have led to.
	Candidates []T
	// SearchErr is why others cannot be ruled out.
	SearchErr error
}

// ErrGone is for a value that Atlas no longer has. A single 404 is no proof: see [Operation.Confirm].
var ErrGone = errors.New("no longer in Atlas")

// LostError is the error of a request that Atlas may or may not have carried out.
type LostError struct {
	// Lost is the error of the request, and Then what ended the search for its value, if anything did.
	Lost, Then error
	noun       string
}

func (e *LostError) Error() string {
	text := fmt.Sprintf("it is not known whether Atlas took the %s: %v", e.noun, e.Lost)
	if e.Then != nil {
		text += fmt.Sprintf("; then: %v", e.Then)
	}
	return text
}

// IsInterruption reports whether an operation was interrupted rather than timed out.
func IsInterruption(err error) bool {
	return errors.Is(err, context.Canceled) && !errors.Is(err, wait.ErrTimeout)
}

// notStarted returns the result of an operation without a value.
func (o *Operation[T]) notStarted(result Result[T], busy bool, err error) Result[T] {
	var lost *lostRequest[T]
	switch {
	case errors.As(err, &lost):
		result.Outcome, result.Candidates = Unknown, lost.candidates
		err = &LostError{Lost: lost.lost, Then: lost.then, noun: o.Names.Noun}
	case busy && errors.Is(err, wait.ErrTimeout):
		result.Outcome = Busy
	default:
		result.Outcome = NotStarted
	}
	result.Err = err
	return result
}

// ended returns the result after a wait. seen reports whether value is known.
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
