// Package atlas is a client of the part of the MongoDB Atlas Administration API v2 that deals with backup snapshots.
//
// It knows nothing of Terraform. Every call is one HTTP request where all goes well; refused, lost and throttled requests
// are retried where that is safe, see [retrier].
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
	"time"

	"github.com/hashicorp/go-retryablehttp"

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
	http      *retryablehttp.Client
	clock     wait.Clock
	limits    *rateLimits
	skew      *serverClock
	transport http.RoundTripper
	timeout   time.Duration
	wrap      func(http.RoundTripper) http.RoundTripper
	userAgent string
	log       LogFunc
	warn      LogFunc
	odd       oddFields
	jitter    func() float64
	// credentials names what auth has, for errors.
	credentials string
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

// WithRequestTimeout replaces the minute that one HTTP exchange may take. It is real time, whatever the clock.
func WithRequestTimeout(timeout time.Duration) Option {
	return func(c *Client) { c.timeout = timeout }
}

// WithLog gives every HTTP exchange to log.
func WithLog(log LogFunc) Option { return func(c *Client) { c.log = log } }

// WithWarn gives to warn what a person should know of who wonders about Atlas's answers, once each.
func WithWarn(warn LogFunc) Option { return func(c *Client) { c.warn = warn } }

// WithJitter replaces the random share, 0 to 1, of the pauses between retries.
func WithJitter(jitter func() float64) Option { return func(c *Client) { c.jitter = jitter } }

// New makes a client for the API at base (see [ParseBaseURL]). It sends nothing.
func New(base *url.URL, auth Authenticator, options ...Option) *Client {
	c := &Client{
		base:      base,
		auth:      auth,
		clock:     wait.System(),
		timeout:   requestTimeout,
		userAgent: "terraform-provider-atlasbackup",
		log:       func(context.Context, string, map[string]any) {},
		warn:      func(context.Context, string, map[string]any) {},
		jitter:    rand.Float64,
	}
	for _, option := range options {
		option(c)
	}
	if c.transport == nil {
		c.transport = NewTransport()
	}
	c.limits, c.skew = newRateLimits(c.clock), newServerClock(c.clock)

	// From the wire inwards. Whatever stands further down sees more: a recorder sees no credentials, a retry no challenge.
	var chain http.RoundTripper = &logTransport{next: c.transport, log: c.log, clock: c.clock}
	chain = &exchangeTransport{next: chain, timeout: c.timeout}
	chain = &userAgentTransport{next: chain, userAgent: c.userAgent}
	chain = auth.Transport(chain)
	if c.wrap != nil {
		chain = c.wrap(chain)
	}
	chain = &rateLimitTransport{next: chain, limits: c.limits}
	chain = &serverClockTransport{next: chain, clock: c.skew}
	c.http = newRetrier(chain, c.clock, c.jitter)
	return c
}

// Close gives back what the credentials took: the OAuth token of a service account.
func (c *Client) Close(ctx context.Context) error { return c.auth.Close(ctx) }

// BaseURL is the address of the API.
func (c *Client) BaseURL() string { return c.base.String() }

// Clock is the clock that the client waits on.
func (c *Client) Clock() wait.Clock { return c.clock }

// ServerNow is the present instant by the clock of Atlas, from the Date header of its last answer, so that a machine whose
// clock is off judges Atlas's timestamps rightly. Before the first answer it is the clock of this machine.
func (c *Client) ServerNow() time.Time { return c.skew.now() }

// HasServerTime reports whether an answer of Atlas has had a Date header. Until then ServerNow is this machine's clock, which may
// be hours off.
func (c *Client) HasServerTime() bool { return c.skew.isSet() }

// Stretch says how many times longer than planned a poller should pause because the rate limit of backups runs low, by the
// RateLimit headers of Atlas's last answer: 1 where there is no need.
func (c *Client) Stretch() float64 { return c.limits.stretch(backupLimits) }

// call is one API operation.
type call struct {
	method string
	// path has the segments after /api/atlas/v2/groups, unescaped.
	path  []string
	query url.Values
	// version is the date in the media type: the newest that the operation has and this client was written for.
	version string
	in      any
}

// checker is an answer that can say why it is useless although it is JSON.
type checker interface{ check() error }

// send makes the call and decodes its answer into out, unless that is nil. An answer that cannot be read tells as little of
// what was carried out as a broken connection, and is asked for again like one, see [retrier].
//
// Where the error that ends the tries says for certain that the last one was not carried out, an earlier one may have been:
// the error then [IsLost] all the same.
func (c *Client) send(ctx context.Context, op call, out any) error {
	so := &tries{method: op.method}
	err := c.sendUntilReadable(context.WithValue(ctx, triesKey{}, so), op, out, so)
	if err != nil && op.method != http.MethodGet && so.open && !IsLost(err) {
		return &openError{err}
	}
	return err
}

func (c *Client) sendUntilReadable(ctx context.Context, op call, out any, so *tries) error {
	for {
		err := c.sendOnce(ctx, op, out)
		var answer *AnswerError
		var bound *boundError
		if op.method == http.MethodPost || !errors.As(err, &answer) || errors.As(err, &bound) {
			return err
		}
		// The retrier has counted the other failures.
		if so.failed++; so.failed >= failureTries {
			return err
		}
		pause := firstPause << (so.failed - 1)
		if left, ok := c.clock.Left(ctx); ok && pause > left {
			return err
		}
		if ended := c.clock.Sleep(ctx, pause); ended != nil {
			return fmt.Errorf("%s: %w", answer.Request, ended)
		}
	}
}

func (c *Client) sendOnce(ctx context.Context, op call, out any) error {
	request, err := c.request(ctx, op)
	if err != nil {
		return err
	}
	where := op.method + " " + request.URL.EscapedPath()
	response, err := c.http.Do(request)
	if err != nil {
		return c.named(newConnectionError(ctx, where, err))
	}
	if op.method == http.MethodPost {
		// It was carried through, see exchangeTransport: whatever is wrong with the answer is not the interruption's doing.
		ctx = context.WithoutCancel(ctx)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBodyBytes+1))
	// The answer is here in full or it is not: an error of Close adds nothing.
	_ = response.Body.Close()
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return c.named(newError(where, response, body, c.ServerNow()))
	}
	switch {
	case err != nil:
		return newAnswerError(ctx, where, response, body, fmt.Errorf("the answer broke off: %w", err))
	case len(body) > maxBodyBytes:
		return newAnswerError(ctx, where, response, body, &boundError{fmt.Sprintf("the answer is longer than %d MiB", maxBodyBytes>>20)})
	case out == nil && len(body) > 0 && !json.Valid(body):
		// A page of a proxy, which must not pass for Atlas's word that something has been done.
		return newAnswerError(ctx, where, response, body, errors.New("the answer is no JSON"))
	case out == nil:
		return nil
	}
	if err := c.decode(ctx, where, body, out); err != nil {
		return newAnswerError(ctx, where, response, body, fmt.Errorf("the answer is no JSON of the documented form: %w", err))
	}
	if answer, ok := out.(checker); ok {
		if err := answer.check(); err != nil {
			return newAnswerError(ctx, where, response, body, err)
		}
	}
	return nil
}

// named tells an error about the credentials which ones they are.
func (c *Client) named(err error) error {
	var refusal *Error
	var unsent *CredentialsError
	switch {
	case errors.As(err, &refusal) && refusal.StatusCode == http.StatusUnauthorized:
		refusal.Credentials = c.credentials
	case errors.As(err, &unsent):
		unsent.Credentials = c.credentials
	}
	return err
}

// getOne reads one thing.
func getOne[T any](ctx context.Context, c *Client, path []string, version string) (*T, error) {
	got := new(T)
	if err := c.send(ctx, call{method: http.MethodGet, path: path, version: version}, got); err != nil {
		return nil, err
	}
	return got, nil
}

// target is the address that op is sent to.
func (c *Client) target(op call) (*url.URL, error) {
	target := c.base
	for _, segment := range append([]string{"api", "atlas", "v2", "groups"}, op.path...) {
		// Nothing that is no plain name may move the request to another path.
		if segment == "" || segment == "." || segment == ".." {
			return nil, fmt.Errorf("%s %s: %q is no name or id", op.method, strings.Join(op.path, "/"), segment)
		}
		target = target.JoinPath(url.PathEscape(segment))
	}
	target.RawQuery = op.query.Encode()
	return target, nil
}

func (c *Client) request(ctx context.Context, op call) (*retryablehttp.Request, error) {
	target, err := c.target(op)
	if err != nil {
		return nil, err
	}
	var body any
	if op.in != nil {
		encoded, err := json.Marshal(op.in)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", op.method, target.Path, err)
		}
		body = bytes.NewReader(encoded)
	}
	request, err := retryablehttp.NewRequestWithContext(ctx, op.method, target.String(), body)
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
