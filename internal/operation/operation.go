// Package operation carries out what Atlas is asked for once and then takes its time over, such as a snapshot: it sends the
// request once, recovers an answer that was lost, waits, resumes a wait, reports progress, and lets one operation at a time have
// its turn. It knows nothing of what the operation is about: a noun describes that with an [Operation].
package operation

import (
	"context"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

// Client is what an operation needs of the API client besides its requests.
type Client interface {
	Clock() wait.Clock
	// ServerNow is the present instant by the clock of Atlas, or of this machine as long as HasServerTime is false.
	ServerNow() time.Time
	HasServerTime() bool
	// Stretch is how many times longer than planned the pauses between polls are to be, so that the rate limit lasts.
	Stretch() float64
}

// State is how far Atlas is with something.
type State int

const (
	// StatePending is for everything that Atlas still works on, and for states that this version does not know.
	StatePending State = iota
	// StateDone is for what Atlas has completed.
	StateDone
	// StateFailed is for what Atlas has given up.
	StateFailed
)

// Info is what the engine knows of a value.
type Info struct {
	ID string
	// Status is Atlas's word for the state.
	Status string
	State  State
	// RequestedAt is when Atlas was asked for it, by Atlas's clock.
	RequestedAt time.Time
	// Blocks reports that Atlas accepts no request for another one before it is done with this one.
	Blocks bool
	// Unrelated reports that no request of this kind can have led to it.
	Unrelated bool
}

// Match is how well a value fits a request, from not at all to exactly.
type Match int

const (
	// MatchNone is for a value that Atlas cannot have made of the request.
	MatchNone Match = iota
	// MatchUnclear is for a value that may as well be somebody else's.
	MatchUnclear
	// MatchRewritten is for a value that Atlas may have made of the request by rewriting what was asked for.
	MatchRewritten
	// MatchExact is for a value with just what was asked for.
	MatchExact
)

// Operation is something that Atlas is asked for once and then takes its time over. T is what Atlas shows of it.
type Operation[T any] struct {
	Client Client
	// Key is what one operation at a time is carried out on in this process, such as a cluster.
	Key string
	// Names are for progress messages and the log.
	Names Names
	// Progress, where set, receives progress messages for a person.
	Progress func(message string)

	// Start sends the request.
	Start func(context.Context) (T, error)
	// IsRefusal reports whether an error of Start says that Atlas is busy with another operation; nil where Atlas never refuses for that.
	IsRefusal func(error) bool
	// List returns everything that a request may have led to and that stands in the way of one. Recent, where set, is a cheaper
	// list that has at least what Atlas has accepted lately.
	List, Recent func(context.Context) ([]T, error)
	// Match compares a value of a list with the request. It may read the value anew, and returns it as it knows it then.
	Match func(ctx context.Context, value T, listed []T) (T, Match)
	// Restart reports whether Start may be called again once the list shows that a request with a lost answer led to nothing. BusyFor
	// is how long at least Atlas is busy with what a request leads to, and refuses another: a request that is repeated within that
	// time cannot be carried out twice.
	Restart bool
	BusyFor time.Duration

	// Get reads one value. Confirm is a second opinion on one that Atlas has called missing (missing is that answer), or, where missing
	// is nil, on one that Atlas shows: its error is [ErrGone] where it is gone, any other error says nothing.
	Get     func(ctx context.Context, id string) (T, error)
	Confirm func(ctx context.Context, id string, missing error) (T, error)
	// Describe returns what the engine has to know of a value.
	Describe func(T) Info
	// Schedule is when to look next. Milestone, where set, reports that the end is near, see [wait.Progress].
	Schedule  wait.Schedule
	Milestone func(T) bool
}

// Names are the words for an operation.
type Names struct {
	// Noun is what the operation is about, such as "snapshot", and Blocking what stands in its way, such as "on-demand snapshot".
	Noun, Blocking string
	// On is what it is carried out on, such as `cluster "Cluster0"`.
	On string
	// Queued is the status of what Atlas has not begun with.
	Queued string
	// DisplayStatus returns a status for a person.
	DisplayStatus func(status string) string
	// LogFields are fields of every line in the log.
	LogFields map[string]any
}

// Run waits for the turn of the operation, sends the request and waits until Atlas is done. It calls started as soon as Atlas has
// accepted the request, before the wait: whatever happens afterwards, the value exists.
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

// Resume waits for something that an earlier run has asked for at since, by Atlas's clock.
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

// age is the time since requestedAt by Atlas's clock. It is never 0.
func age(client Client, requestedAt time.Time) time.Duration {
	return max(client.ServerNow().Sub(requestedAt), time.Second)
}
