package snapshot_test

import (
	"net/http"
	"os"
	"sync"
)

// timeoutTransport is the way to Atlas. Where a timeout is armed, it carries a request there and gives up waiting for the answer.
type timeoutTransport struct {
	next     http.RoundTripper
	mu       sync.Mutex
	method   string
	timeouts int
}

// arm has so many requests with this method time out.
func (w *timeoutTransport) arm(method string, times int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.method, w.timeouts = method, times
}

func (w *timeoutTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := w.next.RoundTrip(request)
	if err != nil || response.StatusCode == http.StatusUnauthorized {
		return response, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if request.Method != w.method || w.timeouts == 0 {
		return response, nil
	}
	w.timeouts--
	_ = response.Body.Close()
	return nil, os.ErrDeadlineExceeded
}
