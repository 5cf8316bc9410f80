package atlas

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// An answer that cannot be read, or that does not name a snapshot and its status, is an error that says what came.
func TestAnswers_unusable(t *testing.T) {
	id := `"id":"` + wireSnapshot + `"`
	for name, tt := range map[string]struct {
		body          string
		want, excerpt string
	}{
		"empty":              {"", "unexpected end of JSON input", ""},
		"HTML":               {"<html>\n<h1>Sign in</h1></html>", "invalid character '<'", "<html> <h1>Sign in</h1></html>"},
		"text":               {"\x1b[31mOK\x07\r\n\u202eevil\xff", "invalid character", "[31mOK evil"},
		"cut short":          {`{` + id + `,"status":"que`, "unexpected end of JSON input", `{` + id + `,"status":"que`},
		"two values":         {queuedBody + queuedBody, "after top-level value", queuedBody + queuedBody[:160-len(queuedBody)] + "…"},
		"array":              {`[` + queuedBody + `]`, "cannot unmarshal array", `[` + queuedBody + `]`},
		"string":             {`"x"`, "cannot unmarshal string", `"x"`},
		"null":               {"null", errNoSnapshot.Error(), "null"},
		"empty object":       {"{}", errNoSnapshot.Error(), "{}"},
		"no id":              {`{"status":"queued"}`, errNoSnapshot.Error(), `{"status":"queued"}`},
		"null id":            {`{"id":null,"status":"queued"}`, errNoSnapshot.Error(), `{"id":null,"status":"queued"}`},
		"malformed id":       {`{"id":"6a79","status":"queued"}`, errNoSnapshot.Error(), `{"id":"6a79","status":"queued"}`},
		"no status":          {`{` + id + `}`, errNoSnapshot.Error(), `{` + id + `}`},
		"id is a number":     {`{"id":7,"status":"queued"}`, errNoSnapshot.Error(), `{"id":7,"status":"queued"}`},
		"status is a number": {`{` + id + `,"status":7}`, errNoSnapshot.Error(), `{` + id + `,"status":7}`},
		"credentials echoed": {"Your request was: Authorization: Bearer " + wireToken + " and more", "invalid character", "Your request was: [removed]"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, method := range []string{"take", "get", "get sharded", "update"} {
				w := newWire(t, reply(http.StatusOK, tt.body))
				client, clock := w.client(t)
				err := everyCall[method](t.Context(), client)
				var answer *AnswerError
				if !errors.As(err, &answer) {
					t.Fatalf("%s: error of type %T: %v", method, err, err)
				}
				if !strings.Contains(answer.Err.Error(), tt.want) {
					t.Errorf("%s: error = %v, want %q", method, answer.Err, tt.want)
				}
				if diff := cmp.Diff(tt.excerpt, answer.BodySnippet); diff != "" {
					t.Errorf("%s: excerpt (-want +got):\n%s", method, diff)
				}
				if want := w.arrivals[0].Method + " " + w.arrivals[0].URI; answer.Request != want || answer.StatusCode != http.StatusOK {
					t.Errorf("%s: request = %q, want %q; status = %d", method, answer.Request, want, answer.StatusCode)
				}
				if !IsTransient(err) || !IsLost(err) || IsError(err) || IsNotFound(err) {
					t.Errorf("%s: transient = %t, lost = %t, of Atlas = %t", method, IsTransient(err), IsLost(err), IsError(err))
				}
				// What may be carried out twice is asked for again, as after a broken connection; a POST is for the caller.
				var pauses []time.Duration
				if method != "take" {
					pauses = seconds(1, 2, 4, 8)
				}
				if diff := cmp.Diff(pauses, clock.Slept()); diff != "" {
					t.Errorf("%s: pauses (-want +got):\n%s", method, diff)
				}
				w.expectArrivals(t, len(pauses)+1)
				expectOneLine(t, err.Error(), 900)
			}
		})
	}
}

func TestAnswers_tolerated(t *testing.T) {
	for name, body := range map[string]string{
		"unknown status":   `{"id":"` + wireSnapshot + `","status":"thinking"}`,
		"unknown keys":     `{"id":"` + wireSnapshot + `","status":"queued","new":{"a":[1,null]},"links":[]}`,
		"nulls for absent": `{"id":"` + wireSnapshot + `","status":"queued","createdAt":null,"storageSizeBytes":null,"members":null,"type":null}`,
		"byte order":       " \r\n" + queuedBody + "\n\t ",
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t, reply(http.StatusOK, body))
			client, _ := w.client(t)
			got, err := client.GetSnapshot(t.Context(), wireProject, wireCluster, wireSnapshot)
			if err != nil {
				t.Fatal(err)
			}
			if !got.Pending() || got.CreatedAt != nil || got.StorageSizeBytes != nil || got.Members != nil {
				t.Errorf("snapshot = %+v", got)
			}
		})
	}
}

func TestAnswers_toDelete(t *testing.T) {
	for name, tt := range map[string]struct {
		status int
		body   string
		done   bool
	}{
		"as recorded":         {http.StatusNoContent, "", true},
		"with a body":         {http.StatusOK, "{}", true},
		"a page of somebody":  {http.StatusOK, "<html>Sign in</html>", false},
		"accepted, not done?": {http.StatusAccepted, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t, reply(tt.status, tt.body))
			client, _ := w.client(t)
			err := everyCall["delete"](t.Context(), client)
			var answer *AnswerError
			if tt.done && err != nil || !tt.done && !errors.As(err, &answer) {
				t.Errorf("error = %v", err)
			}
		})
	}
}

func TestAnswers_readableAtLast(t *testing.T) {
	unreadable := reply(http.StatusOK, "<html>")
	for method, do := range everyCall {
		w := newWire(t, unreadable, unreadable, unreadable, unreadable, reply(http.StatusOK, queuedBody))
		client, _ := w.client(t)
		if err := do(t.Context(), client); (err == nil) == strings.HasPrefix(method, "take") {
			t.Errorf("%s: error = %v", method, err)
		}
	}
}

// However the tries of one call fail, they are counted together.
func TestAnswers_failuresAreCountedTogether(t *testing.T) {
	unreadable, failed := reply(http.StatusOK, "<html>"), reply(http.StatusBadGateway, "<html>")
	w := newWire(t, failed, unreadable, failed, unreadable)
	client, clock := w.client(t)
	if err := everyCall["get"](t.Context(), client); err == nil {
		t.Error("no error")
	}
	w.expectArrivals(t, failureTries)
	if diff := cmp.Diff(seconds(1, 2, 4, 8), clock.Slept()); diff != "" {
		t.Errorf("pauses (-want +got):\n%s", diff)
	}
}

// The wait for a better answer ends with the context, and is not begun where there is no time for it.
func TestAnswers_noTimeToAskAgain(t *testing.T) {
	w := newWire(t, reply(http.StatusOK, "<html>"))
	client, clock := w.client(t)
	ctx, cancel := clock.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	var answer *AnswerError
	if err := everyCall["get"](ctx, client); !errors.As(err, &answer) || ctx.Err() != nil {
		t.Errorf("error = %v, ended = %v", err, ctx.Err())
	}
	w.expectArrivals(t, 2)

	interrupted, interrupt := context.WithCancel(t.Context())
	clock.Hold(func(context.Context, time.Duration) { interrupt() })
	if err := everyCall["get"](interrupted, client); !errors.Is(err, context.Canceled) || IsTransient(err) {
		t.Errorf("error = %v", err)
	}
	w.expectArrivals(t, 3)
}

// endless is a body without end that counts how much of it was read.
type endless struct {
	start string
	read  int
}

func (e *endless) Read(p []byte) (int, error) {
	n := 0
	if e.read < len(e.start) {
		n = copy(p, e.start[e.read:])
	} else {
		for n < len(p) {
			p[n] = ' '
			n++
		}
	}
	e.read += n
	return n, nil
}

func TestAnswers_endlessBody(t *testing.T) {
	for _, status := range []int{http.StatusOK, http.StatusBadRequest} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			body := &endless{start: queuedBody}
			w := newWire(t, func(*http.Request) (*http.Response, error) {
				res := plainAnswer(status, "")
				res.Body, res.ContentLength = io.NopCloser(body), 1<<30
				return res, nil
			})
			client, _ := w.client(t)
			err := everyCall["get"](t.Context(), client)
			if err == nil {
				t.Fatal("no error")
			}
			if status == http.StatusOK && !strings.Contains(err.Error(), "the answer is longer than 16 MiB") {
				t.Errorf("error = %v", err)
			}
			if body.read > maxBodyBytes+64<<10 {
				t.Errorf("%d bytes were read", body.read)
			}
			// The next answer would be as long.
			w.expectArrivals(t, 1)
			expectOneLine(t, err.Error(), 900)
		})
	}
}

// serveRaw answers one request after another on a connection each with these bytes, then closes it.
func serveRaw(t *testing.T, answer string) (address string) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			request, err := http.ReadRequest(bufio.NewReader(connection))
			if err == nil {
				_, _ = io.Copy(io.Discard, request.Body)
				_, _ = io.WriteString(connection, answer)
			}
			_ = connection.Close()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return "http://" + listener.Addr().String()
}

// What a real connection makes of a server that misbehaves.
func TestAnswers_overTheWire(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\n"
	for name, tt := range map[string]struct {
		answer, want string
	}{
		"cut short under its length": {ok + "Content-Length: 1000\r\n\r\n" + queuedBody, "the answer broke off: unexpected EOF"},
		"cut short in a chunk":       {ok + "Transfer-Encoding: chunked\r\n\r\n3e8\r\n" + queuedBody, "the answer broke off: unexpected EOF"},
		"compression that is none":   {ok + "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", "the answer broke off"},
		"header flood":               {ok + strings.Repeat("X-Flood: "+strings.Repeat("x", 4000)+"\r\n", 300) + "\r\n", "exceeded 1048576 bytes"},
		"no HTTP":                    {"SSH-2.0-OpenSSH_9.6 " + strings.Repeat("\x1b[2J", 1000) + "\r\n", "malformed HTTP"},
		"header with a secret":       {ok + "Authorization Bearer " + wireToken + "\r\n\r\n", "malformed MIME header"},
		"nothing":                    {"", "EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			base := mustBase(t, serveRaw(t, tt.answer))
			var log strings.Builder
			w := newWire(t)
			_, clock := w.client(t)
			client := New(base, AccessToken(wireToken), WithClock(clock), WithLog(func(_ context.Context, _ string, fields map[string]any) {
				text, _ := fields["error"].(string)
				expectOneLine(t, text, 401)
				fmt.Fprintln(&log, fields)
			}))
			for _, method := range []string{"take", "get"} {
				err := everyCall[method](t.Context(), client)
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("%s: error = %v, want %q", method, err, tt.want)
					continue
				}
				if !IsLost(err) || !IsTransient(err) {
					t.Errorf("%s: lost = %t, transient = %t", method, IsLost(err), IsTransient(err))
				}
				expectOneLine(t, err.Error(), 900)
				if strings.Contains(err.Error()+log.String(), wireToken) {
					t.Errorf("%s: the token is in %v or the log: %s", method, err, log.String())
				}
			}
		})
	}
}

func TestExcerpt_secrets(t *testing.T) {
	for _, echo := range []string{
		"Authorization: Bearer " + wireToken,
		"authorization: bearer " + wireToken,
		`{"Authorization":["Bearer ` + wireToken + `"]}`,
		"Proxy-Authorization = Basic " + wireToken,
		"<td>Authorization</td><td>Bearer " + wireToken + "</td>",
		"<td>Authorization</td><td>Basic bWRiX3NhX2lkOnNlY3JldA==" + wireToken + "</td>",
		"<b>Digest</b> Digest username=&quot;key&quot;, response=&quot;" + wireToken + "&quot;",
		`Digest username="key", realm="MMS Public API", response="` + wireToken + `"`,
		"Authorization&#58; Bearer&nbsp;" + wireToken,
		"Bearer\x00" + wireToken,
		"access_token=" + wireToken, `"client_secret" : "` + wireToken + `"`, "private_key: " + wireToken,
		"line\r\n\tAuthorization:\r\n Bearer\r\n " + wireToken,
	} {
		for _, before := range []string{"", "GET /x HTTP/1.1 ", strings.Repeat("x ", 75), strings.Repeat("\n", 500)} {
			got := bodySnippet([]byte(before + echo + strings.Repeat(" more", 100)))
			if strings.Contains(got, wireToken[:6]) || strings.Contains(got, "bWRiX3") {
				t.Errorf("excerpt of %q = %q", echo, got)
			}
			if got := sanitize(errors.New(before + echo)); strings.Contains(got, wireToken[:6]) {
				t.Errorf("description of %q = %q", echo, got)
			}
		}
	}
	for _, harmless := range []string{
		"<h1>502 Bad Gateway</h1>", "HTTP Basic: Access denied", "This service speaks digest authentication", `{"results":[]}`,
	} {
		if got := bodySnippet([]byte(harmless)); got != harmless {
			t.Errorf("excerpt of %q = %q", harmless, got)
		}
	}
}

func TestExcerpt_isOneShortLine(t *testing.T) {
	for body, want := range map[string]string{
		"":                                  "",
		" \t\r\n ":                          "",
		"a\nb\x00c\x1b[0m\x7fd":             "a b c [0m d",
		"a\u2028b\u202ec\u200bd\ufeffe":     "a b c d e",
		"\xff\xfe\xed\xa0\x80é":             "é",
		"\ufffd":                            "",
		strings.Repeat("é", 161):            strings.Repeat("é", 160) + "…",
		strings.Repeat("x", 160):            strings.Repeat("x", 160),
		strings.Repeat(" ", 1<<20) + "late": "",
	} {
		if got := bodySnippet([]byte(body)); got != want {
			t.Errorf("excerpt of %.40q = %q, want %q", body, got, want)
		}
	}
}
