package atlassim

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	tokenLifetime  = time.Hour
	liveTokenLimit = 100
	signInLimit    = 50 // in a signInWindow
)

// oauthError is the error body of the token endpoints, in the documented order of keys.
type oauthError struct {
	Description string `json:"error_description"`
	Code        string `json:"error"`
}

// grantedToken is the documented answer of the token endpoint.
type grantedToken struct {
	AccessToken string `json:"access_token"`
	ExpiresIn   int    `json:"expires_in"`
	TokenType   string `json:"token_type"`
}

// oauthErrors are the documented refusals by code.
var oauthErrors = map[string]oauthTemplate{
	"invalid_client":         {401, "Invalid credentials provided."},
	"invalid_request":        {400, undocumentedInvalidRequest},
	"unsupported_grant_type": {400, undocumentedGrantType},
	"invalid_grant":          {400, undocumentedGrant},
	"access_denied": {403, "Access Token limit reached. Please use the existing Access Tokens or create a new " +
		"Service Account."},
	"server_error": {500, undocumentedServerError},
}

// oauthTemplate is the status and the description of one OAuth error code.
type oauthTemplate struct {
	status      int
	description string
}

// oauth serves the two token endpoints. Faults come after the credentials, as everywhere.
func (s *Simulator) oauth(c *call) response {
	if c.request.Method != http.MethodPost {
		return c.methodNotAllowed([]string{http.MethodPost})
	}
	if c.request.URL.Path == tokenPath {
		if wait, ok := s.signIns.admit(s.clock.unscaled(), signInWindow, signInLimit); !ok {
			seconds := int(wait/time.Second) + 1
			refusal := c.fail("RATE_LIMITED", "path", tokenPath, "capacity", signInLimit)
			refusal.retryAfter = &seconds
			return c.refusal(refusal)
		}
	}
	if !s.validClient(c.request) {
		return c.oauthRefusal("invalid_client")
	}
	fault := s.nextFault(c)
	if fault != nil && !fault.doesWork() {
		return fault.replacement(c)
	}
	out := s.serveOAuth(c)
	if fault != nil {
		out = fault.applyTo(c, out)
	}
	return out
}

func (s *Simulator) serveOAuth(c *call) response {
	form, err := url.ParseQuery(string(c.body))
	if err != nil || !strings.HasPrefix(c.request.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return c.oauthRefusal("invalid_request")
	}
	if c.request.URL.Path == revokePath {
		return s.revoke(c, form)
	}
	return s.grant(c, form)
}

// grant issues an access token.
func (s *Simulator) grant(c *call, form url.Values) response {
	switch form.Get("grant_type") {
	case "client_credentials":
	case "":
		return c.oauthRefusal("invalid_request")
	default:
		return c.oauthRefusal("unsupported_grant_type")
	}
	now := s.clock.unscaled()
	for token, expiry := range s.tokens {
		if !now.Before(expiry) {
			delete(s.tokens, token)
		}
	}
	if len(s.tokens) >= liveTokenLimit {
		return c.oauthRefusal("access_denied")
	}
	token := "eyJ" + randomText(s.secrets, urlSafe, 120) + "." + randomText(s.secrets, urlSafe, 43)
	s.tokens[token] = now.Add(tokenLifetime)
	return c.oauthAnswer(http.StatusOK, grantedToken{token, int(tokenLifetime / time.Second), "Bearer"})
}

// revoke ends a token. One that is not known is as good as revoked.
func (s *Simulator) revoke(c *call, form url.Values) response {
	token := form.Get("token")
	if token == "" {
		return c.oauthRefusal("invalid_request")
	}
	delete(s.tokens, token)
	out := c.newResponse(http.StatusOK)
	out.addSecurityHeaders()
	return out
}

func (c *call) oauthRefusal(code string) response {
	known := oauthErrors[code]
	return c.oauthAnswer(known.status, oauthError{known.description, code})
}

func (c *call) oauthAnswer(status int, body any) response {
	out := c.newResponse(status)
	out.addSecurityHeaders()
	out.header.Set("Content-Type", "application/json")
	out.header.Set("Cache-Control", "no-store")
	out.body = compactJSON(body)
	out.header.Set("Content-Length", strconv.Itoa(len(out.body)))
	return out
}

// validClient checks HTTP Basic credentials whose two halves are form-encoded, as RFC 6749 wants it.
func (s *Simulator) validClient(r *http.Request) bool {
	kind, encoded, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || !strings.EqualFold(kind, "basic") {
		return false
	}
	id, secret, _ := strings.Cut(string(raw), ":")
	id, idErr := url.QueryUnescape(id)
	secret, secretErr := url.QueryUnescape(secret)
	return idErr == nil && secretErr == nil && id == s.fixture.ClientID && secret == s.fixture.ClientSecret
}

func (s *Simulator) validToken(token string) bool {
	expiry, known := s.tokens[token]
	return known && s.clock.unscaled().Before(expiry)
}

// RevokeTokens ends every access token that is alive, as when a service account's secret is taken away.
func (s *Simulator) RevokeTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}
