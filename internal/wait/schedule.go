package wait

import "time"

// Progress is what a [Schedule] knows of the thing waited for.
type Progress struct {
	// Elapsed is the time since Atlas was asked for it.
	Elapsed time.Duration
	// Taken says that Atlas has taken the disk snapshot and is about to finish: it names the cloud provider by then.
	Taken bool
	// SinceTaken is the time since Taken was first seen.
	SinceTaken time.Duration
}

// Schedule says how long to wait before the next look.
type Schedule func(Progress) time.Duration

// The figures of [Snapshots] follow real snapshots: they complete 99 to 527 s after the request, half of them by 177 s, and
// 57 to 96 s (median 72 s) after Atlas first names the cloud provider. That moment is the best predictor there is, so the
// schedule looks for it at leisure, rests, and looks closely when completion is due.
const (
	// soonest is the first pause. Until they reach leisure, pauses are half the time that has gone by, so that whatever
	// completes faster than anything recorded is noticed soon too.
	soonest       = 1500 * time.Millisecond
	leisure       = 12 * time.Second
	earliestTake  = 30 * time.Second  // nothing recorded was taken earlier; what is completes as it likes
	expectFrom    = 140 * time.Second // of those that never named a provider: sharded clusters may not
	expectUntil   = 220 * time.Second
	expectEvery   = 3500 * time.Millisecond
	restAfterTake = 48 * time.Second
	closeUntil    = 90 * time.Second
	closeEvery    = 2 * time.Second
	longest       = time.Minute
)

// Snapshots is the schedule made for Atlas's cloud backup snapshots.
func Snapshots(p Progress) time.Duration {
	if p.Taken {
		switch {
		case p.Elapsed-p.SinceTaken < earliestTake && p.Elapsed < expectFrom:
			return min(early(p.Elapsed), closeEvery)
		case p.SinceTaken < restAfterTake:
			return restAfterTake - p.SinceTaken
		case p.SinceTaken < closeUntil:
			return closeEvery
		default:
			return min(closeEvery+(p.SinceTaken-closeUntil)/20, longest)
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
