package atlas

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"time"
)

// restoreJobsVersion is the only version that the operations on restore jobs have.
const restoreJobsVersion = "2023-01-01"

// The deliveryType of a restore job.
const (
	DeliveryAutomated   = "automated"
	DeliveryDownload    = "download"
	DeliveryPointInTime = "pointInTime"
)

// The status of a restore job, see [RestoreJob.Status]. Atlas itself has none: it sends flags and times.
const (
	RestoreInProgress = "inProgress"
	RestoreCompleted  = "completed"
	RestoreFailed     = "failed"
	RestoreCancelled  = "cancelled"
	RestoreExpired    = "expired"
)

// RestoreJob is a restore of a snapshot, or of a point in time, of a dedicated cluster. Pointers are nil where Atlas does not say.
type RestoreJob struct {
	ID           string  `json:"id"`
	DeliveryType string  `json:"deliveryType"`
	SnapshotID   *string `json:"snapshotId"`
	// TargetProjectID and TargetClusterName are "" for a download.
	TargetProjectID   string `json:"targetGroupId"`
	TargetClusterName string `json:"targetClusterName"`
	// SnapshotCreatedAt is when the snapshot was taken, not when the job was requested: the name in the API misleads.
	SnapshotCreatedAt *time.Time `json:"timestamp"`
	FinishedAt        *time.Time `json:"finishedAt"`
	ExpiresAt         *time.Time `json:"expiresAt"`
	Failed            bool       `json:"failed"`
	// Cancelled is set on failed jobs, too.
	Cancelled bool `json:"cancelled"`
	Expired   bool `json:"expired"`
	// PointInTimeSeconds, or OplogTS with OplogInc, is the point in time, in seconds since 1970.
	PointInTimeSeconds *int64 `json:"pointInTimeUTCSeconds"`
	OplogTS            *int64 `json:"oplogTs"`
	OplogInc           *int64 `json:"oplogInc"`
	// DeliveryURLs is how many download URLs there are. Whoever has one has the data, so they are not kept.
	DeliveryURLs secretCount `json:"deliveryUrl"`
}

// secretCount is the length of a list of secrets. The list itself is not kept, whatever its form.
type secretCount int

func (n *secretCount) UnmarshalJSON(value []byte) error {
	var list []json.RawMessage
	*n = 0
	if json.Unmarshal(value, &list) == nil {
		*n = secretCount(len(list))
	} else if !bytes.Equal(value, []byte("null")) {
		*n = 1
	}
	return nil
}

// RequestedAt returns when the job was requested, by Atlas's clock: it is in the ID.
func (j *RestoreJob) RequestedAt() time.Time { return timeOr(nil, j.ID) }

// Status returns the status of the job. A failed or cancelled job has a finishedAt like a completed one, so these come first.
func (j *RestoreJob) Status() string {
	switch {
	case j.Failed:
		return RestoreFailed
	case j.Cancelled:
		return RestoreCancelled
	case j.Expired:
		return RestoreExpired
	case j.FinishedAt != nil, j.DeliveryType == DeliveryDownload && j.DeliveryURLs > 0:
		return RestoreCompleted
	}
	return RestoreInProgress
}

// RestoreRequest is a request for a restore. Atlas erases the target before it restores.
type RestoreRequest struct {
	DeliveryType       string `json:"deliveryType"`
	OplogInc           int64  `json:"oplogInc,omitempty"`
	OplogTS            int64  `json:"oplogTs,omitempty"`
	PointInTimeSeconds int64  `json:"pointInTimeUTCSeconds,omitempty"`
	SnapshotID         string `json:"snapshotId,omitempty"`
	TargetClusterName  string `json:"targetClusterName"`
	TargetProjectID    string `json:"targetGroupId"`
}

func restoreJobCall(method, projectID, clusterName string, more ...string) call {
	path := append([]string{projectID, "clusters", clusterName, "backup", "restoreJobs"}, more...)
	return call{method: method, path: path, version: restoreJobsVersion}
}

// CreateRestoreJob requests a restore of a backup of the cluster and returns at once. Each accepted request erases the target again,
// so the request is repeated only if Atlas itself refused it before it did anything. After an error that [IsLost] the target may have
// been erased all the same.
func (c *Client) CreateRestoreJob(ctx context.Context, projectID, clusterName string, request RestoreRequest) (*RestoreJob, error) {
	create := restoreJobCall(http.MethodPost, projectID, clusterName).with(request)
	create.once = true
	return do[RestoreJob](ctx, c, create)
}

// GetRestoreJob reads one restore job. It is found only under the cluster that the backup is of.
func (c *Client) GetRestoreJob(ctx context.Context, projectID, clusterName, id string) (*RestoreJob, error) {
	return do[RestoreJob](ctx, c, restoreJobCall(http.MethodGet, projectID, clusterName, id))
}

// ListRestoreJobs reads every restore job of the backups of a cluster, a page of 500 at a time. Atlas documents no order. An error that
// [IsUnreadableElement] does not end it.
func (c *Client) ListRestoreJobs(ctx context.Context, projectID, clusterName string) iter.Seq2[*RestoreJob, error] {
	all := &list[RestoreJob]{
		client: c, op: restoreJobCall(http.MethodGet, projectID, clusterName), size: maxPageSize, id: func(j *RestoreJob) string { return j.ID },
	}
	return all.elements(ctx)
}

// CancelRestoreJob cancels a download. Atlas refuses to cancel a restore onto a cluster ([CodeCannotCancelRestore]).
func (c *Client) CancelRestoreJob(ctx context.Context, projectID, clusterName, id string) error {
	return c.send(ctx, restoreJobCall(http.MethodDelete, projectID, clusterName, id), nil)
}

// errNoRestoreJob is for an answer that is JSON but has no ID of a restore job.
var errNoRestoreJob = errors.New("the answer names no restore job ID")

func (j *RestoreJob) check() error {
	if _, ok := ObjectIDTime(j.ID); !ok {
		return errNoRestoreJob
	}
	return nil
}
