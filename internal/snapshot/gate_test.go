package snapshot_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
)

// place is one request of a create or of a resumed wait: where a signal strikes.
type place struct {
	method string
	// path is how the path ends, or, with a slash at the end, what comes before the id.
	path string
	// skip lets that many such requests pass first.
	skip int
	// after has Atlas do the work before the answer is held.
	after bool
}

func (p place) matches(r *http.Request) bool {
	if r.Method != p.method || r.Header.Get("Authorization") == "" {
		return false
	}
	if strings.HasSuffix(p.path, "/") {
		return strings.Contains(r.URL.Path, p.path)
	}
	return strings.HasSuffix(r.URL.Path, p.path)
}

// gate stands before the simulator. It holds the request that it was closed for, and every one that comes later: a read
// until whoever asked has gone, a request that changes something until it is let pass.
type gate struct {
	simulator http.Handler
	mu        sync.Mutex
	closed    *place
	held      bool
	arrived   chan struct{}
	release   chan struct{}
	// passed ends when the held request has been dealt with.
	passed chan struct{}
}

func newGate(simulator http.Handler) *gate { return &gate{simulator: simulator} }

// close closes the gate for a request that is still to come.
func (g *gate) close(at place) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed, g.held = &at, false
	g.arrived, g.release, g.passed = make(chan struct{}), make(chan struct{}), make(chan struct{})
}

// open lets everything pass from now on.
func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = nil
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	at, later := g.closed, g.held
	strikes := at != nil && !later && at.matches(r)
	if strikes && at.skip > 0 {
		at.skip--
		strikes = false
	}
	g.held = g.held || strikes
	g.mu.Unlock()
	switch {
	case strikes:
		defer close(g.passed)
		g.hold(w, r, at.after)
	case at != nil && later && r.Method == http.MethodGet:
		<-r.Context().Done()
	default:
		g.simulator.ServeHTTP(w, r)
	}
}

func (g *gate) hold(w http.ResponseWriter, r *http.Request, after bool) {
	if r.Method == http.MethodGet {
		close(g.arrived)
		<-r.Context().Done()
		return
	}
	answer := httptest.NewRecorder()
	if after {
		g.simulator.ServeHTTP(answer, r)
	}
	close(g.arrived)
	<-g.release
	if !after {
		g.simulator.ServeHTTP(answer, r)
	}
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	// Whoever asked may have gone.
	_, _ = w.Write(answer.Body.Bytes())
}
