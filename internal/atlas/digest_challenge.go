package atlas

import (
	"crypto/rand"
	"fmt"
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

// digestAlgorithms are the supported algorithms, the strongest first. All recorded challenges of Atlas ask for MD5.
var digestAlgorithms = []string{"SHA-256", "MD5"}

// nonce is a challenge that can be answered many times, each time with a count of its own.
type nonce struct {
	challenge digest.Challenge
	// algorithm is an index of digestAlgorithms.
	algorithm int
	cnonce    string
	// used is how many counts are given away. The owner's mutex guards it.
	used int
}

// findNonce returns the strongest digest challenge of a response's headers, nil if there is none.
func findNonce(header http.Header) (*nonce, error) {
	var best *nonce
	var firstErr error
	for _, text := range splitChallenges(header.Values("Www-Authenticate")) {
		if !digest.IsDigest(text) {
			continue
		}
		n, err := parseNonce(text)
		switch {
		case err != nil && firstErr == nil:
			firstErr = err
		case err == nil && (best == nil || n.algorithm < best.algorithm):
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
	algorithm := len(digestAlgorithms) - 1 // MD5 where the challenge names none
	if challenge.Algorithm != "" {
		algorithm = slices.Index(digestAlgorithms, strings.ToUpper(challenge.Algorithm))
	}
	if algorithm < 0 {
		return nil, &ChallengeError{Reason: fmt.Sprintf("asks for the algorithm %.40q, which is not supported", challenge.Algorithm)}
	}
	if len(challenge.QOP) == 0 {
		return nil, &ChallengeError{Reason: "offers no quality of protection"}
	}
	if !slices.ContainsFunc(challenge.QOP, func(qop string) bool { return strings.EqualFold(strings.TrimSpace(qop), "auth") }) {
		return nil, &ChallengeError{Reason: fmt.Sprintf("offers the quality of protection %.40q, of which none is supported", strings.Join(challenge.QOP, ","))}
	}
	challenge.QOP = []string{"auth"}
	return &nonce{challenge: *challenge, algorithm: algorithm, cnonce: rand.Text()}, nil
}

// authorization returns the header that answers the challenge for this method and URI, with this count; none without a nonce.
func (n *nonce) authorization(method, uri string, count int, publicKey, privateKey string) (string, error) {
	if n == nil {
		return "", nil
	}
	credentials, err := digest.Digest(&n.challenge, digest.Options{
		Method: method, URI: uri, Count: count, Username: publicKey, Password: privateKey, Cnonce: n.cnonce,
	})
	if err != nil {
		return "", &ChallengeError{Reason: "cannot be answered", Err: err}
	}
	return credentials.String(), nil
}

// challengeStart matches a scheme followed by its first parameter, as opposed to a parameter followed by its value.
var challengeStart = regexp.MustCompile(`^\s*[A-Za-z][A-Za-z0-9-]*\s+[^\s=]`)

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
