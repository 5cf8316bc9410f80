package atlas

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

func TestServiceAccountTakesOneToken(t *testing.T) {
	s := newTokenServer(t)
	getAtOnce(t, s.authenticator().Transport(s), 20, 20)
	s.expect(1, 401)
}

func TestServiceAccountRenewal(t *testing.T) {
	for name, tt := range map[string]struct {
		life         string
		good, passed time.Duration
	}{
		"an hour":            {"3600", 50*time.Minute - time.Second, time.Second},
		"as a string":        {`"3600"`, 50*time.Minute - time.Second, time.Second},
		"not said":           {"null", 50*time.Minute - time.Second, time.Second},
		"nonsense":           {"-5", 50*time.Minute - time.Second, time.Second},
		"twenty minutes":     {"1200", 10*time.Minute - time.Second, time.Second},
		"five minutes":       {"300", 150*time.Second - time.Second, time.Second},
		"more than a day":    {"2000000000", 24*time.Hour - 10*time.Minute - time.Second, time.Second},
		"already run out":    {"3600", 50*time.Minute - time.Second, time.Hour},
		"exactly at its end": {"3600", 50*time.Minute - time.Second, 10*time.Minute + time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTokenServer(t)
			s.life = tt.life
			through := s.authenticator().Transport(s)
			get(t, through)
			s.clock.Advance(tt.good)
			get(t, through)
			s.expect(1, 3)
			s.clock.Advance(tt.passed)
			getAtOnce(t, through, 20, 1)
			s.expect(2, 24)
		})
	}
}

func TestServiceAccountEarlyRenewalFails(t *testing.T) {
	s := newTokenServer(t)
	down := exchange{status: http.StatusServiceUnavailable, retryAfter: "1"}
	s.exchanges = []exchange{{}, down, down}
	through := s.authenticator().Transport(s)
	get(t, through)
	s.clock.Advance(51 * time.Minute)
	getAtOnce(t, through, 1, 3)
	s.expect(2, 6)
	s.clock.Advance(time.Minute)
	getAtOnce(t, through, 1, 3)
	s.expect(3, 10)
	s.clock.Advance(time.Minute)
	getAtOnce(t, through, 1, 3)
	s.expect(4, 14)
	if len(s.clock.Slept()) != 0 {
		t.Errorf("slept %v", s.clock.Slept())
	}
}

func TestServiceAccountEarlyRenewalHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTokenServer(t)
		release := make(chan struct{})
		through := s.authenticator().Transport(roundTrip(func(req *http.Request) (*http.Response, error) {
			if strings.HasSuffix(req.URL.Path, "/token") && s.clock.Now().Minute() != 0 {
				<-release
			}
			return s.RoundTrip(req)
		}))
		get(t, through)
		s.clock.Advance(51 * time.Minute)
		go get(t, through)
		synctest.Wait()
		getAtOnce(t, through, 5, 1)
		s.expect(1, 7)
		close(release)
		synctest.Wait()
		s.expect(2, 9)
	})
}

func TestServiceAccountRefusedToken(t *testing.T) {
	t.Run("is renewed, the body sent again", func(t *testing.T) {
		s := newTokenServer(t)
		through := s.authenticator().Transport(s)
		get(t, through)
		s.revokeAll()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, testURL, strings.NewReader(`{"retentionInDays":7}`))
		if err != nil {
			t.Fatal(err)
		}
		if status := statusOf(t, through, req); status != http.StatusOK {
			t.Errorf("status = %d", status)
		}
		if want := []string{"", `{"retentionInDays":7}`, `{"retentionInDays":7}`}; !slices.Equal(s.bodies, want) {
			t.Errorf("bodies = %q", s.bodies)
		}
		s.expect(2, 5)
	})
	t.Run("once for all", func(t *testing.T) {
		s := newTokenServer(t)
		through := s.authenticator().Transport(s)
		get(t, through)
		s.revokeAll()
		// All twenty arrive with the refused token before the first of them is answered.
		var gate sync.WaitGroup
		gate.Add(20)
		var mu sync.Mutex
		arrivals := 0
		s.arrived = func() {
			mu.Lock()
			arrivals++
			early := arrivals <= 20
			mu.Unlock()
			if early {
				gate.Done()
				gate.Wait()
			}
		}
		getAtOnce(t, through, 20, 1)
		s.expect(2, 2+20+1+20)
	})
	t.Run("but not for an account without the right", func(t *testing.T) {
		s := newTokenServer(t)
		s.allowed = false
		through := s.authenticator().Transport(s)
		for range 5 {
			if status := get(t, through); status != http.StatusUnauthorized {
				t.Errorf("status = %d", status)
			}
		}
		s.expect(2, 2+2+4)
	})
}

func TestServiceAccountClose(t *testing.T) {
	s := newTokenServer(t)
	auth := s.authenticator()
	through := auth.Transport(s)
	closeIt := func() {
		t.Helper()
		if err := auth.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
	closeIt()
	s.expect(0, 0)
	get(t, through)
	closeIt()
	closeIt()
	if !slices.Equal(s.revoked, []string{testToken + "-1"}) {
		t.Errorf("revoked = %q", s.revoked)
	}
	get(t, through)
	s.clock.Advance(55 * time.Minute)
	get(t, through)
	closeIt()
	if want := []string{testToken + "-1", testToken + "-2", testToken + "-3"}; !slices.Equal(s.revoked, want) {
		t.Errorf("revoked = %q, want the replaced one too: %q", s.revoked, want)
	}
	get(t, through)
	s.clock.Advance(time.Hour)
	closeIt()
	if len(s.revoked) != 3 {
		t.Errorf("a token that had run out was revoked")
	}
}

func TestServiceAccountCloseFails(t *testing.T) {
	s := newTokenServer(t)
	auth := s.authenticator()
	get(t, auth.Transport(s))
	s.revocation = http.StatusInternalServerError
	err := auth.Close(t.Context())
	if err == nil || !strings.Contains(err.Error(), "500") {
		t.Errorf("error = %v", err)
	}
	expectNoSecret(t, err)
	s.revocation = http.StatusOK
	if err := auth.Close(t.Context()); err != nil {
		t.Error(err)
	}
	s.expect(1, 4)
}

func expectNoSecret(t *testing.T, err error) {
	t.Helper()
	escaped := url.QueryEscape(testClientSecret)
	basic := base64.StdEncoding.EncodeToString([]byte(testClientID + ":" + escaped))
	var refusal *oauth2.RetrieveError
	text := fmt.Sprintf("%v %+v %#v", err, err, err)
	if errors.As(err, &refusal) {
		text += fmt.Sprintf("%v %+v %s", refusal, refusal.Response, refusal.Body)
		if refusal.Response.Request != nil {
			t.Error("the error has the request, which has the secret")
		}
	}
	for _, hidden := range []string{testClientSecret, escaped, basic, testToken} {
		if strings.Contains(text, hidden) {
			t.Errorf("the error has %q: %s", hidden, text)
		}
	}
}

func TestServiceAccountTokenRetries(t *testing.T) {
	date := time.Date(2026, 8, 10, 3, 0, 30, 0, time.UTC).Format(http.TimeFormat)
	for name, tt := range map[string]struct {
		status     int
		retryAfter string
		slept      []time.Duration
	}{
		"Retry-After":            {429, "7", []time.Duration{7 * time.Second, 7 * time.Second, 7 * time.Second}},
		"Retry-After zero":       {429, "0", []time.Duration{time.Second, time.Second, time.Second}},
		"Retry-After of a 5xx":   {503, "3", []time.Duration{3 * time.Second, 3 * time.Second, 3 * time.Second}},
		"Retry-After as a date":  {429, date, []time.Duration{30 * time.Second, time.Second, time.Second}},
		"Retry-After unreadable": {429, "soon", []time.Duration{10 * time.Second, 20 * time.Second, 40 * time.Second}},
		"limited":                {429, "", []time.Duration{10 * time.Second, 20 * time.Second, 40 * time.Second}},
		"failing":                {500, "", []time.Duration{time.Second, 2 * time.Second, 4 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTokenServer(t)
			s.exchanges = slices.Repeat([]exchange{{status: tt.status, retryAfter: tt.retryAfter}}, 3)
			if status := get(t, s.authenticator().Transport(s)); status != http.StatusOK {
				t.Errorf("status = %d", status)
			}
			if !slices.Equal(s.clock.Slept(), tt.slept) {
				t.Errorf("slept %v, want %v", s.clock.Slept(), tt.slept)
			}
			s.expect(4, 5)
		})
	}
	t.Run("within the context", func(t *testing.T) {
		s := newTokenServer(t)
		s.exchanges = slices.Repeat([]exchange{{status: 429, retryAfter: "60"}}, 9)
		ctx, cancel := s.clock.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, testURL, nil)
		if err != nil {
			t.Fatal(err)
		}
		err = errorOf(t, s.authenticator().Transport(s), req)
		var refusal *oauth2.RetrieveError
		if !errors.Is(err, wait.ErrTimeout) || !errors.As(err, &refusal) || !strings.Contains(err.Error(), "that limit is reached") {
			t.Errorf("error = %v", err)
		}
		s.expect(2, 2)
	})
}

func TestServiceAccountWaitingForToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTokenServer(t)
		first, cancelFirst := context.WithCancel(t.Context())
		release := make(chan struct{})
		var once sync.Once
		through := s.authenticator().Transport(roundTrip(func(req *http.Request) (*http.Response, error) {
			once.Do(func() { <-release })
			return s.RoundTrip(req)
		}))
		send := func(ctx context.Context, want error) {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, testURL, nil)
			if err != nil {
				t.Error(err)
				return
			}
			if err := errorOf(t, through, req); !errors.Is(err, want) {
				t.Errorf("error = %v, want %v", err, want)
			}
		}
		go send(first, context.Canceled)
		synctest.Wait()
		impatient, stop := context.WithCancelCause(t.Context())
		go send(impatient, errImpatient)
		for range 5 {
			go send(t.Context(), nil)
		}
		synctest.Wait()
		stop(errImpatient)
		cancelFirst()
		synctest.Wait()
		close(release)
		synctest.Wait()
		// The first never got its token; one of the five took over for all.
		s.expect(1, 6)
	})
}

func TestServiceAccountCloseWaitsForToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTokenServer(t)
		auth := s.authenticator()
		release := make(chan struct{})
		var once sync.Once
		through := auth.Transport(roundTrip(func(req *http.Request) (*http.Response, error) {
			once.Do(func() { <-release })
			return s.RoundTrip(req)
		}))
		go get(t, through)
		synctest.Wait()
		impatient, stop := context.WithCancelCause(t.Context())
		stop(errImpatient)
		if err := auth.Close(impatient); !errors.Is(err, errImpatient) {
			t.Errorf("error = %v", err)
		}
		go func() {
			if err := auth.Close(t.Context()); err != nil {
				t.Error(err)
			}
		}()
		synctest.Wait()
		close(release)
		synctest.Wait()
		if !slices.Equal(s.revoked, []string{testToken + "-1"}) {
			t.Errorf("revoked = %q", s.revoked)
		}
	})
}
