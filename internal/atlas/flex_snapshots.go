package atlas

import (
	"context"
	"iter"
	"net/http"
	"time"
)

// flexVersion is the only version that the operations on Flex clusters have.
const flexVersion = "2024-11-13"

// Status words of a Flex cluster's snapshot. Atlas may use others.
const (
	FlexStatusPending   = "PENDING"
	FlexStatusQueued    = "QUEUED"
	FlexStatusRunning   = "RUNNING"
	FlexStatusCompleted = "COMPLETED"
	FlexStatusFailed    = "FAILED"
)

// FlexSnapshot is a snapshot of a Flex cluster. Atlas takes one a day and keeps the last eight; nobody can ask for one.
// Pointers are nil where Atlas does not say (yet).
type FlexSnapshot struct {
	ID          string     `json:"id"`
	Status      string     `json:"status"`
	ScheduledAt *time.Time `json:"scheduledTime"`
	StartedAt   *time.Time `json:"startTime"`
	// FinishedAt is there for a failed snapshot too.
	FinishedAt *time.Time `json:"finishTime"`
	// ExpiresAt is eight days after ScheduledAt.
	ExpiresAt     *time.Time `json:"expiration"`
	MongodVersion *string    `json:"mongoDBVersion"`
}

// TakenAt returns when Atlas began to take the snapshot. The ID has that moment too, for where Atlas does not say it.
func (s *FlexSnapshot) TakenAt() time.Time { return timeOr(s.StartedAt, s.ID) }

func (s *FlexSnapshot) check() error { return checkSnapshot(s.ID, s.Status) }

func flexCall(projectID, clusterName string, more ...string) call {
	path := append([]string{projectID, "flexClusters", clusterName, "backup", "snapshots"}, more...)
	return call{method: http.MethodGet, path: path, version: flexVersion}
}

// GetFlexSnapshot reads one snapshot of a Flex cluster. A dedicated cluster is refused ([CodeNonFlexInFlexAPI]).
func (c *Client) GetFlexSnapshot(ctx context.Context, projectID, clusterName, id string) (*FlexSnapshot, error) {
	return do[FlexSnapshot](ctx, c, flexCall(projectID, clusterName, id))
}

// ListFlexSnapshots reads every snapshot of a Flex cluster, oldest first as recorded.
func (c *Client) ListFlexSnapshots(ctx context.Context, projectID, clusterName string) iter.Seq2[*FlexSnapshot, error] {
	all := &list[FlexSnapshot]{
		client: c, op: flexCall(projectID, clusterName), size: maxPageSize, id: func(s *FlexSnapshot) string { return s.ID },
	}
	return all.elements(ctx)
}
