package chaos

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"syscall"
)

// simulatorTransport is a way to a simulator without a network: quick, and possible in a bubble of fake time. Broken connections and cut
// answers look to the client as they do on a network.
type simulatorTransport struct{ simulator http.Handler }

func (w simulatorTransport) RoundTrip(request *http.Request) (answer *http.Response, err error) {
	if request.Context().Err() != nil {
		return nil, context.Cause(request.Context())
	}
	inner := request.Clone(request.Context())
	if inner.Body == nil {
		inner.Body = http.NoBody
	}
	defer func() {
		switch broken := recover(); {
		case broken == nil:
		case errors.Is(asError(broken), http.ErrAbortHandler):
			answer, err = nil, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
		default:
			panic(broken)
		}
	}()
	recorder := httptest.NewRecorder()
	w.simulator.ServeHTTP(recorder, inner)
	answer = recorder.Result()
	if promised := answer.ContentLength; promised > int64(recorder.Body.Len()) {
		answer.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(answer.Body, cut{}), answer.Body}
	}
	return answer, nil
}

func asError(recovered any) error {
	err, _ := recovered.(error)
	return err
}

// cut is the end of a body that is shorter than was promised.
type cut struct{}

func (cut) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
