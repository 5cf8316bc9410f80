package atlassim

import (
	"maps"
	"net/http"
	"time"
)

// This file holds every behaviour that is neither recorded nor documented. A client must not rely on any of it.
//
// Three bodies follow the documented schema and no recording, and stand where they are written: those of a cluster in
// version 2023-01-01 (legacyCluster), of a sharded snapshot (shardedBody) and of a serverless snapshot (serverlessBody).

// assumedErrors are errors whose code is documented and whose exact text or status was never seen, and a few whose code is
// an assumption too (UNSUPPORTED_MEDIA_TYPE, CANNOT_UPDATE_PAUSED_CLUSTER on POST).
var assumedErrors = map[string]errorTemplate{
	"INVALID_SNAPSHOT_ID":     {404, "An invalid snapshot ID {snapshot} was specified.", []string{"snapshot"}},
	"INVALID_GROUP_ID":        {404, "An invalid group ID {group} was specified.", []string{"group"}},
	"INVALID_ENUM_VALUE":      {400, "An invalid enumeration value {value} was specified.", []string{"value"}},
	"INVALID_JSON":            {400, "Received JSON does not match expected format.", nil},
	"MALFORMED_JSON":          {400, "Received JSON is malformed.", nil},
	"MISSING_ATTRIBUTE":       {400, "The required attribute {attribute} was not specified.", onAttribute},
	"INVALID_ATTRIBUTE":       {400, "Invalid attribute {attribute} specified.", onAttribute},
	"INVALID_QUERY_PARAMETER": {400, "Invalid query parameter {parameter} specified.", []string{"parameter"}},
	"UNSUPPORTED_MEDIA_TYPE":  {415, "HTTP 415 Unsupported Media Type", nil},
	"RESOURCE_NOT_FOUND":      {404, "Cannot find resource {path}.", []string{"path"}},
	"VERSION_GONE":            {410, "The version of the requested resource has been removed.", nil},
	"CANNOT_UPDATE_PAUSED_CLUSTER": {
		409, "Cannot update cluster {cluster} while it is paused or being paused.",
		onCluster,
	},
	"CANNOT_MODIFY_SNAPSHOT": {403, "The snapshot {snapshot} cannot be modified.", []string{"snapshot"}},
	"SERVERLESS_INSTANCE_NOT_FOUND": {
		404, "No serverless instance named {cluster} exists in group {group}.",
		clusterInGroup,
	},
	"CANNOT_USE_SERVERLESS_INSTANCE_IN_CLUSTER_API": {
		400,
		"Serverless instance {cluster} cannot be used in the Cluster API.", onCluster,
	},
	"CANNOT_USE_CLUSTER_IN_SERVERLESS_INSTANCE_API": {
		400,
		"Cluster {cluster} cannot be used in the Serverless Instance API.", onCluster,
	},
	"INCORRECT_BACKUP_API_ENDPOINT": {400, "The backup API endpoint is incorrect for this type of cluster.", nil},
	"USER_CANNOT_ACCESS_GROUP": {
		401, "The currently logged in user cannot access group {group}.",
		[]string{"group"},
	},
	"NOT_IN_GROUP":        {401, "The current user is not in the group, or the group does not exist.", nil},
	"VALIDATION_ERROR":    {400, "The request content produced the validation error: {attribute}.", onAttribute},
	"OUT_OF_CAPACITY":     {409, "The requested region is currently out of capacity for the requested instance size.", nil},
	"ATLAS_GENERAL_ERROR": {400, "Reason: This cluster is currently being updated.", nil},
	"ATLAS_RESOURCE_POLICIES_VIOLATION_NOT_AUTHORIZED": {
		403,
		"The request violates a resource policy of the organization.", nil,
	},
	"AUTOMATED_RESTORE_OF_SHARD_NOT_ALLOWED": {400, "An automated restore of an individual shard is not allowed.", nil},
	"CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT": {
		409,
		"Cannot start a restore job for an incomplete cluster snapshot.", nil,
	},
	"TENANT_RESTORE_DESTINATION_UNAVAILABLE": {
		400,
		"The target cluster for the tenant restore is currently unavailable. Please try again.", nil,
	},
	"TENANT_RESTORE_INCOMPATIBLE_TOPOLOGY":                {400, "The target cluster of the tenant restore has an incompatible topology.", nil},
	"TENANT_RESTORE_NOT_FOUND":                            {404, "No Flex restore with ID {job} exists for cluster {cluster}.", []string{"job", "cluster"}},
	"CANNOT_START_RESTORE_JOB_FOR_DELETED_SNAPSHOT":       {409, "Cannot start a restore job for a deleted snapshot.", nil},
	"CANNOT_DOWNLOAD_INCOMPLETE_SNAPSHOT":                 {409, "Cannot download an incomplete snapshot.", nil},
	"UNABLE_T0_FIND_SNAPSHOT_PRIOR_TO_PIT_RESTORE_OPTIME": {404, "Unable to find a snapshot prior to the point in time.", nil},
	"CANNOT_DOWNLOAD_SNAPSHOT_WITH_ENCRYPTION":            {400, "Cannot download a snapshot with encryption.", nil},
	"TOO_MANY_SNAPSHOT_DOWNLOADS":                         {400, "The project is at its limit for active downloads.", nil},
	"UNSUPPORTED_DELIVERY_METHOD":                         {400, "Unsupported delivery method.", nil},
	"LINK_EXPIRATION_AFTER_SNAPSHOT_DELETION":             {409, "The link would expire after the snapshot is deleted.", nil},
	"UNSUPPORTED_FEATURE":                                 {409, "The feature is not supported.", nil},
	"NO_CHECKPOINT_FOR_PIT_RESTORE":                       {409, "No checkpoint for the point in time.", nil},
	"CANNOT_PERFORM_RESTORE_ON_CLUSTER_WITH_RUNNING_LIVE_IMPORT": {
		400,
		"Cannot restore onto a cluster with a running live import.", nil,
	},
	"TIMEOUT_WHILE_PAGING": {500, "Timed out while paging.", nil},
}

// firstClusterDeprecation is a guess: each recorded deprecation is the date of the version that follows.
const firstClusterDeprecation = "Wed, 1 Feb 2023 00:00:00 GMT"

// defaultRetentionDays is the retention of a POST without retentionInDays; all recorded ones sent it.
const defaultRetentionDays = 7

// patchBase returns what a PATCHed retention is counted from: createdAt, unless Behavior.PatchFrom says something else. Nobody has
// recorded it.
func (s *snapshot) patchBase(now time.Time) time.Time {
	switch s.behavior.PatchFrom {
	case PatchFromRequest:
		return s.requested
	case PatchFromCompletion:
		return s.completedAt()
	case PatchFromPatch:
		return now.Truncate(time.Second)
	}
	return s.createdAt()
}

// patchedExpiry returns when a snapshot expires after a PATCH. A month and a year are taken from the calendar.
func patchedExpiry(from time.Time, unit string, value int) (expiry time.Time, known bool) {
	switch unit {
	case "DAYS":
		return from.AddDate(0, 0, value), true
	case "WEEKS":
		return from.AddDate(0, 0, 7*value), true
	case "MONTHS":
		return from.AddDate(0, value, 0), true
	case "YEARS":
		return from.AddDate(value, 0, 0), true
	}
	return time.Time{}, false
}

// The descriptions of these OAuth errors are not documented; their codes and statuses are.
const (
	undocumentedInvalidRequest = "The request is missing a required parameter."
	undocumentedGrantType      = "The grant type is not supported."
	undocumentedGrant          = "The grant is invalid."
	undocumentedServerError    = "Internal server error."
)

// signInWindow is the minute of the documented 50 sign-ins. Whether it slides or, as here, starts with the first of them is
// not known.
const signInWindow = time.Minute

// refilled returns what a bucket gets back in d: a little all the time. It is documented as so many in 60 s, and may come all at
// once.
func refilled(d time.Duration, perPeriod int) float64 {
	return float64(perPeriod) * float64(d) / float64(refillPeriod)
}

// retrySeconds returns the N of a rate limit refusal. It was seen as 0, so it seems to be rounded down.
func retrySeconds(wait time.Duration) int { return int(wait / time.Second) }

// refuseCreation returns why a cluster cannot be snapshotted. No answer of Atlas to any of these is known: the codes are those
// of the closest recorded or documented siblings. A cluster that is being changed is not refused.
func refuseCreation(c *call, on *cluster) *apiError {
	switch {
	case !on.backupEnabled:
		return c.fail("BACKUP_CONFIG_NOT_FOUND")
	case on.paused:
		return c.fail("CANNOT_UPDATE_PAUSED_CLUSTER")
	}
	return nil
}

// freeClusterError is what the endpoints of snapshots answer for a free cluster, unless Behavior.FreeClusterError says another
// one, such as INCORRECT_BACKUP_API_ENDPOINT. Both are documented; when Atlas answers which is not.
const freeClusterError = "PROVIDER_BACKUP_NOT_SUPPORTED"

// inClusterList are the kinds of clusters that the list of clusters holds. All recorded ones are dedicated, of projects that
// may have had no other.
var inClusterList = []ClusterType{TypeReplicaSet, TypeSharded, TypeFree}

// refusesDeletion reports whether a snapshot in this state cannot be deleted. One report has a DELETE of a queued snapshot
// succeed; the error's text says "in progress". Both pending states are refused here.
func refusesDeletion(status string) bool { return pending(status) }

// failedFields takes out what a failed snapshot does not have. No failed snapshot was ever recorded: it is taken to keep
// what it had in progress, with its first expiry.
func failedFields(body object) {
	delete(body, "createdAt")
	body["storageSizeBytes"] = 0
}

// previousLink says that pages after the first link back. Only first pages were recorded.
const previousLink = true

// strictQuery refuses query parameters that the operation does not document. INVALID_QUERY_PARAMETER is documented, its
// reach is not.
const strictQuery = true

// strictBody refuses attributes that the request's schema does not have.
const strictBody = true

// enveloped wraps a body as envelope=true asks: lists get a status beside their results, everything else becomes the
// content of a wrapper. The HTTP status is taken to stay as it is.
func enveloped(status int, body any) any {
	if list, ok := body.(object); ok && list["results"] != nil {
		list = maps.Clone(list)
		list["status"] = status
		return list
	}
	return object{"content": body, "status": status}
}

// acceptsContentType reports whether a body of this type is read. Only versioned JSON was recorded.
func acceptsContentType(contentType string) bool {
	return versionedType.MatchString(contentType) || plainJSON.MatchString(contentType)
}

// staleWhenRepeated reports whether a count that the mode does not take makes the challenge stale. The recorded form is
// Jetty's, which answers a repeated count with stale=false; the other two modes imitate servers that were never seen.
func staleWhenRepeated(mode string) bool { return mode == DigestOnce }

// challengeBearer says whether the 401 for a dead access token carries the digest challenge. OAuth was never recorded.
const challengeBearer = true

// shardedReads says that the endpoints for sharded clusters answer 200 on a replica set too: the official provider asks
// them about every snapshot, and its plans would never settle otherwise.
const shardedReads = true

// shardedMembers names the parts of a sharded snapshot and says from when they are shown. No sharded snapshot was recorded.
func shardedMembers(clusterName string) []string {
	return []string{clusterName + "-shard-0", clusterName + "-shard-1"}
}

// configServerType is that of every simulated sharded cluster, and shown only by the endpoints for sharded clusters.
const configServerType = "EMBEDDED"

// serverlessBackupsGone is the answer of the serverless backup endpoints after the sunset. Documented are 410 for a removed
// version and 404 for the instance itself; which of them these endpoints answer is not.
const serverlessBackupsGone = "VERSION_GONE"

// flexStatus returns the state of a Flex snapshot at now. Only COMPLETED and FAILED were recorded; a snapshot is taken to appear
// when it starts and to be RUNNING, without a finishTime, until it ends.
func flexStatus(now, start, finish time.Time) (status string, visible bool) {
	switch {
	case now.Before(start):
		return "", false
	case now.Before(finish):
		return "RUNNING", true
	}
	return "COMPLETED", true
}

// deletedWithCluster says that a cluster takes its snapshots with it, as it does unless backups are retained.
const deletedWithCluster = true

// statusOfUnknownFault is the status of a fault that names an unknown error code and no status.
const statusOfUnknownFault = http.StatusBadRequest

// restoreWindow is how far back a point in time can be restored: the default of a backup schedule.
const restoreWindow = 7 * day

// pointInTimeOffError is the answer to a point in time of a cluster without continuous backup. No answer of Atlas to that is known.
const pointInTimeOffError = "INVALID_PIT_RESTORE_TIME"

// The texts of RESTORE_INITIATION_FAILED for a target that does not fit. That it is the code for them is an assumption, too.
const (
	restoreTopologyText = "the target cluster has another topology"
	restoreVersionText  = "the target cluster runs an older MongoDB version"
)
