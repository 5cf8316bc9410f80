package operation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

const (
	// confirmations is how many answers in a row have to agree before a wait gives up: now and then Atlas refuses valid credentials
	// or a proxy answers in its place, and a value must not be reported gone for one wrong answer.
	confirmations = 2
	// confirmInterval is how often a wait asks for a second opinion on a value that Atlas shows.
	confirmInterval = 5 * time.Minute
	// maxClockError is how far this machine's clock may be from Atlas's: a wrong time zone is up to 14 hours.
	maxClockError = 24 * time.Hour
)

// errNotShown is for a value that Atlas does not show although it cannot be gone.
var errNotShown = errors.New("not shown by Atlas yet")

// IsNew reports whether something was so new when it was read at asked that Atlas may not have shown it yet. requestedAt is by
// Atlas's clock, asked by this machine's; only an answer with a Date header tells how far these are apart.
func IsNew(client Client, requestedAt, asked time.Time) bool {
	newFor := ReadLag
	if !client.HasServerTime() {
		newFor += maxClockError
	}
	return age(client, requestedAt)-client.Clock().Now().Sub(asked) < newFor
}

// waitOptions are the differences between waits.
type waitOptions struct {
	// elapsed is the time since the request; 0 for one that was just sent.
	elapsed time.Duration
	// requestedAt is when the request was sent, by Atlas's clock; zero if elapsed was measured.
	requestedAt time.Time
	// newFor is how long after the request a value that Atlas does not show is not taken for gone.
	newFor   time.Duration
	progress *progress
}

// waitForCompletion waits until Atlas has completed or failed a value. It returns the value as last seen, if it was.
func (o *Operation[T]) waitForCompletion(ctx context.Context, id string, options waitOptions) (value T, seen bool, err error) {
	w := &waiter[T]{
		Operation: o, waitOptions: options, id: id, confirmAt: max(options.newFor, options.elapsed+confirmInterval), began: o.now().Add(-options.elapsed),
	}
	refused := 0
	failures := failures{progress: options.progress, id: id}
	poller := wait.Poller[T]{
		Clock:     o.Client.Clock(),
		Schedule:  o.Schedule,
		Fetch:     w.poll,
		IsDone:    func(value T) bool { return o.Describe(value).State != StatePending },
		Milestone: o.Milestone,
		IsTransient: func(err error) bool {
			switch {
			case errors.Is(err, ErrGone):
				return false
			case atlas.IsUnauthorized(err), atlas.IsForbidden(err), atlas.IsUnexplained(err):
				refused++
				return refused < confirmations
			}
			refused = 0
			return errors.Is(err, errNotShown) || atlas.IsTransient(err)
		},
		MinPause:          atlas.RetryAfter,
		BackoffMultiplier: o.Client.BackoffMultiplier,
		Observe: func(value T, err error, elapsed time.Duration) {
			if err != nil {
				failures.observe(ctx, err, elapsed)
				return
			}
			refused, seen = 0, true
			failures.reset()
			options.progress.report(ctx, o.Describe(value), elapsed)
		},
	}
	value, err = poller.Wait(ctx, options.elapsed)
	return value, seen, err
}

// waiter polls one value.
type waiter[T any] struct {
	*Operation[T]
	waitOptions
	id string
	// began is when the request was sent, by this machine's clock.
	began time.Time
	// confirmAt is the time since the request at which the next second opinion is due.
	confirmAt time.Duration
	// missing counts the 404s in a row, unlisted the second opinions in a row against a value that Atlas shows.
	missing, unlisted int
}

// poll reads the value. It asks for a second opinion if Atlas answers 404, or shows the value in progress for long.
func (w *waiter[T]) poll(ctx context.Context) (T, error) {
	// The answer is as old as the request: a machine may sleep in between.
	asked := w.now()
	elapsed := asked.Sub(w.began)
	value, err := w.Get(ctx, w.id)
	if atlas.IsNotFound(err) {
		return w.confirmMissing(ctx, err, w.isNew(asked))
	}
	w.missing = 0
	if err != nil || w.Describe(value).State != StatePending || elapsed < w.confirmAt {
		return value, err
	}
	w.confirmAt = elapsed + confirmInterval
	return value, w.confirmShown(ctx)
}

// isNew reports whether Atlas may not show the value yet. The wait may have begun before an answer told Atlas's clock.
func (w *waiter[T]) isNew(asked time.Time) bool {
	switch {
	case w.newFor == 0:
		return false
	case asked.Sub(w.began) < w.newFor:
		return true
	}
	return !w.requestedAt.IsZero() && IsNew(w.Client, w.requestedAt, asked)
}

// confirmMissing asks for a second opinion on a 404. A new value cannot be gone: Atlas is busy with it, or shows it late.
func (w *waiter[T]) confirmMissing(ctx context.Context, missing error, isNew bool) (value T, err error) {
	if w.missing++; w.missing < confirmations {
		return value, fmt.Errorf("%w: %w", errNotShown, missing)
	}
	w.missing = 0
	confirmed, err := w.Confirm(ctx, w.id, missing)
	if isNew && MayAppearLate(err) {
		return value, fmt.Errorf("%w: %w", errNotShown, missing)
	}
	return confirmed, err
}

// MayAppearLate reports whether err is no proof that a new, incomplete value is gone: Atlas deletes nothing that it is busy with,
// and its reads may lag behind the request. If the cluster is gone, so is everything of it.
func MayAppearLate(err error) bool {
	return errors.Is(err, ErrGone) && !atlas.IsError(err, atlas.CodeClusterNotFound)
}

// confirmShown asks for a second opinion on a value that Atlas shows: it may have been deleted and still be shown. An opinion that
// fails says nothing.
func (w *waiter[T]) confirmShown(ctx context.Context) error {
	_, err := w.Confirm(ctx, w.id, nil)
	switch {
	case err == nil:
		w.unlisted = 0
		return nil
	case !errors.Is(err, ErrGone):
		tflog.Debug(ctx, fmt.Sprintf("Unable to read the list; the wait relies on the %s alone", w.Names.Noun), map[string]any{"error": atlas.LogSafe(err)})
		return nil
	}
	if w.unlisted++; w.unlisted < confirmations {
		return nil
	}
	return err
}
