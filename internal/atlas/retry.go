package atlas

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
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

// retrier decides what is asked again, and when:
//   - 429 was not carried out, so any request is repeated, after Retry-After and a random bit more;
//   - a failure (5xx, a broken connection) tells nothing of what was carried out, so only GET, PATCH and DELETE, which may be
//     carried out twice, are repeated. Who sends a POST has to find out what became of it;
//   - a 401 is repeated once, as Atlas refuses good credentials now and then, unless it looks like a wrong key: a challenge
//     in answer to credentials that have never worked;
//   - whatever the context has no time for is not waited for: the caller gets Atlas's answer at once.
type retrier struct {
	clock  wait.Clock
	jitter func() float64
	worked atomic.Bool
}

func newRetrier(chain http.RoundTripper, clock wait.Clock, jitter func() float64) *retryablehttp.Client {
	r := &retrier{clock: clock, jitter: jitter}
	return &retryablehttp.Client{
		HTTPClient: &http.Client{
			Transport:     chain,
			CheckRedirect: refuseRedirects,
		},
		RetryMax:   throttledTries - 1,
		CheckRetry: r.check,
		// The pause is made in PrepareRetry, on the injected clock; the library's own timer has nothing to wait for.
		Backoff:      func(time.Duration, time.Duration, int, *http.Response) time.Duration { return 0 },
		PrepareRetry: r.pause,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
}

// tries is what the requests of one call have met so far. It travels in the context of the call.
type tries struct {
	method          string
	failed, limited int
	refused         bool
	pause           time.Duration
	// open says that one of them may have been carried out.
	open bool
}

type triesKey struct{}

func (r *retrier) check(ctx context.Context, response *http.Response, err error) (bool, error) {
	so, ok := ctx.Value(triesKey{}).(*tries)
	if !ok {
		return false, nil
	}
	so.open = so.open || mayBeCarriedOut(response, err)
	if ctx.Err() != nil {
		return false, nil
	}
	if err == nil && response.StatusCode != http.StatusUnauthorized && judgesCredentials(response) {
		r.worked.Store(true)
	}
	switch {
	case err == nil && response.StatusCode == http.StatusTooManyRequests:
		so.limited++
		so.pause = r.pauseOf(response, so.limited, firstThrottledPause)
	case err == nil && response.StatusCode == http.StatusUnauthorized:
		challenged := response.Header.Get("Www-Authenticate") != ""
		if so.refused || challenged && !r.worked.Load() {
			return false, nil
		}
		so.refused = true
		so.pause = firstPause
	case isCredentials(err), isDistrusted(err):
		return false, nil
	default:
		if again, _ := retryablehttp.DefaultRetryPolicy(ctx, response, err); !again {
			return false, nil
		}
		if so.method == http.MethodPost && !neverSent(err) {
			return false, nil
		}
		if so.failed++; so.failed >= failureTries {
			return false, nil
		}
		so.pause = r.pauseOf(response, so.failed, firstPause)
	}
	if left, ok := r.clock.Left(ctx); ok && so.pause > left {
		return false, nil
	}
	return true, nil
}

func (r *retrier) pause(request *http.Request) error {
	so, ok := request.Context().Value(triesKey{}).(*tries)
	if !ok {
		return nil
	}
	return r.clock.Sleep(request.Context(), so.pause)
}

// pauseOf is at least what Atlas asks for; without a word of Atlas it doubles from first. A fifth more, at random, keeps
// those that were refused together from coming back together.
func (r *retrier) pauseOf(response *http.Response, try int, first time.Duration) time.Duration {
	pause := min(first<<min(try-1, 16), longestPause)
	if response != nil {
		if asked, ok := retryAfter(response.Header, r.clock.Now()); ok {
			pause = max(asked, time.Second)
		}
	}
	return pause + time.Duration(r.jitter()*0.2*float64(pause))
}

// mayBeCarriedOut says that Atlas has not refused the request for certain. A success counts: it may yet be unreadable.
func mayBeCarriedOut(response *http.Response, err error) bool {
	if err != nil {
		return !isCredentials(err) && !neverSent(err)
	}
	return leavesOpen(response.StatusCode) || response.StatusCode < http.StatusMultipleChoices
}

// neverSent says that the request of err cannot have reached Atlas: no connection to it, or to the proxy, was made, or the
// run ended before.
func neverSent(err error) bool {
	var op *net.OpError
	var unsent *unsentError
	return isDistrusted(err) || errors.As(err, &unsent) || errors.As(err, &op) && slices.Contains([]string{"dial", "proxyconnect", "socks connect"}, op.Op)
}

// isDistrusted says that who answered is not who it should be, which no repetition mends.
func isDistrusted(err error) bool {
	var certificate *tls.CertificateVerificationError
	return errors.As(err, &certificate)
}
