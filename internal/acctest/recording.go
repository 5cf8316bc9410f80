package acctest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"

	"gopkg.in/dnaeon/go-vcr.v4/pkg/cassette"
	"gopkg.in/dnaeon/go-vcr.v4/pkg/recorder"
)

// recording collects what passes between the clients of a scenario and Atlas. It stands outside the authentication, so that
// no credential and no challenge reaches it.
type recording struct {
	vcr *recorder.Recorder
	mu  sync.Mutex
	got []*cassette.Interaction
}

func newRecording() (*recording, error) {
	r := &recording{}
	vcr, err := recorder.New("cassette",
		recorder.WithMode(recorder.ModeRecordOnly),
		recorder.WithRealTransport(roundTripper(onwards)),
		recorder.WithSkipRequestLatency(true),
		recorder.WithHook(r.capture, recorder.AfterCaptureHook),
	)
	r.vcr = vcr
	return r, err
}

func (r *recording) capture(one *cassette.Interaction) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, one)
	return nil
}

// all is the cassette as recorded. Nothing is masked yet.
func (r *recording) all() *cassette.Cassette {
	r.mu.Lock()
	defer r.mu.Unlock()
	return &cassette.Cassette{Version: cassette.CassetteFormatVersion, Interactions: r.got}
}

type nextKey struct{}

// wrap records what goes through next. One recorder serves every client, and each has a transport of its own.
func (r *recording) wrap(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(request *http.Request) (*http.Response, error) {
		return r.vcr.RoundTrip(request.WithContext(context.WithValue(request.Context(), nextKey{}, next)))
	})
}

// onwards sends a request through the transport that wrap was given, with a body that can be sent twice, as a digest
// challenge wants it.
func onwards(request *http.Request) (*http.Response, error) {
	next, ok := request.Context().Value(nextKey{}).(http.RoundTripper)
	if !ok {
		return nil, errors.New("acctest: a request came past wrap")
	}
	if request.Body == nil || request.Body == http.NoBody {
		return next.RoundTrip(request)
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	request = request.Clone(request.Context())
	request.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	request.Body, _ = request.GetBody()
	request.ContentLength = int64(len(body))
	return next.RoundTrip(request)
}
