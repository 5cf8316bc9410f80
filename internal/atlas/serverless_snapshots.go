package atlas

import (
	"context"
	"iter"
	"net/http"
	"time"
)

// serverlessVersion is the version that 2023-10-01, which Atlas's documentation of these operations sends, resolves to: the
// only one they have.
const serverlessVersion = "2023-01-01"

// ServerlessSnapshot is a snapshot of a serverless instance. Its status words are those of a cluster's snapshot. Pointers
// are nil where Atlas does not say (yet).
type ServerlessSnapshot struct {
	ID                     string     `json:"id"`
	Status                 string     `json:"status"`
	SnapshotType           *string    `json:"snapshotType"`
	FrequencyType          *string    `json:"frequencyType"`
	CreatedAt              *time.Time `json:"createdAt"`
	ExpiresAt              *time.Time `json:"expiresAt"`
	MongodVersion          *string    `json:"mongodVersion"`
	ServerlessInstanceName *string    `json:"serverlessInstanceName"`
	StorageSizeBytes       *int64     `json:"storageSizeBytes"`
}

// TakenAt returns when the snapshot was taken, or, where Atlas does not say (yet), when it was requested.
func (s *ServerlessSnapshot) TakenAt() time.Time { return timeOr(s.CreatedAt, s.ID) }

func (s *ServerlessSnapshot) check() error { return checkSnapshot(s.ID, s.Status) }

func serverlessCall(projectID, instanceName string, more ...string) call {
	path := append([]string{projectID, "serverless", instanceName, "backup", "snapshots"}, more...)
	return call{method: http.MethodGet, path: path, version: serverlessVersion}
}

// GetServerlessSnapshot reads one snapshot of a serverless instance. Since January 2026 Atlas knows none; see
// [IsServerlessGone].
func (c *Client) GetServerlessSnapshot(ctx context.Context, projectID, instanceName, id string) (*ServerlessSnapshot, error) {
	return do[ServerlessSnapshot](ctx, c, serverlessCall(projectID, instanceName, id))
}

// ListServerlessSnapshots reads every snapshot of a serverless instance, in an order that is not documented. Since January
// 2026 it answers with an error that [IsServerlessGone], or with none.
func (c *Client) ListServerlessSnapshots(ctx context.Context, projectID, instanceName string) iter.Seq2[*ServerlessSnapshot, error] {
	all := &list[ServerlessSnapshot]{
		client: c, op: serverlessCall(projectID, instanceName), size: maxPageSize, id: func(s *ServerlessSnapshot) string { return s.ID },
	}
	return all.elements(ctx)
}

// IsServerlessGone reports whether the serverless API does not serve what it was asked for. How it says so since the sunset, in
// what form and with which code, is not documented: 404 as for the instance itself, 410 as Atlas does for what it has
// removed, 400 as for what is no serverless instance (any more), 403, 405 or 406 as for what nobody may ask any more. So only
// the status counts, unless the code blames the address that the request came from.
func IsServerlessGone(err error) bool {
	return !IsError(err, CodeNotOnAccessList, CodeRequiresAccessList) && hasStatus(err, http.StatusBadRequest, http.StatusForbidden,
		http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotAcceptable, http.StatusGone)
}
