package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

func TestWithLatency(t *testing.T) {
	for path, latency := range map[string]time.Duration{
		"/api/atlas/v2/groups/g/clusters": 100 * time.Millisecond,
		"/api/oauth/token":                100 * time.Millisecond,
		"/_sim/snapshots":                 0,
	} {
		// Time is synctest's: it stands still until everybody waits.
		synctest.Test(t, func(t *testing.T) {
			answered := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
			start, answer := time.Now(), httptest.NewRecorder()
			withLatency(answered, 100*time.Millisecond).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
			if took := time.Since(start); took != latency || answer.Code != http.StatusTeapot {
				t.Errorf("%s: %d after %s, want the simulator's answer after %s", path, answer.Code, took, latency)
			}
		})
	}
}

func TestWithLatency_clientGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		asked := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the simulator was asked") })
		start, request := time.Now(), httptest.NewRequest(http.MethodGet, "/api/atlas/v2/groups", nil)
		withLatency(asked, time.Hour).ServeHTTP(httptest.NewRecorder(), request.WithContext(ctx))
		if took := time.Since(start); took != time.Second {
			t.Errorf("it went on for %s", took)
		}
	})
}
