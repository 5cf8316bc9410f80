package operation

import (
	"maps"
	"time"
)

const (
	// ReadLag is how far Atlas's reads may lag behind what it has accepted. Atlas promises nothing, and no recording shows any
	// lag. The longest recorded snapshot took 527 s: a quarter of an hour is well beyond the time that Atlas is busy with
	// nearly every snapshot, in which a read that lags behind could do harm.
	ReadLag = 15 * time.Minute
	// quietLooks is how many times the list has to show nothing since the last request before it is sent again.
	minEmptyLists = 3
	// giveUpAfter is how long the list has to show nothing where the request must not be sent again.
	searchTimeout = 2 * time.Minute
	// clockTolerance is how far the clocks may be apart by which Atlas makes IDs and dates its answers. A second was recorded.
	clockTolerance = 10 * time.Second
	// shortestLookPause and longestLookPause bound the pause before a look at the list.
	minSearchPause, maxSearchPause = 3 * time.Second, time.Minute
)

// attempts are the requests for one operation so far, and what tells its value from others. Its methods return what has become of it.
type attempts struct {
	restart bool
	busyFor time.Duration
	// known are the IDs of values that are not the request's: those from before it, and those of others that came later.
	unrelated map[string]bool
	// newest is when the newest value from before the request was requested.
	newest time.Time

	// lost is how many requests were not answered, and err the last answer that did not come.
	lost int
	err  error
	// first is when the first request was sent of those of which Atlas may have carried out one, and firstByAtlas the same by
	// Atlas's clock; zero where it has carried out none. since is when it became known that the last one brought nothing.
	first, firstByAtlas, since time.Time
	// refused reports that Atlas has refused the last one, because it is busy.
	refused bool
	// late reports that the answer to a further request was lost after the time in which Atlas would have refused it: a machine may
	// sleep between the decision and the request.
	late bool
}

// isOpen reports whether Atlas may have carried out a request.
func (a attempts) isUncertain() bool { return !a.first.IsZero() }

// knowing is a with everything of the list that was read before the request.
func (a attempts) withListed(listed []Info) attempts {
	for _, info := range listed {
		if info.RequestedAt.After(a.newest) {
			a.newest = info.RequestedAt
		}
	}
	return a.withUnrelated(listed)
}

// without is a with values that are not the request's.
func (a attempts) withUnrelated(others []Info) attempts {
	known := maps.Clone(a.unrelated)
	if known == nil {
		known = map[string]bool{}
	}
	for _, info := range others {
		known[info.ID] = true
	}
	a.unrelated = known
	return a
}

// afterLoss is a after a request that was sent then and, as is known now, not answered.
func (a attempts) afterLostAnswer(sent, sentByAtlas, now time.Time, err error) attempts {
	if a.isUncertain() {
		a.late = a.late || now.Sub(a.first) > a.busyFor
	} else {
		a.first, a.firstByAtlas = sent, sentByAtlas
	}
	a.lost, a.err, a.since, a.refused = a.lost+1, err, now, false
	return a
}

// afterRefusal is a after a request that Atlas has refused because it is busy.
func (a attempts) afterRefusal(now time.Time) attempts {
	a.since, a.refused = now, true
	return a
}

// afterFailure is a after a request that Atlas has certainly not carried out.
func (a attempts) afterFailure(now time.Time) attempts {
	a.since = now
	return a
}

// explained is a once somebody else's value has turned up that Atlas is busy with, or was when it refused a request. Where
// it is busy with that one while it would still be busy with one of a's own, it has begun none for a.
func (a attempts) explainedByOther(now time.Time, isBusy bool) attempts {
	if a.restart && isBusy && now.Sub(a.first) <= a.busyFor {
		a.first = time.Time{}
	}
	a.refused = false
	return a
}

// mayAskAgain reports whether nothing was begun, as far as can be told from reading the list several times. A list that lags behind
// does no harm as long as Atlas would be busy with what it hides: Atlas refuses another one then, and one that it carries out
// late, too. After that time the list has to show nothing for so long that it cannot lag that much. Half of that time has to pass
// first, so that further repetitions fall into it, too. listed is when the list was asked for: a machine may sleep between that and now.
func (a attempts) canRestart(listed, now time.Time, looks int) bool {
	switch {
	case !a.isUncertain():
		return true
	case !a.restart || a.refused || looks < minEmptyLists:
		return false
	case now.Sub(a.first) < a.busyFor:
		return listed.Sub(a.first) >= a.busyFor/2
	}
	return a.listIsCurrent(listed)
}

// mayTake is how long another request may take, the repetitions of one that is throttled included, so that Atlas still refuses
// it where it has to; 0 is for as long as it likes.
func (a attempts) resendTimeout(now time.Time) time.Duration {
	if !a.isUncertain() {
		return 0
	}
	return max(a.busyFor-now.Sub(a.first), 0)
}

// hasCaughtUp reports whether the list, asked for at listed, shows what the last request has left behind, however late Atlas lists.
func (a attempts) listIsCurrent(listed time.Time) bool { return listed.Sub(a.since) >= ReadLag }

// isHopeless reports whether a request that must not be sent again has been looked for long enough.
func (a attempts) isSearchOver(listed time.Time, looks int) bool {
	return a.isUncertain() && !a.restart && looks >= minEmptyLists && listed.Sub(a.since) >= searchTimeout
}

// mayBeOlder reports whether a value looks older than the first request, by less than lists lag: it may be somebody else's that
// the list did not show yet when the request was sent. Where the clocks are further apart they say nothing.
func (a attempts) mayBeOlder(requestedAt time.Time) bool {
	older := a.firstByAtlas.Sub(requestedAt)
	return older > clockTolerance && older <= ReadLag+clockTolerance
}

// pause is how long to wait before the next look at the list: half of the time since the last request has failed.
func (a attempts) pause(now time.Time) time.Duration {
	return min(max(now.Sub(a.since)/2, minSearchPause), maxSearchPause)
}

// maybeTwice reports whether Atlas may have carried out a request besides the one whose value is known. answered says that the
// latter came in an answer.
func (a attempts) mayHaveRunTwice(answered bool) bool { return a.lost > 1 || a.lost == 1 && answered }
