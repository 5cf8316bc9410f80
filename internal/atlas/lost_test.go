package atlas

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"
)

const deniedBody = `{"error":403,"reason":"Forbidden","detail":"You may not.","errorCode":"X"}`

// An error says that its request may have been carried out where an earlier try of the same call may have been, whatever
// became of the last one.
func TestIsLost_earlierTries(t *testing.T) {
	denied, limited := reply(http.StatusForbidden, deniedBody), reply(http.StatusTooManyRequests, limitedBody)
	missing := reply(http.StatusNotFound, `{"error":404,"errorCode":"SNAPSHOT_NOT_FOUND"}`)
	for name, tt := range map[string]struct {
		answers []roundTrip
		lost    bool
	}{
		"refused":                             {[]roundTrip{denied}, false},
		"limited, then refused":               {[]roundTrip{limited, denied}, false},
		"never sent, then refused":            {[]roundTrip{breakOff(errRefused), denied}, false},
		"credentials refused":                 {[]roundTrip{reply(http.StatusUnauthorized, refusedBody), denied}, false},
		"broken off, then refused":            {[]roundTrip{breakOff(errReset), denied}, true},
		"failed, then refused":                {[]roundTrip{reply(http.StatusBadGateway, "<html>"), denied}, true},
		"failed, then missing":                {[]roundTrip{reply(http.StatusInternalServerError, ""), missing}, true},
		"not readable, then refused":          {[]roundTrip{reply(http.StatusOK, "<html>"), denied}, true},
		"broken off, limited, then missing":   {[]roundTrip{breakOff(errReset), limited, missing}, true},
		"broken off, then never to be sent":   {[]roundTrip{breakOff(errReset), breakOff(errRefused)}, true},
		"failed, then the time is not enough": {[]roundTrip{reply(http.StatusBadGateway, ""), reply(http.StatusTooManyRequests, limitedBody, "Retry-After: 9000")}, true},
	} {
		t.Run(name, func(t *testing.T) {
			for _, method := range []string{"update", "delete", "get"} {
				w := newWire(t, tt.answers...)
				client, clock := w.client(t)
				ctx, cancel := clock.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				err := everyCall[method](ctx, client)
				var refusal *Error
				if err == nil || errors.As(err, &refusal) != (name != "broken off, then never to be sent") {
					t.Fatalf("%s: error = %v", method, err)
				}
				if lost := tt.lost && method != "get"; IsLost(err) != lost {
					t.Errorf("%s: lost = %t, expected %t: %v", method, IsLost(err), lost, err)
				}
			}
		})
	}
}

// An interruption is no answer: what it means for the request is what the tries before it mean.
func TestIsLost_interruptedPause(t *testing.T) {
	for name, tt := range map[string]struct {
		answer roundTrip
		lost   bool
	}{
		"after a limit":              {reply(http.StatusTooManyRequests, limitedBody), false},
		"after a failure":            {reply(http.StatusBadGateway, ""), true},
		"after a broken connection":  {breakOff(errReset), true},
		"after none":                 {breakOff(errRefused), false},
		"after an unreadable answer": {reply(http.StatusOK, "<html>"), true},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			w := newWire(t, tt.answer)
			client, clock := w.client(t)
			clock.Hold(func(context.Context, time.Duration) { cancel() })
			err := everyCall["delete"](ctx, client)
			if !errors.Is(err, context.Canceled) || IsLost(err) != tt.lost {
				t.Errorf("error = %v, lost = %t, expected %t", err, IsLost(err), tt.lost)
			}
			w.expectArrivals(t, 1)
		})
	}
}
