package atlas

import (
	"context"
	"io"
	"net/http"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

// uninterruptedTransport carries a POST through to its answer although its context ends meanwhile: an interrupted run must
// still learn the id of what it has just asked for. The exchange is bounded by requestTimeout.
type uninterruptedTransport struct {
	next  http.RoundTripper
	clock wait.Clock
}

func (t *uninterruptedTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Method != http.MethodPost {
		return t.next.RoundTrip(request)
	}
	ctx, cancel := t.clock.WithTimeout(context.WithoutCancel(request.Context()), requestTimeout)
	response, err := t.next.RoundTrip(request.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, err
	}
	response.Body = &cancelingBody{ReadCloser: response.Body, cancel: cancel}
	return response, nil
}

type cancelingBody struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (b *cancelingBody) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}
