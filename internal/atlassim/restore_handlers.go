package atlassim

import (
	"fmt"
	"slices"
	"strings"
)

// restoresOf returns the jobs that a list of a cluster shows, in its order.
func (c *call) restoresOf(on *cluster) []*restoreJob {
	jobs := []*restoreJob{}
	for _, job := range c.sim.restores {
		if job.source == on && !job.isPurged(c.now) && !c.now.Before(job.requested.Add(c.sim.behavior.RestoreListLag)) {
			jobs = append(jobs, job)
		}
	}
	slices.SortFunc(jobs, newerRestoreFirst)
	return inListOrder(c, jobs, func(job *restoreJob) orderKey { return orderKey{job.requested, job.id} })
}

// listRestores serves GET …/restoreJobs.
func listRestores(c *call) (any, *apiError) {
	wanted, refusal := c.pageOf()
	if refusal != nil {
		return nil, refusal
	}
	on, refusal := c.findBackedUpCluster()
	if refusal != nil {
		return nil, refusal
	}
	return pageBody(c, wanted, c.apiPath("clusters", on.name, "backup/restoreJobs"), c.restoresOf(on), c.restoreBody), nil
}

// restoreRead finds the job of the request.
func (c *call) restoreRead() (*restoreJob, *apiError) {
	if refusal := c.checkQuery(plainQuery...); refusal != nil {
		return nil, refusal
	}
	on, refusal := c.findBackedUpCluster()
	if refusal != nil {
		return nil, refusal
	}
	if !objectID.MatchString(c.jobID) {
		return nil, c.fail("INVALID_JOB_ID")
	}
	job, exists := c.sim.restores[c.jobID]
	if !exists || job.source != on || job.isPurged(c.now) || c.now.Before(job.requested.Add(c.sim.behavior.RestoreGetLag)) {
		return nil, c.fail("RESTORE_JOB_NOT_FOUND")
	}
	return job, nil
}

// getRestore serves GET …/restoreJobs/{job}.
func getRestore(c *call) (any, *apiError) {
	job, refusal := c.restoreRead()
	if refusal != nil {
		return nil, refusal
	}
	return c.restoreBody(job), nil
}

// cancelRestore serves DELETE …/restoreJobs/{job}. The job does not disappear.
func cancelRestore(c *call) (any, *apiError) {
	job, refusal := c.restoreRead()
	switch {
	case refusal != nil:
		return nil, refusal
	case job.delivery != deliveryDownload:
		return nil, c.fail("CANNOT_CANCEL_AUTOMATED_RESTORE")
	case !job.isRunning(c.now) && c.sim.behavior.RestoreCancelFinishedRefused:
		return nil, c.fail("CANNOT_CANCEL_AUTOMATED_RESTORE")
	case job.isRunning(c.now):
		job.cancelled = c.now
	}
	return nil, nil
}

// restoreBody returns a job as the API shows it. What does not apply has no key, but for the nulls of desiredTimestamp.
func (c *call) restoreBody(job *restoreJob) object {
	self := c.apiPath("clusters", job.source.name, "backup/restoreJobs", job.id)
	body := object{
		"cancelled":        !job.cancelled.IsZero() || job.hasFailed(c.now) && !c.sim.behavior.RestoreFailedOnly,
		"deliveryType":     job.delivery,
		"deliveryUrl":      []string{},
		"desiredTimestamp": object{"date": nil, "increment": nil, "time": nil},
		"expired":          job.hasExpired(c.now),
		"failed":           job.hasFailed(c.now),
		"id":               job.id,
	}
	links := []object{link("self", self)}
	if job.snapshot != nil {
		body["snapshotId"] = job.snapshot.id
		body["timestamp"] = timestamp(job.snapshot.createdAt())
		links = append(links, link("https://cloud.mongodb.com/snapshot", c.apiPath("clusters", job.source.name, "backup/snapshots", job.snapshot.id)))
	}
	body["links"] = append(links,
		link("https://cloud.mongodb.com/cluster", c.apiPath("clusters", job.source.name)),
		link("https://cloud.mongodb.com/group", strings.TrimSuffix(c.apiPath(), "/")))
	if job.target != nil {
		body["targetClusterName"], body["targetGroupId"] = job.target.name, c.group
		body["targetDeploymentItemName"] = "atlas-" + job.target.id[18:]
	}
	c.addPointInTime(job, body)
	if at := job.finishedAt(c.now); !at.IsZero() {
		body["finishedAt"] = timestamp(at)
	}
	if job.delivery == deliveryDownload && job.status(c.now) == statusCompleted {
		body["expiresAt"] = timestamp(job.expiresAt())
		if !job.hasExpired(c.now) {
			body["deliveryUrl"] = []string{job.deliveryURL()}
		}
	}
	if job.source.kind == TypeSharded {
		body["components"] = job.components(c)
	}
	return body
}

// addPointInTime adds the requested point in time, as nobody has recorded it.
func (c *call) addPointInTime(job *restoreJob, body object) {
	if c.sim.behavior.PointInTimeHidden {
		return
	}
	for name, value := range map[string]int{"pointInTimeUTCSeconds": job.pointInTime, "oplogTs": job.oplogTS, "oplogInc": job.oplogInc} {
		if value > 0 {
			body[name] = value
		}
	}
}

func (j *restoreJob) deliveryURL() string {
	return fmt.Sprintf("https://restore-%s.%s.mongodb.invalid:27017/%s/restore-%s.tar.gz", j.id, j.source.id[18:], j.secret, j.snapshot.id)
}

// components returns the parts of a job of a sharded cluster.
func (j *restoreJob) components(c *call) []object {
	var parts []object
	for _, name := range shardedMembers(j.source.name) {
		part := object{"replicaSetName": name}
		if j.delivery == deliveryDownload && j.status(c.now) == statusCompleted && !j.hasExpired(c.now) {
			part["downloadUrl"] = j.deliveryURL()
		}
		parts = append(parts, part)
	}
	return parts
}
