package atlassim

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// The deliveryType of a restore job.
const (
	deliveryAutomated   = "automated"
	deliveryPointInTime = "pointInTime"
	deliveryDownload    = "download"
)

// restoreJob is a restore of a backup of a dedicated or a Flex cluster. What it looks like depends only on the time.
type restoreJob struct {
	id       string
	delivery string
	// source is the cluster that the backup is of. The job is found only under it, whatever path it was requested under.
	source *cluster
	// target is nil for a download.
	target *cluster
	// snapshot is nil for a point in time that was requested without one.
	snapshot *snapshot
	// tenant is the snapshot of a Flex cluster, and runsAfter how long its job waits.
	tenant    *tenantSnapshot
	runsAfter time.Duration
	// pointInTime, or oplogTs with oplogInc, is in seconds since 1970; 0 where it was not requested.
	pointInTime, oplogTS, oplogInc int

	requested time.Time
	duration  time.Duration
	fails     bool
	cancelled time.Time
	// held is what the target held before, and brings what it holds after the restore.
	held, brings string
	secret       string // part of the download URL
	behavior     *Behavior
}

// RestorePlan fixes the course of one restore job.
type RestorePlan struct {
	// Duration is how long it takes; 0 draws it from the recorded distribution.
	Duration time.Duration
	// Fail ends it as failed.
	Fail bool
}

// NextRestore plans the next restore jobs that are requested, one plan each, in this order.
func (s *Simulator) NextRestore(plans ...RestorePlan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.restorePlans = append(s.restorePlans, plans...)
}

// The distributions below are the figures of 102 recorded automated restores and 101 downloads, in seconds from the request to
// finishedAt or to the download URL.
var (
	restoredAfter     = []point{{0, 187}, {.10, 200}, {.25, 210}, {.50, 230}, {.75, 253}, {.90, 277}, {.99, 316}, {1, 375}}
	downloadableAfter = []point{{0, 154}, {.10, 170}, {.25, 177}, {.50, 187}, {.75, 196}, {.90, 250}, {.99, 436}, {1, 3327}}
)

const (
	// downloadableFor is how long a download URL is valid.
	downloadableFor = time.Hour
	// expiredAfter is how much later an expired download is finished.
	expiredAfter = 4 * time.Second
)

// planRestore sets the course of a job that is being requested.
func (s *Simulator) planRestore(job *restoreJob) {
	plan := RestorePlan{}
	if len(s.restorePlans) > 0 {
		plan, s.restorePlans = s.restorePlans[0], s.restorePlans[1:]
	}
	distribution := restoredAfter
	if job.delivery == deliveryDownload {
		distribution = downloadableAfter
	}
	drawn := seconds(quantile(distribution, s.random.Float64())).Truncate(time.Second)
	job.duration, job.fails = cmp.Or(plan.Duration, drawn), plan.Fail
}

// endsAt returns when the job is done, or fails because its snapshot was deleted.
func (j *restoreJob) endsAt() time.Time {
	end := j.requested.Add(j.duration)
	if at := j.snapshotDeletedAt(); !at.IsZero() && at.Before(end) {
		return at
	}
	return end
}

// snapshotDeletedAt returns when the snapshot was deleted, if that makes the job fail.
func (j *restoreJob) snapshotDeletedAt() time.Time {
	if !j.behavior.RestoreOfDeletedFails || j.snapshot == nil {
		return time.Time{}
	}
	return j.snapshot.deleted
}

// hasFailed reports whether the job has failed by now.
func (j *restoreJob) hasFailed(now time.Time) bool {
	if now.Before(j.endsAt()) || !j.cancelled.IsZero() {
		return false
	}
	deleted := j.snapshotDeletedAt()
	return j.fails || !deleted.IsZero() && deleted.Before(j.requested.Add(j.duration))
}

// isRunning reports whether Atlas is busy with the job.
func (j *restoreJob) isRunning(now time.Time) bool {
	return j.cancelled.IsZero() && now.Before(j.endsAt())
}

// status returns the state of the job in the words of the control requests; the API has none.
func (j *restoreJob) status(now time.Time) string {
	switch {
	case !j.cancelled.IsZero():
		return "cancelled"
	case j.isRunning(now):
		return statusInProgress
	case j.hasFailed(now):
		return statusFailed
	}
	return statusCompleted
}

// finishedAt returns the finishedAt of the API, zero while there is none. A download has none until it expires.
func (j *restoreJob) finishedAt(now time.Time) time.Time {
	switch {
	case !j.cancelled.IsZero():
		return j.cancelled
	case j.isRunning(now):
		return time.Time{}
	case j.delivery != deliveryDownload || j.hasFailed(now):
		return j.endsAt()
	case j.hasExpired(now):
		return j.expiresAt().Add(expiredAfter)
	}
	return time.Time{}
}

func (j *restoreJob) expiresAt() time.Time { return j.endsAt().Add(downloadableFor) }

// hasExpired reports whether a download URL is no longer valid.
func (j *restoreJob) hasExpired(now time.Time) bool {
	return j.delivery == deliveryDownload && j.cancelled.IsZero() && !j.hasFailed(now) && !now.Before(j.expiresAt().Add(expiredAfter))
}

// isPurged reports whether Atlas has forgotten the job.
func (j *restoreJob) isPurged(now time.Time) bool {
	finished := j.finishedAt(now)
	return j.behavior.RestorePurgedAfter > 0 && !finished.IsZero() && !now.Before(finished.Add(j.behavior.RestorePurgedAfter))
}

func newerRestoreFirst(a, b *restoreJob) int {
	if order := b.requested.Compare(a.requested); order != 0 {
		return order
	}
	return strings.Compare(b.id, a.id)
}

// restoresOnto returns the jobs that erase a cluster, newest first.
func (s *Simulator) restoresOnto(target *cluster) []*restoreJob {
	var jobs []*restoreJob
	for _, job := range s.restores {
		if job.target == target {
			jobs = append(jobs, job)
		}
	}
	slices.SortFunc(jobs, newerRestoreFirst)
	return jobs
}

// dataOf returns what a cluster holds now: a fingerprint, "" while it is being restored onto and after a restore that failed.
func (s *Simulator) dataOf(of *cluster, now time.Time) string {
	jobs := s.restoresOnto(of)
	switch {
	case slices.ContainsFunc(jobs, func(job *restoreJob) bool { return job.isRunning(now) }):
		return ""
	case len(jobs) == 0 || !of.writtenAt.Before(jobs[0].endsAt()):
		return of.data
	case jobs[0].status(now) == statusCompleted:
		return jobs[0].brings
	}
	return ""
}

// dataAt returns what the users of a cluster had written at a moment.
func (s *Simulator) dataAt(of *cluster, at, now time.Time) string {
	for _, before := range of.history {
		if at.Before(before.until) {
			return before.data
		}
	}
	return s.dataOf(of, now)
}

// stateOf returns the stateName of a cluster.
func (s *Simulator) stateOf(of *cluster, now time.Time) string {
	if s.behavior.RestoreTargetIdle {
		return of.state
	}
	for _, job := range s.restoresOnto(of) {
		if job.isRunning(now) || now.Before(job.endsAt().Add(s.behavior.RestoreTargetBusyFor)) {
			return "UPDATING"
		}
	}
	return of.state
}
