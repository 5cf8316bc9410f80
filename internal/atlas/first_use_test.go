package atlas

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// sendAll makes n calls at once and returns their errors.
func sendAll(ctx context.Context, client *Client, n int) []error {
	errs := make([]error, n)
	var calls sync.WaitGroup
	for i := range errs {
		calls.Go(func() { errs[i] = everyCall["get"](ctx, client) })
	}
	calls.Wait()
	return errs
}

// TestFirstUse_refused tries a wrong key once for all calls, and again a minute later.
func TestFirstUse_refused(t *testing.T) {
	t.Parallel()
	w := newWire(t, reply(http.StatusUnauthorized, refusedBody, `Www-Authenticate: Digest realm="MMS Public API"`))
	client, clock := w.client(t)
	for i, err := range sendAll(t.Context(), client, 20) {
		if !IsUnauthorized(err) {
			t.Errorf("call %d: error = %v", i, err)
		}
	}
	w.expectArrivals(t, 1)
	clock.Advance(59 * time.Second)
	if err := everyCall["take"](t.Context(), client); !IsUnauthorized(err) || IsLost(err) {
		t.Errorf("error = %v", err)
	}
	w.expectArrivals(t, 1)
	clock.Advance(time.Second)
	_ = sendAll(t.Context(), client, 3)
	w.expectArrivals(t, 2)
}

// TestFirstUse_request names each call's own request in the refusal that it shares.
func TestFirstUse_request(t *testing.T) {
	t.Parallel()
	w := newWire(t, reply(http.StatusUnauthorized, refusedBody, `Www-Authenticate: Digest realm="MMS Public API"`))
	client, _ := w.client(t)
	_ = everyCall["get"](t.Context(), client)
	refusal, ok := errors.AsType[*Error](everyCall["take"](t.Context(), client))
	if want := "POST " + wireBase; !ok || refusal.Request != want {
		t.Errorf("the refusal is %v, expected one of %s", refusal, want)
	}
}

// TestFirstUse_others are what does not refuse a key: all calls are made.
func TestFirstUse_others(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]roundTrip{
		"accepted":                      reply(http.StatusOK, queuedBody),
		"not found":                     reply(http.StatusNotFound, "{}"),
		"refused without a challenge":   reply(http.StatusUnauthorized, refusedBody),
		"forbidden":                     reply(http.StatusForbidden, "{}"),
		"a connection that was refused": func(*http.Request) (*http.Response, error) { return nil, errRefused },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire(t, answer)
			client, _ := w.client(t)
			_ = sendAll(t.Context(), client, 5)
			if len(w.arrivals) < 5 {
				t.Errorf("%d requests arrived, expected 5 at least", len(w.arrivals))
			}
		})
	}
}

// TestFirstUse_interrupted lets nobody wait for a call that is interrupted, nor longer than its own context.
func TestFirstUse_interrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		arrived := 0
		w := newWire(t, func(req *http.Request) (*http.Response, error) {
			if arrived++; arrived == 1 {
				<-req.Context().Done()
				return nil, context.Cause(req.Context())
			}
			return reply(http.StatusOK, queuedBody)(req)
		})
		client, _ := w.client(t)
		first, cancelFirst := context.WithCancel(t.Context())
		errs := make(chan error, 3)
		go func() { errs <- everyCall["get"](first, client) }()
		synctest.Wait()
		second, cancelSecond := context.WithCancel(t.Context())
		go func() { errs <- everyCall["get"](second, client) }()
		go func() { errs <- everyCall["get"](t.Context(), client) }()
		synctest.Wait()
		if arrived != 1 {
			t.Errorf("%d requests were sent at once, expected 1", arrived)
		}
		cancelSecond()
		if err := <-errs; !errors.Is(err, context.Canceled) {
			t.Errorf("error = %v", err)
		}
		cancelFirst()
		one, other := <-errs, <-errs
		if (one == nil) == (other == nil) {
			t.Errorf("the errors are %v and %v, expected one interruption", one, other)
		}
	})
}

// TestThrottle has a 429 of one call hold up all others of its bucket, and no others.
func TestThrottle(t *testing.T) {
	t.Parallel()
	limited := reply(http.StatusTooManyRequests, limitedBody, "Retry-After: 7")
	w := newWire(t, reply(http.StatusOK, queuedBody), limited, reply(http.StatusOK, queuedBody))
	client, clock := w.client(t)
	if err := everyCall["get"](t.Context(), client); err != nil {
		t.Fatal(err)
	}
	// This one has no time for the pause, so that it ends with the refusal.
	hurried, cancel := clock.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := everyCall["get"](hurried, client); !IsError(err, "RATE_LIMITED_TOKEN_BUCKET") {
		t.Fatal(err)
	}
	started := clock.Now()
	if _, err := client.GetCluster(t.Context(), wireProject, wireCluster); err != nil || clock.Now() != started {
		t.Errorf("a request to another bucket: error = %v, waited %s", err, clock.Now().Sub(started))
	}
	if err := everyCall["get"](t.Context(), client); err != nil || clock.Now().Sub(started) != 7*time.Second {
		t.Errorf("error = %v, waited %s, expected 7 s", err, clock.Now().Sub(started))
	}
	if err := everyCall["get"](t.Context(), client); err != nil || clock.Now().Sub(started) != 7*time.Second {
		t.Errorf("later: error = %v, waited %s, expected no further pause", err, clock.Now().Sub(started))
	}
}
