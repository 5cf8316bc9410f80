package atlas

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

// errorFrom is the Error that an answer becomes, without what every one of this test has.
func errorFrom(t testing.TB, answer roundTrip) *Error {
	t.Helper()
	w := newWire(t, answer)
	client, _ := w.client(t)
	err := everyCall["take"](t.Context(), client)
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("error of type %T: %v", err, err)
	}
	if want := "POST " + wireBase; e.Request != want {
		t.Errorf("Request = %q, want %q", e.Request, want)
	}
	e.Request = ""
	return e
}

func TestError_forms(t *testing.T) {
	for name, tt := range map[string]struct {
		answer roundTrip
		want   Error
		text   string
	}{
		"documented": {
			reply(400, `{"detail":"Another on-demand snapshot is queued or in progress.","error":400,"errorCode":"UNFINISHED_ON_DEMAND_SNAPSHOT","parameters":[],"reason":"Bad Request"}`),
			Error{StatusCode: 400, Code: CodeUnfinishedSnapshot, Detail: "Another on-demand snapshot is queued or in progress.", Reason: "Bad Request", FromAtlas: true},
			"400 Bad Request: UNFINISHED_ON_DEMAND_SNAPSHOT: Another on-demand snapshot is queued or in progress.",
		},
		"code and parameters are null": {
			reply(404, `{"detail":"Could not find it.","error":404,"errorCode":null,"parameters":null,"reason":"Not Found"}`),
			Error{StatusCode: 404, Detail: "Could not find it.", Reason: "Not Found", FromAtlas: true},
			"404 Not Found: Could not find it.",
		},
		"pretty 401": {
			reply(401, "{\n  \"error\" : 401,\n  \"reason\" : \"Unauthorized\",\n  \"detail\" : \"You are not authorized for this resource.\"\n}"),
			Error{StatusCode: 401, Detail: "You are not authorized for this resource.", Reason: "Unauthorized", FromAtlas: true},
			"401 Unauthorized: You are not authorized for this resource.",
		},
		"fields": {
			reply(400, `{"error":400,"errorCode":"BAD_REQUEST","detail":"d","badRequestDetail":{"fields":[{"field":"retentionInDays","description":"must\nbe more"}]}}`),
			Error{StatusCode: 400, Code: "BAD_REQUEST", Detail: "d", FromAtlas: true, Fields: []FieldError{{Description: "must be more", Field: "retentionInDays"}}},
			"400 Bad Request: BAD_REQUEST: d",
		},
		"code alone": {
			reply(400, `{"errorCode":"X"}`), Error{StatusCode: 400, Code: "X", FromAtlas: true}, "400 Bad Request: X",
		},
		"parts of another form": {
			reply(400, `{"badRequestDetail":["x"],"detail":{"a":1},"error":"400","errorCode":"UNFINISHED_ON_DEMAND_SNAPSHOT","reason":7}`),
			Error{StatusCode: 400, Code: CodeUnfinishedSnapshot, FromAtlas: true},
			"400 Bad Request: UNFINISHED_ON_DEMAND_SNAPSHOT",
		},
		"long and unprintable": {
			reply(400, `{"errorCode":"X","detail":"`+strings.Repeat("\u00e9\\u001b[2J\\n", 400)+`"}`),
			Error{StatusCode: 400, Code: "X", Detail: strings.Repeat("é [2J ", 166) + "é [2…", FromAtlas: true},
			"400 Bad Request: X: " + strings.Repeat("é [2J ", 166) + "é [2…",
		},
		"asks to wait": {
			reply(503, `{"error":503}`, "Retry-After: 7"), Error{StatusCode: 503, FromAtlas: true, RetryAfter: 7 * time.Second}, "503 Service Unavailable",
		},
		"asks to wait until": {
			// By the clock of the answer, not that of this machine.
			reply(503, ``, "Retry-After: Mon, 10 Aug 2020 00:00:09 GMT", "Date: Mon, 10 Aug 2020 00:00:00 GMT"),
			Error{StatusCode: 503, RetryAfter: 9 * time.Second},
			"503 Service Unavailable",
		},
		"empty":   {reply(405, "", "Allow: POST,GET,OPTIONS"), Error{StatusCode: 405}, "405 Method Not Allowed"},
		"unknown": {reply(499, ""), Error{StatusCode: 499}, "499"},
		"HTML": {
			reply(502, "<html><h1>502 Bad Gateway</h1></html>"),
			Error{StatusCode: 502, BodySnippet: "<html><h1>502 Bad Gateway</h1></html>"},
			"502 Bad Gateway: not an answer of Atlas: <html><h1>502 Bad Gateway</h1></html>",
		},
		"JSON of somebody else": {
			reply(404, `{"status":404,"error":"Not Found"}`),
			Error{StatusCode: 404, BodySnippet: `{"status":404,"error":"Not Found"}`},
			`404 Not Found: not an answer of Atlas: {"status":404,"error":"Not Found"}`,
		},
		"array": {reply(400, `[]`), Error{StatusCode: 400, BodySnippet: `[]`}, `400 Bad Request: not an answer of Atlas: []`},
		"cut short": {
			reply(400, `{"error":400,"errorCode":"X`),
			Error{StatusCode: 400, BodySnippet: `{"error":400,"errorCode":"X`},
			`400 Bad Request: not an answer of Atlas: {"error":400,"errorCode":"X`,
		},
		"redirect": {
			reply(302, "", "Location: https://user:secret@login.example.com/?session=secret"),
			Error{StatusCode: 302, Detail: "The answer is a redirect to login.example.com, and redirects are not followed."},
			"302 Found: The answer is a redirect to login.example.com, and redirects are not followed.",
		},
		"redirect within": {
			reply(308, "moved", "Location: /elsewhere"),
			Error{StatusCode: 308, Detail: "The answer is a redirect, and redirects are not followed.", BodySnippet: "moved"},
			"308 Permanent Redirect: The answer is a redirect, and redirects are not followed.: not an answer of Atlas: moved",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := errorFrom(t, tt.answer)
			if diff := cmp.Diff(&tt.want, got); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if text := strings.TrimPrefix(got.Error(), ": "); text != tt.text {
				t.Errorf("text = %q, want %q", text, tt.text)
			}
		})
	}
}

func TestError_manyFields(t *testing.T) {
	field := `{"field":"f","description":"d"}`
	e := errorFrom(t, reply(400, `{"errorCode":"X","badRequestDetail":{"fields":[`+strings.Repeat(field+",", 1000)+field+`]}}`))
	if len(e.Fields) != maxFields {
		t.Errorf("%d fields, want %d", len(e.Fields), maxFields)
	}
}

// No redirect is followed, wherever it leads: nothing of the request reaches the other host.
func TestError_redirectsCarryNothing(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, location := range []string{
			"https://evil.example.com/steal", "http://cloud.example.com/plain", "//evil.example.com", "/same", "?same", "https://cloud.example.com:444/port",
		} {
			for method, do := range everyCall {
				w := newWire(t, reply(status, "", "Location: "+location))
				client, _ := w.client(t)
				err := do(t.Context(), client)
				var e *Error
				if !errors.As(err, &e) || e.StatusCode != status || e.FromAtlas || !strings.Contains(e.Detail, "redirect") {
					t.Errorf("%s, %d to %s: error = %v", method, status, location, err)
				}
				if IsTransient(err) || IsLost(err) {
					t.Errorf("%s, %d: transient = %t, lost = %t", method, status, IsTransient(err), IsLost(err))
				}
				w.expectArrivals(t, 1)
			}
		}
	}
}

func TestErrors_classification(t *testing.T) {
	fromAtlas := func(status int, code string) error {
		return fmt.Errorf("wrapped: %w", &Error{StatusCode: status, Code: code, FromAtlas: true})
	}
	proxy := func(status int) error { return &Error{StatusCode: status, BodySnippet: "<html>"} }
	type classes struct{ Lost, Transient, NotFound, Unauthorized, OfAtlas, Forbidden, Unexplained bool }
	for name, tt := range map[string]struct {
		err  error
		want classes
	}{
		"nil":                     {nil, classes{}},
		"any other":               {errors.New("x"), classes{}},
		"interrupted":             {fmt.Errorf("GET /x: %w", context.Canceled), classes{}},
		"out of time":             {fmt.Errorf("GET /x: %w", wait.ErrTimeout), classes{}},
		"400":                     {fromAtlas(400, "X"), classes{OfAtlas: true}},
		"401":                     {fromAtlas(401, ""), classes{Unauthorized: true, OfAtlas: true}},
		"401 without a body":      {&Error{StatusCode: 401}, classes{Unauthorized: true}},
		"403":                     {fromAtlas(403, CodeNotOnAccessList), classes{OfAtlas: true, Forbidden: true}},
		"403 without a body":      {&Error{StatusCode: 403}, classes{Forbidden: true, Unexplained: true}},
		"404":                     {fromAtlas(404, CodeSnapshotNotFound), classes{NotFound: true, OfAtlas: true}},
		"404 without a code":      {fromAtlas(404, ""), classes{NotFound: true, OfAtlas: true}},
		"404 page of a proxy":     {proxy(404), classes{Unexplained: true}},
		"404 without a body":      {&Error{StatusCode: 404}, classes{Unexplained: true}},
		"408":                     {proxy(408), classes{Lost: true, Transient: true}},
		"409":                     {fromAtlas(409, "X"), classes{OfAtlas: true}},
		"410":                     {fromAtlas(410, "VERSION_GONE"), classes{OfAtlas: true}},
		"429":                     {fromAtlas(429, "RATE_LIMITED"), classes{Transient: true, OfAtlas: true}},
		"429 of a proxy":          {proxy(429), classes{Transient: true}},
		"500":                     {fromAtlas(500, "UNEXPECTED_ERROR"), classes{Lost: true, Transient: true, OfAtlas: true}},
		"501":                     {proxy(501), classes{Lost: true, Unexplained: true}},
		"502 page of a proxy":     {proxy(502), classes{Lost: true, Transient: true}},
		"302":                     {proxy(302), classes{Unexplained: true}},
		"connection, sent":        {&ConnectionError{Sent: true, Err: syscall.ECONNRESET}, classes{Lost: true, Transient: true}},
		"connection, not sent":    {&ConnectionError{Err: syscall.ECONNREFUSED}, classes{Transient: true}},
		"answer":                  {&AnswerError{StatusCode: 200, Err: errNoSnapshot}, classes{Lost: true, Transient: true}},
		"credentials unknown":     {&CredentialsError{Err: ErrCredentialsUnknown}, classes{}},
		"no token for now":        {&CredentialsError{Err: &TokenError{Reason: "x", Temporary: true, Err: errors.New("y")}}, classes{Transient: true}},
		"no token":                {&CredentialsError{Err: &TokenError{Reason: "x", Err: errors.New("y")}}, classes{}},
		"challenge without sense": {&CredentialsError{Err: &ChallengeError{Reason: "x"}}, classes{}},
	} {
		t.Run(name, func(t *testing.T) {
			got := classes{
				IsLost(tt.err), IsTransient(tt.err), IsNotFound(tt.err), IsUnauthorized(tt.err), IsError(tt.err), IsForbidden(tt.err), IsUnexplained(tt.err),
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("classes (-want +got):\n%s", diff)
			}
		})
	}
	refused := fromAtlas(400, CodeUnfinishedSnapshot)
	if !IsError(refused, CodeDeleteInProgress, CodeUnfinishedSnapshot) || IsError(refused, CodeDeleteInProgress) {
		t.Error("IsError does not tell codes apart")
	}
	if IsError(&Error{StatusCode: 400, Code: CodeUnfinishedSnapshot}, CodeUnfinishedSnapshot) {
		t.Error("a code that is not of Atlas counts as Atlas's")
	}
}

// What a request met on its way says whether Atlas may have carried it out.
func TestErrors_ofConnections(t *testing.T) {
	operation := func(op string, err error) error { return &net.OpError{Op: op, Net: "tcp", Err: err} }
	for name, tt := range map[string]struct {
		err  error
		sent bool
	}{
		"refused":             {operation("dial", os.NewSyscallError("connect", syscall.ECONNREFUSED)), false},
		"no such host":        {operation("dial", &net.DNSError{Err: "no such host", Name: "cloud.example.com", IsNotFound: true}), false},
		"proxy refuses":       {operation("proxyconnect", operation("dial", syscall.ECONNREFUSED)), false},
		"SOCKS proxy refuses": {operation("socks connect", syscall.ECONNREFUSED), false},
		"not trusted":         {&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, false},
		"reset":               {operation("read", os.NewSyscallError("read", syscall.ECONNRESET)), true},
		"broken pipe":         {operation("write", syscall.EPIPE), true},
		"end of file":         {errors.New("EOF"), true},
		"own timeout":         {context.DeadlineExceeded, true},
	} {
		t.Run(name, func(t *testing.T) {
			for _, method := range []string{"take", "get"} {
				w := newWire(t, breakOff(tt.err))
				client, _ := w.client(t)
				err := everyCall[method](t.Context(), client)
				var connection *ConnectionError
				if !errors.As(err, &connection) {
					t.Fatalf("error of type %T: %v", err, err)
				}
				if connection.Sent != tt.sent || IsLost(err) != tt.sent || !IsTransient(err) {
					t.Errorf("%s: sent = %t, lost = %t, transient = %t", method, connection.Sent, IsLost(err), IsTransient(err))
				}
				if !errors.Is(err, tt.err) {
					t.Errorf("%s: %v hides its cause", method, err)
				}
				want := w.arrivals[0].Method + " " + w.arrivals[0].URI + ": no answer: " + tt.err.Error()
				if err.Error() != want {
					t.Errorf("text = %q, want %q", err, want)
				}
			}
		})
	}
}

func TestErrors_ofCredentials(t *testing.T) {
	w := newWire(t, reply(200, queuedBody))
	client, clock := w.clientOf(t, UnavailableCredentials(fmt.Errorf("%w: client_id comes later", ErrCredentialsUnknown)))
	for method, do := range everyCall {
		err := do(t.Context(), client)
		var credentials *CredentialsError
		if !errors.As(err, &credentials) || !errors.Is(err, ErrCredentialsUnknown) {
			t.Errorf("%s: error of type %T: %v", method, err, err)
			continue
		}
		if want := credentials.Request + ": not sent: the provider's credentials are not known yet: client_id comes later"; err.Error() != want {
			t.Errorf("%s: text = %q, want %q", method, err, want)
		}
	}
	w.expectArrivals(t, 0)
	if slept := clock.Slept(); len(slept) > 0 {
		t.Errorf("slept %v", slept)
	}
}
