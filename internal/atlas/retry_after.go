package atlas

import (
	"errors"
	"net/http"
	"strconv"
	"time"
)

// RetryAfter is the pause that the answer behind err asks for, counted from that answer; 0 where it asks for none. It is
// for errors that the client had no time left, or no tries, to wait for by itself.
func RetryAfter(err error) time.Duration {
	var (
		e     *Error
		token *TokenError
	)
	switch {
	case errors.As(err, &token):
		return token.RetryAfter
	case errors.As(err, &e):
		return e.RetryAfter
	}
	return 0
}

// longestAsked stands for every longer pause that an answer may ask for: nobody waits that long, and sums with it are safe.
const longestAsked = 365 * 24 * time.Hour

// retryAfter is the pause that Atlas asks for: seconds as Atlas sends them, or a date (of a proxy), which is read by the
// clock of the same answer.
func retryAfter(header http.Header, now time.Time) (time.Duration, bool) {
	value := header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 64); err == nil {
		return time.Duration(min(seconds, uint64(longestAsked/time.Second))) * time.Second, true
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		now = date
	}
	return min(max(at.Sub(now), 0), longestAsked), true
}
