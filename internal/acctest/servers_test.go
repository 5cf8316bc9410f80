package acctest

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestCloseWithTest ends a test whose server no later one may take for its own.
func TestCloseWithTest(t *testing.T) {
	var address string
	t.Run("its test", func(t *testing.T) {
		server := httptest.NewServer(http.NotFoundHandler())
		closeWithTest(t, server)
		address = server.Listener.Addr().String()
	})
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", address)
	if err == nil {
		_ = listener.Close()
		t.Errorf("the next test may have a server at %s", address)
	}
}
