package operation

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

// lostRequest is the error of a request that Atlas may or may not have carried out.
type lostRequest[T any] struct {
	// lost is the error of the request, and then what ended the search for its value.
	lost, then error
	// candidates are values that it may have led to.
	candidates []T
}

func (e *lostRequest[T]) Error() string { return fmt.Sprint(e.lost) }

// find searches for the value of requests without an answer. It returns the value, or nil when the request may be sent again, or an
// error where neither can be known.
//
// A value that may be the request's is never treated as somebody else's: Atlas carries out one at a time, so another request would
// most likely be a duplicate.
func (o *Operation[T]) find(ctx context.Context, a attempts, progress *progress) (*T, attempts, error) {
	pause := max(a.pause(o.now()), atlas.RetryAfter(a.err))
	for lists := 0; ; pause = a.pause(o.now()) {
		if err := o.Client.Clock().Sleep(ctx, pause); err != nil {
			return nil, a, err
		}
		at := o.now()
		listed, err := o.List(ctx)
		switch passing := atlas.IsTransient(err) || atlas.IsUnexplained(err); {
		case passing && !a.listIsCurrent(at):
			continue
		case err != nil:
			return nil, a, err
		}
		lists++
		t, pending := o.findCandidates(ctx, a, listed), o.blocking(listed)
		switch {
		case t.own != nil:
			return t.own, a, nil
		case t.unclear && !a.listIsCurrent(at):
			// A value that is certainly the request's may be listed later.
			continue
		case len(t.candidates) > 0:
			return nil, a, &lostRequest[T]{lost: a.err, candidates: t.candidates}
		case len(t.others) > 0 || pending != nil:
			a = a.withUnrelated(t.others).explainedByOther(o.now(), slices.ContainsFunc(t.others, func(other Info) bool { return other.Blocks }))
		}
		switch {
		case a.isSearchOver(at, lists):
			return nil, a, &lostRequest[T]{lost: a.err}
		case a.isUncertain() && pending != nil && a.restart:
			if err := o.waitForOther(ctx, *pending, progress); err != nil {
				return nil, a, err
			}
		case a.canRestart(at, o.now(), lists):
			return nil, a, nil
		case a.refused && a.listIsCurrent(at):
			return nil, a, o.errNotListed()
		}
	}
}

// errNotListed returns the error about a value that Atlas is busy with but does not list.
func (o *Operation[T]) errNotListed() error {
	return fmt.Errorf("another request was refused because Atlas is busy with an %s, which may be this one, "+
		"and its list has not shown that %s for %s", o.Names.Blocking, o.Names.Noun, ReadLag)
}

// searchResult has the values that are new in the list since the request.
type searchResult[T any] struct {
	// own is the value of the request; nil where there is none, or where several qualify.
	own *T
	// candidates are those that may be the request's, others those that are not.
	candidates []T
	others     []Info
	// unclear reports whether each candidate may just as well be somebody else's.
	unclear bool
}

// findCandidates sorts what is new in the list. It compares ages by the IDs in the list first: the Date header may be missing or
// wrong, and the clock of this machine is not Atlas's.
func (o *Operation[T]) findCandidates(ctx context.Context, a attempts, listed []T) searchResult[T] {
	var t searchResult[T]
	by := map[Match][]T{}
	var older []T
	for _, value := range listed {
		info := o.Describe(value)
		switch {
		case info.Unrelated || a.unrelated[info.ID]:
		case IsOwn(o.Key, info.ID), info.RequestedAt.Before(a.newest.Add(-clockTolerance)):
			if info.Blocks {
				t.others = append(t.others, info)
			}
		default:
			value, fits := o.Match(ctx, value, listed)
			if fits != MatchNone && a.mayBeOlder(info.RequestedAt) {
				older = append(older, value)
				continue
			}
			by[fits] = append(by[fits], value)
		}
	}
	t.others = append(t.others, o.infos(by[MatchNone])...)
	// An exact match wins over a rewritten one: if Atlas rewrites, it always does. One as old as the request wins over one that may be
	// older.
	switch {
	case len(by[MatchExact]) > 0:
		t.candidates = by[MatchExact]
	case len(by[MatchRewritten]) > 0:
		t.candidates = append(by[MatchRewritten], by[MatchUnclear]...)
	default:
		t.candidates = append(by[MatchUnclear], older...)
		t.unclear = len(t.candidates) > 0
	}
	if len(t.candidates) == 1 && !t.unclear {
		t.own = &t.candidates[0]
	}
	return t
}

// findDuplicates looks, after the wait for a known value, for others that requests without an answer may have led to; nil if there
// are none. It lists until the value itself is listed: anything older is listed by then. What a late request led to is newer, and
// may be listed too late to be found.
func (o *Operation[T]) findDuplicates(ctx context.Context, a attempts, id string, waitErr error) *Duplicates[T] {
	if waitErr != nil {
		// There is no time left, or no value to be listed: one list has to do.
		searchCtx, cancel := o.Client.Clock().WithTimeout(context.WithoutCancel(ctx), finalSearchTimeout)
		defer cancel()
		ctx = searchCtx
	}
	for began := o.now(); ; {
		listed, err := o.List(ctx)
		if err == nil {
			listed, err = o.without(listed, id)
		}
		found := &Duplicates[T]{Lost: a.err, Candidates: o.findCandidates(ctx, a, listed).candidates, SearchErr: err}
		switch {
		case err == nil && len(found.Candidates) == 0 && (!a.late || a.listIsCurrent(o.now())):
			return nil
		case err == nil && len(found.Candidates) == 0:
			found.SearchErr = errListsLate
			return found
		case err == nil, len(found.Candidates) > 0, waitErr != nil, o.now().Sub(began) >= ReadLag:
			return found
		}
		tflog.Info(ctx, fmt.Sprintf("Checking whether Atlas carried out the request for the %s twice", o.Names.Noun), o.Names.fields(id))
		if err := o.Client.Clock().Sleep(ctx, maxSearchPause); err != nil {
			return found
		}
	}
}

// errMissingInList is for a list that lacks the value that it should have.
var errMissingInList = errors.New("the list does not show it")

// errListsLate is for a list that may not show recent requests yet.
var errListsLate = errors.New("the list does not show another one, and may show one that was requested late only after this")

// without returns the list without the value with this ID, and an error if it is not in the list.
func (o *Operation[T]) without(listed []T, id string) ([]T, error) {
	var rest []T
	for _, value := range listed {
		if o.Describe(value).ID != id {
			rest = append(rest, value)
		}
	}
	if len(rest) == len(listed) {
		return rest, errMissingInList
	}
	return rest, nil
}
