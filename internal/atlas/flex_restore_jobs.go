package atlas

import (
	"context"
	"iter"
	"net/http"
	"time"
)

// FlexDeliveryRestore is the deliveryType of a restore of a Flex cluster onto a cluster. The other one is a download.
const FlexDeliveryRestore = "RESTORE"

// FlexRestoreJob is a restore of a snapshot of a Flex cluster. Pointers are nil where Atlas does not say (yet).
type FlexRestoreJob struct {
	ID           string `json:"id"`
	DeliveryType string `json:"deliveryType"`
	// Status is one of the status words of Flex snapshots. Atlas gives no reason for a failed job.
	Status            string `json:"status"`
	SnapshotID        string `json:"snapshotId"`
	TargetProjectID   string `json:"targetProjectId"`
	TargetClusterName string `json:"targetDeploymentItemName"`
	// SnapshotFinishedAt is when Atlas completed the snapshot.
	SnapshotFinishedAt *time.Time `json:"snapshotFinishedDate"`
	ScheduledAt        *time.Time `json:"restoreScheduledDate"`
	// FinishedAt is there for a failed job too.
	FinishedAt *time.Time `json:"restoreFinishedDate"`
}

// RequestedAt returns when the job was requested, by Atlas's clock. The ID has that moment too, for where Atlas does not say it.
func (j *FlexRestoreJob) RequestedAt() time.Time { return timeOr(j.ScheduledAt, j.ID) }

func (j *FlexRestoreJob) check() error {
	if _, ok := ObjectIDTime(j.ID); !ok {
		return errNoRestoreJob
	}
	return nil
}

// FlexRestoreRequest is a request for a restore of a snapshot of a Flex cluster. Atlas erases the target before it restores.
type FlexRestoreRequest struct {
	SnapshotID        string `json:"snapshotId"`
	TargetProjectID   string `json:"targetProjectId"`
	TargetClusterName string `json:"targetDeploymentItemName"`
}

func flexRestoreCall(method, projectID, clusterName string, more ...string) call {
	path := append([]string{projectID, "flexClusters", clusterName, "backup", "restoreJobs"}, more...)
	return call{method: method, path: path, version: flexVersion}
}

// CreateFlexRestoreJob requests a restore and returns at once. As with [Client.CreateRestoreJob] each accepted request erases the target
// again, so the request is repeated only if Atlas itself refused it before it did anything.
func (c *Client) CreateFlexRestoreJob(ctx context.Context, projectID, clusterName string, request FlexRestoreRequest) (*FlexRestoreJob, error) {
	create := flexRestoreCall(http.MethodPost, projectID, clusterName).with(request)
	create.once = true
	return do[FlexRestoreJob](ctx, c, create)
}

// GetFlexRestoreJob reads one restore job of a Flex cluster.
func (c *Client) GetFlexRestoreJob(ctx context.Context, projectID, clusterName, id string) (*FlexRestoreJob, error) {
	return do[FlexRestoreJob](ctx, c, flexRestoreCall(http.MethodGet, projectID, clusterName, id))
}

// ListFlexRestoreJobs reads the restore jobs of a Flex cluster, newest first as recorded, a page of 500 when it is needed. Atlas never
// forgets one, so a caller that looks for recent ones stops early.
func (c *Client) ListFlexRestoreJobs(ctx context.Context, projectID, clusterName string) iter.Seq2[*FlexRestoreJob, error] {
	all := &list[FlexRestoreJob]{
		client: c, op: flexRestoreCall(http.MethodGet, projectID, clusterName), size: maxPageSize, id: func(j *FlexRestoreJob) string { return j.ID },
	}
	return all.elements(ctx)
}

// FlexCluster is what matters of a Flex cluster for a restore onto it.
type FlexCluster struct {
	Name      string `json:"name"`
	StateName string `json:"stateName"`
	// MongoDBVersion is nil where Atlas does not say.
	MongoDBVersion *string `json:"mongoDBVersion"`
}

// GetFlexCluster reads a Flex cluster. A dedicated cluster is refused ([CodeNonFlexInFlexAPI]).
func (c *Client) GetFlexCluster(ctx context.Context, projectID, name string) (*FlexCluster, error) {
	return do[FlexCluster](ctx, c, call{method: http.MethodGet, path: []string{projectID, "flexClusters", name}, version: flexVersion})
}
