package wait

import "time"

// Progress is what a [Schedule] knows of the thing waited for.
type Progress struct {
	// Elapsed is the time since Atlas was asked for it.
	Elapsed time.Duration
	// PastMilestone reports that Atlas has shown a sign that the end is near, SinceMilestone ago.
	PastMilestone  bool
	SinceMilestone time.Duration
}

// Schedule says how long to wait before the next look.
type Schedule func(Progress) time.Duration
