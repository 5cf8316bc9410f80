package atlas

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/icholy/digest"
)

func TestDigestVectors(t *testing.T) {
	const (
		rfc2617 = `Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"`
		rfc7616 = `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=ALGORITHM, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`
	)
	for name, tt := range map[string]struct {
		challenge, password, cnonce, response string
	}{
		"RFC 2617, 3.5":       {rfc2617, "Circle Of Life", "0a4f113b", "6629fae49393a05397450978507c4ef1"},
		"RFC 7616, 3.9.1 MD5": {strings.Replace(rfc7616, "ALGORITHM", "MD5", 1), "Circle of Life", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "8ca523f5e9506fed4657c9700eebdbec"},
		"RFC 7616, 3.9.1 SHA": {strings.Replace(rfc7616, "ALGORITHM", "SHA-256", 1), "Circle of Life", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"},
	} {
		t.Run(name, func(t *testing.T) {
			n, err := findNonce(http.Header{"Www-Authenticate": {tt.challenge}})
			if err != nil {
				t.Fatal(err)
			}
			n.cnonce = tt.cnonce
			header, err := n.authorization(http.MethodGet, "/dir/index.html", 1, "Mufasa", tt.password)
			if err != nil {
				t.Fatal(err)
			}
			credentials, err := digest.ParseCredentials(header)
			if err != nil {
				t.Fatal(err)
			}
			if credentials.Response != tt.response {
				t.Errorf("response = %s, want %s", credentials.Response, tt.response)
			}
			if credentials.Algorithm != n.challenge.Algorithm {
				t.Errorf("algorithm = %q", credentials.Algorithm)
			}
			if strings.Contains(header, tt.password) {
				t.Errorf("the header has the password: %s", header)
			}
		})
	}
}

func TestDigestChoosesStrongest(t *testing.T) {
	const (
		weak   = `Digest realm="r", nonce="weak", algorithm=MD5, qop="auth"`
		strong = `Digest realm="a, Digest b=", nonce="strong", algorithm=SHA-256, qop="auth"`
		sess   = `Digest realm="r", nonce="session", algorithm="SHA-256-sess", qop="auth"`
		noQOP  = `Digest realm="r", nonce="no qop", algorithm=SHA-256`
		odd    = `Digest realm="r", nonce="odd", algorithm=SHA-3, qop="auth"`
		basic  = `Basic realm="r", charset="UTF-8"`
	)
	for name, tt := range map[string]struct {
		headers []string
		want    string
	}{
		"in headers of their own": {[]string{weak, strong}, "strong"},
		"in one header":           {[]string{basic + ", " + weak + ", " + strong + "," + odd}, "strong"},
		"any case":                {[]string{`digest realm="r", nonce="any case", algorithm="sha-256", qop="AUTH"`, weak}, "any case"},
		"no algorithm is MD5":     {[]string{`Digest realm="r", nonce="none", qop="auth"`, strong}, "strong"},
		"beside a session":        {[]string{sess, weak}, "weak"},
		"beside one without qop":  {[]string{noQOP, weak}, "weak"},
		"beside unknown ones":     {[]string{odd, `Digest nonce=`, weak}, "weak"},
		"no digest":               {[]string{basic}, ""},
		"nothing":                 {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			n, err := findNonce(http.Header{"Www-Authenticate": tt.headers})
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case n == nil && tt.want != "":
				t.Errorf("no challenge found")
			case n != nil && n.challenge.Nonce != tt.want:
				t.Errorf("nonce = %q, want %q", n.challenge.Nonce, tt.want)
			}
		})
	}
}

func TestDigestUnanswerableChallenge(t *testing.T) {
	for challenge, want := range map[string]string{
		`Digest realm="r", nonce="n", algorithm=SHA-3, qop="auth"`:       `asks for the algorithm "SHA-3", which is not supported`,
		`Digest realm="r", nonce="n", qop="auth-int"`:                    `offers the quality of protection "auth-int", of which none is supported`,
		`Digest realm="r", nonce="n"`:                                    `offers no quality of protection`,
		`Digest realm="r", nonce="n", algorithm=MD5-sess, qop="auth"`:    `asks for the algorithm "MD5-sess", which is not supported`,
		`Digest realm="r", nonce="n", algorithm=SHA-512-256, qop="auth"`: `asks for the algorithm "SHA-512-256", which is not supported`,
		`Digest realm="r"`: `has no nonce`,
		`Digest realm="r`:  `cannot be read: `,
		`Digest ,,`:        `cannot be read: `,
	} {
		t.Run(challenge, func(t *testing.T) {
			trips := 0
			through := Digest(testPublicKey, testPrivateKey).Transport(roundTrip(func(*http.Request) (*http.Response, error) {
				trips++
				res := plainAnswer(http.StatusUnauthorized, "")
				res.Header.Set("Www-Authenticate", challenge)
				return res, nil
			}))
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, testURL, nil)
			if err != nil {
				t.Fatal(err)
			}
			err = errorOf(t, through, req)
			var challengeError *ChallengeError
			if !errors.As(err, &challengeError) || !strings.Contains(err.Error(), want) {
				t.Errorf("error = %v", err)
			}
			if err != nil && (strings.Contains(err.Error(), testPrivateKey) || strings.Contains(err.Error(), testPublicKey)) {
				t.Errorf("the error has credentials: %v", err)
			}
			if trips != 1 {
				t.Errorf("round trips = %d", trips)
			}
		})
	}
}

func FuzzChallenge(f *testing.F) {
	for _, seed := range []string{
		`Digest realm="MMS Public API", domain="", nonce="VYX7ogxyVnAAsmp7qSILUR3zNUgIM/Y0", algorithm=MD5, qop="auth", stale=false`,
		`Digest realm="r", nonce="n", algorithm=SHA-256-sess, qop="auth, auth-int", opaque="o", userhash=true`,
		`Basic realm="x", Digest nonce="a\"b", Digest nonce=c`,
		`Digest nonce="` + "\r\nX-Injected: 1" + `"`,
		`Digest`,
		`Digest ,=,"`,
		``,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		n, err := findNonce(http.Header{"Www-Authenticate": {header}})
		if err != nil {
			var challengeError *ChallengeError
			if !errors.As(err, &challengeError) {
				t.Errorf("error of type %T: %v", err, err)
			}
			return
		}
		if n == nil {
			return
		}
		authorization, err := n.authorization(http.MethodGet, "/", 1, testPublicKey, testPrivateKey)
		if err != nil {
			t.Fatalf("%q was taken but cannot be answered: %v", header, err)
		}
		if strings.ContainsFunc(authorization, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			t.Errorf("%q puts control characters into %q", header, authorization)
		}
		if !strings.Contains(header, testPrivateKey) && strings.Contains(authorization, testPrivateKey) {
			t.Errorf("the private key is in %q", authorization)
		}
	})
}
