package acctest

import (
	"context"
	"net"
	"net/http/httptest"
	"sync"
	"testing"
)

// reserved are the addresses of servers that have been closed, for as long as the process lives.
var reserved struct {
	mu        sync.Mutex
	listeners []net.Listener
}

// closeWithTest closes the server with the test and keeps its address from the servers of later tests: the provider remembers by
// address what this process has taken, and the snapshots of all simulators have the same IDs.
func closeWithTest(t testing.TB, server *httptest.Server) {
	t.Helper()
	t.Cleanup(func() {
		address := server.Listener.Addr().String()
		server.Close()
		listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", address)
		if err != nil {
			// Whoever has it by now may be another process: then there is nothing to keep.
			return
		}
		reserved.mu.Lock()
		defer reserved.mu.Unlock()
		reserved.listeners = append(reserved.listeners, listener)
	})
}
