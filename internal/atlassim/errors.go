package atlassim

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// apiError is a refusal in Atlas's form.
type apiError struct {
	status     int
	code       string
	detail     string
	parameters []any
	retryAfter *int
}

// errorTemplate is what Atlas says for one error code: the words in braces are filled in from the request, and the
// parameters are the names of those words.
type errorTemplate struct {
	status     int
	detail     string
	parameters []string
}

var (
	onCluster      = []string{"cluster"}
	clusterInGroup = []string{"cluster", "group"}
	onAttribute    = []string{"attribute"}
)

// errorTemplates holds every error code that the simulator answers by itself, and those that only a fault can cause.
var errorTemplates = map[string]errorTemplate{
	// Recorded.
	"CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API":  {400, "Flex cluster {cluster} cannot be used in the Cluster API.", onCluster},
	"CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API": {400, "Cannot use non-flex cluster {cluster} in the flex API.", onCluster},
	"CLUSTER_NOT_FOUND":                       {404, "No cluster named {cluster} exists in group {group}.", clusterInGroup},
	"GROUP_NOT_FOUND":                         {404, "No group with ID {group} exists.", []string{"group"}},
	"BACKUP_CONFIG_NOT_FOUND": {
		404, "No backup configuration exists for cluster {clusterId} in group {group}.",
		[]string{"clusterId", "group"},
	},
	"UNEXPECTED_ERROR": {500, "Unexpected error.", nil},
	// Seen live.
	"CANNOT_DELETE_IN_PROGRESS_SNAPSHOT": {400, "Cannot delete an in progress snapshot {snapshot}.", []string{"snapshot"}},
	"RATE_LIMITED_TOKEN_BUCKET": {429, "Rate limit exceeded for {path}. Please retry after {wait} seconds. Request capacity: " +
		"{capacity}. Refill rate: {refill} per {period} seconds. For more information, see: " +
		"http://dochub.mongodb.org/core/atlas-api-rate-limit.", []string{"path", "wait", "capacity", "refill", "period"}},
	"BAD_REQUEST":                   {400, "The request content produced validation errors.", nil},
	"IP_ADDRESS_NOT_ON_ACCESS_LIST": {403, "IP address {ip} is not allowed to access this resource.", []string{"ip"}},
	"RESOURCE_REQUIRES_ACCESS_LIST": {403, "This resource requires access through an access list of ip ranges.", nil},
	// Documented.
	"UNFINISHED_ON_DEMAND_SNAPSHOT": {400, "Another on-demand snapshot is queued or in progress.", nil},
	"SNAPSHOT_NOT_FOUND": {
		404, "No snapshot with ID {snapshot} exists for cluster {cluster}.",
		[]string{"snapshot", "cluster"},
	},
	"CANNOT_MODIFY_IN_PROGRESS_SNAPSHOT_RETENTION": {400, "Snapshot retention can only be modified once it is completed.", nil},
	"BACKUP_SNAPSHOT_RETENTION_VALUE_INVALID":      {400, "Retention value of snapshot is invalid.", nil},
	"ATTRIBUTE_NEGATIVE_OR_ZERO":                   {400, "The attribute {attribute} cannot be negative or zero.", onAttribute},
	"CANNOT_DELETE_FROM_CLUSTER_SNAPSHOT": {
		403,
		"Cannot individually delete a snapshot that is part of a cluster snapshot.", nil,
	},
	"CANNOT_MODIFY_CLUSTER_SNAPSHOT": {
		403,
		"Cannot individually modify a snapshot that is part of a cluster snapshot.", nil,
	},
	"CANNOT_DELETE_SNAPSHOT_WITH_BACKUP_COMPLIANCE_POLICY": {
		400,
		"You can't delete snapshots while you have a Backup Compliance Policy enabled.", nil,
	},
	"CANNOT_DECREASE_SNAPSHOT_RETENTION_WITH_BACKUP_COMPLIANCE_POLICY": {
		400,
		"You can't decrease the snapshot rentention while you have a Backup Compliance Policy enabled.", nil,
	}, // Atlas's spelling
	"SNAPSHOT_RETENTION_LESS_THAN_BACKUP_COMPLIANCE_POLICY": {400, "You can't create a snapshot with a retention less than the " +
		"Backup Compliance Policy setting while you have a Backup Compliance Policy enabled.", nil},
	"BACKUP_JOB_NOT_FOUND": {400, "Backups are not enabled for this cluster.", nil},
	"PROVIDER_BACKUP_NOT_SUPPORTED": {
		400,
		"Provider snapshot backups are not supported for this type of provider.", nil,
	},
	"RATE_LIMITED": {
		429, "Resource {path} is limited to {capacity} requests every {minutes} minutes.",
		[]string{"path", "capacity", "minutes"},
	},
	"RESTORE_JOB_NOT_FOUND":           {404, "No restore job with ID {job} exists for cluster {cluster}.", []string{"job", "cluster"}},
	"INVALID_JOB_ID":                  {404, "An invalid restore job ID {job} was specified.", []string{"job"}},
	"CANNOT_CANCEL_AUTOMATED_RESTORE": {400, "Automated restore cannot be cancelled.", nil},
	"CLUSTER_PAUSED_CANNOT_RESTORE": {400, "Backup restore cannot occur on a paused cluster. Please unpause the target cluster or choose " +
		"another target cluster.", nil},
	"CANNOT_DOWNLOAD_SNAPSHOT_CONCURRENTLY": {400, "Cannot create a manual download of a snapshot when there is already an active download " +
		"for that snapshot.", nil},
	"INVALID_SNAPSHOT_RESTORE_ENCRYPTION": {400, "Encryption settings of target cluster and source snapshot are different.", nil},
	"CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE": {400, "The update can not succeed because cluster restore is in progress. Please try again " +
		"once the restore is finished.", nil},
	"INVALID_PIT_RESTORE_TIME":          {400, "Please provide a valid UTC time or an operation time (ts).", nil},
	"CANNOT_RESTORE_TO_TARGET":          {403, "Cannot restore with insufficient permission on source snapshot or target cluster.", nil},
	"ATLAS_CLUSTER_RESTORE_IN_PROGRESS": {409, "Cluster restore already in progress.", nil},
	"RESTORE_INITIATION_FAILED":         {409, "Restore process initiation failed: {why}.", []string{"why"}},
	"INVALID_VERSION_DATE":              {406, "Invalid accept header or version date.", nil},
	"USER_UNAUTHORIZED":                 {401, "You are not authorized for this resource.", nil},
}

// fail makes the error of one code for this request. Pairs are further words and their values.
func (c *call) fail(code string, pairs ...any) *apiError {
	template, known := errorTemplates[code]
	if !known {
		template, known = assumedErrors[code]
	}
	if !known {
		template = errorTemplate{status: statusOfUnknownFault, detail: code}
	}
	placeholders := c.placeholders(pairs)
	refusal := &apiError{status: template.status, code: code, detail: template.detail, parameters: []any{}}
	for word, value := range placeholders {
		refusal.detail = strings.ReplaceAll(refusal.detail, "{"+word+"}", fmt.Sprint(value))
	}
	for _, word := range template.parameters {
		refusal.parameters = append(refusal.parameters, placeholders[word])
	}
	return refusal
}

// placeholders returns the values an error text can name, so that an error code alone is enough for a fault.
func (c *call) placeholders(pairs []any) map[string]any {
	placeholders := map[string]any{
		"group": c.group, "cluster": c.clusterName, "snapshot": c.snapshotID, "job": c.jobID, "why": "", "clusterId": "",
		"path": c.request.URL.Path, "ip": clientIP(c.request), "attribute": "retentionInDays", "value": "", "parameter": "",
		"wait": 0, "capacity": 0, "refill": 0, "period": int(refillPeriod / time.Second), "minutes": 1,
	}
	if known, ok := c.sim.clusters[c.clusterName]; ok {
		placeholders["clusterId"] = known.id
	}
	if c.operation != nil && c.operation.bucket != "" {
		limit := c.sim.buckets[c.operation.bucket]
		placeholders["capacity"], placeholders["refill"] = limit.capacity, limit.refill
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if word, ok := pairs[i].(string); ok {
			placeholders[word] = pairs[i+1]
		}
	}
	return placeholders
}

func clientIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return "192.0.2.1"
	}
	return host
}

// body returns the error as Atlas writes it.
func (e *apiError) body() object {
	return object{
		"detail":     e.detail,
		"error":      e.status,
		"errorCode":  e.code,
		"parameters": e.parameters,
		"reason":     http.StatusText(e.status),
	}
}
