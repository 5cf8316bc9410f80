package atlas

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait/waittest"
)

const (
	testClientID     = "mdb_sa_id_66d1"
	testClientSecret = "mdb_sa_sk_p+/=7%s"
	testToken        = "eyJhbGciOi"
)

// tokenServer is a round tripper that answers like Atlas with a service account: token, revocation and API.
type tokenServer struct {
	t     *testing.T
	clock *waittest.Clock
	// life is the expires_in of the tokens, a JSON value.
	life string
	// exchanges are the answers of the token endpoint before it grants tokens.
	exchanges []exchange
	// revocation is the status of a revocation.
	revocation int
	// allowed is whether the API lets this account in at all.
	allowed bool
	// arrived, where set, is called for every API request before it is handled, without the lock.
	arrived func()

	mu      sync.Mutex
	calls   []string
	asked   int
	granted int
	valid   map[string]bool
	bodies  []string
	revoked []string
}

func newTokenServer(t *testing.T) *tokenServer {
	t.Helper()
	return &tokenServer{
		t:          t,
		clock:      waittest.NewClock(time.Date(2026, 8, 10, 3, 0, 0, 0, time.UTC)),
		life:       "3600",
		revocation: http.StatusOK,
		allowed:    true,
		valid:      map[string]bool{},
	}
}

func (s *tokenServer) authenticator() Authenticator {
	s.t.Helper()
	base, err := url.Parse("https://cloud.example.com/")
	if err != nil {
		s.t.Fatal(err)
	}
	return ServiceAccount(testClientID, testClientSecret, base, s.clock)
}

func (s *tokenServer) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, context.Cause(req.Context())
	}
	var sent string
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		_ = req.Body.Close()
		sent = string(body)
	}
	api := strings.HasPrefix(req.URL.Path, "/api/atlas/")
	if api && s.arrived != nil {
		s.arrived()
	}
	runtime.Gosched()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, req.Method+" "+req.URL.Path)
	if api {
		s.bodies = append(s.bodies, sent)
		if token, _ := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer "); !s.valid[token] || !s.allowed {
			return plainAnswer(http.StatusUnauthorized, `{"error":401}`), nil
		}
		return plainAnswer(http.StatusOK, `{}`), nil
	}
	id, password, ok := req.BasicAuth()
	if !ok || id != url.QueryEscape(testClientID) || password != url.QueryEscape(testClientSecret) {
		s.t.Errorf("%s: credentials are %q, %q", req.URL.Path, id, password)
	}
	form, err := url.ParseQuery(sent)
	if err != nil {
		s.t.Error(err)
	}
	if req.Method+" "+req.URL.Path == "POST /api/oauth/revoke" {
		if form.Get("token_type_hint") != "access_token" || len(form) != 2 {
			s.t.Errorf("revocation = %s", sent)
		}
		s.revoked = append(s.revoked, form.Get("token"))
		return plainAnswer(s.revocation, ""), nil
	}
	if sent != "grant_type=client_credentials" || req.URL.String() != "https://cloud.example.com/api/oauth/token" {
		s.t.Errorf("token request = %s %s: %s", req.Method, req.URL, sent)
	}
	s.asked++
	if len(s.exchanges) > 0 {
		exchange := s.exchanges[0]
		s.exchanges = s.exchanges[1:]
		if exchange.err != nil {
			return nil, exchange.err
		}
		if exchange.status != 0 {
			return exchange.answer(req), nil
		}
	}
	s.granted++
	token := fmt.Sprintf("%s-%d", testToken, s.granted)
	s.valid[token] = true
	return jsonAnswer(http.StatusOK, fmt.Sprintf(`{"access_token":%q,"expires_in":%s,"token_type":"Bearer"}`, token, s.life)), nil
}

// revokeAll makes the API refuse every token granted so far.
func (s *tokenServer) revokeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.valid)
}

func jsonAnswer(status int, body string) *http.Response {
	res := plainAnswer(status, body)
	res.Header.Set("Content-Type", "application/json")
	return res
}

// exchange is one answer of the token endpoint; the zero value grants a token.
type exchange struct {
	status     int
	body       string
	retryAfter string
	err        error
}

func (e exchange) answer(req *http.Request) *http.Response {
	res := jsonAnswer(e.status, e.body)
	res.Request = req
	if e.status == http.StatusTemporaryRedirect {
		res.Header.Set("Location", "https://elsewhere.example.com/api/oauth/token")
	}
	if e.retryAfter != "" {
		res.Header.Set("Retry-After", e.retryAfter)
	}
	return res
}

func (s *tokenServer) expect(asked, calls int) {
	s.t.Helper()
	if s.asked != asked {
		s.t.Errorf("tokens asked for = %d, want %d", s.asked, asked)
	}
	if len(s.calls) != calls {
		s.t.Errorf("round trips = %d, want %d: %q", len(s.calls), calls, s.calls)
	}
}

// failure is the error of one GET.
func failure(t *testing.T, through http.RoundTripper) error {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, testURL, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = errorOf(t, through, req)
	var tokenError *TokenError
	if !errors.As(err, &tokenError) {
		t.Fatalf("error of type %T: %v", err, err)
	}
	return err
}
