package atlas

import (
	"net/http"
	"testing"
	"time"
)

func TestBackoffMultiplier_headers(t *testing.T) {
	for name, tt := range map[string]struct {
		limit, remaining string
		want             float64
	}{
		"full":                     {"1200", "1200", 1},
		"a quarter":                {"1200", "300", 1},
		"an eighth":                {"1200", "150", 4.5},
		"one request":              {"1200", "1", 8 - 7.0/300},
		"empty":                    {"1200", "0", 8},
		"small bucket":             {"3", "0", 8},
		"more than there can be":   {"1200", "5000", 1},
		"absent":                   {"", "", 1},
		"no limit":                 {"", "0", 1},
		"no remainder":             {"1200", "", 1},
		"limit of nothing":         {"0", "0", 1},
		"negative":                 {"1200", "-1", 1},
		"negative limit":           {"-1200", "0", 1},
		"not a number":             {"NaN", "NaN", 1},
		"without end":              {"Inf", "0", 1},
		"remainder without end":    {"1200", "+Inf", 1},
		"fraction":                 {"1200", "0.5", 1},
		"structured, as RFC draft": {"1200, 1200;w=60", "0", 1},
		"too large":                {"99999999999999999999", "0", 1},
		"words":                    {"many", "none", 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t, reply(http.StatusOK, queuedBody, "Ratelimit-Limit: "+tt.limit, "Ratelimit-Remaining: "+tt.remaining))
			client, _ := w.client(t)
			if got := client.BackoffMultiplier(); got != 1 {
				t.Errorf("before any answer: BackoffMultiplier = %v", got)
			}
			_ = everyCall["get"](t.Context(), client)
			if got := client.BackoffMultiplier(); got != tt.want {
				t.Errorf("BackoffMultiplier = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestBackoffMultiplier_memory(t *testing.T) {
	empty, silent := reply(http.StatusOK, queuedBody, "Ratelimit-Limit: 1200", "Ratelimit-Remaining: 0"), reply(http.StatusOK, queuedBody)
	refused := reply(http.StatusBadRequest, `{"error":400}`, "Ratelimit-Limit: 1200", "Ratelimit-Remaining: 1100")
	w := newWire(t, empty, silent, breakOff(errRefused))
	client, clock := w.client(t)
	expect := func(when string, want float64) {
		t.Helper()
		if got := client.BackoffMultiplier(); got != want {
			t.Errorf("%s: BackoffMultiplier = %v, want %v", when, got, want)
		}
	}
	get := func() { _ = everyCall["get"](t.Context(), client) }

	get()
	get()
	expect("after an answer without headers", 8)
	clock.Advance(rateLimitMemory)
	expect("while it counts", 8)
	clock.Advance(1)
	expect("once it is forgotten", 1)
	get()
	expect("after no answer", 1)
	w.answers = []roundTrip{empty, refused}
	get()
	expect("again", 8)
	get()
	expect("after a refusal with headers", 1)
}

// Only the bucket that snapshots are read from slows reading them down.
func TestBackoffMultiplier_otherBuckets(t *testing.T) {
	w := newWire(t, reply(http.StatusOK, queuedBody, "Ratelimit-Limit: 1200", "Ratelimit-Remaining: 0"))
	client, _ := w.client(t)
	_ = everyCall["get cluster"](t.Context(), client)
	if got := client.BackoffMultiplier(); got != 1 {
		t.Errorf("after a request for a cluster: BackoffMultiplier = %v", got)
	}
	for path, want := range map[string]bool{
		"/api/atlas/v2/groups/p/clusters/c":                      false,
		"/api/atlas/v2/groups/p/clusters/backup":                 false,
		"/api/atlas/v2/groups/p/clusters/c/backup/snapshots":     true,
		"/api/atlas/v2/groups/p/clusters/c/backup/snapshots/i":   true,
		"/api/atlas/v2/groups/p/serverless/c/backup/snapshots":   true,
		"/api/atlas/v2/groups/p/flexClusters/c/backup/snapshots": false,
		"/api/atlas/v2/groups/p/flexClusters/c":                  false,
	} {
		if got := usesBackupLimit(path); got != want {
			t.Errorf("%s: %t, want %t", path, got, want)
		}
	}
}

// Answers come from many goroutines; what they say is read meanwhile. The race detector looks on.
func TestBackoffMultiplier_concurrently(t *testing.T) {
	w := newWire(t, reply(http.StatusOK, queuedBody, "Ratelimit-Limit: 1200", "Ratelimit-Remaining: 0", "Date: "+wireNow.Format(http.TimeFormat)))
	client, clock := w.client(t)
	done := make(chan struct{})
	for range 8 {
		go func() {
			defer func() { done <- struct{}{} }()
			for range 50 {
				_ = everyCall["get"](t.Context(), client)
				_, _ = client.BackoffMultiplier(), client.ServerNow()
				clock.Advance(time.Millisecond)
			}
		}()
	}
	for range 8 {
		<-done
	}
	if got := client.BackoffMultiplier(); got != 8 {
		t.Errorf("BackoffMultiplier = %v", got)
	}
}
