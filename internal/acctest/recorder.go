package acctest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"sync"
)

// recorder collects what passes between the clients of a scenario and Atlas. It stands outside the authentication, so that
// no credential and no challenge reaches it.
type recorder struct {
	mu       sync.Mutex
	recorded []*interaction
}

// wrap returns a transport that records what goes through next. One recorder serves every client, and each has a transport of
// its own.
func (r *recorder) wrap(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(sent *http.Request) (*http.Response, error) {
		sent, requestBody, err := withBufferedBody(sent)
		if err != nil {
			return nil, err
		}
		received, err := next.RoundTrip(sent)
		if err != nil {
			return nil, err
		}
		responseBody, err := bufferBody(received)
		if err != nil {
			return nil, err
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.recorded = append(r.recorded, &interaction{
			Request:  request{Method: sent.Method, URL: sent.URL.String(), Headers: sent.Header.Clone(), Body: string(requestBody)},
			Response: response{Code: received.StatusCode, Headers: received.Header.Clone(), Body: string(responseBody)},
		})
		return received, nil
	})
}

// interactions returns what is recorded. Nothing is masked yet.
func (r *recorder) interactions() []*interaction {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.recorded
}

// withBufferedBody returns the body of a request, and the request with a body that can be sent twice, as a digest challenge
// wants it.
func withBufferedBody(sent *http.Request) (*http.Request, []byte, error) {
	if sent.Body == nil || sent.Body == http.NoBody {
		return sent, nil, nil
	}
	content, err := io.ReadAll(sent.Body)
	if err = errors.Join(err, sent.Body.Close()); err != nil {
		return nil, nil, err
	}
	sent = sent.Clone(sent.Context())
	sent.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }
	sent.Body, _ = sent.GetBody()
	sent.ContentLength = int64(len(content))
	return sent, content, nil
}

// bufferBody returns the body of a response, which can be read again afterwards.
func bufferBody(received *http.Response) ([]byte, error) {
	content, err := io.ReadAll(received.Body)
	if err = errors.Join(err, received.Body.Close()); err != nil {
		return nil, err
	}
	received.Body = io.NopCloser(bytes.NewReader(content))
	return content, nil
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }
