package atlassim

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// The distributions of 208 recorded restores of Flex clusters, in seconds from the request to RUNNING and to restoreFinishedDate.
var (
	flexRestoreRunsAfter = []point{{0, 1}, {.50, 5}, {.90, 10}, {.99, 35}, {1, 783}}
	flexRestoredAfter    = []point{{0, 51}, {.50, 59}, {.90, 75}, {.99, 111}, {1, 835}}
)

const (
	deliveryFlexRestore = "RESTORE"
	// flexRestoreExpiresAfter is how much later than the request the expirationDate is. It means nothing for a restore.
	flexRestoreExpiresAfter = 6 * time.Hour
	// flexQueuedFor is how long a job is QUEUED before it runs, if it was PENDING for longer than flexQueuedAfter: two recorded ones were.
	flexQueuedFor   = 8 * time.Second
	flexQueuedAfter = time.Minute
)

// planFlexRestore sets the course of a job that is being requested. One that starts late ends late.
func (s *Simulator) planFlexRestore(job *restoreJob) {
	plan := RestorePlan{}
	if len(s.restorePlans) > 0 {
		plan, s.restorePlans = s.restorePlans[0], s.restorePlans[1:]
	}
	drawn := s.random.Float64()
	job.duration = cmp.Or(plan.Duration, seconds(quantile(flexRestoredAfter, drawn)).Truncate(time.Second))
	job.runsAfter = min(seconds(quantile(flexRestoreRunsAfter, drawn)), job.duration/2)
	job.fails = plan.Fail
}

// flexRestoreStatus returns the status in the API's words.
func (j *restoreJob) flexRestoreStatus(now time.Time) string {
	switch age := now.Sub(j.requested); {
	case !j.isRunning(now) && j.hasFailed(now):
		return "FAILED"
	case !j.isRunning(now):
		return "COMPLETED"
	case age >= j.runsAfter:
		return "RUNNING"
	case j.runsAfter > flexQueuedAfter && age >= j.runsAfter-flexQueuedFor:
		return "QUEUED"
	}
	return "PENDING"
}

// flexRestoreBody returns a job as the API shows it: without links, and with an end once there is one.
func (c *call) flexRestoreBody(job *restoreJob) object {
	body := object{
		"deliveryType":             job.delivery,
		"expirationDate":           timestamp(job.requested.Add(flexRestoreExpiresAfter)),
		"id":                       job.id,
		"instanceName":             job.source.name,
		"projectId":                c.group,
		"restoreScheduledDate":     timestamp(job.requested),
		"snapshotFinishedDate":     timestamp(job.tenant.finish),
		"snapshotId":               job.tenant.id,
		"status":                   job.flexRestoreStatus(c.now),
		"targetDeploymentItemName": job.target.name,
		"targetProjectId":          c.group,
	}
	if at := job.finishedAt(c.now); !at.IsZero() {
		body["restoreFinishedDate"] = timestamp(at)
	}
	return body
}

// requestFlexRestore serves POST /flexClusters/{cluster}/backup/restoreJobs. The target may be a dedicated cluster.
func requestFlexRestore(c *call) (any, *apiError) {
	if refusal := c.checkQuery(plainQuery...); refusal != nil {
		return nil, refusal
	}
	on, refusal := c.flexCluster()
	if refusal != nil {
		return nil, refusal
	}
	if _, refusal := c.readBody("snapshotId", "targetDeploymentItemName", "targetProjectId", "instanceName"); refusal != nil {
		return nil, refusal
	}
	var wanted struct {
		SnapshotID      string `json:"snapshotId"`
		Target          string `json:"targetDeploymentItemName"`
		TargetProjectID string `json:"targetProjectId"`
	}
	switch {
	case json.Unmarshal(c.body, &wanted) != nil:
		return nil, c.fail("INVALID_JSON")
	case wanted.SnapshotID == "":
		return nil, c.fail("MISSING_ATTRIBUTE", "attribute", "snapshotId")
	case wanted.Target == "":
		return nil, c.fail("MISSING_ATTRIBUTE", "attribute", "targetDeploymentItemName")
	case cmp.Or(wanted.TargetProjectID, c.group) != c.group:
		return nil, c.fail("GROUP_NOT_FOUND", "group", wanted.TargetProjectID)
	}
	c.snapshotID = wanted.SnapshotID
	found, refusal := c.tenantSnapshot(on)
	if refusal != nil {
		return nil, refusal
	}
	if found.statusAt(c.now) != "COMPLETED" {
		return nil, c.fail("SNAPSHOT_NOT_FOUND")
	}
	target, refusal := c.flexRestoreTarget(wanted.Target)
	if refusal != nil {
		return nil, refusal
	}
	job := &restoreJob{
		delivery: deliveryFlexRestore, source: on, target: target, tenant: found, behavior: &c.sim.behavior, requested: c.now.Truncate(time.Second),
		brings: cmp.Or(found.data, fmt.Sprintf("data of %s at %s", on.name, timestamp(found.start))),
	}
	c.sim.startRestore(job)
	return c.flexRestoreBody(job), nil
}

// flexRestoreTarget finds the cluster that is erased.
func (c *call) flexRestoreTarget(name string) (*cluster, *apiError) {
	target, exists := c.sim.clusters[name]
	switch {
	case !exists:
		return nil, c.fail("CLUSTER_NOT_FOUND", "cluster", name)
	case !slices.Contains([]ClusterType{TypeFlex, TypeReplicaSet}, c.sim.currentKind(target)):
		return nil, c.fail("TENANT_RESTORE_INCOMPATIBLE_TOPOLOGY")
	case target.paused:
		return nil, c.fail("TENANT_RESTORE_DESTINATION_UNAVAILABLE")
	}
	for _, other := range c.sim.restoresOnto(target) {
		if other.isRunning(c.now) && !c.now.Before(other.requested.Add(c.sim.behavior.RestoreBlindFor)) {
			return nil, c.fail("TENANT_RESTORE_DESTINATION_UNAVAILABLE")
		}
	}
	return target, nil
}

// listFlexRestores serves GET /flexClusters/{cluster}/backup/restoreJobs, newest first.
func listFlexRestores(c *call) (any, *apiError) {
	wanted, refusal := c.pageOf()
	if refusal != nil {
		return nil, refusal
	}
	on, refusal := c.flexCluster()
	if refusal != nil {
		return nil, refusal
	}
	return pageBody(c, wanted, c.apiPath("flexClusters", on.name, "backup/restoreJobs"), c.restoresOf(on), c.flexRestoreBody), nil
}

// getFlexRestore serves GET /flexClusters/{cluster}/backup/restoreJobs/{job}.
func getFlexRestore(c *call) (any, *apiError) {
	if refusal := c.checkQuery(plainQuery...); refusal != nil {
		return nil, refusal
	}
	on, refusal := c.flexCluster()
	if refusal != nil {
		return nil, refusal
	}
	job, exists := c.sim.restores[c.jobID]
	if !exists || job.source != on || job.isPurged(c.now) || c.now.Before(job.requested.Add(c.sim.behavior.RestoreGetLag)) {
		return nil, c.fail("TENANT_RESTORE_NOT_FOUND")
	}
	return c.flexRestoreBody(job), nil
}
