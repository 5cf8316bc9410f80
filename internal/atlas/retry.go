package atlas

import (
	"context"
	"errors"
	"math"
	"net"
	"net/http"
	"strconv"
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
//   - a 401 where the credentials have worked before is repeated once: Atlas refuses good ones now and then;
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
			Timeout:       requestTimeout,
		},
		RetryMax:   throttledTries,
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
}

type triesKey struct{}

func withTries(ctx context.Context, method string) context.Context {
	return context.WithValue(ctx, triesKey{}, &tries{method: method})
}

func (r *retrier) check(ctx context.Context, response *http.Response, err error) (bool, error) {
	so, ok := ctx.Value(triesKey{}).(*tries)
	if !ok || ctx.Err() != nil {
		return false, nil
	}
	if err == nil && response.StatusCode != http.StatusUnauthorized && response.StatusCode < http.StatusInternalServerError {
		r.worked.Store(true)
	}
	switch {
	case err == nil && response.StatusCode == http.StatusTooManyRequests:
		so.limited++
		so.pause = r.pauseOf(response, so.limited, firstThrottledPause)
	case err == nil && response.StatusCode == http.StatusUnauthorized:
		if so.refused || !r.worked.Load() {
			return false, nil
		}
		so.refused = true
		so.pause = firstPause
	case isCredentials(err):
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
	if deadline, ok := ctx.Deadline(); ok && r.clock.Now().Add(so.pause).After(deadline) {
		return false, nil
	}
	return true, nil
}

func (r *retrier) pause(request *http.Request) error {
	so, ok := request.Context().Value(triesKey{}).(*tries)
	if !ok {
		return nil
	}
	if err := r.clock.Sleep(request.Context(), so.pause); err != nil {
		return &pauseError{cause: err}
	}
	return nil
}

// pauseError is a pause that the context ended. Nothing was under way then.
type pauseError struct{ cause error }

func (e *pauseError) Error() string { return e.cause.Error() }

func (e *pauseError) Unwrap() error { return e.cause }

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

// neverSent says that the request of err cannot have reached Atlas: no connection was made.
func neverSent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// retryAfter is the pause that Atlas asks for: seconds as Atlas sends them, or a date (of a proxy), which is read by the
// clock of the same answer.
func retryAfter(header http.Header, now time.Time) (time.Duration, bool) {
	value := header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 63); err == nil {
		return time.Duration(min(seconds, math.MaxInt64/uint64(2*time.Second))) * time.Second, true
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		now = date
	}
	return max(at.Sub(now), 0), true
}
