package main

import (
	"net/http"
	"strings"
	"time"
)

// withLatency delays every answer of the API. Control requests are answered immediately.
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
