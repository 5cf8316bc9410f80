package snapshot

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

// lostError is for a snapshot that may or may not have been taken.
type lostError struct {
	// lost is the answer that did not come, then what ended the search for what the request left behind.
	lost, then error
	// candidates are snapshots that may be the one.
	candidates []*atlas.Snapshot
}

func (e *lostError) Error() string {
	text := fmt.Sprintf("it is not known whether Atlas took the snapshot: %v", e.lost)
	if e.then != nil {
		text += fmt.Sprintf("; then: %v", e.then)
	}
	return text
}

// find looks for what requests without an answer have left behind. It returns the snapshot, or nil as soon as Atlas may be
// asked again, or an error where neither can be known.
//
// A snapshot that may be the request's is never waited for as if it were somebody else's: Atlas takes one at a time, so as
// long as it is not known whose it is, another request would most likely be a second one for the same backup.
func (c *cluster) find(ctx context.Context, a attempts) (*atlas.Snapshot, attempts, error) {
	pause := max(a.pause(c.now()), atlas.RetryAfter(a.err))
	for looks := 0; ; pause = a.pause(c.now()) {
		if err := c.client.Clock().Sleep(ctx, pause); err != nil {
			return nil, a, err
		}
		at := c.now()
		listed, err := c.list(ctx)
		switch passing := atlas.IsTransient(err) || atlas.IsUnexplained(err); {
		case passing && !a.hasCaughtUp(at):
			continue
		case err != nil:
			return nil, a, err
		}
		looks++
		t, pending := c.turnedUp(ctx, a, listed), pendingOnDemand(listed)
		switch {
		case t.own != nil:
			return t.own, a, nil
		case t.unclear && !a.hasCaughtUp(at):
			// What is certainly the request's may be listed late.
			continue
		case len(t.candidates) > 0:
			return nil, a, &lostError{lost: a.err, candidates: t.candidates}
		case len(t.others) > 0 || pending != nil:
			a = a.without(t.others).explained(c.now(), pendingOnDemand(t.others) != nil)
		}
		switch {
		case a.isOpen() && pending != nil:
			if err := c.waitBehind(ctx, pending); err != nil {
				return nil, a, err
			}
		case a.mayAskAgain(at, c.now(), looks):
			return nil, a, nil
		case a.refused && a.hasCaughtUp(at):
			return nil, a, errUnseen
		}
	}
}

// errUnseen is for a snapshot that Atlas is busy with and that its list does not show.
var errUnseen = errors.New("Atlas refused another request because it is busy with an on-demand snapshot, which may be this one, " +
	"and its list has not shown that snapshot for " + readLag.String())

// turnedUp is what is in the list that was not there before a request.
type turnedUp struct {
	// own is the snapshot of the request; nil where there is none, or where several could be it.
	own *atlas.Snapshot
	// candidates are those that may be the request's, others those that are not.
	candidates, others []*atlas.Snapshot
	// unclear says that each candidate may as well be somebody else's.
	unclear bool
}

// turnedUp tells what is new in the list. The age of a snapshot is told by the list's own IDs first: the Date header may be
// missing or off, and the clock of this machine is not Atlas's.
func (c *cluster) turnedUp(ctx context.Context, a attempts, listed []*atlas.Snapshot) turnedUp {
	var t turnedUp
	by := map[match][]*atlas.Snapshot{}
	var older []*atlas.Snapshot
	for _, s := range listed {
		switch {
		case s.SnapshotType != atlas.SnapshotTypeOnDemand || a.known[s.ID]:
		case askedFor.has(c, s.ID), s.RequestedAt().Before(a.newest.Add(-clockTolerance)):
			if isOnDemandPending(s) {
				t.others = append(t.others, s)
			}
		default:
			s, fits := c.matchWhole(ctx, a.request, s, listed)
			if fits != matchNone && a.mayBeOlder(s) {
				older = append(older, s)
				continue
			}
			by[fits] = append(by[fits], s)
		}
	}
	t.others = append(t.others, by[matchNone]...)
	// What was requested exactly is believed rather than what was rewritten: an Atlas that rewrites does so always. One that is
	// as old as the request is believed rather than one that may be older.
	switch {
	case len(by[matchExact]) > 0:
		t.candidates = by[matchExact]
	case len(by[matchRewritten]) > 0:
		t.candidates = append(by[matchRewritten], by[matchUnclear]...)
	default:
		t.candidates = append(by[matchUnclear], older...)
		t.unclear = len(t.candidates) > 0
	}
	if len(t.candidates) == 1 && !t.unclear {
		t.own = t.candidates[0]
	}
	return t
}

// matchWhole compares a snapshot of the list with the request. The list may abridge: what is not exactly what was asked for is
// read by itself.
func (c *cluster) matchWhole(ctx context.Context, request atlas.TakeSnapshotRequest, s *atlas.Snapshot, listed []*atlas.Snapshot) (*atlas.Snapshot, match) {
	fits := matchOf(request, s)
	if fits == matchExact {
		return s, fits
	}
	if whole, err := c.client.GetSnapshot(ctx, c.projectID, c.name, s.ID); err == nil {
		s, fits = whole, matchOf(request, whole)
	}
	if fits == matchRewritten && request.Description != "" && isBlank(s.Description) && describesOthers(listed, s.ID) {
		// Atlas shows the descriptions of others, so that this one has none.
		fits = matchUnclear
	}
	return s, fits
}

// describesOthers says that the list shows the description of an on-demand snapshot other than id.
func describesOthers(listed []*atlas.Snapshot, id string) bool {
	for _, s := range listed {
		if s.ID != id && s.SnapshotType == atlas.SnapshotTypeOnDemand && !isBlank(s.Description) {
			return true
		}
	}
	return false
}

// second is what was found of a snapshot that Atlas may have taken twice.
type second struct {
	// lost is the answer that did not come.
	lost error
	// candidates are snapshots besides the one that is known.
	candidates []*atlas.Snapshot
	// unread is why it cannot be said that there are no others.
	unread error
}

// findSecond looks, once a snapshot is known and settled, for others that requests without an answer may have left behind
// besides; nil where there is none. It looks until the list shows the snapshot itself: whatever is older is listed by then. What
// a late request has begun is newer, and may be listed later than anybody waits.
func (c *cluster) findSecond(ctx context.Context, a attempts, id string, settled error) *second {
	if settled != nil {
		// There is no time left, or no snapshot to be listed: one look has to do.
		looking, cancel := c.client.Clock().WithTimeout(context.WithoutCancel(ctx), lastLook)
		defer cancel()
		ctx = looking
	}
	for started := c.now(); ; {
		listed, err := c.list(ctx)
		if err == nil {
			listed, err = without(listed, id)
		}
		found := &second{lost: a.err, candidates: c.turnedUp(ctx, a, listed).candidates, unread: err}
		switch {
		case err == nil && len(found.candidates) == 0 && (!a.late || a.hasCaughtUp(c.now())):
			return nil
		case err == nil && len(found.candidates) == 0:
			found.unread = errListsLate
			return found
		case err == nil, len(found.candidates) > 0, settled != nil, c.now().Sub(started) >= readLag:
			return found
		}
		tflog.Info(ctx, "looking whether Atlas took the snapshot twice", map[string]any{"snapshot_id": id, "cluster_name": c.name})
		if err := c.client.Clock().Sleep(ctx, longestLookPause); err != nil {
			return found
		}
	}
}

// errUnlisted is for a list that does not have what it should.
var errUnlisted = errors.New("the list does not show it")

// errListsLate is for a list that may not have what has been requested lately.
var errListsLate = errors.New("the list does not show another one, and may show one that was requested late only after this")

// without is the list without one snapshot, which has to be in it.
func without(listed []*atlas.Snapshot, id string) ([]*atlas.Snapshot, error) {
	var rest []*atlas.Snapshot
	for _, s := range listed {
		if s.ID != id {
			rest = append(rest, s)
		}
	}
	if len(rest) == len(listed) {
		return rest, errUnlisted
	}
	return rest, nil
}
