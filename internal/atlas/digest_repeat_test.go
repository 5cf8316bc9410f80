package atlas

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait/waittest"
)

// A connection that has served before breaks after the server has read the request, and net/http sends the request again by
// itself: with a count that the server has seen. The refusal of that says nothing of the key.
func TestDigest_repeatedByTheTransport(t *testing.T) {
	seen := map[string]bool{}
	nonces, broken := 0, 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		credentials := r.Header.Get("Authorization")
		if credentials == "" || seen[credentials] {
			nonces++
			w.Header().Set("Www-Authenticate", fmt.Sprintf(`Digest realm="r", nonce="nonce%d", qop="auth", stale=false`, nonces))
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		seen[credentials] = true
		if broken++; broken == 1 {
			panic(http.ErrAbortHandler)
		}
		if !strings.Contains(credentials, `nonce="nonce2"`) {
			t.Errorf("credentials of another nonce: %s", credentials)
		}
	}))
	defer server.Close()
	transport := NewTransport()
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := Digest("public", "private").Transport(transport).RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK || answer.Request != request {
		t.Errorf("status = %d; the caller's request = %t", answer.StatusCode, answer.Request == request)
	}
}

// The same on every trip of a request, and before any request has been answered: that is a broken connection, which is asked
// again, and no word of the key.
func TestDigest_repeatedOnEveryTrip(t *testing.T) {
	for name, breaks := range map[string]int{"three times": 3, "four times": 4, "a dozen times": 12, "for ever": 1 << 30} {
		t.Run(name, func(t *testing.T) {
			seen := map[string]bool{}
			nonces, broken := 0, 0
			var mu sync.Mutex
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				// net/http repeats a request while the handler of the one before still ends.
				mu.Lock()
				defer mu.Unlock()
				credentials := r.Header.Get("Authorization")
				if credentials == "" || seen[credentials] {
					nonces++
					w.Header().Set("Www-Authenticate", fmt.Sprintf(`Digest realm="r", nonce="nonce%d", qop="auth", stale=false`, nonces))
					w.WriteHeader(http.StatusUnauthorized)
					return
				}
				seen[credentials] = true
				if broken++; broken <= breaks {
					panic(http.ErrAbortHandler)
				}
				_, _ = w.Write([]byte(queuedBody))
			}))
			defer server.Close()
			transport := NewTransport()
			defer transport.CloseIdleConnections()
			client := New(mustBase(t, server.URL), Digest("public", "private"), WithTransport(transport), WithClock(waittest.NewClock(wireNow)))
			err := everyCall["get"](t.Context(), client)
			var connection *ConnectionError
			if (err == nil) != (breaks < 1<<30) || err != nil && (!errors.As(err, &connection) || IsUnauthorized(err) || !IsTransient(err)) {
				t.Errorf("error of type %T: %v", err, err)
			}
		})
	}
}
