package atlas

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait/waittest"
)

// roundTrip is a function as a round tripper.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func plainAnswer(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status,
		Status:     fmt.Sprintf("%d %s", status, http.StatusText(status)),
		Header:     http.Header{},
		Body:       io.NopCloser(strings.NewReader(body)),
	}
}

// errorOf sends req and returns its error, nil if it was answered.
func errorOf(t *testing.T, through http.RoundTripper, req *http.Request) error {
	t.Helper()
	res, err := through.RoundTrip(req)
	if err == nil {
		_ = res.Body.Close()
	}
	return err
}

// everyAuthenticator has one of each kind whose secret is testPrivateKey.
func everyAuthenticator(t *testing.T) map[string]Authenticator {
	t.Helper()
	base, err := url.Parse("https://cloud.example.com")
	if err != nil {
		t.Fatal(err)
	}
	return map[string]Authenticator{
		"digest":          Digest(testPublicKey, testPrivateKey),
		"service account": ServiceAccount("mdb_sa_id", testPrivateKey, base, waittest.NewClock(time.Unix(0, 0))),
		"access token":    AccessToken(testPrivateKey),
		"unavailable":     UnavailableCredentials(errors.New("not known yet")),
	}
}

// acceptingServer accepts every credential and notes where it saw one.
type acceptingServer struct {
	authorized map[string]string
}

func (w *acceptingServer) RoundTrip(req *http.Request) (*http.Response, error) {
	header := req.Header.Get("Authorization")
	if header != "" {
		w.authorized[req.URL.String()] = header
	}
	switch {
	case strings.HasSuffix(req.URL.Path, "/oauth/token"):
		res := plainAnswer(http.StatusOK, `{"access_token":"`+testPrivateKey+`","expires_in":3600,"token_type":"Bearer"}`)
		res.Header.Set("Content-Type", "application/json")
		res.Request = req
		return res, nil
	case header == "":
		res := plainAnswer(http.StatusUnauthorized, "")
		res.Header.Set("Www-Authenticate", `Digest realm="r", nonce="n", qop="auth"`)
		return res, nil
	default:
		return plainAnswer(http.StatusOK, ""), nil
	}
}

func TestAuthenticatorsPrintNoSecret(t *testing.T) {
	for name, auth := range everyAuthenticator(t) {
		t.Run(name, func(t *testing.T) {
			server := &acceptingServer{authorized: map[string]string{}}
			// As a function, so that what the server has seen is not printed with its client.
			through := auth.Transport(roundTrip(server.RoundTrip))
			check := func(when string) {
				for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
					for _, value := range []any{auth, through, &auth, struct{ a Authenticator }{auth}, http.Client{Transport: through}} {
						text := fmt.Sprintf(verb, value)
						if strings.Contains(text, testPrivateKey) || strings.Contains(text, fmt.Sprintf("%x", testPrivateKey)) {
							t.Errorf("%s of %T %s: %s", verb, value, when, text)
						}
					}
				}
			}
			check("cold")
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, testURL, nil)
			if err != nil {
				t.Fatal(err)
			}
			_ = errorOf(t, through, req)
			check("warm")
		})
	}
}

func TestAuthenticatorsKeepToOneOrigin(t *testing.T) {
	for name, auth := range everyAuthenticator(t) {
		if name == "unavailable" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			server := &acceptingServer{authorized: map[string]string{}}
			through := auth.Transport(server)
			send := func(to string) int {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, to, nil)
				if err != nil {
					t.Fatal(err)
				}
				res, err := through.RoundTrip(req)
				if err != nil {
					t.Fatal(err)
				}
				_ = res.Body.Close()
				return res.StatusCode
			}
			if status := send("https://cloud.example.com/first"); status != http.StatusOK {
				t.Errorf("status = %d", status)
			}
			if status := send("https://CLOUD.example.com:443/same"); status != http.StatusOK {
				t.Errorf("status at the same origin = %d", status)
			}
			for _, other := range []string{
				"http://cloud.example.com/", "https://cloud.example.com:8443/", "https://example.com/", "https://cloud.example.com.evil.org/",
			} {
				if status := send(other); status != http.StatusUnauthorized {
					t.Errorf("status at %s = %d", other, status)
				}
				if header := server.authorized[other]; header != "" {
					t.Errorf("%s was sent credentials", other)
				}
			}
		})
	}
}

func TestAccessToken(t *testing.T) {
	var headers []string
	through := AccessToken("given").Transport(roundTrip(func(req *http.Request) (*http.Response, error) {
		headers = append(headers, req.Header.Get("Authorization"))
		return plainAnswer(http.StatusUnauthorized, ""), nil
	}))
	if status := get(t, through); status != http.StatusUnauthorized {
		t.Errorf("status = %d", status)
	}
	if len(headers) != 1 || headers[0] != "Bearer given" {
		t.Errorf("Authorization = %q", headers)
	}
}

func TestUnavailableCredentials(t *testing.T) {
	unknown := errors.New("the private key is not known yet")
	auth := UnavailableCredentials(unknown)
	through := auth.Transport(roundTrip(func(*http.Request) (*http.Response, error) {
		t.Error("there was traffic")
		return nil, nil
	}))
	body := &closeWatch{Reader: strings.NewReader("{}")}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, testURL, body)
	if err != nil {
		t.Fatal(err)
	}
	if err := errorOf(t, through, req); !errors.Is(err, unknown) {
		t.Errorf("error = %v", err)
	}
	if !body.closed {
		t.Error("the body was left open")
	}
	if err := auth.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

type closeWatch struct {
	io.Reader
	closed bool
}

func (c *closeWatch) Close() error {
	c.closed = true
	return nil
}

func TestBodyThatCannotBeResent(t *testing.T) {
	through := Digest(testPublicKey, testPrivateKey).Transport(roundTrip(func(*http.Request) (*http.Response, error) {
		t.Error("there was traffic")
		return nil, nil
	}))
	body := &closeWatch{Reader: strings.NewReader("{}")}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, testURL, body)
	if err != nil {
		t.Fatal(err)
	}
	if err := errorOf(t, through, req); err == nil || !strings.Contains(err.Error(), "cannot be reopened") {
		t.Errorf("error = %v", err)
	}
	if !body.closed {
		t.Error("the body was left open")
	}
}
