package wait

import "time"

// Progress is what a [Schedule] knows of the thing waited for.
type Progress struct {
	// Elapsed is the time since the request.
	Elapsed time.Duration
	// PastMilestone reports whether Atlas has shown a sign that the end is near, SinceMilestone ago.
	PastMilestone  bool
	SinceMilestone time.Duration
}

// Schedule returns how long to wait before the next poll.
type Schedule func(Progress) time.Duration
