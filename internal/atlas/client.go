// Package atlas is a client of the backup snapshots of the MongoDB Atlas Administration API v2.
//
// It knows nothing of Terraform. Every call is one HTTP request where all goes well; refused, lost and throttled requests
// are repeated where that is safe, see [Client.send].
package atlas

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

// Base URLs of MongoDB Atlas.
const (
	DefaultBaseURL = "https://cloud.mongodb.com"
	GovBaseURL     = "https://cloud.mongodbgov.com"
)

const (
	// maxBodyBytes bounds an answer. The largest that Atlas gives is a page of 500 snapshots, about 400 KiB.
	maxBodyBytes = 16 << 20
	// requestTimeout bounds one HTTP exchange, its body included. The slowest recorded answer took under 2 s.
	requestTimeout = time.Minute
)

// LogFunc receives lines of the log. It is never given headers or credentials, and of bodies no more than the beginning of a
// field's value.
type LogFunc func(ctx context.Context, message string, fields map[string]any)

// Client calls the API of one base URL with one set of credentials. It is safe for concurrent use.
type Client struct {
	base      *url.URL
	auth      Authenticator
	http      *http.Client
	clock     wait.Clock
	transport http.RoundTripper
	wrap      func(http.RoundTripper) http.RoundTripper
	userAgent string
	log, warn LogFunc
	// warned has the fields that have been warned of.
	warned sync.Map
	jitter func() float64
	// credentials names what auth has, for errors; credentialsWorked reports whether Atlas has ever accepted it.
	credentials       string
	credentialsWorked atomic.Bool
	// serverAhead is how far the clock of Atlas is ahead of this machine's; nil, like backupLimit, where Atlas has not said.
	serverAhead atomic.Pointer[time.Duration]
	backupLimit atomic.Pointer[rateLimit]
	firstUse    firstUse
	throttle    throttle
}

// Option changes a [Client] that is being made.
type Option func(*Client)

// WithTransport sends through base in the place of [NewTransport].
func WithTransport(base http.RoundTripper) Option { return func(c *Client) { c.transport = base } }

// WithRecorder puts wrap around the authenticated transport: it sees neither challenges nor credentials, and no retries.
func WithRecorder(wrap func(http.RoundTripper) http.RoundTripper) Option {
	return func(c *Client) { c.wrap = wrap }
}

// WithUserAgent sets the User-Agent header.
func WithUserAgent(userAgent string) Option { return func(c *Client) { c.userAgent = userAgent } }

// WithCredentialsName says in words what the client authenticates with and where that comes from, such as "an API key
// (public_key from the provider block, …)". Errors about the credentials repeat it, so it must have no secret.
func WithCredentialsName(name string) Option { return func(c *Client) { c.credentials = name } }

// WithClock replaces the clock of the machine.
func WithClock(clock wait.Clock) Option { return func(c *Client) { c.clock = clock } }

// WithLog gives every HTTP exchange to log.
func WithLog(log LogFunc) Option { return func(c *Client) { c.log = log } }

// WithWarn gives to warn, once each, what somebody puzzled by Atlas's answers should know.
func WithWarn(warn LogFunc) Option { return func(c *Client) { c.warn = warn } }

// WithJitter replaces the random share, 0 to 1, of the pauses between retries.
func WithJitter(jitter func() float64) Option { return func(c *Client) { c.jitter = jitter } }

// New makes a client for the API at base (see [ParseBaseURL]). It sends nothing.
func New(base *url.URL, auth Authenticator, options ...Option) *Client {
	c := &Client{
		base: base, auth: auth, clock: wait.System(), userAgent: "terraform-provider-atlasbackup", jitter: rand.Float64,
		log:  func(context.Context, string, map[string]any) {},
		warn: func(context.Context, string, map[string]any) {},
	}
	for _, option := range options {
		option(c)
	}
	if c.transport == nil {
		c.transport = NewTransport()
	}
	// From the wire inwards. A recorder sees neither credentials nor challenges.
	chain := setUserAgent(&exchangeTransport{next: logExchanges(c.transport, c.log, c.clock)}, c.userAgent)
	chain = auth.Transport(chain)
	if c.wrap != nil {
		chain = c.wrap(chain)
	}
	c.http = &http.Client{Transport: chain, CheckRedirect: refuseRedirects}
	return c
}

// Close gives back what the credentials took: the OAuth token of a service account.
func (c *Client) Close(ctx context.Context) error { return c.auth.Close(ctx) }

// BaseURL returns the address of the API.
func (c *Client) BaseURL() string { return c.base.String() }

// Clock returns the clock that the client waits on.
func (c *Client) Clock() wait.Clock { return c.clock }

// call is one API operation.
type call struct {
	method string
	// path has the segments after /api/atlas/v2/groups, unescaped.
	path  []string
	query url.Values
	// version is the date in the media type: the newest that the operation has and this client was written for.
	version string
	in      any
	// once is set for a request that destroys: it is repeated only if Atlas itself refused it before it did anything.
	once bool
}

// with returns the call with a body.
func (op call) with(body any) call {
	op.in = body
	return op
}

// checker is an answer that can say why it is useless although it is JSON.
type checker interface{ check() error }

// read decodes the answer into out, unless that is nil, and closes it.
func (c *Client) read(ctx context.Context, method, requestLine string, response *http.Response, out any) error {
	if method == http.MethodPost {
		// Nothing interrupts it, see exchangeTransport: whatever is wrong with the answer is not the interruption's doing.
		ctx = context.WithoutCancel(ctx)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBodyBytes+1))
	// The answer is here in full or it is not: an error of Close adds nothing.
	_ = response.Body.Close()
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return newError(requestLine, response, body, c.ServerNow())
	}
	switch {
	case err != nil:
		err = fmt.Errorf("the answer broke off: %w", err)
	case len(body) > maxBodyBytes:
		err = &limitError{fmt.Sprintf("the answer is longer than %d MiB", maxBodyBytes>>20)}
	case out == nil && len(body) > 0 && !json.Valid(body):
		// A page of a proxy, which must not pass for Atlas's word that something has been done.
		err = errors.New("the answer is no JSON")
	case out != nil:
		if err = c.decode(ctx, requestLine, body, out); err != nil {
			err = fmt.Errorf("the answer is no JSON of the documented form: %w", err)
		} else if answer, ok := out.(checker); ok {
			err = answer.check()
		}
	}
	if err != nil {
		return newAnswerError(ctx, requestLine, response, body, err)
	}
	return nil
}

// do makes a call whose answer is one thing.
func do[T any](ctx context.Context, c *Client, op call) (*T, error) {
	got := new(T)
	if err := c.send(ctx, op, got); err != nil {
		return nil, err
	}
	return got, nil
}

// requestLine returns the method and the path of a call, for errors.
func (c *Client) requestLine(op call) string {
	target, err := c.target(op)
	if err != nil {
		return op.method
	}
	return op.method + " /" + strings.TrimPrefix(target.EscapedPath(), "/")
}

// target returns the address that op is sent to.
func (c *Client) target(op call) (*url.URL, error) {
	target := c.base
	for _, segment := range append([]string{"api", "atlas", "v2", "groups"}, op.path...) {
		// Nothing that is no plain name may move the request to another path.
		if segment == "" || segment == "." || segment == ".." {
			return nil, fmt.Errorf("%s %s: %q is no name or ID", op.method, strings.Join(op.path, "/"), segment)
		}
		target = target.JoinPath(url.PathEscape(segment))
	}
	target.RawQuery = op.query.Encode()
	return target, nil
}

func (c *Client) request(ctx context.Context, op call) (*http.Request, error) {
	target, err := c.target(op)
	if err != nil {
		return nil, err
	}
	var body io.Reader
	if op.in != nil {
		encoded, err := json.Marshal(op.in)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", op.method, target.Path, err)
		}
		body = bytes.NewReader(encoded)
	}
	if op.method == http.MethodPost {
		ctx = context.WithValue(ctx, uninterruptible{}, true)
	}
	request, err := http.NewRequestWithContext(ctx, op.method, target.String(), body)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", op.method, target.Path, err)
	}
	mediaType := "application/vnd.atlas." + op.version + "+json"
	request.Header.Set("Accept", mediaType)
	if op.in != nil {
		request.Header.Set("Content-Type", mediaType)
	}
	return request, nil
}
