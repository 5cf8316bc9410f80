package snapshot

import (
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

// The figures of [WaitSchedule] follow real snapshots: they complete 99 to 527 s after the request, half of them by 177 s, and
// 57 to 96 s (median 72 s) after Atlas first names the cloud provider. That moment is the best predictor there is, so the
// schedule looks for it at leisure, rests, and looks closely when completion is due.
const (
	// soonest is the first pause. Until they reach leisure, pauses are half the time that has gone by, so that whatever
	// completes faster than anything recorded is noticed soon too.
	soonest            = 1500 * time.Millisecond
	leisure            = 12 * time.Second
	earliestMilestone  = 30 * time.Second  // nothing recorded was taken earlier; what is completes as it likes
	expectFrom         = 140 * time.Second // of those that never named a provider: sharded clusters may not
	expectUntil        = 220 * time.Second
	expectEvery        = 3500 * time.Millisecond
	restAfterMilestone = 48 * time.Second
	closeUntil         = 90 * time.Second
	closeEvery         = 2 * time.Second
	longest            = time.Minute
)

// WaitSchedule is when to look next at a snapshot. Its milestone is that Atlas names the cloud provider.
func WaitSchedule(p wait.Progress) time.Duration {
	if p.PastMilestone {
		switch {
		case p.Elapsed-p.SinceMilestone < earliestMilestone && p.Elapsed < expectFrom:
			return min(early(p.Elapsed), closeEvery)
		case p.SinceMilestone < restAfterMilestone:
			return restAfterMilestone - p.SinceMilestone
		case p.SinceMilestone < closeUntil:
			return closeEvery
		default:
			return min(closeEvery+(p.SinceMilestone-closeUntil)/20, longest)
		}
	}
	switch {
	case p.Elapsed < expectFrom:
		return early(p.Elapsed)
	case p.Elapsed < expectUntil:
		return expectEvery
	default:
		return min(expectEvery+(p.Elapsed-expectUntil)/20, longest)
	}
}

func early(elapsed time.Duration) time.Duration { return min(max(elapsed/2, soonest), leisure) }
