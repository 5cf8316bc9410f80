package atlas

import (
	"context"
	"net/http"
)

// AccessToken sends a token that somebody else took, and will give back, with every request. A 401 is returned as it is:
// nothing here could renew the token.
func AccessToken(token string) Authenticator {
	return &accessToken{token: newSecret(token)}
}

type accessToken struct {
	token  secret
	origin pinnedOrigin
}

func (a *accessToken) Transport(next http.RoundTripper) http.RoundTripper {
	return &accessTokenTransport{auth: a, next: next}
}

func (a *accessToken) Close(context.Context) error { return nil }

func (a *accessToken) String() string { return "Atlas access token" }

func (a *accessToken) GoString() string { return a.String() }

type accessTokenTransport struct {
	auth *accessToken
	next http.RoundTripper
}

func (t *accessTokenTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if !t.auth.origin.admits(req.URL) {
		return t.next.RoundTrip(req)
	}
	return receive(t.next, withAuthorization(req, "Bearer "+t.auth.token()), req)
}
