package atlas

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"time"
)

// snapshotsVersion is the only version that the snapshot operations have.
const snapshotsVersion = "2023-01-01"

// Status words of a cluster's snapshot. Atlas may use others; those count as pending.
const (
	StatusQueued     = "queued"
	StatusInProgress = "inProgress"
	StatusCompleted  = "completed"
	StatusFailed     = "failed"
)

const (
	// TypeSharded is the type of a sharded cluster's snapshot.
	TypeSharded = "shardedCluster"
	// SnapshotTypeOnDemand is the snapshotType of a snapshot that somebody asked for.
	SnapshotTypeOnDemand = "onDemand"
)

// Snapshot is a snapshot of a replica set or of a sharded cluster. Atlas leaves out what it does not know yet, so pointers
// are nil until then: CreatedAt, ExpiresAt, MongodVersion, CloudProvider and StorageSizeBytes move until completion.
type Snapshot struct {
	ID            string     `json:"id"`
	Status        string     `json:"status"`
	Type          string     `json:"type"`
	SnapshotType  string     `json:"snapshotType"`
	FrequencyType *string    `json:"frequencyType"`
	Description   *string    `json:"description"`
	CreatedAt     *time.Time `json:"createdAt"`
	ExpiresAt     *time.Time `json:"expiresAt"`
	MongodVersion *string    `json:"mongodVersion"`
	// StorageSizeBytes is 0 until completion.
	StorageSizeBytes *int64   `json:"storageSizeBytes"`
	CloudProvider    *string  `json:"cloudProvider"`
	ReplicaSetName   *string  `json:"replicaSetName"`
	CopyRegions      []string `json:"copyRegions"`
	PolicyItems      []string `json:"policyItems"`
	MasterKeyUUID    *string  `json:"masterKeyUUID"`

	// The rest is there for sharded clusters, from GetShardedSnapshot only.

	ConfigServerType *string          `json:"configServerType"`
	Members          []SnapshotMember `json:"members"`
	SnapshotIDs      []string         `json:"snapshotIds"`

	// MembersError is why members could not be read although the rest was. No answer has it.
	MembersError error `json:"-"`
}

// SnapshotMember is the part of a sharded cluster's snapshot that one shard or the config servers have.
type SnapshotMember struct {
	ID             string `json:"id"`
	CloudProvider  string `json:"cloudProvider"`
	ReplicaSetName string `json:"replicaSetName"`
}

// Settled reports whether Atlas has finished with the snapshot, for better or worse.
func (s *Snapshot) Settled() bool { return s.Status == StatusCompleted || s.Status == StatusFailed }

// Pending reports whether Atlas still has work to do, also where the status is a word that this client does not know.
func (s *Snapshot) Pending() bool { return !s.Settled() }

// RequestedAt returns the moment Atlas was asked for the snapshot, by Atlas's clock: it is in the ID.
func (s *Snapshot) RequestedAt() time.Time { return timeOr(nil, s.ID) }

// TakenAt returns when the snapshot was taken, or, where Atlas does not say (yet), when it was requested.
func (s *Snapshot) TakenAt() time.Time { return timeOr(s.CreatedAt, s.ID) }

// AddMembers takes over what only the endpoints for sharded clusters say of the same snapshot.
func (s *Snapshot) AddMembers(sharded *Snapshot) {
	s.ConfigServerType, s.Members, s.SnapshotIDs = sharded.ConfigServerType, sharded.Members, sharded.SnapshotIDs
}

// TakeSnapshotRequest is what can be said of a new on-demand snapshot.
type TakeSnapshotRequest struct {
	Description string `json:"description,omitempty"`
	// RetentionInDays is how long Atlas keeps it, 1 at the least.
	RetentionInDays int64 `json:"retentionInDays"`
}

func snapshotCall(method, projectID, clusterName string, more ...string) call {
	path := append([]string{projectID, "clusters", clusterName, "backup", "snapshots"}, more...)
	return call{method: method, path: path, version: snapshotsVersion}
}

// TakeSnapshot asks for an on-demand snapshot and returns at once, with the snapshot queued. Atlas refuses while another one
// is pending ([CodeUnfinishedSnapshot]). After an error that [IsLost] the snapshot may exist all the same.
func (c *Client) TakeSnapshot(ctx context.Context, projectID, clusterName string, request TakeSnapshotRequest) (*Snapshot, error) {
	return do[Snapshot](ctx, c, snapshotCall(http.MethodPost, projectID, clusterName).with(request))
}

// GetSnapshot reads one snapshot. Of a sharded cluster's it has all but members.
func (c *Client) GetSnapshot(ctx context.Context, projectID, clusterName, id string) (*Snapshot, error) {
	return do[Snapshot](ctx, c, snapshotCall(http.MethodGet, projectID, clusterName, id))
}

// GetShardedSnapshot reads one snapshot of a sharded cluster with its members.
func (c *Client) GetShardedSnapshot(ctx context.Context, projectID, clusterName, id string) (*Snapshot, error) {
	return do[Snapshot](ctx, c, snapshotCall(http.MethodGet, projectID, clusterName, "shardedCluster", id))
}

func snapshotID(s *Snapshot) string { return s.ID }

// ListSnapshots reads every snapshot of a cluster, newest first by Atlas's documentation, a page of 500 at a time. An error that
// [IsUnreadableElement] does not end it.
func (c *Client) ListSnapshots(ctx context.Context, projectID, clusterName string) iter.Seq2[*Snapshot, error] {
	all := &list[Snapshot]{client: c, op: snapshotCall(http.MethodGet, projectID, clusterName), size: maxPageSize, id: snapshotID}
	return all.elements(ctx)
}

// RecentSnapshots reads the 100 newest snapshots of a cluster, in one request.
func (c *Client) RecentSnapshots(ctx context.Context, projectID, clusterName string) iter.Seq2[*Snapshot, error] {
	recent := &list[Snapshot]{client: c, op: snapshotCall(http.MethodGet, projectID, clusterName), size: 100, last: 1, id: snapshotID}
	return recent.elements(ctx)
}

// ListShardedSnapshots reads every snapshot of a sharded cluster with its members, in one request: Atlas gives this list
// without pages. Its order is not documented.
func (c *Client) ListShardedSnapshots(ctx context.Context, projectID, clusterName string) ([]*Snapshot, error) {
	all := page[Snapshot]{id: snapshotID}
	err := c.send(ctx, snapshotCall(http.MethodGet, projectID, clusterName, "shardedClusters"), &all)
	return all.elements, err
}

// UpdateRetention has Atlas keep a completed snapshot for days. Atlas does not document from when it counts.
func (c *Client) UpdateRetention(ctx context.Context, projectID, clusterName, id string, days int64) (*Snapshot, error) {
	return do[Snapshot](ctx, c, snapshotCall(http.MethodPatch, projectID, clusterName, id).with(struct {
		RetentionUnit  string `json:"retentionUnit"`
		RetentionValue int64  `json:"retentionValue"`
	}{"DAYS", days}))
}

// DeleteSnapshot deletes a snapshot, a sharded cluster's too. Atlas refuses while it is in progress
// ([CodeDeleteInProgress]) and under a Backup Compliance Policy ([CodeDeleteUnderCompliance]).
func (c *Client) DeleteSnapshot(ctx context.Context, projectID, clusterName, id string) error {
	return c.send(ctx, snapshotCall(http.MethodDelete, projectID, clusterName, id), nil)
}

// errNoSnapshot is what makes an answer useless that reads as JSON but names no snapshot.
var errNoSnapshot = errors.New("the answer names no snapshot ID and status")

func checkSnapshot(id, status string) error {
	if _, ok := ObjectIDTime(id); !ok || status == "" {
		return errNoSnapshot
	}
	return nil
}

func (s *Snapshot) check() error { return checkSnapshot(s.ID, s.Status) }
