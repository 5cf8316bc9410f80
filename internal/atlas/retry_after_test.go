package atlas

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"
)

func TestRetryAfter_ofErrors(t *testing.T) {
	for name, tt := range map[string]struct {
		err  error
		want time.Duration
	}{
		"none":                  {nil, 0},
		"of no answer":          {&ConnectionError{Err: errReset}, 0},
		"an answer without one": {&Error{StatusCode: http.StatusServiceUnavailable}, 0},
		"a limit":               {&Error{StatusCode: http.StatusTooManyRequests, RetryAfter: time.Hour}, time.Hour},
		"wrapped":               {fmt.Errorf("reading: %w", &Error{RetryAfter: time.Minute}), time.Minute},
		"of the token endpoint": {&CredentialsError{Err: &TokenError{Temporary: true, RetryAfter: time.Hour}}, time.Hour},
		"something else":        {errors.New("else"), 0},
	} {
		if got := RetryAfter(tt.err); got != tt.want {
			t.Errorf("%s: RetryAfter = %s, want %s", name, got, tt.want)
		}
	}
}

// What the client cannot wait for itself, whoever called it can.
func TestRetryAfter_beyondTheDeadline(t *testing.T) {
	w := newWire(t, reply(http.StatusTooManyRequests, limitedBody, "Retry-After: 7200"))
	client, clock := w.client(t)
	ctx, cancel := clock.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	if err := everyCall["get"](ctx, client); RetryAfter(err) != 2*time.Hour {
		t.Errorf("RetryAfter(%v) = %s", err, RetryAfter(err))
	}

	s := newTokenServer(t)
	s.exchanges = []exchange{{status: http.StatusTooManyRequests, retryAfter: "3600"}}
	if err := failure(t, s.authenticator().Transport(s)); RetryAfter(err) != time.Hour {
		t.Errorf("RetryAfter(%v) = %s", err, RetryAfter(err))
	}
}
