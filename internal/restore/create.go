package restore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/operation"
)

// result is the result of a restore, or of waiting for one.
type result = operation.Result[*atlas.RestoreJob]

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
func (c *cluster) restore(ctx context.Context, from source, onto *target, started func(*atlas.RestoreJob), options restoreOptions) result {
	o := c.operation(from, onto)
	o.Progress = options.progress
	o.Start = func(ctx context.Context) (*atlas.RestoreJob, error) {
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
		return c.client.CreateRestoreJob(ctx, c.projectID, c.name, from.request)
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
	return c.operation(source{}, onto).Resume(ctx, id, (&atlas.RestoreJob{ID: id}).RequestedAt())
}

// operation returns the operation that restores, without a way to start it. It is not restarted: a request with a lost answer may have
// erased the target, and may still do so.
func (c *cluster) operation(from source, onto *target) *operation.Operation[*atlas.RestoreJob] {
	return &operation.Operation[*atlas.RestoreJob]{
		Client: c.client,
		Key:    onto.key(),
		Names: operation.Names{
			Noun: "restore job", Blocking: "restore job", On: fmt.Sprintf("cluster %q onto cluster %q", c.name, onto.name),
			DisplayStatus: displayStatus, LogFields: map[string]any{"cluster_name": c.name, "target_cluster_name": onto.name},
		},
		List: c.list,
		Match: func(_ context.Context, job *atlas.RestoreJob, _ []*atlas.RestoreJob) (*atlas.RestoreJob, operation.Match) {
			return job, matchJob(from.request, job)
		},
		Get: func(ctx context.Context, id string) (*atlas.RestoreJob, error) {
			return c.client.GetRestoreJob(ctx, c.projectID, c.name, id)
		},
		Confirm:  c.confirm,
		Describe: describeJob,
		Schedule: WaitSchedule,
	}
}

func describeJob(j *atlas.RestoreJob) operation.Info {
	info := operation.Info{
		ID: j.ID, Status: statusOf(j), RequestedAt: j.RequestedAt(), Unrelated: j.DeliveryType == atlas.DeliveryDownload,
	}
	switch info.Status {
	case atlas.RestoreCompleted:
		info.State = operation.StateDone
	case atlas.RestoreFailed:
		info.State = operation.StateFailed
	}
	return info
}

// list returns all restore jobs of backups of the cluster. One that cannot be read may be the one that is looked for, so it is an error.
func (c *cluster) list(ctx context.Context) ([]*atlas.RestoreJob, error) {
	var jobs []*atlas.RestoreJob
	for job, err := range c.client.ListRestoreJobs(ctx, c.projectID, c.name) {
		if err != nil {
			return nil, err
		}
		jobs = append(jobs, job)
	}
	return jobs, nil
}

// confirm is a second opinion on a job that Atlas answered 404 for: the list. Nobody deletes a job that Atlas shows.
func (c *cluster) confirm(ctx context.Context, id string, missing error) (*atlas.RestoreJob, error) {
	if missing == nil {
		return nil, nil
	}
	listed, err := c.list(ctx)
	if atlas.IsError(err, atlas.CodeClusterNotFound) {
		return nil, fmt.Errorf("%w: %w", operation.ErrGone, err)
	}
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(listed, func(j *atlas.RestoreJob) bool { return j.ID == id }); i >= 0 {
		tflog.Warn(ctx, "Atlas answered 404 for a restore job that its list shows", map[string]any{"restore_job_id": id})
		return listed[i], nil
	}
	return nil, fmt.Errorf("%w: %w", operation.ErrGone, missing)
}

// matchJob compares a job with the request.
func matchJob(request atlas.RestoreRequest, j *atlas.RestoreJob) operation.Match {
	if !isOnto(request, j) || j.DeliveryType != request.DeliveryType {
		return operation.MatchNone
	}
	if request.DeliveryType == atlas.DeliveryAutomated {
		switch {
		case j.SnapshotID == nil:
			return operation.MatchRewritten
		case *j.SnapshotID == request.SnapshotID:
			return operation.MatchExact
		}
		return operation.MatchNone
	}
	// Nobody has recorded what a job shows of a point in time.
	switch {
	case j.PointInTimeSeconds == nil && j.OplogTS == nil:
		return operation.MatchRewritten
	case isNumber(j.PointInTimeSeconds, request.PointInTimeSeconds) && isNumber(j.OplogTS, request.OplogTS) && isNumber(j.OplogInc, request.OplogInc):
		return operation.MatchExact
	}
	return operation.MatchNone
}

func isNumber(shown *int64, requested int64) bool {
	return shown == nil && requested == 0 || shown != nil && *shown == requested
}

func isOnto(request atlas.RestoreRequest, j *atlas.RestoreJob) bool {
	return j.TargetClusterName == request.TargetClusterName && j.TargetProjectID == request.TargetProjectID
}

// earlierJobError is for a restore that is not requested because of one of an earlier run, or of somebody else.
type earlierJobError struct {
	job *atlas.RestoreJob
}

func (e *earlierJobError) Error() string {
	return fmt.Sprintf("restore job %s onto the same target has the status %q", e.job.ID, statusOf(e.job))
}

// findEarlier looks for a restore onto the same target that this process did not request. The same restore, if it is running, is
// returned: an earlier run that was killed may have requested it. Any other one that is running is an error, because Atlas would erase the target
// under it. So is the same restore if it completed recently, unless the request is to repeat it.
func (c *cluster) findEarlier(listed []*atlas.RestoreJob, from source, onto *target, options restoreOptions) (*atlas.RestoreJob, error) {
	var ended *atlas.RestoreJob
	for _, job := range listed {
		matched := matchJob(from.request, job) != operation.MatchNone
		switch {
		case describeJob(job).Unrelated || !isOnto(from.request, job):
		case job.Status() == atlas.RestoreInProgress && matchJob(from.request, job) == operation.MatchExact:
			return job, nil
		case job.Status() == atlas.RestoreInProgress:
			return nil, &earlierJobError{job: job}
		case options.repeats, statusOf(job) != atlas.RestoreCompleted, operation.IsOwn(onto.key(), job.ID), !job.RequestedAt().After(options.after):
		case (matched || from.mostRecent && job.DeliveryType == atlas.DeliveryAutomated) && c.client.ServerNow().Sub(*job.FinishedAt) < earlierRunAge:
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
