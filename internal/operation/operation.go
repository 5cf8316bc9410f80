// Package operation runs operations that Atlas takes long for, such as a snapshot: it sends the request once, recovers a lost
// answer, waits, resumes a wait, reports progress, and runs one operation per key at a time. It knows nothing of what is created: a
// noun describes that with an [Operation].
package operation

import (
	"context"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

// Client is what an operation needs of the API client besides its requests.
type Client interface {
	Clock() wait.Clock
	// ServerNow returns the time by Atlas's clock, or by this machine's as long as HasServerTime is false.
	ServerNow() time.Time
	HasServerTime() bool
	// BackoffMultiplier returns the factor by which pauses between polls grow, so that the rate limit lasts.
	BackoffMultiplier() float64
}

// State is the progress of a value.
type State int

const (
	// StatePending is for values in progress, and for states that this version does not know.
	StatePending State = iota
	// StateDone is for values that Atlas has completed.
	StateDone
	// StateFailed is for values that Atlas has failed.
	StateFailed
)

// Info is what the engine knows of a value.
type Info struct {
	ID string
	// Status is Atlas's name for the state.
	Status string
	State  State
	// RequestedAt is when the value was requested, by Atlas's clock.
	RequestedAt time.Time
	// Blocks reports whether Atlas refuses another request until this value is done.
	Blocks bool
	// Unrelated reports whether no request of this kind can have led to the value.
	Unrelated bool
}

// Match is how well a value fits a request, from not at all to exactly.
type Match int

const (
	// MatchNone is for a value that cannot be the request's.
	MatchNone Match = iota
	// MatchUnclear is for a value that may just as well be somebody else's.
	MatchUnclear
	// MatchRewritten is for a value that fits if Atlas rewrote what was requested.
	MatchRewritten
	// MatchExact is for a value exactly as requested.
	MatchExact
)

// Operation describes something that is requested once and that Atlas then takes long for. T is the value that Atlas shows of it.
type Operation[T any] struct {
	Client Client
	// Key is what one operation at a time runs on in this process, such as a cluster.
	Key string
	// Names are the words for progress messages and the log.
	Names Names
	// Progress, if set, receives progress messages for a person.
	Progress func(message string)

	// Start sends the request.
	Start func(context.Context) (T, error)
	// IsRefusal reports whether an error of Start says that Atlas is busy with another operation; nil where Atlas never refuses for
	// that.
	IsRefusal func(error) bool
	// List returns everything that a request may have led to or that may block one. Recent, if set, is a cheaper list that has at
	// least what was requested recently.
	List, Recent func(context.Context) ([]T, error)
	// Match compares a value of a list with the request. It may read the value again, and returns the newer one.
	Match func(ctx context.Context, value T, listed []T) (T, Match)
	// Restart reports whether Start may be called again once the list shows that a request with a lost answer led to nothing.
	// BusyFor is the least time that Atlas is busy with a value and refuses other requests: a request that is repeated within it
	// cannot be carried out twice.
	Restart bool
	BusyFor time.Duration

	// Get reads one value. Confirm is a second opinion on one that Atlas answered 404 for (missing is that answer), or, if missing
	// is nil, on one that Atlas shows: its error is [ErrGone] if the value is gone; any other error says nothing.
	Get     func(ctx context.Context, id string) (T, error)
	Confirm func(ctx context.Context, id string, missing error) (T, error)
	// Describe returns what the engine needs to know of a value.
	Describe func(T) Info
	// Schedule is when to poll next. Milestone, if set, reports whether the end is near, see [wait.Progress].
	Schedule  wait.Schedule
	Milestone func(T) bool
}

// Names are the words for an operation.
type Names struct {
	// Noun is what is created, such as "snapshot", and Blocking what may block it, such as "on-demand snapshot".
	Noun, Blocking string
	// On is what the operation runs on, such as `cluster "Cluster0"`.
	On string
	// Queued is the status of a value that Atlas has not started.
	Queued string
	// DisplayStatus returns a status as it is shown to a person.
	DisplayStatus func(status string) string
	// LogFields are added to every line of the log.
	LogFields map[string]any
}

// Run waits for the lock, sends the request and waits until Atlas is done. It calls started as soon as Atlas has accepted the
// request, before the wait, so that the caller can save the ID.
func (o *Operation[T]) Run(ctx context.Context, started func(T)) Result[T] {
	unlock, err := lock(ctx, o.Key)
	if err != nil {
		return o.notStarted(Result[T]{}, true, err)
	}
	defer unlock()
	began := o.now()
	progress := o.newProgress()
	request := o.request(ctx, progress)
	result := Result[T]{Existing: request.existing, ListedAt: request.listedAt}
	if request.err != nil {
		result.Waited = o.now().Sub(began)
		return o.notStarted(result, request.busy, request.err)
	}
	started(request.value)
	id := o.Describe(request.value).ID
	progress.report(ctx, o.Describe(request.value), 0)
	value, seen, err := o.waitForCompletion(ctx, id, waitOptions{newFor: ReadLag, progress: progress})
	if !seen {
		value = request.value
	}
	result = o.ended(result, value, true, err)
	result.Waited = o.now().Sub(began)
	if request.attempts.mayHaveRunTwice(request.answered) {
		result.Duplicates = o.findDuplicates(ctx, request.attempts, id, err)
	}
	return result
}

// Resume waits for a value that an earlier run requested at since, by Atlas's clock.
func (o *Operation[T]) Resume(ctx context.Context, id string, since time.Time) Result[T] {
	began := o.now()
	value, seen, err := o.waitForCompletion(ctx, id, waitOptions{
		elapsed: age(o.Client, since), requestedAt: since, newFor: ReadLag, progress: o.newProgress(),
	})
	result := o.ended(Result[T]{}, value, seen, err)
	result.Waited = o.now().Sub(began)
	return result
}

func (o *Operation[T]) now() time.Time { return o.Client.Clock().Now() }

// age returns the time since requestedAt by Atlas's clock, at least a second.
func age(client Client, requestedAt time.Time) time.Duration {
	return max(client.ServerNow().Sub(requestedAt), time.Second)
}
