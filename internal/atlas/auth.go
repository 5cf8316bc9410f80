package atlas

import (
	"bytes"
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

// UnavailableCredentials fails every request with err and without any traffic: for credentials that are not known yet,
// as in a plan, where only the first call that needs them may fail.
func UnavailableCredentials(err error) Authenticator {
	return &unavailableCredentials{err: err}
}

type unavailableCredentials struct{ err error }

func (a *unavailableCredentials) Transport(http.RoundTripper) http.RoundTripper { return a }

func (a *unavailableCredentials) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
	return nil, a.err
}

func (a *unavailableCredentials) Close(context.Context) error { return nil }

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

// originOf spells an origin in one way: case and default ports make no difference.
func originOf(u *url.URL) string {
	scheme, port := strings.ToLower(u.Scheme), u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[scheme]
	}
	return scheme + "://" + strings.ToLower(u.Hostname()) + ":" + port
}

// maxBufferedBody is what a body that cannot be reopened may measure: Atlas's own bodies are some hundred bytes.
const maxBufferedBody = 1 << 20

// resendable makes copies of one request, each with the whole body, because a refused request is sent again.
type resendable struct {
	req     *http.Request
	getBody func() (io.ReadCloser, error)
	length  int64
}

// newResendable takes over the request's body: it is closed when this returns, as a round tripper must.
func newResendable(req *http.Request) (*resendable, error) {
	r := &resendable{req: req, getBody: req.GetBody, length: req.ContentLength}
	if req.Body == nil || req.Body == http.NoBody {
		r.getBody = nil
		return r, nil
	}
	defer func() { _ = req.Body.Close() }()
	if r.getBody != nil {
		return r, nil
	}
	body, err := io.ReadAll(io.LimitReader(req.Body, maxBufferedBody+1))
	if err != nil {
		return nil, fmt.Errorf("reading the body of %s %s: %w", req.Method, req.URL.Path, err)
	}
	if len(body) > maxBufferedBody {
		return nil, fmt.Errorf("the body of %s %s is over 1 MiB and cannot be reopened, so that it cannot be sent again after a challenge",
			req.Method, req.URL.Path)
	}
	r.length = int64(len(body))
	r.getBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	return r, nil
}

// send sends a copy through next, with this Authorization header unless it is empty.
func (r *resendable) send(next http.RoundTripper, authorization string) (*http.Response, error) {
	out := withAuthorization(r.req, authorization)
	if r.getBody != nil {
		body, err := r.getBody()
		if err != nil {
			return nil, fmt.Errorf("reopening the body of %s %s: %w", r.req.Method, r.req.URL.Path, err)
		}
		out.Body, out.GetBody, out.ContentLength = body, r.getBody, r.length
	}
	return receive(next, out, r.req)
}

// withAuthorization is a copy of req, body shared, with this Authorization header unless it is empty.
func withAuthorization(req *http.Request, authorization string) *http.Request {
	out := req.Clone(req.Context())
	if out.Header == nil {
		out.Header = http.Header{}
	}
	if authorization != "" {
		out.Header.Set("Authorization", authorization)
	}
	return out
}

// receive sends out and answers with the request that the caller made: whatever looks at a response (a logger, a
// recorder, an error) then meets no Authorization header there.
func receive(next http.RoundTripper, out, original *http.Request) (*http.Response, error) {
	res, err := next.RoundTrip(out)
	if err != nil {
		return nil, err
	}
	res.Request = original
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
