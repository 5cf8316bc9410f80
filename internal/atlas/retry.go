package atlas

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// failureTries bounds the requests of one call that Atlas fails to answer properly: pauses of 1, 2, 4 and 8 s.
	failureTries = 5
	// throttledTries bounds the requests of one call that the rate limit refuses. The context bounds them in practice.
	throttledTries = 40
	firstPause     = time.Second
	// firstThrottledPause follows Atlas's advice for a 429 that names no time: 10, 20, 40 s.
	firstThrottledPause = 10 * time.Second
	longestPause        = time.Minute
)

// attempts is what the requests of one call have met so far.
type attempts struct {
	failed, throttled int
	unauthorized      bool
	// refused reports whether the credentials, which have never worked, were refused.
	refused bool
	// lost reports whether one of them may have been carried out.
	lost bool
}

// send makes the call and decodes its answer into out, unless that is nil. It repeats a request where that is safe:
//   - 429 was not carried out, so any request is repeated, after Retry-After and a random bit more;
//   - a failure (5xx, a broken connection, an answer that cannot be read) tells nothing of what was carried out, so only GET,
//     PATCH and DELETE, which may be carried out twice, are repeated. The sender of a POST has to find out what became of it;
//   - a 401 is repeated once, as Atlas refuses good credentials now and then, unless it looks like a wrong key: a challenge
//     in answer to credentials that have never worked;
//   - a request that destroys (call.once) is repeated only where Atlas's own answer says that it was refused;
//   - whatever the context has no time for is not waited for: the caller gets Atlas's answer at once.
//
// Credentials that have never worked are tried by one call first, and a wrong key once a minute. A 429 makes all other calls to the
// same token bucket wait, too.
//
// Where the last request was certainly not carried out, an earlier one may have been: the error then [IsLost] all the same.
func (c *Client) send(ctx context.Context, op call, out any) error {
	end, err := c.begin(ctx, c.requestLine(op))
	if err != nil {
		return err
	}
	var made attempts
	err = c.sendUntilAnswered(ctx, op, out, &made)
	var refused *Error
	if made.refused {
		refused, _ = errors.AsType[*Error](err)
	}
	end(refused)
	return err
}

func (c *Client) sendUntilAnswered(ctx context.Context, op call, out any, made *attempts) error {
	for {
		request, err := c.request(ctx, op)
		if err != nil {
			return err
		}
		requestLine := c.requestLine(op)
		if ended := c.waitForRateLimit(ctx, request.URL.Path); ended != nil {
			return c.finalError(op.method, *made, fmt.Errorf("%s: %w", requestLine, ended))
		}
		response, err := c.http.Do(request)
		ended := ctx.Err() != nil
		made.lost = made.lost || mayBeCarriedOut(response, err)
		if err != nil {
			err = newConnectionError(ctx, requestLine, err)
		} else {
			c.observe(request, response)
			err = c.read(ctx, op.method, requestLine, response, out)
		}
		if err == nil {
			return nil
		}
		refused := isRefused(response, err)
		made.lost = made.lost || op.once && response != nil && !refused
		pause, again := c.retryPause(made, op.method, response, err)
		again = again && (!op.once || refused)
		if hasStatus(err, http.StatusTooManyRequests) {
			c.throttle.extend(request.URL.Path, c.clock.Now().Add(pause))
		}
		if left, ok := c.clock.Remaining(ctx); ended || !again || ok && pause > left {
			return c.finalError(op.method, *made, err)
		}
		if ended := c.clock.Sleep(ctx, pause); ended != nil {
			return c.finalError(op.method, *made, fmt.Errorf("%s: %w", requestLine, ended))
		}
	}
}

// finalError returns err with what the call knows: which credentials it is about, and whether an earlier request may have been
// carried out.
func (c *Client) finalError(method string, made attempts, err error) error {
	if refusal, ok := errors.AsType[*Error](err); ok && refusal.StatusCode == http.StatusUnauthorized {
		refusal.Credentials = c.credentials
	} else if unsent, ok := errors.AsType[*CredentialsError](err); ok {
		unsent.Credentials = c.credentials
	}
	if method != http.MethodGet && made.lost && !IsLost(err) {
		return &lostError{err}
	}
	return err
}

// retryPause reports whether a call is sent again after a request that ended with err, and after what pause.
func (c *Client) retryPause(made *attempts, method string, response *http.Response, err error) (time.Duration, bool) {
	switch {
	case hasStatus(err, http.StatusTooManyRequests):
		made.throttled++
		return c.pause(response, made.throttled, firstThrottledPause), made.throttled < throttledTries
	case hasStatus(err, http.StatusUnauthorized):
		challenged := response.Header.Get("Www-Authenticate") != ""
		worked := c.credentialsWorked.Load()
		again := !made.unauthorized && (!challenged || worked)
		made.refused = challenged && !worked
		made.unauthorized = true
		return firstPause, again
	case !isFailure(err) || method == http.MethodPost && IsLost(err):
		return 0, false
	}
	made.failed++
	return c.pause(response, made.failed, firstPause), made.failed < failureTries
}

// pause is at least what Atlas asks for; without a word of Atlas it doubles from first. A fifth more, at random, keeps
// requests that were refused together from coming back together.
func (c *Client) pause(response *http.Response, try int, first time.Duration) time.Duration {
	pause := min(first<<min(try-1, 16), longestPause)
	if response != nil {
		if asked, ok := retryAfter(response.Header, c.clock.Now()); ok {
			pause = max(asked, time.Second)
		}
	}
	return pause + time.Duration(c.jitter()*0.2*float64(pause))
}

// isFailure reports whether err tells nothing of what was carried out and another request may fare better.
func isFailure(err error) bool {
	if refusal, ok := errors.AsType[*Error](err); ok {
		return isServerFailure(refusal.StatusCode)
	}
	if _, ok := errors.AsType[*ConnectionError](err); ok {
		// net/http refuses to send credentials with, say, a line break in them, again and again.
		return !isUntrusted(err) && !strings.Contains(err.Error(), "net/http: invalid header field")
	}
	_, limited := errors.AsType[*limitError](err)
	return isUnanswered(err) && !limited
}

// isRefused reports whether it was Atlas that refused the request, before it did anything. What answers in Atlas's place may have
// passed the request on.
func isRefused(response *http.Response, err error) bool {
	refusal, ok := errors.AsType[*Error](err)
	if !ok || isInconclusive(refusal.StatusCode) {
		return false
	}
	challenged := refusal.StatusCode == http.StatusUnauthorized && response.Header.Get("Www-Authenticate") != ""
	return refusal.FromAtlas || challenged
}

// mayBeCarriedOut reports whether Atlas may have carried out the request. A success counts: it may yet be unreadable.
func mayBeCarriedOut(response *http.Response, err error) bool {
	if err != nil {
		return !isCredentials(err) && !neverSent(err)
	}
	return isInconclusive(response.StatusCode) || response.StatusCode < http.StatusMultipleChoices
}

// neverSent reports whether the request of err cannot have reached Atlas: no connection to it, or to the proxy, was made, or
// the run ended before.
func neverSent(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	_, unsent := errors.AsType[*unsentError](err)
	return isUntrusted(err) || unsent || ok && slices.Contains([]string{"dial", "proxyconnect", "socks connect"}, op.Op)
}

// isUntrusted reports whether the certificate of the server was refused, which no repetition mends.
func isUntrusted(err error) bool {
	_, ok := errors.AsType[*tls.CertificateVerificationError](err)
	return ok
}

// maxRetryAfter stands for every longer pause that an answer may ask for: nobody waits that long, and sums with it are safe.
const maxRetryAfter = 365 * 24 * time.Hour

// retryAfter returns the pause that Atlas asks for: seconds as Atlas sends them, or a date (of a proxy), which is read by the
// clock of the same answer.
func retryAfter(header http.Header, now time.Time) (time.Duration, bool) {
	value := header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 64); err == nil {
		return time.Duration(min(seconds, uint64(maxRetryAfter/time.Second))) * time.Second, true
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		now = date
	}
	return min(max(at.Sub(now), 0), maxRetryAfter), true
}
