package acctest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"gopkg.in/dnaeon/go-vcr.v4/pkg/cassette"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait/waittest"
)

// player answers the provider's requests from a cassette: each recorded answer once, and those to the same request in the
// order of the recording. Its clock goes with the recording, so that polls take no time and the times in bodies fit.
type player struct {
	cassette *cassette.Cassette
	clock    *waittest.Clock
	// exact says that nothing but the provider's waits took time when this was recorded.
	exact bool

	mu    sync.Mutex
	wrong []string
}

// newPlayer plays interactions on a clock that stands where the recording begins, see [tape.start].
func newPlayer(from string, interactions []*exchange, clock *waittest.Clock) *player {
	p := &player{cassette: cassette.New("cassette"), clock: clock, exact: from == fromSimulator}
	p.cassette.Matcher = matches
	for _, one := range interactions {
		p.cassette.Interactions = append(p.cassette.Interactions, &cassette.Interaction{
			ID:      one.ID,
			Request: cassette.Request{Method: one.Request.Method, URL: one.Request.URL, Headers: one.Request.Headers, Body: one.Request.Body},
			Response: cassette.Response{
				Code: one.Response.Code, Status: fmt.Sprintf("%d %s", one.Response.Code, http.StatusText(one.Response.Code)),
				Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Headers: one.Response.Headers, Body: one.Response.Body,
				ContentLength: int64(len(one.Response.Body)),
			},
		})
	}
	return p
}

// matches compares what makes a request: the method, the URL, the version that it asks for and the body.
func matches(r *http.Request, recorded cassette.Request) bool {
	if r.Method != recorded.Method || r.URL.String() != recorded.URL || r.Header.Get("Accept") != recorded.Headers.Get("Accept") {
		return false
	}
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return false
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	return string(body) == recorded.Body
}

// tolerance is how far an answer may be from the clock: Atlas's times have no fractions.
const tolerance = 2 * time.Second

// keepTime moves the clock to the time of an answer. One that is from before the clock is out of order, and on a simulator
// nothing but waiting takes the provider to a later one.
func (p *player) keepTime(one *cassette.Interaction) error {
	at, err := http.ParseTime(one.Response.Headers.Get("Date"))
	if err != nil {
		return p.note("interaction %d, %s %s, has no time: %v", one.ID, one.Request.Method, one.Request.URL, err)
	}
	late := p.clock.Now().Sub(at)
	if late > tolerance {
		return p.note("interaction %d, %s %s, is of %s and comes %s too late: the cassette is out of order, or the provider waits "+
			"longer than it did; record it anew with make record", one.ID, one.Request.Method, one.Request.URL, at.Format(time.TimeOnly), late)
	}
	if p.exact && -late > tolerance {
		return p.note("interaction %d, %s %s, is of %s and comes %s too early: the provider waits shorter than it did; record it anew with "+
			"make record", one.ID, one.Request.Method, one.Request.URL, at.Format(time.TimeOnly), -late)
	}
	if late < 0 {
		p.clock.Advance(-late)
	}
	return nil
}

func (p *player) note(format string, arguments ...any) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	err := fmt.Errorf(format, arguments...)
	p.wrong = append(p.wrong, err.Error())
	return err
}

// wrap has what it returns answer in the place of the authenticated transport. A recording has no use for credentials.
func (p *player) wrap(http.RoundTripper) http.RoundTripper { return p }

// RoundTrip answers from the cassette. What the cassette does not have is answered in a way that no caller takes for a
// passing failure, and noted.
func (p *player) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Context().Err() != nil {
		return nil, context.Cause(request.Context())
	}
	one, err := p.cassette.GetInteraction(request)
	if err != nil {
		return notRecorded(request, p.note("nothing is recorded (any more) for %s %s: record the cassette anew with make record",
			request.Method, request.URL)), nil
	}
	if call, ok := request.Context().Value(providerCallKey{}).(*providerCall); ok {
		call.take(one.ID)
	}
	if err := p.keepTime(one); err != nil {
		return notRecorded(request, err), nil
	}
	response, err := one.GetHTTPResponse()
	if err != nil {
		return nil, err
	}
	if response.StatusCode == http.StatusNoContent {
		response.Body = http.NoBody
	}
	return response, nil
}

func notRecorded(request *http.Request, err error) *http.Response {
	body, _ := json.Marshal(map[string]any{
		"error": http.StatusNotImplemented, "errorCode": "NOT_RECORDED", "detail": err.Error(), "reason": "Not Implemented",
	})
	return &http.Response{
		StatusCode: http.StatusNotImplemented, Status: "501 Not Implemented", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(body)), Request: request,
	}
}

// finish says what did not fit: requests that were not recorded, answers out of order, and answers that nobody asked for.
func (p *player) finish() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	problems := slices.Clone(p.wrong)
	var unplayed []string
	for _, one := range p.cassette.Interactions {
		if !one.WasReplayed() {
			unplayed = append(unplayed, fmt.Sprintf("interaction %d, %s %s", one.ID, one.Request.Method, one.Request.URL))
		}
	}
	if len(unplayed) > 0 {
		problems = append(problems, fmt.Sprintf("%d recorded answers were never asked for: %s", len(unplayed),
			strings.Join(unplayed[:min(len(unplayed), 3)], "; ")))
	}
	return problems
}

// start is when the recording begins.
func (t *tape) start() (time.Time, error) {
	if len(t.Interactions) == 0 {
		return time.Time{}, errors.New("the cassette is empty")
	}
	return http.ParseTime(t.Interactions[0].Response.Headers.Get("Date"))
}
