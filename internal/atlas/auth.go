package atlas

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// Authenticator puts credentials on requests. It holds the state that the credentials need (nonces, a token), so that one
// Authenticator belongs to one client for the client's whole life. It is safe for concurrent use and prints no secret.
//
// Credentials go to one origin (scheme, host and port) only: the base URL of [ServiceAccount], the origin of the first
// request for the others. A request to any other origin, such as one that a redirect made, is sent as it is.
type Authenticator interface {
	// Transport returns a round tripper that sends through next with credentials. It never changes the caller's request,
	// and the Request of its responses is the caller's, without credentials.
	Transport(next http.RoundTripper) http.RoundTripper
	// Close gives back what was taken (an OAuth token). It may be called more than once.
	Close(ctx context.Context) error
}

// roundTripperFunc is a function as an [http.RoundTripper].
type roundTripperFunc func(*http.Request) (*http.Response, error)

func (f roundTripperFunc) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// staticAuth is an Authenticator without state that has to be given back.
type staticAuth func(next http.RoundTripper) http.RoundTripper

func (a staticAuth) Transport(next http.RoundTripper) http.RoundTripper { return a(next) }

func (a staticAuth) Close(context.Context) error { return nil }

// UnavailableCredentials fails every request with err and without any traffic: for credentials that are not known yet,
// as in a plan, where only the first call that needs them may fail.
func UnavailableCredentials(err error) Authenticator {
	return staticAuth(func(http.RoundTripper) http.RoundTripper {
		return roundTripperFunc(func(req *http.Request) (*http.Response, error) {
			closeBody(req)
			return nil, err
		})
	})
}

// AccessToken sends a token that somebody else took, and will give back, with every request. A 401 is returned as it is:
// nothing here could renew the token.
func AccessToken(token string) Authenticator {
	origin := &pinnedOrigin{}
	return staticAuth(func(next http.RoundTripper) http.RoundTripper {
		return roundTripperFunc(func(req *http.Request) (*http.Response, error) {
			if !origin.admits(req.URL) {
				return next.RoundTrip(req)
			}
			return sendAuthorized(next, req, req.Body, "Bearer "+token)
		})
	})
}

// secret keeps a value out of whatever prints: fmt calls no String method on an unexported field, so a string type of its
// own would still be shown there. A function is shown as an address, by fmt and by every printer that walks fields.
type secret func() string

func newSecret(value string) secret { return func() string { return value } }

// pinnedOrigin is the one origin that may see the credentials. The zero value takes that of the first request.
type pinnedOrigin struct {
	mu     sync.Mutex
	origin string
}

func (p *pinnedOrigin) admits(u *url.URL) bool {
	origin := originOf(u)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.origin == "" {
		p.origin = origin
	}
	return p.origin == origin
}

// originOf returns the origin of u in one spelling: case and default ports make no difference.
func originOf(u *url.URL) string {
	scheme, port := strings.ToLower(u.Scheme), u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[scheme]
	}
	return scheme + "://" + strings.ToLower(u.Hostname()) + ":" + port
}

// inFlight is a request that others wait for, instead of each sending one of their own.
type inFlight struct {
	done chan struct{}
	err  error
	// abandoned reports whether its own context ended it, which says nothing to those who waited.
	abandoned bool
}

// wait returns once the request is answered, or with the cause of ctx's end.
func (f *inFlight) wait(ctx context.Context) error {
	select {
	case <-f.done:
	case <-ctx.Done():
	}
	return context.Cause(ctx)
}

func (f *inFlight) finish(ctx context.Context, err error) {
	f.err, f.abandoned = err, ctx.Err() != nil
	close(f.done)
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}

// checkResendable closes the body of req, of which [sendCopy] opens copies: a refused request is sent again.
func checkResendable(req *http.Request) error {
	closeBody(req)
	if req.Body != nil && req.Body != http.NoBody && req.GetBody == nil {
		return fmt.Errorf("the body of %s %s cannot be reopened, so that it cannot be sent again after a challenge", req.Method, req.URL.Path)
	}
	return nil
}

// sendCopy sends a copy of req with its whole body, with this Authorization header unless it is empty.
func sendCopy(next http.RoundTripper, req *http.Request, authorization string) (*http.Response, error) {
	body := req.Body
	if req.GetBody != nil {
		var err error
		if body, err = req.GetBody(); err != nil {
			return nil, fmt.Errorf("reopening the body of %s %s: %w", req.Method, req.URL.Path, err)
		}
	}
	return sendAuthorized(next, req, body, authorization)
}

// sendAuthorized answers with the request that the caller made: whatever looks at a response (a logger, a recorder, an error)
// then meets no Authorization header there.
func sendAuthorized(next http.RoundTripper, req *http.Request, body io.ReadCloser, authorization string) (*http.Response, error) {
	out := req.Clone(req.Context())
	out.Body = body
	if authorization != "" {
		out.Header.Set("Authorization", authorization)
	}
	res, err := next.RoundTrip(out)
	if err != nil {
		return nil, err
	}
	res.Request = req
	return res, nil
}

// maxDiscardedBody is how much of a refused response is read so that its connection can be used again.
const maxDiscardedBody = 64 << 10

func discardRefusal(res *http.Response) {
	_, _ = io.CopyN(io.Discard, res.Body, maxDiscardedBody)
	_ = res.Body.Close()
}

// credentialsAccepted reports whether an answer shows that the credentials were accepted: a gateway in front of Atlas limits
// and fails requests without a look at them.
func credentialsAccepted(res *http.Response) bool {
	return res.StatusCode < http.StatusInternalServerError && res.StatusCode != http.StatusTooManyRequests &&
		res.StatusCode != http.StatusUnauthorized
}
