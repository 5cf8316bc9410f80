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
	// maxLostAnswers bounds how often a request is sent without getting an answer.
	maxLostAnswers = 5
	// RefusedPause is how long to wait when Atlas refuses because it is busy with something that it does not show.
	RefusedPause = 10 * time.Second
	// finalSearchTimeout bounds the last search for the value of a request after the run was interrupted.
	finalSearchTimeout = 30 * time.Second
)

// requestResult is the result of sending a request.
type requestResult[T any] struct {
	// value is the first value that Atlas showed; zero if err is not nil.
	value T
	// existing is the list before the request, at listedAt by Atlas's clock.
	existing []T
	listedAt time.Time
	attempts attempts
	// answered reports whether the value came in the answer to the last request, not from the search.
	answered bool
	// busy reports whether another operation was in the way.
	busy bool
	err  error
}

// request sends the request when nothing blocks it. The caller holds the lock.
//
// A request without an answer is never simply repeated: the search adopts the value that it led to, see [Operation.find]. Only if
// nothing was started, and Restart allows it, the request is sent again.
func (o *Operation[T]) request(ctx context.Context, progress *progress) requestResult[T] {
	recent := o.Recent
	if recent == nil {
		recent = o.List
	}
	listed, err := recent(ctx)
	if err != nil {
		return requestResult[T]{err: err}
	}
	a := attempts{restart: o.Restart, busyFor: o.BusyFor}
	result := requestResult[T]{existing: listed, listedAt: o.Client.ServerNow()}
	for {
		if a.isUncertain() {
			var found *T
			if found, a, err = o.find(ctx, a, progress); err != nil || found != nil {
				return o.finishRequest(ctx, result, a, found, err)
			}
			if !a.isUncertain() {
				listed, err = o.List(ctx)
			}
		}
		if err == nil && !a.isUncertain() {
			var waited bool
			listed, waited, err = o.waitUntilFree(ctx, listed, progress)
			a, result.busy = a.withListed(o.infos(listed)), result.busy || waited
		}
		if err == nil {
			err = context.Cause(ctx)
		}
		if err == nil && a.lost == maxLostAnswers {
			err = fmt.Errorf("none of %d requests was answered", a.lost)
		}
		if err != nil {
			return o.finishRequest(ctx, result, a, nil, err)
		}

		sent, sentByAtlas := o.now(), o.Client.ServerNow()
		value, err := o.send(ctx, a)
		refused := o.IsRefusal != nil && o.IsRefusal(err)
		switch {
		case err == nil:
			result.answered = true
			return o.finishRequest(ctx, result, a, &value, nil)
		case refused && a.isUncertain():
			// What Atlas is busy with may be what a request before this one led to.
			a = a.afterRefusal(o.now())
		case refused:
			// Atlas knows of one that the list did not show, or of one that came in between.
			result.busy = true
			if err = o.Client.Clock().Sleep(ctx, RefusedPause); err == nil {
				listed, err = o.List(ctx)
			}
			if err != nil {
				return o.finishRequest(ctx, result, a, nil, err)
			}
		case atlas.IsLost(err):
			a = a.afterLostAnswer(sent, sentByAtlas, o.now(), err)
			tflog.Warn(ctx, fmt.Sprintf("No usable answer to the request for a %s; checking whether Atlas carried it out", o.Names.Noun),
				map[string]any{"error": atlas.LogSafe(err)})
		case a.isUncertain() && ctx.Err() == nil && (atlas.IsTransient(err) || errors.Is(err, wait.ErrTimeout)):
			a = a.afterFailure(o.now())
		default:
			return o.finishRequest(ctx, result, a, nil, err)
		}
	}
}

// send sends one request.
func (o *Operation[T]) send(ctx context.Context, a attempts) (T, error) {
	if left := a.resendTimeout(o.now()); left > 0 {
		bound, cancel := o.Client.Clock().WithTimeout(ctx, left)
		defer cancel()
		ctx = bound
	}
	return o.Start(ctx)
}

// finishRequest completes a result. If Atlas may have carried out a request whose value is not known, it searches for that one last
// time, even after an interruption or a timeout.
func (o *Operation[T]) finishRequest(ctx context.Context, result requestResult[T], a attempts, value *T, err error) requestResult[T] {
	var lost *lostRequest[T]
	if err != nil && a.isUncertain() && !errors.As(err, &lost) {
		searchCtx, cancel := o.Client.Clock().WithTimeout(context.WithoutCancel(ctx), finalSearchTimeout)
		defer cancel()
		lost = &lostRequest[T]{lost: a.err, then: err}
		if listed, listErr := o.List(searchCtx); listErr == nil {
			t := o.findCandidates(searchCtx, a, listed)
			value, lost.candidates = t.own, t.candidates
		}
		err = lost
	}
	result.attempts, result.err = a, err
	if value != nil {
		id := o.Describe(*value).ID
		MarkOwn(o.Key, id)
		result.value, result.err = *value, nil
		if !result.answered {
			tflog.Warn(ctx, fmt.Sprintf("The answer was lost, but Atlas carried out the request: using the %s that it led to", o.Names.Noun), o.Names.fields(id))
		}
	}
	return result
}

// waitUntilFree waits until the list shows nothing that Atlas is busy with, and returns that list.
func (o *Operation[T]) waitUntilFree(ctx context.Context, listed []T, progress *progress) (free []T, waited bool, err error) {
	for pending := o.blocking(listed); pending != nil; pending = o.blocking(listed) {
		waited = true
		if err = o.waitForOther(ctx, *pending, progress); err == nil {
			listed, err = o.List(ctx)
		}
		if err != nil {
			return nil, waited, err
		}
	}
	return listed, waited, nil
}

// waitForOther waits until somebody else's value is completed, failed or gone.
func (o *Operation[T]) waitForOther(ctx context.Context, pending Info, progress *progress) error {
	tflog.Info(ctx, fmt.Sprintf("Waiting for another %s of %s", o.Names.Blocking, o.Names.On), o.Names.fields(pending.ID))
	_, _, err := o.waitForCompletion(ctx, pending.ID, waitOptions{
		elapsed: age(o.Client, pending.RequestedAt), requestedAt: pending.RequestedAt, progress: progress.forOther(pending.ID),
	})
	if errors.Is(err, ErrGone) {
		return nil
	}
	return err
}

// blocking returns what Atlas is busy with, or nil.
func (o *Operation[T]) blocking(listed []T) *Info {
	for _, value := range listed {
		if info := o.Describe(value); info.Blocks {
			return &info
		}
	}
	return nil
}

func (o *Operation[T]) infos(values []T) []Info {
	infos := make([]Info, len(values))
	for i, value := range values {
		infos[i] = o.Describe(value)
	}
	return infos
}
