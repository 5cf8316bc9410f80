package main

import (
	"net/http"
	"strings"
	"time"
)

// withLatency has every answer of the API take so much longer. Control requests are answered at once.
func withLatency(simulator http.Handler, latency time.Duration) http.Handler {
	if latency == 0 {
		return simulator
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/_sim/") {
			timer := time.NewTimer(latency)
			defer timer.Stop()
			select {
			case <-timer.C:
			case <-r.Context().Done():
				return // nobody waits for the answer any more
			}
		}
		simulator.ServeHTTP(w, r)
	})
}
