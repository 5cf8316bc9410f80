package atlas

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

// uninterruptible marks the context of a POST of the API, as a key.
type uninterruptible struct{}

// exchangeTransport bounds one exchange with the wire, the body of its answer included, by requestTimeout.
//
// A POST of the API goes on to its answer although the context of the call ends meanwhile: an interrupted run must still learn
// the ID of what it has just requested. Where the context has ended already, nothing is sent at all.
type exchangeTransport struct{ next http.RoundTripper }

func (t *exchangeTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	outer := request.Context()
	if outer.Err() != nil {
		if request.Body != nil {
			_ = request.Body.Close()
		}
		return nil, &unsentError{context.Cause(outer)}
	}
	// The request for a token that a call makes on its way is a POST too, but waited for only if the call is one.
	uninterrupted := request.Method == http.MethodPost && outer.Value(uninterruptible{}) != nil
	if uninterrupted {
		outer = context.WithoutCancel(outer)
	}
	// The wire takes real time, whatever clock the pauses go by.
	ctx, cancel := wait.System().WithTimeout(outer, requestTimeout)
	explain := func(err error) error {
		if outer.Err() == nil && ctx.Err() != nil {
			return &limitError{fmt.Sprintf("it took longer than %s", requestTimeout)}
		}
		return err
	}
	response, err := t.next.RoundTrip(request.WithContext(ctx))
	if err != nil {
		err = explain(err)
		cancel()
		if uninterrupted {
			err = &uninterruptedError{err}
		}
		return nil, err
	}
	response.Body = &exchangeBody{ReadCloser: response.Body, explain: explain, cancel: cancel}
	return response, nil
}

type exchangeBody struct {
	io.ReadCloser
	explain func(error) error
	cancel  context.CancelFunc
}

func (b *exchangeBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = b.explain(err)
	}
	return n, err
}

func (b *exchangeBody) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}

// uninterruptedError is what went wrong with a request that nothing interrupts. No end of a context has to do with it.
type uninterruptedError struct{ error }

func (e *uninterruptedError) Unwrap() error { return e.error }

// unsentError is the end of a context before the request was sent.
type unsentError struct{ error }

func (e *unsentError) Unwrap() error { return e.error }

// limitError is an answer that a limit of this client has cut off. The next one would most likely meet it too.
type limitError struct{ text string }

func (e *limitError) Error() string { return e.text }
