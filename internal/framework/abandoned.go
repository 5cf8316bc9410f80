package framework

import (
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// AbandonedJob is a job whose end no apply has seen, and whose resource was destroyed.
type AbandonedJob struct {
	ID string
	// Triggers are those of the resource.
	Triggers types.Map
}

// AbandonedJobs has the jobs that the destroys of this process have abandoned. Where a destroy is half of a replacement, such as of a
// resource that a timeout has tainted, the create that follows continues with its job.
type AbandonedJobs struct {
	mu   sync.Mutex
	jobs map[string][]AbandonedJob
}

// Add keeps a job for the next [AbandonedJobs.Take] with the key.
func (a *AbandonedJobs) Add(key string, job AbandonedJob) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.jobs == nil {
		a.jobs = map[string][]AbandonedJob{}
	}
	a.jobs[key] = append(a.jobs[key], job)
}

// Take returns the first job that was kept with the key, and forgets it: one job is continued by one resource.
func (a *AbandonedJobs) Take(key string) (AbandonedJob, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	kept := a.jobs[key]
	if len(kept) == 0 {
		return AbandonedJob{}, false
	}
	a.jobs[key] = kept[1:]
	return kept[0], true
}
