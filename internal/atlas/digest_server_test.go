package atlas

import (
	"crypto/md5"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/icholy/digest"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait/waittest"
)

const (
	testPublicKey  = "publickey"
	testPrivateKey = "7cd1f0a2-private"
	testURL        = "https://cloud.example.com/api/atlas/v2/groups?pageNum=1"
)

// nonceRule decides about a use of a nonce that is otherwise right: whether it is good, and what the refusal says.
type nonceRule func(n *issuedNonce, count int, now time.Time) (good, stale bool)

type issuedNonce struct {
	at   time.Time
	seen map[int]bool
	last int
}

// anyOrder is Jetty's authenticator: each count once, in any order, for a minute and 1,024 uses.
func anyOrder(n *issuedNonce, count int, now time.Time) (bool, bool) {
	if now.Sub(n.at) > time.Minute || count > 1024 {
		return false, true
	}
	return !n.seen[count], false
}

// risingCount refuses a count that is not higher than the last one.
func risingCount(stale bool) nonceRule {
	return func(n *issuedNonce, count int, _ time.Time) (bool, bool) { return count > n.last, stale }
}

// uses lets a nonce serve so many requests.
func uses(limit int, stale bool) nonceRule {
	return func(n *issuedNonce, count int, _ time.Time) (bool, bool) {
		return len(n.seen) < limit && !n.seen[count], stale
	}
}

// digestServer is a round tripper that answers like a server with digest authentication, by its own arithmetic.
type digestServer struct {
	t     *testing.T
	clock *waittest.Clock
	rule  nonceRule
	// refusals are taken, one a trip, before anything else: what the server does on a bad day.
	refusals []refusal
	// arrived, where set, is called for every request before it is handled, without the lock.
	arrived func(authorization *digest.Credentials)
	status  int

	mu     sync.Mutex
	trips  int
	issued map[string]*issuedNonce
	bodies []string
	open   int
}

type refusal int

const (
	work refusal = iota
	refuse
	refuseStale
	refuseBare
)

func newDigestServer(t *testing.T, rule nonceRule) *digestServer {
	t.Helper()
	s := &digestServer{
		t:      t,
		clock:  waittest.NewClock(time.Date(2026, 8, 10, 3, 4, 31, 0, time.UTC)),
		rule:   rule,
		status: http.StatusOK,
		issued: map[string]*issuedNonce{},
	}
	t.Cleanup(func() {
		if s.open != 0 {
			t.Errorf("%d response bodies were left open", s.open)
		}
	})
	return s
}

func (s *digestServer) RoundTrip(req *http.Request) (*http.Response, error) {
	var sent string
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		sent = string(body)
		_ = req.Body.Close()
	}
	var credentials *digest.Credentials
	if header := req.Header.Get("Authorization"); header != "" {
		var err error
		if credentials, err = digest.ParseCredentials(header); err != nil {
			s.t.Errorf("Authorization: %v", err)
			return nil, err
		}
	}
	if s.arrived != nil {
		s.arrived(credentials)
	}
	// Let requests overtake each other between their choice of a count and its check.
	runtime.Gosched()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trips++
	s.bodies = append(s.bodies, sent)
	if len(s.refusals) > 0 {
		refusal := s.refusals[0]
		s.refusals = s.refusals[1:]
		if refusal != work {
			return s.refuse(req, refusal == refuseStale, refusal == refuseBare), nil
		}
	}
	if credentials == nil || !s.verified(req.Method, credentials) {
		return s.refuse(req, false, false), nil
	}
	nonce := s.issued[credentials.Nonce]
	if nonce == nil {
		return s.refuse(req, true, false), nil
	}
	if good, stale := s.rule(nonce, credentials.Nc, s.clock.Now()); !good {
		return s.refuse(req, stale, false), nil
	}
	nonce.seen[credentials.Nc] = true
	nonce.last = max(nonce.last, credentials.Nc)
	return s.answer(req, s.status, `{"results":[]}`), nil
}

func (s *digestServer) verified(method string, c *digest.Credentials) bool {
	if c.URI != "/api/atlas/v2/groups?pageNum=1" {
		s.t.Errorf("uri = %q", c.URI)
	}
	ha1 := md5Of(testPublicKey + ":MMS Public API:" + testPrivateKey)
	ha2 := md5Of(method + ":" + c.URI)
	return c.Response == md5Of(strings.Join([]string{ha1, c.Nonce, fmt.Sprintf("%08x", c.Nc), c.Cnonce, "auth", ha2}, ":"))
}

func md5Of(text string) string { return fmt.Sprintf("%x", md5.Sum([]byte(text))) }

func (s *digestServer) issue() string {
	nonce := rand.Text()
	s.issued[nonce] = &issuedNonce{at: s.clock.Now(), seen: map[int]bool{}}
	return nonce
}

func (s *digestServer) refuse(req *http.Request, stale, bare bool) *http.Response {
	res := s.answer(req, http.StatusUnauthorized, `{"error":401}`)
	if !bare {
		res.Header.Set("Www-Authenticate", fmt.Sprintf(
			`Digest realm="MMS Public API", domain="", nonce="%s", algorithm=MD5, qop="auth", stale=%t`, s.issue(), stale,
		))
	}
	return res
}

func (s *digestServer) answer(req *http.Request, status int, body string) *http.Response {
	s.open++
	return &http.Response{
		StatusCode: status,
		Header:     http.Header{},
		Body:       &watchedBody{Reader: strings.NewReader(body), server: s},
		Request:    req,
	}
}

// watchedBody counts what its server has open.
type watchedBody struct {
	io.Reader
	server *digestServer
	once   sync.Once
}

func (b *watchedBody) Close() error {
	b.once.Do(func() {
		b.server.mu.Lock()
		defer b.server.mu.Unlock()
		b.server.open--
	})
	return nil
}

// get sends one GET and returns its status.
func get(t *testing.T, through http.RoundTripper) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, testURL, nil)
	if err != nil {
		t.Error(err)
		return 0
	}
	return statusOf(t, through, req)
}

func statusOf(t *testing.T, through http.RoundTripper, req *http.Request) int {
	t.Helper()
	res, err := through.RoundTrip(req)
	if err != nil {
		t.Error(err)
		return 0
	}
	if res.Request != req {
		t.Error("the response has another request than the caller's")
	}
	if req.Header.Get("Authorization") != "" {
		t.Error("the caller's request was changed")
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	return res.StatusCode
}

// getAtOnce sends calls GETs from each of so many goroutines that start together.
func getAtOnce(t *testing.T, through http.RoundTripper, goroutines, calls int) {
	t.Helper()
	var wg sync.WaitGroup
	start := make(chan struct{})
	for range goroutines {
		wg.Go(func() {
			<-start
			for range calls {
				if status := get(t, through); status != http.StatusOK {
					t.Errorf("status = %d", status)
				}
			}
		})
	}
	close(start)
	wg.Wait()
}
