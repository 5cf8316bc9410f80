package atlassim

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// restoreRequest is the body of a POST.
type restoreRequest struct {
	DeliveryType          string  `json:"deliveryType"`
	SnapshotID            *string `json:"snapshotId"`
	TargetClusterName     *string `json:"targetClusterName"`
	TargetGroupID         *string `json:"targetGroupId"`
	PointInTimeUTCSeconds int     `json:"pointInTimeUTCSeconds"`
	OplogTS               int     `json:"oplogTs"`
	OplogInc              int     `json:"oplogInc"`
}

// requestRestore serves POST …/restoreJobs.
func requestRestore(c *call) (any, *apiError) {
	if refusal := c.checkQuery(plainQuery...); refusal != nil {
		return nil, refusal
	}
	on, refusal := c.findBackedUpCluster()
	if refusal != nil {
		return nil, refusal
	}
	wanted, refusal := c.readRestoreRequest()
	if refusal != nil {
		return nil, refusal
	}
	job := &restoreJob{
		delivery: wanted.DeliveryType, source: on, behavior: &c.sim.behavior, requested: c.now.Truncate(time.Second),
		pointInTime: wanted.PointInTimeUTCSeconds, oplogTS: wanted.OplogTS, oplogInc: wanted.OplogInc,
	}
	if refusal := c.setRestoreSource(job, wanted); refusal != nil {
		return nil, refusal
	}
	if refusal := c.setRestoreTarget(job, wanted); refusal != nil {
		return nil, refusal
	}
	c.sim.startRestore(job)
	return c.restoreBody(job), nil
}

// startRestore erases the target.
func (s *Simulator) startRestore(job *restoreJob) {
	job.id = s.ids.next(job.requested.Add(-s.behavior.IDBefore))
	job.secret = randomText(s.secrets, urlSafe[:62], 24)
	if job.tenant != nil {
		s.planFlexRestore(job)
	} else {
		s.planRestore(job)
	}
	if job.target != nil {
		job.held = s.dataOf(job.target, s.now())
		job.target.erasures++
	}
	s.restores[job.id] = job
}

func (c *call) readRestoreRequest() (wanted restoreRequest, refusal *apiError) {
	known := []string{
		"deliveryType", "snapshotId", "targetClusterName", "targetGroupId", "pointInTimeUTCSeconds", "oplogTs", "oplogInc",
		// The schema of the request is that of the answer, which clients may send back.
		"cancelled", "components", "deliveryUrl", "desiredTimestamp", "expired", "expiresAt", "failed", "finishedAt", "id",
		"privateDownloadDeliveryUrls", "timestamp",
	}
	if _, refusal := c.readBody(known...); refusal != nil {
		return wanted, refusal
	}
	if json.Unmarshal(c.body, &wanted) != nil {
		return wanted, c.fail("INVALID_JSON")
	}
	switch wanted.DeliveryType {
	case deliveryAutomated, deliveryPointInTime, deliveryDownload:
		return wanted, nil
	case "":
		return wanted, c.fail("MISSING_ATTRIBUTE", "attribute", "deliveryType")
	}
	return wanted, c.fail("INVALID_ENUM_VALUE", "value", wanted.DeliveryType)
}

// setRestoreSource finds what is restored. A snapshot of another cluster than that of the path is accepted: the job is then found under
// the snapshot's cluster only.
func (c *call) setRestoreSource(job *restoreJob, wanted restoreRequest) *apiError {
	if job.delivery == deliveryPointInTime {
		return c.setPointInTime(job)
	}
	if wanted.SnapshotID == nil {
		return c.fail("SNAPSHOT_NOT_FOUND")
	}
	c.snapshotID = *wanted.SnapshotID
	found, exists := c.sim.snapshots[c.snapshotID]
	switch {
	case !exists || !found.deletedAt(c.now).IsZero():
		return c.fail("SNAPSHOT_NOT_FOUND")
	case c.isMember(job.source):
		return c.fail("AUTOMATED_RESTORE_OF_SHARD_NOT_ALLOWED")
	case found.status(c.now) != statusCompleted && job.delivery == deliveryDownload:
		return c.fail("CANNOT_DOWNLOAD_INCOMPLETE_SNAPSHOT")
	case found.status(c.now) != statusCompleted:
		return c.fail("CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT")
	}
	for _, other := range c.sim.restores {
		active := other.isRunning(c.now) || !other.hasExpired(c.now) && other.status(c.now) == statusCompleted
		if job.delivery == deliveryDownload && other.delivery == deliveryDownload && other.snapshot == found && active {
			return c.fail("CANNOT_DOWNLOAD_SNAPSHOT_CONCURRENTLY")
		}
	}
	job.snapshot, job.source, job.brings = found, found.cluster, found.data
	return nil
}

// setPointInTime checks a point in time: it needs continuous backup, a time in the restore window, and a snapshot before that.
func (c *call) setPointInTime(job *restoreJob) *apiError {
	wanted := time.Unix(int64(max(job.pointInTime, job.oplogTS)), 0).UTC()
	complete := (job.pointInTime > 0) != (job.oplogTS > 0 && job.oplogInc > 0)
	switch {
	case !complete, wanted.After(c.now), wanted.Before(c.now.Add(-restoreWindow)):
		return c.fail("INVALID_PIT_RESTORE_TIME")
	case !job.source.pitEnabled:
		return c.fail(pointInTimeOffError)
	}
	for _, one := range c.sim.existing(job.source, c.now) {
		if one.status(c.now) == statusCompleted && !one.createdAt().After(wanted) {
			job.brings = c.sim.dataAt(job.source, wanted, c.now)
			return nil
		}
	}
	return c.fail("UNABLE_T0_FIND_SNAPSHOT_PRIOR_TO_PIT_RESTORE_OPTIME")
}

// setRestoreTarget finds the cluster that is erased, and refuses one that cannot be restored onto.
func (c *call) setRestoreTarget(job *restoreJob, wanted restoreRequest) *apiError {
	if job.delivery == deliveryDownload {
		return nil
	}
	switch {
	case wanted.TargetClusterName == nil || *wanted.TargetClusterName == "":
		return c.fail("MISSING_ATTRIBUTE", "attribute", "targetClusterName")
	case wanted.TargetGroupID == nil || *wanted.TargetGroupID == "":
		return c.fail("MISSING_ATTRIBUTE", "attribute", "targetGroupId")
	}
	if *wanted.TargetGroupID != c.group {
		return c.fail("GROUP_NOT_FOUND", "group", *wanted.TargetGroupID)
	}
	name := *wanted.TargetClusterName
	target, exists := c.sim.clusters[name]
	switch {
	case !exists:
		return c.fail("CLUSTER_NOT_FOUND", "cluster", name)
	case c.sim.currentKind(target) == TypeFlex:
		return c.fail("CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API", "cluster", name)
	case target.paused:
		return c.fail("CLUSTER_PAUSED_CANNOT_RESTORE")
	case target.kind != job.source.kind:
		return c.fail("RESTORE_INITIATION_FAILED", "why", restoreTopologyText)
	case isOlderRelease(target.version, job.version()):
		return c.fail("RESTORE_INITIATION_FAILED", "why", restoreVersionText)
	}
	for _, other := range c.sim.restoresOnto(target) {
		if other.isRunning(c.now) && !c.now.Before(other.requested.Add(c.sim.behavior.RestoreBlindFor)) {
			return c.fail("ATLAS_CLUSTER_RESTORE_IN_PROGRESS")
		}
	}
	job.target = target
	return nil
}

// version returns the MongoDB version of the data.
func (j *restoreJob) version() string {
	if j.snapshot != nil {
		return j.snapshot.version
	}
	return j.source.version
}

// isOlderRelease compares the first two numbers of MongoDB versions.
func isOlderRelease(version, than string) bool {
	release := func(text string) (major, minor int) {
		// What is no version is the oldest.
		_, _ = fmt.Sscanf(strings.ReplaceAll(text, ".", " "), "%d %d", &major, &minor)
		return major, minor
	}
	major, minor := release(version)
	thanMajor, thanMinor := release(than)
	return major < thanMajor || major == thanMajor && minor < thanMinor
}
