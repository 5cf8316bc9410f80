package atlas

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

// A run that is interrupted while Atlas is being asked for a snapshot still learns which one it has asked for.
func TestExchange_postIsNotInterrupted(t *testing.T) {
	for name, auth := range map[string]func() Authenticator{
		"access token": func() Authenticator { return AccessToken(wireToken) },
		"digest":       func() Authenticator { return Digest(testPublicKey, testPrivateKey) },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			challenge := reply(http.StatusUnauthorized, "", `Www-Authenticate: Digest realm="r", nonce="n", qop="auth"`)
			w := newWire(t, challenge, func(req *http.Request) (*http.Response, error) {
				cancel()
				if req.Context().Err() != nil {
					return nil, context.Cause(req.Context())
				}
				// The body, too, comes after the interruption.
				res := plainAnswer(http.StatusOK, "")
				res.Body = io.NopCloser(io.MultiReader(strings.NewReader(queuedBody), readerFunc(func([]byte) (int, error) {
					return 0, errors.Join(io.EOF, req.Context().Err())
				})))
				return res, nil
			})
			if name == "access token" {
				w.answers = w.answers[1:]
			}
			client, _ := w.clientOf(t, auth())
			taken, err := client.TakeSnapshot(ctx, wireProject, wireCluster, TakeSnapshotRequest{RetentionInDays: 1})
			if err != nil {
				t.Fatal(err)
			}
			if taken.ID != wireSnapshot || ctx.Err() == nil {
				t.Errorf("snapshot = %+v", taken)
			}
		})
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) {
	n, err := f(p)
	if err != nil && err.Error() == io.EOF.Error() {
		err = io.EOF
	}
	return n, err
}

// What goes wrong with a POST under way is not the interruption's doing: Atlas may have carried it out.
func TestExchange_postIsLostNotInterrupted(t *testing.T) {
	for name, tt := range map[string]struct {
		fails error
		lost  bool
	}{
		"reset":             {errReset, true},
		"looks like an end": {context.Canceled, true},
		"never sent":        {errRefused, false},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			w := newWire(t, func(*http.Request) (*http.Response, error) {
				cancel()
				return nil, tt.fails
			})
			client, _ := w.client(t)
			err := everyCall["take"](ctx, client)
			var connection *ConnectionError
			if !errors.As(err, &connection) || IsLost(err) != tt.lost {
				t.Errorf("error of type %T: %v, lost = %t", err, err, IsLost(err))
			}
			w.expectArrivals(t, 1)
		})
	}
}

// The same goes for its answer.
func TestExchange_postAnswerIsLostNotInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	w := newWire(t, func(*http.Request) (*http.Response, error) {
		res := plainAnswer(http.StatusOK, "")
		res.Body = io.NopCloser(readerFunc(func([]byte) (int, error) {
			cancel()
			return 0, context.Canceled
		}))
		return res, nil
	})
	client, _ := w.client(t)
	var answer *AnswerError
	if err := everyCall["take"](ctx, client); !errors.As(err, &answer) || !IsLost(err) {
		t.Errorf("error of type %T: %v", err, err)
	}
}

// Everything else ends with its context, and the error says which end that was.
func TestExchange_othersEndWithTheirContext(t *testing.T) {
	for _, method := range []string{"get", "get sharded", "update", "delete", "get cluster"} {
		for name, when := range map[string]func(end func(), req *http.Request) (*http.Response, error){
			"before the answer": func(end func(), req *http.Request) (*http.Response, error) {
				end()
				<-req.Context().Done()
				return nil, context.Cause(req.Context())
			},
			"before the answer, without its cause": func(end func(), req *http.Request) (*http.Response, error) {
				end()
				<-req.Context().Done()
				return nil, req.Context().Err()
			},
			"within the answer": func(end func(), req *http.Request) (*http.Response, error) {
				res := plainAnswer(http.StatusOK, "")
				res.Body = io.NopCloser(readerFunc(func([]byte) (int, error) {
					end()
					<-req.Context().Done()
					return 0, context.Cause(req.Context())
				}))
				return res, nil
			},
		} {
			t.Run(method+", "+name, func(t *testing.T) {
				for _, want := range []error{context.Canceled, wait.ErrTimeout} {
					var end func()
					w := newWire(t, func(req *http.Request) (*http.Response, error) { return when(end, req) })
					client, clock := w.client(t)
					timed, done := clock.WithTimeout(t.Context(), time.Hour)
					defer done()
					ctx, cancel := context.WithCancel(timed)
					defer cancel()
					end = cancel
					if errors.Is(want, wait.ErrTimeout) {
						end = func() { clock.Advance(time.Hour) }
					}
					err := everyCall[method](ctx, client)
					// Who was waiting for the answer to a change does not know what became of it.
					lost := method == "update" || method == "delete"
					if !errors.Is(err, want) || IsTransient(err) || IsLost(err) != lost {
						t.Errorf("error of type %T: %v, want %v; lost = %t", err, err, want, IsLost(err))
					}
					w.expectArrivals(t, 1)
				}
			})
		}
	}
}

// Nothing is sent for a context that has ended, not even a POST.
func TestExchange_endedBefore(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for method, do := range everyCall {
		for name, auth := range map[string]Authenticator{
			"access token":    AccessToken(wireToken),
			"digest":          Digest(testPublicKey, testPrivateKey),
			"service account": ServiceAccount(testClientID, testClientSecret, &url.URL{Scheme: "https", Host: "cloud.example.com"}, wait.System()),
		} {
			w := newWire(t, reply(http.StatusOK, queuedBody))
			client, _ := w.clientOf(t, auth)
			err := do(ctx, client)
			if !errors.Is(err, context.Canceled) || IsLost(err) || IsTransient(err) {
				t.Errorf("%s with %s: error of type %T: %v", method, name, err, err)
			}
			w.expectArrivals(t, 0)
		}
	}
}

// An interruption between a challenge and its answer leaves nothing under way.
func TestExchange_endedAfterChallenge(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	w := newWire(t, func(req *http.Request) (*http.Response, error) {
		cancel()
		return reply(http.StatusUnauthorized, "", `Www-Authenticate: Digest realm="r", nonce="n", qop="auth"`)(req)
	})
	client, _ := w.clientOf(t, Digest(testPublicKey, testPrivateKey))
	if err := everyCall["take"](ctx, client); !errors.Is(err, context.Canceled) || IsLost(err) {
		t.Errorf("error = %v", err)
	}
	w.expectArrivals(t, 1)
}

// slowServer is a transport whose server answers every request with start and then, every second, with drip. An empty drip
// is silence.
func slowServer(t *testing.T, start, drip string) *http.Transport {
	t.Helper()
	var serving sync.WaitGroup
	t.Cleanup(serving.Wait)
	transport := NewTransport()
	transport.Proxy = nil
	transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		serving.Go(func() {
			defer func() { _ = server.Close() }()
			request, err := http.ReadRequest(bufio.NewReader(server))
			if err != nil {
				return
			}
			_, _ = io.Copy(io.Discard, request.Body)
			_, err = io.WriteString(server, start)
			for err == nil {
				time.Sleep(time.Second)
				_, err = io.WriteString(server, drip)
			}
		})
		return client, nil
	}
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}

// A server that is slow beyond reason does not hold anybody up. Time is that of the bubble: nothing waits.
func TestExchange_slowServer(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
	for name, tt := range map[string]struct {
		method, start, drip string
		takes               time.Duration
		want                string
	}{
		"silence, POST":        {"take", "", "", time.Minute, "no answer: it took longer than 1m0s"},
		"silence, GET":         {"get", "", "", 5*time.Minute + 15*time.Second, "no answer: it took longer than 1m0s"},
		"dripping header":      {"take", "HTTP/1.1 200 OK\r\n", "X: y\r\n", time.Minute, "no answer: it took longer than 1m0s"},
		"dripping body, POST":  {"take", head + "{", " ", time.Minute, "the answer broke off: it took longer than 1m0s"},
		"dripping body, GET":   {"get", head + "{", " ", time.Minute, "the answer broke off: it took longer than 1m0s"},
		"dripping error, POST": {"take", strings.Replace(head, "200 OK", "500 X", 1), " ", time.Minute, "500 Internal Server Error"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := New(&url.URL{Scheme: "http", Host: "cloud.example.com"}, AccessToken(wireToken),
					WithTransport(slowServer(t, tt.start, tt.drip)), WithJitter(func() float64 { return 0 }))
				started := time.Now()
				err := everyCall[tt.method](t.Context(), client)
				if err == nil || !strings.HasSuffix(strings.Split(err.Error(), "; it begins")[0], tt.want) {
					t.Errorf("error = %v, want %q", err, tt.want)
				}
				if !IsLost(err) || !IsTransient(err) || errors.Is(err, wait.ErrTimeout) {
					t.Errorf("lost = %t, transient = %t, as if the caller's time were up = %t", IsLost(err), IsTransient(err), errors.Is(err, wait.ErrTimeout))
				}
				if took := time.Since(started); took != tt.takes {
					t.Errorf("it took %s, want %s", took, tt.takes)
				}
			})
		})
	}
}

// An interruption of a read is answered at once, however slow the server is; one of a POST when its answer is there.
func TestExchange_interruptedWhileServerIsSlow(t *testing.T) {
	for method, takes := range map[string]time.Duration{"get": 7 * time.Second, "take": time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			client := New(&url.URL{Scheme: "http", Host: "cloud.example.com"}, AccessToken(wireToken), WithTransport(slowServer(t, "", "")))
			ctx, cancel := context.WithCancel(t.Context())
			started := time.Now()
			time.AfterFunc(7*time.Second, cancel)
			err := everyCall[method](ctx, client)
			if took := time.Since(started); took != takes {
				t.Errorf("%s took %s, want %s", method, took, takes)
			}
			if interrupted := errors.Is(err, context.Canceled); interrupted == IsLost(err) {
				t.Errorf("%s: error = %v, lost = %t", method, err, IsLost(err))
			}
		})
	}
}

// The request for a token is nobody's snapshot: a read that is interrupted while it is under way ends at once.
func TestExchange_tokenRequestOfReadIsInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := &url.URL{Scheme: "http", Host: "cloud.example.com"}
		client := New(base, ServiceAccount(testClientID, testClientSecret, base, wait.System()), WithTransport(slowServer(t, "", "")))
		ctx, cancel := context.WithCancel(t.Context())
		started := time.Now()
		time.AfterFunc(7*time.Second, cancel)
		if err := everyCall["get"](ctx, client); !errors.Is(err, context.Canceled) || IsTransient(err) {
			t.Errorf("error = %v", err)
		}
		if took := time.Since(started); took != 7*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

// The pause that a limited token endpoint asks for is not part of the exchange, which may take a minute.
func TestExchange_tokenPauseIsNotCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := &url.URL{Scheme: "https", Host: "cloud.example.com"}
		w := newWire(t,
			reply(http.StatusTooManyRequests, `{"error":429,"errorCode":"RATE_LIMITED"}`, "Retry-After: 90"),
			reply(http.StatusOK, `{"access_token":"`+wireToken+`","expires_in":3600,"token_type":"Bearer"}`, "Content-Type: application/json"),
			reply(http.StatusOK, queuedBody))
		client := New(base, ServiceAccount(testClientID, testClientSecret, base, wait.System()), WithTransport(w))
		started := time.Now()
		if err := everyCall["take"](t.Context(), client); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(started); took < 90*time.Second {
			t.Errorf("it took %s", took)
		}
		w.expectArrivals(t, 3)
	})
}
