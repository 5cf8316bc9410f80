package atlassim

import (
	"slices"
	"time"
)

// Request is one API request in the log.
type Request struct {
	// Time is Atlas's time when the request arrived.
	Time   time.Time `json:"time"`
	Method string    `json:"method"`
	Path   string    `json:"path"`
	Query  string    `json:"query"`
	// Status is what was answered, or 0 if a fault dropped the connection.
	Status int `json:"status"`
	// Auth is the kind of credential the request carried, valid or not: none, digest, bearer or basic.
	Auth      string `json:"auth"`
	UserAgent string `json:"user_agent"`
	// Protocol is that of the connection, such as HTTP/2.0.
	Protocol string `json:"protocol"`
	// SnapshotID is the snapshot that the request took, whatever became of the answer.
	SnapshotID string `json:"snapshot_id,omitempty"`
	// Struck says that a fault took part in the answer.
	Struck bool `json:"struck,omitempty"`
}

// maxLogged bounds the memory of a simulator that runs for days; the oldest entries go first.
const maxLogged = 200_000

func (s *Simulator) log(c *call, out response) {
	if len(s.requests) >= maxLogged {
		s.requests = slices.Clone(s.requests[maxLogged/2:])
	}
	s.requests = append(s.requests, Request{
		Time:      c.now,
		Method:    c.request.Method,
		Path:      c.request.URL.Path,
		Query:     c.request.URL.RawQuery,
		Status:    out.status,
		Auth:      c.auth,
		UserAgent: c.request.UserAgent(),
		Protocol:  c.request.Proto,

		SnapshotID: c.taken,
		Struck:     c.struck,
	})
}

// Requests returns the API requests since the last clearing, challenges included, in the order of their arrival.
func (s *Simulator) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request{}, s.requests...)
}

// ClearRequests empties the log.
func (s *Simulator) ClearRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
}
