package atlas

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

// exchangeTransport bounds one exchange with the wire, the body of its answer included, by timeout.
//
// It carries the POST of a call through to its answer although the context of the call ends meanwhile: an interrupted run
// must still learn the id of what it has just asked for. Where the context has ended already, nothing is sent at all.
type exchangeTransport struct {
	next    http.RoundTripper
	timeout time.Duration
}

func (t *exchangeTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	outer := request.Context()
	if outer.Err() != nil {
		if request.Body != nil {
			_ = request.Body.Close()
		}
		return nil, &unsentError{context.Cause(outer)}
	}
	carried := isCarried(request)
	if carried {
		outer = context.WithoutCancel(outer)
	}
	// The wire takes real time, whatever clock the pauses go by.
	ctx, cancel := wait.System().WithTimeout(outer, t.timeout)
	x := &boundExchange{outer: outer, ctx: ctx, cancel: cancel, timeout: t.timeout}
	response, err := t.next.RoundTrip(request.WithContext(ctx))
	if err != nil {
		err = x.explain(err)
		cancel()
		if carried {
			err = &carriedError{err: err}
		}
		return nil, err
	}
	response.Body = &exchangeBody{ReadCloser: response.Body, exchange: x}
	return response, nil
}

// isCarried says that request is the POST of a call. The request for a token that a call makes on its way is a POST too,
// but nothing to wait for when the run is interrupted, unless the call is a POST itself.
func isCarried(request *http.Request) bool {
	so, ok := request.Context().Value(triesKey{}).(*tries)
	return ok && so.method == http.MethodPost && request.Method == http.MethodPost
}

// carriedError is what went wrong with a request that was carried through. No end of a context has to do with it.
type carriedError struct{ err error }

func (e *carriedError) Error() string { return e.err.Error() }

func (e *carriedError) Unwrap() error { return e.err }

// unsentError is the end of a context before the request was sent.
type unsentError struct{ err error }

func (e *unsentError) Error() string { return e.err.Error() }

func (e *unsentError) Unwrap() error { return e.err }

type boundExchange struct {
	outer, ctx context.Context
	cancel     context.CancelFunc
	timeout    time.Duration
}

// explain says it where err is the doing of the exchange's own timeout.
func (x *boundExchange) explain(err error) error {
	if x.outer.Err() == nil && x.ctx.Err() != nil {
		return &boundError{fmt.Sprintf("it took longer than %s", x.timeout)}
	}
	return err
}

// boundError is an answer that a bound of this client has cut off. The next one would most likely meet it too.
type boundError struct{ text string }

func (e *boundError) Error() string { return e.text }

type exchangeBody struct {
	io.ReadCloser
	exchange *boundExchange
}

func (b *exchangeBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = b.exchange.explain(err)
	}
	return n, err
}

func (b *exchangeBody) Close() error {
	defer b.exchange.cancel()
	return b.ReadCloser.Close()
}
