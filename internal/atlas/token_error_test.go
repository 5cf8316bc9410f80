package atlas

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"
)

const unknownClient = `{"error_description":"Invalid credentials provided.","error":"invalid_client"}`

func TestServiceAccountTokenErrors(t *testing.T) {
	echo := fmt.Sprintf(`{"error":"server_error","error_description":%q}`, "cannot check "+testClientSecret)
	const elsewhere = "base_url leads to https://cloud.example.com/api/oauth/token, which does not answer as Atlas does"
	for name, tt := range map[string]struct {
		status     int
		body       string
		retryAfter string
		tries      int
		want       string
	}{
		"wrong secret": {
			401, `{"error_description":"Invalid credentials provided.","error":"invalid_client"}`, "", 1,
			`Atlas refused the service account: its client ID or secret is wrong`,
		},
		"too many tokens": {
			403, `{"error":"access_denied","error_description":"Access Token limit reached."}`, "", 1,
			`Wait until some have expired, revoke some, or use another service account (HTTP 403, access_denied, "Access Token limit reached.")`,
		},
		"limited":            {429, `{"error":429,"errorCode":"RATE_LIMITED"}`, "7", 4, `that limit is reached`},
		"limited for long":   {429, ``, "3600", 1, `that limit is reached`},
		"echo of the secret": {500, echo, "", 4, `(HTTP 500, server_error, "cannot check REDACTED")`},
		"not JSON":           {502, `<html>` + testClientSecret, "", 4, `base_url leads to https://cloud.example.com/api/oauth/token, which failed and gave the service account no access token (HTTP 502)`},
		"another error":      {400, `{"error":"invalid_grant"}`, "", 1, `Atlas gave the service account no access token (HTTP 400, invalid_grant)`},
		"a redirect":         {307, ``, "", 1, elsewhere},
		"not found":          {404, ``, "", 1, elsewhere},
		"a page":             {403, `<html>` + testClientSecret, "", 1, elsewhere},
		"a login page":       {401, `<html>`, "", 1, elsewhere},
		"Atlas finds no such path": {
			404, `{"error":404,"errorCode":"RESOURCE_NOT_FOUND","detail":"Cannot find resource."}`, "", 1, elsewhere,
		},
		"in the other words of Atlas": {
			403, `{"error":403,"errorCode":"IP_ADDRESS_NOT_ON_ACCESS_LIST","detail":"IP address 192.0.2.1 is not allowed."}`, "", 1,
			`Atlas gave the service account no access token (HTTP 403, IP_ADDRESS_NOT_ON_ACCESS_LIST, "IP address 192.0.2.1 is not allowed.")`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTokenServer(t)
			s.exchanges = slices.Repeat([]exchange{{status: tt.status, body: tt.body, retryAfter: tt.retryAfter}}, 9)
			err := failure(t, s.authenticator().Transport(s))
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v\nwant %s", err, tt.want)
			}
			var refusal *oauth2.RetrieveError
			if !errors.As(err, &refusal) || refusal.Response.StatusCode != tt.status {
				t.Errorf("no RetrieveError of status %d in %v", tt.status, err)
			}
			var tokenError *TokenError
			if errors.As(err, &tokenError) && tokenError.Temporary != (tt.status == 429 || tt.status >= 500) {
				t.Errorf("temporary = %t", tokenError.Temporary)
			}
			expectNoSecret(t, err)
			s.expect(tt.tries, tt.tries)
		})
	}
	t.Run("an answer that is no token", func(t *testing.T) {
		s := newTokenServer(t)
		s.exchanges = []exchange{{status: http.StatusOK, body: `{"access_token":`}}
		err := failure(t, s.authenticator().Transport(s))
		if !strings.HasPrefix(err.Error(), "base_url leads to https://cloud.example.com/api/oauth/token, whose answer holds no access token") {
			t.Errorf("error = %v", err)
		}
		expectNoSecret(t, err)
		s.expect(1, 1)
	})
	t.Run("a broken connection", func(t *testing.T) {
		s := newTokenServer(t)
		reset := errors.New("connection reset")
		s.exchanges = slices.Repeat([]exchange{{err: reset}}, maxTokenTries)
		err := failure(t, s.authenticator().Transport(s))
		if !errors.Is(err, reset) {
			t.Errorf("error = %v", err)
		}
		if diff := cmp.Diff(seconds(1, 2, 4), s.clock.Slept()); diff != "" {
			t.Errorf("pauses (-want +got):\n%s", diff)
		}
		expectNoSecret(t, err)
		s.expect(maxTokenTries, maxTokenTries)
	})
	t.Run("a connection that is mended", func(t *testing.T) {
		s := newTokenServer(t)
		s.exchanges = []exchange{{err: errReset}, {err: errRefused}, {err: errReset}}
		if status := get(t, s.authenticator().Transport(s)); status != http.StatusOK {
			t.Errorf("status = %d", status)
		}
		s.expect(4, 5)
	})
	t.Run("a certificate that is not trusted", func(t *testing.T) {
		s := newTokenServer(t)
		s.exchanges = []exchange{{err: &tls.CertificateVerificationError{Err: errors.New("unknown authority")}}}
		_ = failure(t, s.authenticator().Transport(s))
		s.expect(1, 1)
	})
}

// A secret that is a word of ours, as one that was put in by mistake may be, is removed from the server's words alone.
func TestTokenError_ownWordsStay(t *testing.T) {
	for secret, body := range map[string]string{
		"wrong":          `{"error":"invalid_client","error_description":"wrong credentials"}`,
		"invalid_client": `{"error":"invalid_client","error_description":"not invalid_client"}`,
		"Atlas":          `{"error":"invalid_client","error_description":"Atlas says no"}`,
	} {
		s := newTokenServer(t)
		through := ServiceAccount(testClientID, secret, &url.URL{Scheme: "https", Host: "cloud.example.com"}, s.clock).Transport(
			roundTrip(func(*http.Request) (*http.Response, error) { return jsonAnswer(http.StatusUnauthorized, body), nil }))
		err := failure(t, through)
		ours, theirs, _ := strings.Cut(err.Error(), " (HTTP 401")
		if !strings.HasPrefix(ours, "Atlas refused the service account: its client ID or secret is wrong") {
			t.Errorf("with the secret %q the error is %v", secret, err)
		}
		if strings.Contains(theirs, secret) || !strings.Contains(theirs, "REDACTED") {
			t.Errorf("%q is in the server's part: %v", secret, err)
		}
		var refusal *oauth2.RetrieveError
		if !errors.As(err, &refusal) || strings.Contains(refusal.Error()+string(refusal.Body), secret) {
			t.Errorf("%q is in the cause: %v", secret, refusal)
		}
	}
}

// An account that Atlas does not know is not tried with every request, but again after a while.
func TestTokenError_refusalIsRemembered(t *testing.T) {
	s := newTokenServer(t)
	s.exchanges = []exchange{{status: http.StatusUnauthorized, body: unknownClient}, {status: http.StatusUnauthorized, body: unknownClient}}
	through := s.authenticator().Transport(s)
	first := failure(t, through)
	for range 2 {
		if err := failure(t, through); err.Error() != first.Error() {
			t.Errorf("error = %v, want %v", err, first)
		}
		s.clock.Advance(29 * time.Second)
	}
	s.expect(1, 1)
	s.clock.Advance(2 * time.Second)
	_, _ = failure(t, through), failure(t, through)
	s.expect(2, 2)
	s.clock.Advance(time.Minute)
	get(t, through)
	get(t, through)
	s.expect(3, 5)
}

// What may go well the next time is tried the next time.
func TestTokenError_othersAreNotRemembered(t *testing.T) {
	for name, refusal := range map[string]exchange{
		"too many tokens": {status: http.StatusForbidden, body: `{"error":"access_denied"}`},
		"limited":         {status: http.StatusTooManyRequests, retryAfter: "3600"},
		"a page":          {status: http.StatusUnauthorized, body: "<html>"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTokenServer(t)
			s.exchanges = []exchange{refusal}
			through := s.authenticator().Transport(s)
			_ = failure(t, through)
			if status := get(t, through); status != http.StatusOK {
				t.Errorf("status = %d", status)
			}
			s.expect(2, 3)
		})
	}
}

// A token that is still good serves on although the account is refused at its early renewal.
func TestTokenError_refusedRenewal(t *testing.T) {
	s := newTokenServer(t)
	s.exchanges = slices.Concat([]exchange{{}}, slices.Repeat([]exchange{{status: http.StatusUnauthorized, body: unknownClient}}, 9))
	through := s.authenticator().Transport(s)
	get(t, through)
	s.clock.Advance(51 * time.Minute)
	getAtOnce(t, through, 1, 3)
	s.expect(2, 6)
	s.clock.Advance(9 * time.Minute)
	_, _ = failure(t, through), failure(t, through)
	s.expect(3, 7)
}
