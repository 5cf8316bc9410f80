package atlassim_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

var credentialsGrant = url.Values{"grant_type": {"client_credentials"}}

func TestOAuthErrors(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	for _, test := range []struct {
		name, path, secret string
		form               url.Values
		status             int
		code               string
	}{
		{"wrong secret", "/api/oauth/token", "guess", credentialsGrant, 401, "invalid_client"},
		{"no grant", "/api/oauth/token", b.fix.ClientSecret, url.Values{}, 400, "invalid_request"},
		{"other grant", "/api/oauth/token", b.fix.ClientSecret, url.Values{"grant_type": {"password"}}, 400, "unsupported_grant_type"},
		{"revoke nothing", "/api/oauth/revoke", b.fix.ClientSecret, url.Values{}, 400, "invalid_request"},
		{"revoke wrong secret", "/api/oauth/revoke", "guess", url.Values{"token": {"x"}}, 401, "invalid_client"},
	} {
		t.Run(test.name, func(t *testing.T) {
			recorder := b.oauth(test.path, b.fix.ClientID, test.secret, test.form)
			expectStatus(t, recorder, test.status)
			if got := text(decode(t, recorder), "error"); got != test.code {
				t.Errorf("error %q, want %q", got, test.code)
			}
		})
	}
	recorder := b.oauth("/api/oauth/token", b.fix.ClientID, "guess", credentialsGrant)
	want := `{"error_description":"Invalid credentials provided.","error":"invalid_client"}`
	if recorder.Body.String() != want {
		t.Errorf("body %s", recorder.Body)
	}
}

func TestOAuthTokenForm(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	granted := decode(t, b.oauth("/api/oauth/token", b.fix.ClientID, b.fix.ClientSecret, credentialsGrant))
	if keys(granted) != "access_token expires_in token_type" || granted["expires_in"] != 3600.0 || granted["token_type"] != "Bearer" {
		t.Errorf("granted %v", granted)
	}
	get := b.serve(httptest.NewRequest(http.MethodGet, "/api/oauth/token", nil))
	expectStatus(t, get, http.StatusMethodNotAllowed)
}

func TestTokenEnds(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	expectStatus(t, b.get(b.snapshots()), http.StatusOK)

	b.advance(time.Hour - time.Second)
	expectStatus(t, b.get(b.snapshots()), http.StatusOK)
	b.advance(time.Second)
	b.challenge(b.get(b.snapshots()))

	b.token = b.signIn()
	recorder := b.oauth("/api/oauth/revoke", b.fix.ClientID, b.fix.ClientSecret,
		url.Values{"token": {b.token}, "token_type_hint": {"access_token"}})
	expectStatus(t, recorder, http.StatusOK)
	if recorder.Body.Len() != 0 {
		t.Errorf("revoke answers %q", recorder.Body)
	}
	b.challenge(b.get(b.snapshots()))

	b.token = b.signIn()
	b.sim.RevokeTokens()
	b.challenge(b.get(b.snapshots()))
}

func TestTokenLimits(t *testing.T) {
	b := newHarness(t, atlassim.Options{}) // holds one token
	ask := func() *httptest.ResponseRecorder {
		return b.oauth("/api/oauth/token", b.fix.ClientID, b.fix.ClientSecret, credentialsGrant)
	}
	for range 49 {
		expectStatus(t, ask(), http.StatusOK)
	}
	limited := ask()
	expectError(t, limited, 429, "RATE_LIMITED",
		"Resource /api/oauth/token is limited to 50 requests every 1 minutes.", "/api/oauth/token", 50, 1)
	if limited.Header().Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	b.advance(time.Minute)
	for range 50 {
		expectStatus(t, ask(), http.StatusOK)
	}
	b.advance(time.Minute)
	full := ask()
	expectStatus(t, full, http.StatusForbidden)
	if text(decode(t, full), "error") != "access_denied" {
		t.Errorf("body %s", full.Body)
	}
	b.advance(time.Hour)
	expectStatus(t, ask(), http.StatusOK)
}

func TestBasicIsNoAPICredential(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	request := httptest.NewRequest(http.MethodGet, b.snapshots(), nil)
	request.SetBasicAuth(b.fix.ClientID, b.fix.ClientSecret)
	b.challenge(b.serve(request))
	if log := b.sim.Requests(); len(log) != 1 || log[0].Auth != "basic" || log[0].Status != 401 {
		t.Errorf("log %+v", log)
	}
}
