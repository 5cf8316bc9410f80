package atlas

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/icholy/digest"
)

func digestThrough(s *digestServer) http.RoundTripper {
	return Digest(testPublicKey, testPrivateKey).Transport(s)
}

func expectTrips(t *testing.T, s *digestServer, want int) {
	t.Helper()
	if s.trips != want {
		t.Errorf("round trips = %d, want %d", s.trips, want)
	}
}

func TestDigestReusesNonce(t *testing.T) {
	for name, rule := range map[string]nonceRule{
		"any order": anyOrder, "rising": risingCount(false), "rising, stale": risingCount(true),
	} {
		t.Run(name, func(t *testing.T) {
			s := newDigestServer(t, rule)
			through := digestThrough(s)
			for range 5 {
				if status := get(t, through); status != http.StatusOK {
					t.Errorf("status = %d", status)
				}
			}
			expectTrips(t, s, 6)
		})
	}
}

func TestDigestSharesNonceOfColdStart(t *testing.T) {
	s := newDigestServer(t, anyOrder)
	getAtOnce(t, digestThrough(s), 20, 20)
	expectTrips(t, s, 401)
}

func TestDigestUnderConcurrency(t *testing.T) {
	for name, rule := range map[string]nonceRule{
		"any order":     anyOrder,
		"rising":        risingCount(false),
		"rising, stale": risingCount(true),
		"once":          uses(1, false),
		"once, stale":   uses(1, true),
		"five uses":     uses(5, false),
	} {
		t.Run(name, func(t *testing.T) {
			s := newDigestServer(t, rule)
			getAtOnce(t, digestThrough(s), 20, 100)
			// A refused count costs one more trip, never two.
			if s.trips < 2001 || s.trips > 4000 {
				t.Errorf("round trips = %d", s.trips)
			}
			t.Logf("2000 calls, %d round trips", s.trips)
		})
	}
}

func TestDigestOvertaken(t *testing.T) {
	s := newDigestServer(t, risingCount(false))
	through := digestThrough(s)
	get(t, through)
	overtook := make(chan struct{})
	held := make(chan struct{})
	s.arrived = func(c *digest.Credentials) {
		if c.Nc == 2 {
			close(held)
			<-overtook
		}
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		if status := get(t, through); status != http.StatusOK {
			t.Errorf("status of the overtaken request = %d", status)
		}
	})
	<-held
	get(t, through)
	close(overtook)
	wg.Wait()
	expectTrips(t, s, 5)
}

func TestDigestNonceEnds(t *testing.T) {
	t.Run("after a minute", func(t *testing.T) {
		s := newDigestServer(t, anyOrder)
		through := digestThrough(s)
		get(t, through)
		s.clock.Advance(time.Minute + time.Second)
		get(t, through)
		get(t, through)
		expectTrips(t, s, 5)
	})
	t.Run("after 1,024 uses", func(t *testing.T) {
		s := newDigestServer(t, anyOrder)
		getAtOnce(t, digestThrough(s), 1, 1100)
		expectTrips(t, s, 1102)
	})
	t.Run("one use each", func(t *testing.T) {
		s := newDigestServer(t, uses(1, false))
		getAtOnce(t, digestThrough(s), 1, 5)
		expectTrips(t, s, 10)
	})
}

func TestDigestRefusals(t *testing.T) {
	for name, tt := range map[string]struct {
		warm     bool
		refusals []refusal
		status   int
		trips    int
	}{
		"key refused":                         {false, []refusal{refuse, refuse}, 401, 2},
		"stale at its first use":              {false, []refusal{refuse, refuseStale}, 200, 3},
		"stale for ever":                      {false, []refusal{refuse, refuseStale, refuseStale, refuseStale}, 401, 3},
		"no challenge at first":               {false, []refusal{refuseBare}, 200, 3},
		"no challenge at all":                 {false, []refusal{refuseBare, refuseBare}, 401, 2},
		"no challenge, then stale":            {false, []refusal{refuseBare, refuse, refuseStale}, 200, 4},
		"key refused without a challenge":     {false, []refusal{refuse, refuseBare}, 401, 2},
		"a proven key: one spurious":          {true, []refusal{refuse}, 200, 2},
		"a proven key: two spurious":          {true, []refusal{refuse, refuse}, 200, 3},
		"a proven key: refused":               {true, []refusal{refuse, refuse, refuse}, 401, 3},
		"a proven key: no challenge":          {true, []refusal{refuseBare}, 200, 3},
		"a proven key: fresh, no challenge":   {true, []refusal{refuse, refuseBare}, 200, 4},
		"a proven key: never a challenge":     {true, []refusal{refuseBare, refuseBare, refuseBare}, 401, 3},
		"a proven key: bounded at four trips": {true, []refusal{refuse, refuseBare, refuseBare}, 401, 4},
	} {
		t.Run(name, func(t *testing.T) {
			s := newDigestServer(t, anyOrder)
			through := digestThrough(s)
			before := 0
			if tt.warm {
				get(t, through)
				before = 2
			}
			s.refusals = tt.refusals
			if status := get(t, through); status != tt.status {
				t.Errorf("status = %d, want %d", status, tt.status)
			}
			expectTrips(t, s, before+tt.trips)
		})
	}
}

func TestDigestWrongKey(t *testing.T) {
	s := newDigestServer(t, anyOrder)
	through := Digest(testPublicKey, "wrong").Transport(s)
	for range 3 {
		if status := get(t, through); status != http.StatusUnauthorized {
			t.Errorf("status = %d", status)
		}
	}
	expectTrips(t, s, 6)
}

func TestDigestGatewayAnswerProvesNothing(t *testing.T) {
	s := newDigestServer(t, anyOrder)
	s.status = http.StatusServiceUnavailable
	through := digestThrough(s)
	get(t, through)
	s.refusals = []refusal{refuse, refuse}
	if status := get(t, through); status != http.StatusUnauthorized {
		t.Errorf("status = %d", status)
	}
	expectTrips(t, s, 4)
}

func TestDigestResendsBody(t *testing.T) {
	const body = `{"retentionInDays":7}`
	s := newDigestServer(t, anyOrder)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, testURL, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if status := statusOf(t, digestThrough(s), req); status != http.StatusOK {
		t.Errorf("status = %d", status)
	}
	if !slices.Equal(s.bodies, []string{body, body}) {
		t.Errorf("bodies = %q", s.bodies)
	}
}

func TestDigestOverHTTP(t *testing.T) {
	s := newDigestServer(t, uses(5, false))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		res, err := s.RoundTrip(req)
		if err != nil {
			t.Error(err)
			return
		}
		maps.Copy(w.Header(), res.Header)
		w.WriteHeader(res.StatusCode)
		_, _ = io.Copy(w, res.Body)
		_ = res.Body.Close()
	}))
	defer server.Close()
	client := &http.Client{Transport: Digest(testPublicKey, testPrivateKey).Transport(server.Client().Transport)}
	const body = `{"retentionInDays":7}`
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for range 10 {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/api/atlas/v2/groups?pageNum=1", strings.NewReader(body))
				if err != nil {
					t.Error(err)
					return
				}
				res, err := client.Do(req)
				if err != nil {
					t.Error(err)
					return
				}
				if res.StatusCode != http.StatusOK {
					t.Errorf("status = %d", res.StatusCode)
				}
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
			}
		})
	}
	wg.Wait()
	for _, sent := range s.bodies {
		if sent != body {
			t.Errorf("body = %q", sent)
		}
	}
}

func TestDigestServerWithoutAuthentication(t *testing.T) {
	trips := 0
	through := Digest(testPublicKey, testPrivateKey).Transport(roundTrip(func(req *http.Request) (*http.Response, error) {
		trips++
		return plainAnswer(http.StatusOK, ""), nil
	}))
	for range 3 {
		get(t, through)
	}
	if trips != 3 {
		t.Errorf("round trips = %d", trips)
	}
}

func TestDigestColdStartWaits(t *testing.T) {
	// hold makes the first request of all wait until it is let go; others is how many wait for it meanwhile.
	hold := func(t *testing.T, others int, cancelFirst bool) (s *digestServer, failed []error) {
		synctest.Test(t, func(t *testing.T) {
			s = newDigestServer(t, anyOrder)
			release := make(chan struct{})
			var once sync.Once
			through := Digest(testPublicKey, testPrivateKey).Transport(roundTrip(func(req *http.Request) (*http.Response, error) {
				var err error
				once.Do(func() {
					select {
					case <-release:
					case <-req.Context().Done():
						err = context.Cause(req.Context())
					}
				})
				if err != nil {
					return nil, err
				}
				return s.RoundTrip(req)
			}))
			var mu sync.Mutex
			send := func(ctx context.Context) {
				req, err := http.NewRequestWithContext(ctx, http.MethodGet, testURL, nil)
				if err != nil {
					t.Error(err)
					return
				}
				res, err := through.RoundTrip(req)
				if err != nil {
					mu.Lock()
					defer mu.Unlock()
					failed = append(failed, err)
					return
				}
				_ = res.Body.Close()
				if res.StatusCode != http.StatusOK {
					t.Errorf("status = %d", res.StatusCode)
				}
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go send(ctx)
			synctest.Wait()
			impatient, stop := context.WithCancelCause(t.Context())
			go send(impatient)
			for range others {
				go send(t.Context())
			}
			synctest.Wait()
			if s.trips != 0 {
				t.Errorf("%d requests did not wait", s.trips)
			}
			stop(errImpatient)
			synctest.Wait()
			if len(failed) != 1 || !errors.Is(failed[0], errImpatient) {
				t.Errorf("errors while the first request is under way = %v", failed)
			}
			if cancelFirst {
				cancel()
			}
			close(release)
			synctest.Wait()
		})
		return s, failed[1:]
	}
	t.Run("and shares the nonce", func(t *testing.T) {
		s, failed := hold(t, 5, false)
		expectTrips(t, s, 7)
		if len(failed) != 0 {
			t.Errorf("errors = %v", failed)
		}
	})
	t.Run("and takes over when the first is cancelled", func(t *testing.T) {
		s, failed := hold(t, 5, true)
		expectTrips(t, s, 6)
		if len(failed) != 1 || !errors.Is(failed[0], context.Canceled) {
			t.Errorf("errors = %v", failed)
		}
	})
}

func TestDigestColdStartFailsWithoutQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		arrived := 0
		var mu sync.Mutex
		first, rest := make(chan struct{}), make(chan struct{})
		reset := errors.New("connection reset")
		through := Digest(testPublicKey, testPrivateKey).Transport(roundTrip(func(*http.Request) (*http.Response, error) {
			mu.Lock()
			arrived++
			gate := rest
			if arrived == 1 {
				gate = first
			}
			mu.Unlock()
			<-gate
			return nil, reset
		}))
		for range 6 {
			go func() {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, testURL, nil)
				if err != nil {
					t.Error(err)
					return
				}
				if err := errorOf(t, through, req); !errors.Is(err, reset) {
					t.Errorf("error = %v", err)
				}
			}()
		}
		synctest.Wait()
		if arrived != 1 {
			t.Errorf("%d requests at once, want one", arrived)
		}
		close(first)
		synctest.Wait()
		if arrived != 6 {
			t.Errorf("%d requests after the first has failed, want all", arrived)
		}
		close(rest)
		synctest.Wait()
	})
}

var errImpatient = errors.New("impatient")
