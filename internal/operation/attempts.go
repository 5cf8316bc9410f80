package operation

import (
	"maps"
	"time"
)

const (
	// ReadLag is how far Atlas's reads may lag behind what it has accepted. Atlas documents no bound, and no recording shows any
	// lag. The longest recorded snapshot took 527 s: a quarter of an hour is well beyond the time that Atlas is busy with nearly
	// every snapshot, in which a stale read could do harm.
	ReadLag = 15 * time.Minute
	// minEmptyLists is how many times the list has to show nothing new before the request is sent again.
	minEmptyLists = 3
	// searchTimeout is how long the search goes on where the request must not be sent again.
	searchTimeout = 2 * time.Minute
	// clockTolerance is how far apart the clocks may be by which Atlas makes IDs and dates its answers. One second was recorded.
	clockTolerance = 10 * time.Second
	// minSearchPause and maxSearchPause bound the pause before the next list.
	minSearchPause, maxSearchPause = 3 * time.Second, time.Minute
)

// attempts records the requests sent so far for one operation, and how to tell their value from others. Its methods return a changed
// copy.
type attempts struct {
	restart bool
	busyFor time.Duration
	// unrelated has the IDs of values that the requests did not lead to: those that were there before, and later ones of others.
	unrelated map[string]bool
	// newest is when the newest value from before the request was requested.
	newest time.Time

	// lost is the number of requests without an answer, and err the error of the last of these.
	lost int
	err  error
	// first is when the first request was sent that Atlas may have carried out, and firstByAtlas the same by Atlas's clock; zero
	// where there is none. since is when the last request was known to have failed.
	first, firstByAtlas, since time.Time
	// refused reports whether Atlas refused the last request because it is busy.
	refused bool
	// late reports whether the answer to a repeated request was lost after the time in which Atlas would have refused it: a machine
	// may sleep between the decision and the request.
	late bool
}

// isUncertain reports whether Atlas may have carried out a request without answering it.
func (a attempts) isUncertain() bool { return !a.first.IsZero() }

// withListed returns a with the values that a list had before the request.
func (a attempts) withListed(listed []Info) attempts {
	for _, info := range listed {
		if info.RequestedAt.After(a.newest) {
			a.newest = info.RequestedAt
		}
	}
	return a.withUnrelated(listed)
}

// withUnrelated returns a with values that the requests did not lead to.
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

// afterLostAnswer returns a after a request that was sent at sent and has now turned out to be without an answer.
func (a attempts) afterLostAnswer(sent, sentByAtlas, now time.Time, err error) attempts {
	if a.isUncertain() {
		a.late = a.late || now.Sub(a.first) > a.busyFor
	} else {
		a.first, a.firstByAtlas = sent, sentByAtlas
	}
	a.lost, a.err, a.since, a.refused = a.lost+1, err, now, false
	return a
}

// afterRefusal returns a after a request that Atlas refused because it is busy.
func (a attempts) afterRefusal(now time.Time) attempts {
	a.since, a.refused = now, true
	return a
}

// afterFailure returns a after a request that Atlas has certainly not carried out.
func (a attempts) afterFailure(now time.Time) attempts {
	a.since = now
	return a
}

// explainedByOther returns a once somebody else's value has been found that Atlas is busy with, or was when it refused a request. If
// Atlas is busy with that one during the time in which it would be busy with one of a's, it has started none for a.
func (a attempts) explainedByOther(now time.Time, isBusy bool) attempts {
	if a.restart && isBusy && now.Sub(a.first) <= a.busyFor {
		a.first = time.Time{}
	}
	a.refused = false
	return a
}

// canRestart reports whether several lists show that nothing was started. listed is when the last one was requested: a machine may
// sleep between that and now.
//
// A list that lags behind does no harm while Atlas would be busy with the value that it hides: Atlas refuses another request then,
// even one that it processes late. Half of that time has to pass first, so that further repetitions fall into it as well. After it,
// the list has to show nothing for longer than any lag.
func (a attempts) canRestart(listed, now time.Time, lists int) bool {
	switch {
	case !a.isUncertain():
		return true
	case !a.restart || a.refused || lists < minEmptyLists:
		return false
	case now.Sub(a.first) < a.busyFor:
		return listed.Sub(a.first) >= a.busyFor/2
	}
	return a.listIsCurrent(listed)
}

// resendTimeout returns how long another request may take, retries of a throttled one included, so that Atlas still refuses it where
// it has to. 0 is no limit.
func (a attempts) resendTimeout(now time.Time) time.Duration {
	if !a.isUncertain() {
		return 0
	}
	return max(a.busyFor-now.Sub(a.first), 0)
}

// listIsCurrent reports whether a list requested at listed shows what the last request led to, whatever the lag.
func (a attempts) listIsCurrent(listed time.Time) bool { return listed.Sub(a.since) >= ReadLag }

// isSearchOver reports whether the search for a request that must not be sent again has taken long enough.
func (a attempts) isSearchOver(listed time.Time, lists int) bool {
	return a.isUncertain() && !a.restart && lists >= minEmptyLists && listed.Sub(a.since) >= searchTimeout
}

// mayBeOlder reports whether a value looks older than the first request by less than the lag of lists: it may be somebody else's
// that was not listed yet when the request was sent. A larger difference says nothing, because the clocks may differ.
func (a attempts) mayBeOlder(requestedAt time.Time) bool {
	older := a.firstByAtlas.Sub(requestedAt)
	return older > clockTolerance && older <= ReadLag+clockTolerance
}

// pause returns how long to wait before the next list: half of the time since the last request failed.
func (a attempts) pause(now time.Time) time.Duration {
	return min(max(now.Sub(a.since)/2, minSearchPause), maxSearchPause)
}

// mayHaveRunTwice reports whether Atlas may have carried out a request besides the one whose value is known. answered reports
// whether that value came in an answer.
func (a attempts) mayHaveRunTwice(answered bool) bool { return a.lost > 1 || a.lost == 1 && answered }
