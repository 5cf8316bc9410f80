package atlas

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait/waittest"
)

const (
	wireProject  = "b0123456789abcdef012345b"
	wireCluster  = "Cluster0"
	wireSnapshot = "6a7944f22c88faeba59d3572"
	wireBase     = "/api/atlas/v2/groups/" + wireProject + "/clusters/" + wireCluster + "/backup/snapshots"
	wireToken    = "eyJ-secret-token"
	queuedBody   = `{"id":"` + wireSnapshot + `","status":"queued","type":"replicaSet","snapshotType":"onDemand"}`
)

// wireNow is where the clock of a client under test stands at first.
var wireNow = time.Date(2026, 8, 10, 3, 30, 0, 0, time.UTC)

// wire is the network of a client under test. It gives its answers in turn, the last one again and again, and notes what
// arrived. The test fails if an answer's body is left open.
type wire struct {
	mu       sync.Mutex
	answers  []roundTrip
	arrivals []arrival
	open     int
}

type arrival struct {
	Method, URI, Body string
	Header            http.Header
}

func newWire(t testing.TB, answers ...roundTrip) *wire {
	t.Helper()
	w := &wire{answers: answers}
	t.Cleanup(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.open != 0 {
			t.Errorf("%d bodies of answers were left open", w.open)
		}
	})
	return w
}

func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	came := arrival{Method: req.Method, URI: req.URL.RequestURI(), Header: req.Header.Clone()}
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err = errors.Join(err, req.Body.Close()); err != nil {
			return nil, err
		}
		came.Body = string(body)
	}
	w.mu.Lock()
	answer := w.answers[0]
	if len(w.answers) > 1 {
		w.answers = w.answers[1:]
	}
	w.arrivals = append(w.arrivals, came)
	w.mu.Unlock()
	res, err := answer(req)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open++
	res.Body = &wireBody{ReadCloser: res.Body, closed: sync.OnceFunc(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.open--
	})}
	return res, nil
}

type wireBody struct {
	io.ReadCloser
	closed func()
}

func (b *wireBody) Close() error {
	b.closed()
	return b.ReadCloser.Close()
}

// client is a client on the wire, without jitter.
func (w *wire) client(t testing.TB, options ...Option) (*Client, *waittest.Clock) {
	t.Helper()
	return w.clientOf(t, AccessToken(wireToken), options...)
}

func (w *wire) clientOf(t testing.TB, auth Authenticator, options ...Option) (*Client, *waittest.Clock) {
	t.Helper()
	clock := waittest.NewClock(wireNow)
	return New(mustBase(t, "https://cloud.example.com"), auth, append([]Option{
		WithTransport(w), WithClock(clock), WithJitter(func() float64 { return 0 }),
	}, options...)...), clock
}

// expectArrivals checks how many requests came.
func (w *wire) expectArrivals(t testing.TB, want int) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.arrivals) != want {
		t.Errorf("%d requests came, want %d", len(w.arrivals), want)
	}
}

// reply is an answer with headers of the form "Name: value".
func reply(status int, body string, headers ...string) roundTrip {
	return func(*http.Request) (*http.Response, error) {
		res := plainAnswer(status, body)
		for _, header := range headers {
			name, value, _ := strings.Cut(header, ": ")
			res.Header.Add(name, value)
		}
		return res, nil
	}
}

// breakOff is a connection that ends without an answer.
func breakOff(err error) roundTrip {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// expectOneLine checks that text can be shown: short, on one line, and with nothing in it that acts on a terminal.
func expectOneLine(t testing.TB, text string, longest int) {
	t.Helper()
	if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		t.Errorf("unprintable: %q", text)
	}
	if length := utf8.RuneCountInString(text); length > longest {
		t.Errorf("%d runes, %d at most: %.200q", length, longest, text)
	}
}

func mustBase(t testing.TB, raw string) *url.URL {
	t.Helper()
	base, err := ParseBaseURL(raw)
	if err != nil {
		t.Fatal(err)
	}
	return base
}
