package operation

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

// lostRequest is for a request of which it is not known whether Atlas has carried it out.
type lostRequest[T any] struct {
	// lost is the answer that did not come, then what ended the search for what the request led to.
	lost, then error
	// candidates are values that it may have led to.
	candidates []T
}

func (e *lostRequest[T]) Error() string { return fmt.Sprint(e.lost) }

// find looks for what requests without an answer have led to. It returns the value, or nil as soon as Atlas may be
// asked again, or an error where neither can be known.
//
// A value that may be the request's is never waited for as if it were somebody else's: where Atlas carries out one at a time, another
// request would most likely be a second one for the same purpose as long as it is not known whose it is.
func (o *Operation[T]) find(ctx context.Context, a attempts, progress *progress) (*T, attempts, error) {
	pause := max(a.pause(o.now()), atlas.RetryAfter(a.err))
	for looks := 0; ; pause = a.pause(o.now()) {
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
		looks++
		t, pending := o.findCandidates(ctx, a, listed), o.blocking(listed)
		switch {
		case t.own != nil:
			return t.own, a, nil
		case t.unclear && !a.listIsCurrent(at):
			// What is certainly the request's may be listed late.
			continue
		case len(t.candidates) > 0:
			return nil, a, &lostRequest[T]{lost: a.err, candidates: t.candidates}
		case len(t.others) > 0 || pending != nil:
			a = a.withUnrelated(t.others).explainedByOther(o.now(), blocksAny(t.others))
		}
		switch {
		case a.isSearchOver(at, looks):
			return nil, a, &lostRequest[T]{lost: a.err}
		case a.isUncertain() && pending != nil && a.restart:
			if err := o.waitForOther(ctx, *pending, progress); err != nil {
				return nil, a, err
			}
		case a.canRestart(at, o.now(), looks):
			return nil, a, nil
		case a.refused && a.listIsCurrent(at):
			return nil, a, o.errNotListed()
		}
	}
}

// errUnseen is for something that Atlas is busy with and that its list does not show.
func (o *Operation[T]) errNotListed() error {
	return fmt.Errorf("Atlas refused another request because it is busy with an %s, which may be this one, "+
		"and its list has not shown that %s for %s", o.Names.Blocking, o.Names.Noun, ReadLag)
}

// turnedUp is what is in the list that was not there before a request.
type searchResult[T any] struct {
	// own is the value of the request; nil where there is none, or where several could be it.
	own *T
	// candidates are those that may be the request's, others those that are not.
	candidates []T
	others     []Info
	// unclear reports that each candidate may as well be somebody else's.
	unclear bool
}

// turnedUp tells what is new in the list. The age of a value is told by the list's own IDs first: the Date header may be
// missing or off, and the clock of this machine is not Atlas's.
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
	// What was requested exactly is believed rather than what was rewritten: an Atlas that rewrites does so always. One that is
	// as old as the request is believed rather than one that may be older.
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

func blocksAny(infos []Info) bool {
	for _, info := range infos {
		if info.Blocks {
			return true
		}
	}
	return false
}

// findTwice looks, once a value is known and its wait is over, for others that requests without an answer may have led to
// besides; nil where there is none. It looks until the list shows the value itself: whatever is older is listed by then. What
// a late request has begun is newer, and may be listed later than anybody waits.
func (o *Operation[T]) findDuplicates(ctx context.Context, a attempts, id string, waitErr error) *Duplicates[T] {
	if waitErr != nil {
		// There is no time left, or no value to be listed: one look has to do.
		looking, cancel := o.Client.Clock().WithTimeout(context.WithoutCancel(ctx), finalSearchTimeout)
		defer cancel()
		ctx = looking
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

// errUnlisted is for a list that does not have what it should.
var errMissingInList = errors.New("the list does not show it")

// errListsLate is for a list that may not have what has been requested lately.
var errListsLate = errors.New("the list does not show another one, and may show one that was requested late only after this")

// without is the list without one value, which has to be in it.
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
