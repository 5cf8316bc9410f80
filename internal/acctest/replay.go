package acctest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait/waittest"
)

// replayTransport answers requests from a cassette: each recorded answer once, and those to the same request in the order of
// the recording. Its clock goes with the recording, so that polls take no time and the times in bodies fit.
type replayTransport struct {
	clock *waittest.Clock
	// exact says that nothing but the provider's waits took time when this was recorded.
	exact bool

	mu       sync.Mutex
	pending  []*interaction
	problems []string
}

// newReplayTransport replays the cassette on a clock of its own, which begins when the recording does.
func newReplayTransport(c *cassette) (*replayTransport, error) {
	start, err := c.Interactions[0].time()
	return &replayTransport{
		clock: waittest.NewClock(start), exact: c.Recorded.From == fromSimulator, pending: slices.Clone(c.Interactions),
	}, err
}

// wrap has the replay answer in the place of the authenticated transport. A recording has no use for credentials.
func (t *replayTransport) wrap(http.RoundTripper) http.RoundTripper { return t }

// RoundTrip answers from the cassette. What the cassette does not have is answered in a way that no caller takes for a
// passing failure, and noted.
func (t *replayTransport) RoundTrip(sent *http.Request) (*http.Response, error) {
	if sent.Context().Err() != nil {
		return nil, context.Cause(sent.Context())
	}
	sent, body, err := withBufferedBody(sent)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	at := slices.IndexFunc(t.pending, func(one *interaction) bool { return one.Request.matches(sent, string(body)) })
	if at < 0 {
		return t.refuse(sent, "nothing is recorded (any more) for %s %s: record the cassette anew with make record", sent.Method, sent.URL), nil
	}
	one := t.pending[at]
	t.pending = slices.Delete(t.pending, at, at+1)
	if problem := t.keepTime(one); problem != "" {
		return t.refuse(sent, "interaction %d, %s %s, %s", one.ID, sent.Method, sent.URL, problem), nil
	}
	return one.Response.answer(sent), nil
}

// matches compares what makes a request: the method, the URL, the version that it asks for and the body.
func (r *request) matches(sent *http.Request, body string) bool {
	return r.Method == sent.Method && r.URL == sent.URL.String() && r.Headers.Get("Accept") == sent.Header.Get("Accept") && r.Body == body
}

func (r *response) answer(sent *http.Request) *http.Response {
	answer := &http.Response{
		StatusCode: r.Code, Status: fmt.Sprintf("%d %s", r.Code, http.StatusText(r.Code)), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: r.Headers.Clone(), Body: io.NopCloser(strings.NewReader(r.Body)), ContentLength: int64(len(r.Body)), Request: sent,
	}
	if r.Code == http.StatusNoContent {
		answer.Body = http.NoBody
	}
	return answer
}

// timeTolerance is how far an answer may be from the clock: Atlas's times have no fractions.
const timeTolerance = 2 * time.Second

// keepTime moves the clock to the time of an answer, or returns what is wrong with it. One that is from before the clock is
// out of order, and on a simulator nothing but waiting takes the provider to a later one.
func (t *replayTransport) keepTime(one *interaction) string {
	at, err := one.time()
	if err != nil {
		return fmt.Sprintf("has no time: %v", err)
	}
	late := t.clock.Now().Sub(at)
	if late > timeTolerance {
		return fmt.Sprintf("is of %s and comes %s too late: the cassette is out of order, or the provider waits longer than it did; "+
			"record it anew with make record", at.Format(time.TimeOnly), late)
	}
	if t.exact && -late > timeTolerance {
		return fmt.Sprintf("is of %s and comes %s too early: the provider waits shorter than it did; record it anew with make record",
			at.Format(time.TimeOnly), -late)
	}
	if late < 0 {
		t.clock.Advance(-late)
	}
	return ""
}

// refuse notes a problem and returns it as an answer.
func (t *replayTransport) refuse(sent *http.Request, format string, arguments ...any) *http.Response {
	problem := fmt.Sprintf(format, arguments...)
	t.problems = append(t.problems, problem)
	body, _ := json.Marshal(map[string]any{ // strings and numbers always encode
		"error": http.StatusNotImplemented, "errorCode": "NOT_RECORDED", "detail": problem, "reason": "Not Implemented",
	})
	refusal := response{Code: http.StatusNotImplemented, Headers: http.Header{"Content-Type": {"application/json"}}, Body: string(body)}
	return refusal.answer(sent)
}

// finish returns what did not fit: requests that were not recorded, answers out of order, and answers that nobody asked for.
func (t *replayTransport) finish() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	problems := slices.Clone(t.problems)
	if len(t.pending) > 0 {
		var left []string
		for _, one := range t.pending[:min(len(t.pending), 3)] {
			left = append(left, fmt.Sprintf("interaction %d, %s %s", one.ID, one.Request.Method, one.Request.URL))
		}
		problems = append(problems, fmt.Sprintf("%d recorded answers were never asked for: %s", len(t.pending), strings.Join(left, "; ")))
	}
	return problems
}
