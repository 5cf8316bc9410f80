package atlassim

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	realm         = "MMS Public API"
	nonceLifetime = 60 * time.Second
	nonceUses     = 1024
)

// challengeBody is the recorded body of a 401, unsorted and printed as Atlas prints it.
const challengeBody = `{
  "error" : 401,
  "reason" : "Unauthorized",
  "detail" : "You are not authorized for this resource.",
  "errorCode" : "UNEXPECTED_ERROR"
}`

// nonce remembers which counts it has been used with.
type nonce struct {
	issued  time.Time
	used    map[uint64]bool
	highest uint64
}

// scheme names the kind of credential that a request carries, for the log.
func scheme(r *http.Request) string {
	kind, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch strings.ToLower(kind) {
	case "digest", "bearer", "basic":
		return strings.ToLower(kind)
	}
	return "none"
}

// authenticate answers requests without valid credentials with a challenge.
func (s *Simulator) authenticate(c *call) (response, bool) {
	credentials := c.request.Header.Get("Authorization")
	switch c.auth {
	case "digest":
		stale, ok := s.verifyDigest(c.request, parseDigest(credentials))
		if !ok {
			return s.challenge(c, stale), false
		}
	case "bearer":
		if _, token, _ := strings.Cut(credentials, " "); !s.validToken(token) {
			out := s.challenge(c, false)
			if !challengeBearer {
				out.header.Del("Www-Authenticate")
			}
			return out, false
		}
	default:
		return s.challenge(c, false), false
	}
	return response{}, true
}

// challenge returns the recorded 401: no rate limit headers, and for DELETE no body.
func (s *Simulator) challenge(c *call, stale bool) response {
	raw := make([]byte, 24)
	for i := range raw {
		raw[i] = byte(s.secrets.UintN(256))
	}
	value := base64.StdEncoding.EncodeToString(raw)
	s.forgetNonces()
	s.nonces[value] = &nonce{issued: s.clock.unscaled(), used: map[uint64]bool{}}

	out := c.unauthorized()
	out.header.Set("Www-Authenticate", fmt.Sprintf(
		`Digest realm="%s", domain="", nonce="%s", algorithm=MD5, qop="auth", stale=%t`, realm, value, stale))
	return out
}

// unauthorized returns a 401 without a challenge.
func (c *call) unauthorized() response {
	out := c.newResponse(http.StatusUnauthorized)
	out.header.Set("Content-Type", "application/json")
	c.addVary(&out)
	out.body = []byte(challengeBody)
	return out
}

// forgetNonces drops the nonces whose time is up, as Jetty does; they are answered like unknown ones.
func (s *Simulator) forgetNonces() {
	now := s.clock.unscaled()
	for value, known := range s.nonces {
		if now.Sub(known.issued) > nonceLifetime {
			delete(s.nonces, value)
		}
	}
}

// verifyDigest checks an Authorization header of RFC 7616 with algorithm MD5 and qop auth. Stale means that a fresh nonce
// would help; like Jetty, it says so before it looks at the password.
func (s *Simulator) verifyDigest(r *http.Request, given map[string]string) (stale, ok bool) {
	if given["qop"] != "auth" || given["realm"] != realm || given["uri"] != requestURI(r) || given["cnonce"] == "" {
		return false, false
	}
	if algorithm, named := given["algorithm"]; named && !strings.EqualFold(algorithm, "MD5") {
		return false, false
	}
	count, err := strconv.ParseUint(given["nc"], 16, 64)
	if err != nil || len(given["nc"]) != 8 || count == 0 {
		return false, false
	}
	s.forgetNonces()
	known, live := s.nonces[given["nonce"]]
	if !live || count > nonceUses {
		return true, false
	}
	if !known.accept(s.options.DigestMode, count) {
		return staleWhenRepeated(s.options.DigestMode), false
	}
	ha1 := md5Hex(s.fixture.PublicKey + ":" + realm + ":" + s.fixture.PrivateKey)
	ha2 := md5Hex(r.Method + ":" + given["uri"])
	want := md5Hex(strings.Join([]string{ha1, given["nonce"], given["nc"], given["cnonce"], "auth", ha2}, ":"))
	return false, given["username"] == s.fixture.PublicKey && given["response"] == want
}

// accept reports whether the nonce may serve this count, and remembers that it has.
func (n *nonce) accept(mode string, count uint64) bool {
	switch {
	case n.used[count]:
		return false
	case mode == DigestOnce && len(n.used) > 0:
		return false
	case mode == DigestRising && count <= n.highest:
		return false
	}
	n.used[count] = true
	n.highest = max(n.highest, count)
	return true
}

// requestURI returns what the client wrote on the request line; a recorder that was given no request line has only the URL.
func requestURI(r *http.Request) string {
	if r.RequestURI != "" {
		return r.RequestURI
	}
	return r.URL.RequestURI()
}

var digestPair = regexp.MustCompile(`(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))`)

// parseDigest reads the name=value pairs of an Authorization header.
func parseDigest(header string) map[string]string {
	_, rest, _ := strings.Cut(header, " ")
	pairs := map[string]string{}
	for _, match := range digestPair.FindAllStringSubmatch(rest, -1) {
		value := match[3]
		if value == "" {
			value = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(match[2])
		}
		pairs[strings.ToLower(match[1])] = value
	}
	return pairs
}

// md5Hex returns the hash that Atlas's challenge asks for.
func md5Hex(text string) string {
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}
