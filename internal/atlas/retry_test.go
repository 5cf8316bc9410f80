package atlas

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait/waittest"
)

const (
	limitedBody = `{"detail":"Rate limit exceeded","error":429,"errorCode":"RATE_LIMITED_TOKEN_BUCKET","parameters":[],"reason":"Too Many Requests"}`
	refusedBody = `{"error":401,"reason":"Unauthorized","detail":"You are not authorized for this resource."}`
)

var (
	errReset   = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	errRefused = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
)

func seconds(s ...float64) []time.Duration {
	var durations []time.Duration
	for _, x := range s {
		durations = append(durations, time.Duration(x*float64(time.Second)))
	}
	return durations
}

func TestRetryAfter(t *testing.T) {
	for name, tt := range map[string]struct {
		header, date string
		want         time.Duration
		said         bool
	}{
		"seconds":                   {"120", "", 2 * time.Minute, true},
		"none":                      {"0", "", 0, true},
		"absent":                    {"", "", 0, false},
		"negative":                  {"-1", "", 0, false},
		"signed":                    {"+1", "", 0, false},
		"fraction":                  {"1.5", "", 0, false},
		"words":                     {"soon", "", 0, false},
		"hexadecimal":               {"0x10", "", 0, false},
		"huge":                      {"9223372036854775807", "", maxRetryAfter, true},
		"beyond numbers":            {"99999999999999999999999", "", 0, false},
		"date, by this machine":     {"Mon, 10 Aug 2026 03:30:20 GMT", "", 20 * time.Second, true},
		"date, by the answer":       {"Mon, 10 Aug 2026 03:30:20 GMT", "Mon, 10 Aug 2026 03:30:15 GMT", 5 * time.Second, true},
		"date, the answer's is bad": {"Mon, 10 Aug 2026 03:30:20 GMT", "today", 20 * time.Second, true},
		"date that has passed":      {"Mon, 10 Aug 2020 03:30:20 GMT", "", 0, true},
		"date of RFC 850":           {"Monday, 10-Aug-26 03:30:20 GMT", "", 20 * time.Second, true},
		"date of another age":       {"Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT", maxRetryAfter, true},
		"date without a zone":       {"Mon, 10 Aug 2026 03:30:20", "", 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, said := retryAfter(http.Header{"Retry-After": {tt.header}, "Date": {tt.date}}, wireNow)
			if got != tt.want || said != tt.said {
				t.Errorf("retryAfter = %s, %t, want %s, %t", got, said, tt.want, tt.said)
			}
		})
	}
}

// A refusal by the rate limit was not carried out, so any request is repeated, body and all, after what Atlas asks for.
func TestRetry_throttled(t *testing.T) {
	for name, tt := range map[string]struct {
		headers []string
		want    []time.Duration
	}{
		"seconds":  {[]string{"Retry-After: 7"}, seconds(7, 7, 7)},
		"none":     {[]string{"Retry-After: 0"}, seconds(1, 1, 1)},
		"absent":   {nil, seconds(10, 20, 40)},
		"negative": {[]string{"Retry-After: -7"}, seconds(10, 20, 40)},
		"date":     {[]string{"Retry-After: Mon, 10 Aug 2026 05:00:30 GMT", "Date: Mon, 10 Aug 2026 05:00:00 GMT"}, seconds(30, 30, 30)},
	} {
		for method, do := range everyCall {
			t.Run(name+", "+method, func(t *testing.T) {
				limited := reply(http.StatusTooManyRequests, limitedBody, tt.headers...)
				w := newWire(t, limited, limited, limited, reply(http.StatusOK, queuedBody))
				client, clock := w.client(t)
				if err := do(t.Context(), client); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.want, clock.Slept()); diff != "" {
					t.Errorf("pauses (-want +got):\n%s", diff)
				}
				for _, again := range w.arrivals[1:] {
					if diff := cmp.Diff(w.arrivals[0], again); diff != "" {
						t.Errorf("the repetition differs (-first +again):\n%s", diff)
					}
				}
			})
		}
	}
}

func TestRetry_throttledForGood(t *testing.T) {
	w := newWire(t, reply(http.StatusTooManyRequests, limitedBody))
	client, clock := w.client(t)
	err := everyCall["take"](t.Context(), client)
	if !IsError(err, "RATE_LIMITED_TOKEN_BUCKET") || IsLost(err) {
		t.Errorf("error = %v", err)
	}
	w.expectArrivals(t, throttledTries)
	want := seconds(10, 20, 40)
	for len(want) < throttledTries-1 {
		want = append(want, longestPause)
	}
	if diff := cmp.Diff(want, clock.Slept()); diff != "" {
		t.Errorf("pauses (-want +got):\n%s", diff)
	}
}

func TestRetry_jitter(t *testing.T) {
	limited := reply(http.StatusTooManyRequests, limitedBody, "Retry-After: 100")
	for jitter, want := range map[float64]time.Duration{0: 100 * time.Second, 0.5: 110 * time.Second, 1: 120 * time.Second} {
		w := newWire(t, limited, reply(http.StatusOK, queuedBody))
		client, clock := w.client(t, WithJitter(func() float64 { return jitter }))
		if err := everyCall["take"](t.Context(), client); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]time.Duration{want}, clock.Slept()); diff != "" {
			t.Errorf("pauses with jitter %v (-want +got):\n%s", jitter, diff)
		}
	}

	// The client's own jitter never falls short of what Atlas asks for, and differs from request to request.
	w := newWire(t, limited)
	client, clock := w.client(t)
	client = New(client.base, client.auth, WithTransport(w), WithClock(clock))
	_ = everyCall["get"](t.Context(), client)
	different := map[time.Duration]bool{}
	for _, pause := range clock.Slept() {
		different[pause] = true
		if pause < 100*time.Second || pause > 120*time.Second {
			t.Errorf("pause = %s", pause)
		}
	}
	if len(different) < 2 {
		t.Errorf("pauses = %v", clock.Slept())
	}
}

func TestRetry_failures(t *testing.T) {
	read := []string{"get", "get sharded", "get cluster", "update", "delete"}
	post := []string{"take"}
	all := append(append([]string{}, read...), post...)
	doubling := seconds(1, 2, 4, 8)
	for name, tt := range map[string]struct {
		methods []string
		answer  roundTrip
		pauses  []time.Duration
	}{
		"500":                          {read, reply(500, `{"error":500,"errorCode":"UNEXPECTED_ERROR"}`), doubling},
		"502 page":                     {read, reply(502, "<html>"), doubling},
		"503":                          {read, reply(503, ""), doubling},
		"503 that asks to wait":        {read, reply(503, "", "Retry-After: 30"), seconds(30, 30, 30, 30)},
		"504":                          {read, reply(504, ""), doubling},
		"reset":                        {read, breakOff(errReset), doubling},
		"end of file":                  {read, breakOff(io.ErrUnexpectedEOF), doubling},
		"POST that may be carried out": {post, reply(500, `{"error":500,"errorCode":"UNEXPECTED_ERROR"}`), nil},
		"POST, 502 page":               {post, reply(502, "<html>"), nil},
		"POST, 503":                    {post, reply(503, "", "Retry-After: 30"), nil},
		"POST, reset":                  {post, breakOff(errReset), nil},
		"POST, end of file":            {post, breakOff(io.ErrUnexpectedEOF), nil},
		"no connection":                {all, breakOff(errRefused), doubling},
		"no connection to the proxy":   {all, breakOff(&net.OpError{Op: "proxyconnect", Net: "tcp", Err: errRefused}), doubling},
		"not trusted":                  {all, breakOff(&tls.CertificateVerificationError{Err: x509.HostnameError{Host: "cloud.example.com", Certificate: &x509.Certificate{}}}), nil},
		"400":                          {all, reply(400, `{"error":400,"errorCode":"X"}`), nil},
		"403":                          {all, reply(403, ""), nil},
		"404":                          {all, reply(404, `{"error":404}`), nil},
		"409":                          {all, reply(409, `{"error":409}`), nil},
		"410":                          {all, reply(410, ""), nil},
		"501":                          {all, reply(501, ""), nil},
	} {
		for _, method := range tt.methods {
			t.Run(name+", "+method, func(t *testing.T) {
				w := newWire(t, tt.answer)
				client, clock := w.client(t)
				if err := everyCall[method](t.Context(), client); err == nil {
					t.Error("no error")
				}
				if diff := cmp.Diff(tt.pauses, clock.Slept()); diff != "" {
					t.Errorf("pauses (-want +got):\n%s", diff)
				}
				w.expectArrivals(t, len(tt.pauses)+1)

				if len(tt.pauses) == 0 {
					return
				}
				w = newWire(t, tt.answer, tt.answer, tt.answer, tt.answer, reply(http.StatusOK, queuedBody))
				client, _ = w.client(t)
				if err := everyCall[method](t.Context(), client); err != nil {
					t.Errorf("the fifth try: %v", err)
				}
				if diff := cmp.Diff(w.arrivals[0], w.arrivals[len(w.arrivals)-1]); diff != "" {
					t.Errorf("the repetition differs (-first +last):\n%s", diff)
				}
			})
		}
	}
}

// Credentials that net/http refuses to put into a header are refused again and again: nobody waits for that.
func TestRetry_malformedCredentials(t *testing.T) {
	transport := NewTransport()
	transport.Proxy = nil
	transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
		t.Error("there was traffic")
		return nil, errRefused
	}
	for method, do := range everyCall {
		clock := waittest.NewClock(wireNow)
		client := New(mustBase(t, "https://cloud.example.com"), AccessToken("two\nlines"), WithTransport(transport), WithClock(clock))
		if err := do(t.Context(), client); err == nil || strings.Contains(err.Error(), "lines") {
			t.Errorf("%s: error = %v", method, err)
		}
		if slept := clock.Slept(); slept != nil {
			t.Errorf("%s: pauses = %v", method, slept)
		}
	}
}

// A refused request for a snapshot does not use up the tries of one whose connection fails, and the other way round.
func TestRetry_countsApart(t *testing.T) {
	limited, failed := reply(http.StatusTooManyRequests, limitedBody), breakOff(errRefused)
	w := newWire(t, failed, limited, failed, limited, failed, limited, failed, reply(http.StatusOK, queuedBody))
	client, clock := w.client(t)
	if err := everyCall["take"](t.Context(), client); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(seconds(1, 10, 2, 20, 4, 40, 8), clock.Slept()); diff != "" {
		t.Errorf("pauses (-want +got):\n%s", diff)
	}
}

// Credentials are tried once more, and no oftener: Atlas refuses good ones now and then, also the first time in a run. A
// challenge in answer to credentials that have never worked is a wrong key, which is not tried again.
func TestRetry_unauthorized(t *testing.T) {
	refused, good := reply(http.StatusUnauthorized, refusedBody), reply(http.StatusOK, queuedBody)
	challenged := reply(http.StatusUnauthorized, refusedBody, `Www-Authenticate: Digest realm="MMS Public API"`)
	for name, tt := range map[string]struct {
		before, then []roundTrip
		requests     int
		accepted     bool
	}{
		"refused once, first of all":       {nil, []roundTrip{refused, good}, 2, true},
		"refused for good, first of all":   {nil, []roundTrip{refused}, 2, false},
		"wrong key":                        {nil, []roundTrip{challenged, good}, 1, false},
		"worked, challenged once":          {[]roundTrip{good}, []roundTrip{challenged, good}, 2, true},
		"a gateway's limit proves nothing": {nil, []roundTrip{reply(429, limitedBody), challenged, good}, 2, false},
		"a gateway's error proves nothing": {[]roundTrip{reply(502, "<html>")}, []roundTrip{challenged, good}, 1, false},
		"a refusal of Atlas's proves it":   {[]roundTrip{reply(404, `{"error":404}`)}, []roundTrip{challenged, good}, 2, true},
		"worked, refused once":             {[]roundTrip{good}, []roundTrip{refused, good}, 2, true},
		"worked, refused for good":         {[]roundTrip{good}, []roundTrip{refused}, 2, false},
		"worked, refused before and after": {[]roundTrip{good}, []roundTrip{refused, reply(429, limitedBody), refused}, 3, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t)
			client, clock := w.client(t)
			if tt.before != nil {
				w.answers = tt.before
				_ = everyCall["get"](t.Context(), client)
			}
			w.answers, w.arrivals = tt.then, nil
			slept := len(clock.Slept())
			err := everyCall["get"](t.Context(), client)
			if accepted := err == nil; accepted != tt.accepted || !accepted && !IsUnauthorized(err) {
				t.Errorf("error = %v", err)
			}
			w.expectArrivals(t, tt.requests)
			if pauses := len(clock.Slept()) - slept; pauses != tt.requests-1 {
				t.Errorf("%d pauses for %d requests", pauses, tt.requests)
			}
		})
	}
}

// What the context has no time for is not waited for: the caller gets Atlas's own answer at once.
func TestRetry_deadlineTooNear(t *testing.T) {
	limited := reply(http.StatusTooManyRequests, limitedBody, "Retry-After: 60")
	for name, tt := range map[string]struct {
		left     time.Duration
		answer   roundTrip
		requests int
		status   int
	}{
		"too near for a limit":          {time.Minute - 1, limited, 1, 429},
		"far enough for one pause":      {2*time.Minute - 1, limited, 2, 429},
		"too near for a failure":        {6 * time.Second, reply(500, ""), 3, 500},
		"a pause of centuries":          {time.Hour, reply(429, limitedBody, "Retry-After: 9000000000000000000"), 1, 429},
		"a pause of centuries, jitter ": {time.Hour, reply(503, "", "Retry-After: 9000000000000000000"), 1, 503},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t, tt.answer)
			client, clock := w.client(t, WithJitter(func() float64 { return 0.999 * float64(strings.Count(t.Name(), "jitter")) }))
			ctx, cancel := clock.WithTimeout(t.Context(), tt.left)
			defer cancel()
			err := everyCall["get"](ctx, client)
			var e *Error
			if !errors.As(err, &e) || e.StatusCode != tt.status {
				t.Errorf("error = %v", err)
			}
			w.expectArrivals(t, tt.requests)
			if ctx.Err() != nil {
				t.Error("the time was used up")
			}
		})
	}
}

// The end of a context during a pause is an interruption, and nothing was under way then.
func TestRetry_interruptedPause(t *testing.T) {
	for _, method := range []string{"take", "get"} {
		for name, end := range map[string]struct {
			by   func(cancel context.CancelFunc, pass func(time.Duration))
			want error
		}{
			"interrupted": {func(cancel context.CancelFunc, _ func(time.Duration)) { cancel() }, context.Canceled},
			"out of time": {func(_ context.CancelFunc, pass func(time.Duration)) { pass(time.Hour) }, wait.ErrTimeout},
		} {
			t.Run(method+" "+name, func(t *testing.T) {
				w := newWire(t, reply(http.StatusTooManyRequests, limitedBody))
				client, clock := w.client(t)
				timed, done := clock.WithTimeout(t.Context(), time.Hour)
				defer done()
				ctx, cancel := context.WithCancel(timed)
				defer cancel()
				clock.Hold(func(context.Context, time.Duration) { end.by(cancel, clock.Advance) })
				err := everyCall[method](ctx, client)
				if !errors.Is(err, end.want) || IsLost(err) || IsTransient(err) || IsError(err) {
					t.Errorf("error = %v", err)
				}
				w.expectArrivals(t, 1)
			})
		}
	}
}

// The context may also end after the decision to ask again, before the pause begins.
func TestRetry_interruptedBeforePause(t *testing.T) {
	for _, method := range []string{"take", "get"} {
		ctx, cancel := context.WithCancel(t.Context())
		w := newWire(t, func(*http.Request) (*http.Response, error) {
			res := plainAnswer(http.StatusTooManyRequests, limitedBody)
			res.Body = struct {
				io.Reader
				io.Closer
			}{res.Body, closer(func() error { cancel(); return nil })}
			return res, nil
		})
		client, _ := w.client(t)
		err := everyCall[method](ctx, client)
		if !errors.Is(err, context.Canceled) || IsLost(err) || IsTransient(err) {
			t.Errorf("%s: error = %v", method, err)
		}
		w.expectArrivals(t, 1)
	}
}

type closer func() error

func (f closer) Close() error { return f() }
