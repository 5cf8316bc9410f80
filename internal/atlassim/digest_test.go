package atlassim_test

import (
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

const recordedChallenge = `{
  "error" : 401,
  "reason" : "Unauthorized",
  "detail" : "You are not authorized for this resource.",
  "errorCode" : "UNEXPECTED_ERROR"
}`

var challengePattern = regexp.MustCompile(
	`^Digest realm="MMS Public API", domain="", nonce="([A-Za-z0-9+/]{32})", algorithm=MD5, qop="auth", stale=(true|false)$`)

// digest is what a client puts into its Authorization header; a test changes one part to see it refused.
type digest struct {
	user, password, realm, nonce, uri, nc, cnonce, qop, algorithm, method string
}

func (d digest) header() string {
	hash := func(parts ...string) string { return fmt.Sprintf("%x", md5.Sum([]byte(strings.Join(parts, ":")))) }
	response := hash(hash(d.user, d.realm, d.password), d.nonce, d.nc, d.cnonce, d.qop, hash(d.method, d.uri))
	return fmt.Sprintf(`Digest username="%s", realm="%s", nonce="%s", uri="%s", cnonce="%s", nc=%s, qop=%s, response="%s", algorithm=%s`,
		d.user, d.realm, d.nonce, d.uri, d.cnonce, d.nc, d.qop, response, d.algorithm)
}

func (b *harness) digest(nonce string, count int) digest {
	return digest{
		user: b.fix.PublicKey, password: b.fix.PrivateKey, realm: "MMS Public API", nonce: nonce, uri: b.snapshots(),
		nc: fmt.Sprintf("%08x", count), cnonce: "0a4f113b", qop: "auth", algorithm: "MD5", method: http.MethodGet,
	}
}

// ask sends a GET of the list with this Authorization header.
func (b *harness) ask(authorization string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodGet, b.snapshots(), nil)
	request.Header.Set("Accept", "application/vnd.atlas.2023-01-01+json")
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	return b.serve(request)
}

// challenge reads the challenge of a 401.
func (b *harness) challenge(recorder *httptest.ResponseRecorder) (nonce string, stale bool) {
	b.t.Helper()
	expectStatus(b.t, recorder, http.StatusUnauthorized)
	match := challengePattern.FindStringSubmatch(recorder.Header().Get("Www-Authenticate"))
	if match == nil {
		b.t.Fatalf("challenge %q", recorder.Header().Get("Www-Authenticate"))
	}
	if raw, err := base64.StdEncoding.DecodeString(match[1]); err != nil || len(raw) != 24 {
		b.t.Fatalf("nonce %q is not 24 bytes", match[1])
	}
	return match[1], match[2] == "true"
}

func (b *harness) freshNonce() string {
	b.t.Helper()
	nonce, stale := b.challenge(b.ask(""))
	if stale {
		b.t.Fatal("the first challenge is stale")
	}
	return nonce
}

// expectStale sends a use of a nonce that must be refused.
func (b *harness) expectStale(nonce string, count int, want bool) {
	b.t.Helper()
	if _, stale := b.challenge(b.ask(b.digest(nonce, count).header())); stale != want {
		b.t.Errorf("count %d: stale %t, want %t", count, stale, want)
	}
}

func (b *harness) expectAccepted(nonce string, count int) {
	b.t.Helper()
	expectStatus(b.t, b.ask(b.digest(nonce, count).header()), http.StatusOK)
}

func TestChallenge(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	first := b.ask("")
	nonce, _ := b.challenge(first)
	if first.Body.String() != recordedChallenge {
		t.Errorf("body %q", first.Body)
	}
	for _, absent := range []string{"Ratelimit-Limit", "Ratelimit-Remaining", "X-Error-Code", "X-Java-Method"} {
		if first.Header().Get(absent) != "" {
			t.Errorf("a challenge carries %s", absent)
		}
	}
	if second, _ := b.challenge(b.ask("")); second == nonce {
		t.Error("two challenges share a nonce")
	}
	deletion := b.serve(httptest.NewRequest(http.MethodDelete, b.snapshots("6a7944f22c88faeba59d3572"), nil))
	b.challenge(deletion)
	if deletion.Body.String() != recordedChallenge || deletion.Header().Get("Content-Type") != "application/json" {
		t.Errorf("the challenge of a DELETE: %q", deletion.Body)
	}
}

func TestDigestVerification(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	wrong := map[string]func(*digest){
		"user":      func(d *digest) { d.user = "somebody" },
		"password":  func(d *digest) { d.password = "guess" },
		"realm":     func(d *digest) { d.realm = "elsewhere" },
		"uri":       func(d *digest) { d.uri += "?pageNum=2" },
		"method":    func(d *digest) { d.method = http.MethodPost },
		"qop":       func(d *digest) { d.qop = "auth-int" },
		"algorithm": func(d *digest) { d.algorithm = "SHA-256" },
		"cnonce":    func(d *digest) { d.cnonce = "" },
		"short nc":  func(d *digest) { d.nc = "1" },
		"zero nc":   func(d *digest) { d.nc = "00000000" },
	}
	for name, change := range wrong {
		t.Run(name, func(t *testing.T) {
			d := b.digest(b.freshNonce(), 1)
			change(&d)
			recorder := b.ask(d.header())
			if _, stale := b.challenge(recorder); stale {
				t.Error("wrong credentials are called stale")
			}
			if recorder.Body.String() != recordedChallenge {
				t.Errorf("body %q", recorder.Body)
			}
		})
	}
	b.expectAccepted(b.freshNonce(), 1)
	b.expectStale("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 1, true)
}

func TestDigestResponseIsChecked(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	header := b.digest(b.freshNonce(), 1).header()
	at := strings.Index(header, `response="`) + len(`response="`)
	b.challenge(b.ask(header[:at] + strings.Repeat("0", 32) + header[at+32:]))
}

func TestDigestJetty(t *testing.T) {
	b := newHarness(t, atlassim.Options{DigestMode: atlassim.DigestJetty})
	nonce := b.freshNonce()
	for _, count := range []int{1, 3, 2, 1024} { // any order
		b.expectAccepted(nonce, count)
	}
	b.expectStale(nonce, 2, false)   // each count once
	b.expectStale(nonce, 1025, true) // used up
	b.advance(60 * time.Second)
	b.expectAccepted(nonce, 4)
	b.advance(time.Second)
	b.expectStale(nonce, 5, true) // too old
}

func TestDigestRising(t *testing.T) {
	b := newHarness(t, atlassim.Options{DigestMode: atlassim.DigestRising})
	nonce := b.freshNonce()
	b.expectAccepted(nonce, 1)
	b.expectAccepted(nonce, 5)
	b.expectStale(nonce, 3, false)
	b.expectAccepted(nonce, 6)
}

func TestDigestOnce(t *testing.T) {
	b := newHarness(t, atlassim.Options{DigestMode: atlassim.DigestOnce})
	nonce := b.freshNonce()
	b.expectAccepted(nonce, 1)
	b.expectStale(nonce, 2, true)
	b.expectAccepted(b.freshNonce(), 1)
}

func TestDigestWithQueryOverHTTP(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	server := httptest.NewServer(b.sim)
	defer server.Close()
	d := b.digest(b.freshNonce(), 1)
	d.uri += "?itemsPerPage=5"
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+d.uri, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "application/vnd.atlas.2023-01-01+json")
	request.Header.Set("Authorization", d.header())
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		t.Errorf("status %d", response.StatusCode)
	}
}
