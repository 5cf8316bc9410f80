package flexrestore

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/operation"
)

// result is the result of a restore, or of waiting for one.
type result = operation.Result[*atlas.FlexRestoreJob]

// earlierRunAge is how long ago a restore of an earlier run may have ended that is not simply run again: that run may have been killed
// before it could save its state, and what was written to the target since would be lost.
const earlierRunAge = 24 * time.Hour

// restoreOptions are the differences between restores of the resource and of the action.
type restoreOptions struct {
	// repeats reports whether the request may repeat an earlier one, as each invocation of an action does.
	repeats bool
	// after is when the restore in the state was requested: what an earlier run that was killed has requested since is newer. Zero if there
	// is none in the state.
	after    time.Time
	progress func(string)
}

// restore requests a restore and waits until Atlas has completed or failed it. It calls started as soon as Atlas has accepted the
// request, before the wait.
func (c *cluster) restore(ctx context.Context, from source, onto *target, started func(*atlas.FlexRestoreJob), options restoreOptions) result {
	o := c.operation(from, onto)
	o.Progress = options.progress
	o.Start = func(ctx context.Context) (*atlas.FlexRestoreJob, error) {
		listed, err := c.list(ctx)
		if err != nil {
			return nil, beforeRequest(ctx, err)
		}
		if running, err := c.findEarlier(listed, from, onto, options); running != nil || err != nil {
			return running, err
		}
		if err := onto.checkIdle(ctx); err != nil {
			return nil, beforeRequest(ctx, err)
		}
		return c.client.CreateFlexRestoreJob(ctx, c.projectID, c.name, from.request)
	}
	return o.Run(ctx, started)
}

// checkError is an error before the request for a restore. It has no Unwrap: a read without an answer is no lost request.
type checkError struct{ err error }

func (e *checkError) Error() string { return e.err.Error() }

// beforeRequest returns the error of Start for err, which was met before the request was sent.
func beforeRequest(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return &checkError{err}
}

// resume waits for a job that was requested earlier.
func (c *cluster) resume(ctx context.Context, onto *target, id string) result {
	return c.operation(source{}, onto).Resume(ctx, id, (&atlas.FlexRestoreJob{ID: id}).RequestedAt())
}

// operation returns the operation that restores, without a way to start it. It is not restarted: a request with a lost answer may have
// erased the target, and may still do so.
func (c *cluster) operation(from source, onto *target) *operation.Operation[*atlas.FlexRestoreJob] {
	return &operation.Operation[*atlas.FlexRestoreJob]{
		Client: c.client,
		Key:    onto.key(),
		Names: operation.Names{
			Noun: "restore job", Blocking: "restore job", On: fmt.Sprintf("Flex cluster %q onto cluster %q", c.name, onto.name),
			Queued: atlas.FlexStatusQueued, DisplayStatus: strings.ToLower, LogFields: map[string]any{"cluster_name": c.name, "target_cluster_name": onto.name},
		},
		List: func(ctx context.Context) ([]*atlas.FlexRestoreJob, error) { return c.list(ctx) },
		Match: func(_ context.Context, job *atlas.FlexRestoreJob, _ []*atlas.FlexRestoreJob) (*atlas.FlexRestoreJob, operation.Match) {
			return job, matchJob(from.request, job)
		},
		Get: func(ctx context.Context, id string) (*atlas.FlexRestoreJob, error) {
			return c.client.GetFlexRestoreJob(ctx, c.projectID, c.name, id)
		},
		Confirm:  c.confirm,
		Describe: describeJob,
		Schedule: WaitSchedule,
	}
}

func describeJob(j *atlas.FlexRestoreJob) operation.Info {
	info := operation.Info{
		ID: j.ID, Status: j.Status, RequestedAt: j.RequestedAt(), Unrelated: j.DeliveryType != atlas.FlexDeliveryRestore,
	}
	switch info.Status {
	case atlas.FlexStatusCompleted:
		info.State = operation.StateDone
	case atlas.FlexStatusFailed:
		info.State = operation.StateFailed
	}
	return info
}

const (
	// recentAge is how far back the jobs are read that a request may have led to, or may get in the way of.
	recentAge = 48 * time.Hour
	// olderInARow is how many jobs in a row are older than what is looked for when the list is left.
	olderInARow = 250
)

// list returns the recent restore jobs of the cluster, and those as old as the jobs with the given IDs. One that cannot be read may be the
// one that is looked for, so it is an error.
func (c *cluster) list(ctx context.Context, ids ...string) ([]*atlas.FlexRestoreJob, error) {
	since := func() time.Time {
		at := c.client.ServerNow().Add(-recentAge)
		for _, id := range ids {
			if requested := (&atlas.FlexRestoreJob{ID: id}).RequestedAt().Add(-time.Minute); requested.Before(at) {
				at = requested
			}
		}
		return at
	}
	var jobs []*atlas.FlexRestoreJob
	for job, err := range c.newestJobs(ctx, since) {
		if err != nil {
			return nil, err
		}
		jobs = append(jobs, job)
	}
	return jobs, nil
}

// newestJobs reads the jobs of the cluster until many in a row were requested before since. Atlas lists the newest first and never
// forgets one, so thousands may follow; a short list is read to its end, in whatever order it comes.
func (c *cluster) newestJobs(ctx context.Context, since func() time.Time) iter.Seq2[*atlas.FlexRestoreJob, error] {
	return func(yield func(*atlas.FlexRestoreJob, error) bool) {
		older := 0
		for job, err := range c.client.ListFlexRestoreJobs(ctx, c.projectID, c.name) {
			if !yield(job, err) {
				return
			}
			if older++; err != nil || !job.RequestedAt().Before(since()) {
				older = 0
			}
			if older == olderInARow {
				return
			}
		}
	}
}

// confirm is a second opinion on a job that Atlas answered 404 for: the list. Nobody deletes a job that Atlas shows.
func (c *cluster) confirm(ctx context.Context, id string, missing error) (*atlas.FlexRestoreJob, error) {
	if missing == nil {
		return nil, nil
	}
	listed, err := c.list(ctx, id)
	if atlas.IsError(err, atlas.CodeClusterNotFound) {
		return nil, fmt.Errorf("%w: %w", operation.ErrGone, err)
	}
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(listed, func(j *atlas.FlexRestoreJob) bool { return j.ID == id }); i >= 0 {
		tflog.Warn(ctx, "Atlas answered 404 for a restore job that its list shows", map[string]any{"restore_job_id": id})
		return listed[i], nil
	}
	return nil, fmt.Errorf("%w: %w", operation.ErrGone, missing)
}

// matchJob compares a job with the request.
func matchJob(request atlas.FlexRestoreRequest, j *atlas.FlexRestoreJob) operation.Match {
	if isOnto(request, j) && j.SnapshotID == request.SnapshotID {
		return operation.MatchExact
	}
	return operation.MatchNone
}

func isOnto(request atlas.FlexRestoreRequest, j *atlas.FlexRestoreJob) bool {
	return j.TargetClusterName == request.TargetClusterName && j.TargetProjectID == request.TargetProjectID
}

// hasEnded reports whether Atlas is done with the job. One with a status that this version does not know, and with an end, has ended too.
func hasEnded(j *atlas.FlexRestoreJob) bool {
	return j.Status == atlas.FlexStatusCompleted || j.Status == atlas.FlexStatusFailed || j.FinishedAt != nil
}

// endedRecently reports whether an earlier run that was killed may have requested the job, which has ended by now.
func endedRecently(now time.Time, j *atlas.FlexRestoreJob) bool {
	return j.FinishedAt == nil || now.Sub(*j.FinishedAt) < earlierRunAge
}

// earlierJobError is for a restore that is not requested because of one of an earlier run, or of somebody else.
type earlierJobError struct {
	job *atlas.FlexRestoreJob
}

func (e *earlierJobError) Error() string {
	return fmt.Sprintf("restore job %s onto the same target has the status %q", e.job.ID, e.job.Status)
}

// findEarlier looks for a restore onto the same target that this process did not request. The same restore, if it is running, is
// returned: an earlier run that was killed may have requested it. Any other one that is running is an error, because Atlas would erase the target
// under it. So is the same restore if it completed recently, unless the request is to repeat it.
func (c *cluster) findEarlier(listed []*atlas.FlexRestoreJob, from source, onto *target, options restoreOptions) (*atlas.FlexRestoreJob, error) {
	var ended *atlas.FlexRestoreJob
	for _, job := range listed {
		matched := matchJob(from.request, job) != operation.MatchNone
		switch {
		case describeJob(job).Unrelated || !isOnto(from.request, job):
		case !hasEnded(job) && matched:
			return job, nil
		case !hasEnded(job):
			return nil, &earlierJobError{job: job}
		case options.repeats, job.Status != atlas.FlexStatusCompleted, operation.IsOwn(onto.key(), job.ID), !job.RequestedAt().After(options.after):
		case (matched || from.mostRecent) && endedRecently(c.client.ServerNow(), job):
			ended = job
		}
	}
	if ended != nil {
		return nil, &earlierJobError{job: ended}
	}
	return nil, nil
}

// abandonedJobs has the jobs of restores that were destroyed before an apply had seen their end, by source and target.
var abandonedJobs framework.AbandonedJobs

func (c *cluster) abandonedKey(onto *target) string {
	return c.projectID + " " + c.name + " " + onto.key()
}

// lostJobError is for a replacement of a restore whose job Atlas no longer has.
type lostJobError struct{ id string }

func (e *lostJobError) Error() string {
	return fmt.Sprintf("Atlas no longer has restore job %s, which this one replaces, so it is not known how it ended", e.id)
}
