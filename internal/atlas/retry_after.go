package atlas

import (
	"net/http"
	"strconv"
	"time"
)

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
