package atlas

import (
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/icholy/digest"
)

// ChallengeError is a digest challenge that cannot be answered: it cannot be read, or it asks for what is not supported.
// Its text has nothing of the credentials.
type ChallengeError struct {
	// Reason says what is wrong, as the rest of a sentence about the challenge.
	Reason string
	// Err is the parser's error, nil where the challenge was read.
	Err error
}

func (e *ChallengeError) Error() string {
	text := "the digest challenge of the server " + e.Reason
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *ChallengeError) Unwrap() error { return e.Err }

type digestAlgorithm struct {
	name string
	hash func() hash.Hash
}

// digestAlgorithms are the algorithms of RFC 7616 without their -sess variants, the strongest first.
var digestAlgorithms = []digestAlgorithm{
	{"SHA-512-256", sha512.New512_256},
	{"SHA-256", sha256.New},
	{"MD5", md5.New},
}

// nonce is a challenge that can be answered many times, each time with a count of its own.
type nonce struct {
	challenge digest.Challenge
	// algorithm is an index of digestAlgorithms.
	algorithm int
	// session is the -sess variant, which hashes the nonce and the cnonce into the password's hash. Servers disagree
	// whether those of the first request or of the present one count: with one cnonce for a nonce they are the same.
	session bool
	cnonce  string
	// used is how many counts are given away. The owner's mutex guards it.
	used int
}

// findNonce is the strongest digest challenge of a response's headers, nil if there is none.
func findNonce(header http.Header) (*nonce, error) {
	var best *nonce
	var firstErr error
	for _, text := range splitChallenges(header.Values("Www-Authenticate")) {
		if !digest.IsDigest(text) {
			continue
		}
		n, err := parseNonce(text)
		if err != nil {
			if firstErr == nil {
				firstErr = err
			}
			continue
		}
		if best == nil || n.algorithm < best.algorithm {
			best = n
		}
	}
	if best != nil {
		return best, nil
	}
	return nil, firstErr
}

func parseNonce(text string) (*nonce, error) {
	challenge, err := digest.ParseChallenge(text)
	if err != nil {
		return nil, &ChallengeError{Reason: "cannot be read", Err: err}
	}
	if challenge.Nonce == "" {
		return nil, &ChallengeError{Reason: "has no nonce"}
	}
	n := &nonce{challenge: *challenge, cnonce: rand.Text()}
	name := strings.ToUpper(challenge.Algorithm)
	if name == "" {
		name = "MD5"
	}
	name, n.session = strings.CutSuffix(name, "-SESS")
	n.algorithm = slices.IndexFunc(digestAlgorithms, func(a digestAlgorithm) bool { return a.name == name })
	if n.algorithm < 0 {
		return nil, &ChallengeError{Reason: fmt.Sprintf("asks for the algorithm %.40q, which is not supported", challenge.Algorithm)}
	}
	var offered []string
	for _, qop := range challenge.QOP {
		if qop = strings.ToLower(strings.TrimSpace(qop)); qop != "" {
			offered = append(offered, qop)
		}
	}
	switch {
	case slices.Contains(offered, "auth"):
		n.challenge.QOP = []string{"auth"}
	case len(offered) > 0:
		return nil, &ChallengeError{Reason: fmt.Sprintf("offers the quality of protection %.40q, of which none is supported", strings.Join(offered, ","))}
	case n.session:
		return nil, &ChallengeError{Reason: "asks for a session algorithm without a quality of protection"}
	default:
		// RFC 2069: neither count nor cnonce.
		n.challenge.QOP = nil
	}
	return n, nil
}

// authorization is the header that answers the challenge for this method and URI, with this count.
func (n *nonce) authorization(method, uri string, count int, publicKey, privateKey string) (string, error) {
	challenge := n.challenge
	options := digest.Options{
		Method:   method,
		URI:      uri,
		Count:    count,
		Username: publicKey,
		Password: privateKey,
		Cnonce:   n.cnonce,
	}
	if n.session {
		// The package knows no session algorithm: give it the plain one, and the hash that differs.
		algorithm := digestAlgorithms[n.algorithm]
		challenge.Algorithm = algorithm.name
		options.A1 = hashOf(algorithm.hash(), hashOf(algorithm.hash(), publicKey, challenge.Realm, privateKey), challenge.Nonce, n.cnonce)
	}
	credentials, err := digest.Digest(&challenge, options)
	if err != nil {
		return "", &ChallengeError{Reason: "cannot be answered", Err: err}
	}
	credentials.Algorithm = n.challenge.Algorithm
	return credentials.String(), nil
}

func hashOf(h hash.Hash, parts ...string) string {
	h.Write([]byte(strings.Join(parts, ":")))
	return hex.EncodeToString(h.Sum(nil))
}

// successor is the nonce that an Authentication-Info header asks to use from now on, nil if there is none. A session
// algorithm keeps the first nonce in its hash, in ways that differ from server to server: there the old nonce stays.
func (n *nonce) successor(header http.Header) *nonce {
	for _, info := range header.Values("Authentication-Info") {
		// The header has the form of a challenge but for the scheme's name and the parameter's.
		match := nextNonce.FindStringSubmatch(info)
		if match == nil || n.session {
			continue
		}
		challenge := n.challenge
		challenge.Nonce = match[1]
		return &nonce{challenge: challenge, algorithm: n.algorithm, cnonce: rand.Text()}
	}
	return nil
}

var (
	nextNonce = regexp.MustCompile(`(?i)(?:^|,)\s*nextnonce\s*=\s*"([^"\\]+)"`)
	// challengeStart is a scheme followed by its first parameter, as opposed to a parameter followed by its value.
	challengeStart = regexp.MustCompile(`^\s*[A-Za-z][A-Za-z0-9-]*\s+[^\s=]`)
)

// splitChallenges takes apart what proxies join: several challenges in one header, with the comma that also stands
// between the parameters of each.
func splitChallenges(headers []string) []string {
	var challenges []string
	for _, header := range headers {
		start := 0
		quoted := false
		for i := 0; i < len(header); i++ {
			switch {
			case quoted && header[i] == '\\':
				i++
			case header[i] == '"':
				quoted = !quoted
			case !quoted && header[i] == ',' && challengeStart.MatchString(header[i+1:]):
				challenges = append(challenges, strings.TrimSpace(header[start:i]))
				start = i + 1
			}
		}
		challenges = append(challenges, strings.TrimSpace(header[start:]))
	}
	return challenges
}
