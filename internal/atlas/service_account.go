package atlas

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

// ServiceAccount exchanges the ID and secret of a service account for an access token at baseURL and sends that with every
// request to baseURL's origin. The token is taken with the first request, through the round tripper that the request goes
// through, and renewed before it expires or once it is refused. Close revokes it: an account may have 100 active ones.
//
// A request that fails because no token could be had fails with a [TokenError] and has not been sent.
func ServiceAccount(clientID, clientSecret string, baseURL *url.URL, clock wait.Clock) Authenticator {
	base := &url.URL{Scheme: baseURL.Scheme, Host: baseURL.Host, Path: baseURL.Path}
	return &serviceAccount{
		clientID:     clientID,
		clientSecret: newSecret(clientSecret),
		tokenURL:     base.JoinPath("api/oauth/token").String(),
		revokeURL:    base.JoinPath("api/oauth/revoke").String(),
		origin:       originOf(base),
		clock:        clock,
	}
}

const (
	// tokenRenewal is how long before its end a token is renewed, as the official provider does; one that lives less than
	// twice as long is renewed at half its life.
	tokenRenewal = 10 * time.Minute
	// tokenRenewalPause keeps a token endpoint that is down from being asked with every request while the token is good.
	tokenRenewalPause = time.Minute
	// tokenRefusalPause keeps a refused account from being tried with every request. It ends, as the account may be mended
	// while a long-lived process goes on.
	tokenRefusalPause = time.Minute
	// tokenLifetime is Atlas's, for an answer that does not say.
	tokenLifetime    = time.Hour
	maxTokenLifetime = 24 * time.Hour
	// maxTokenTries is how often a token is asked for when the endpoint is limited or fails.
	maxTokenTries = 4
)

type serviceAccount struct {
	clientID            string
	clientSecret        secret
	tokenURL, revokeURL string
	origin              string
	clock               wait.Clock

	mu sync.Mutex
	// current is nil before the first token, after a refused one and after Close.
	current *serviceToken
	// taken are the tokens that Atlas still counts: the current one and those that it has replaced.
	taken []*serviceToken
	// refusal is why the endpoint does not know the account; until refusedUntil nobody asks it again.
	refusal      *TokenError
	refusedUntil time.Time
	// fetching is the exchange that is going on, nil if there is none.
	fetching *inFlight
}

type serviceToken struct {
	value            secret
	renewAt, expires time.Time
	via              http.RoundTripper
	// replaces reports whether it was taken because another was refused, accepted whether Atlas has taken it since.
	replaces bool
	accepted atomic.Bool
}

func (a *serviceAccount) Transport(next http.RoundTripper) http.RoundTripper {
	return roundTripperFunc(func(req *http.Request) (*http.Response, error) {
		if originOf(req.URL) != a.origin {
			return next.RoundTrip(req)
		}
		if err := checkResendable(req); err != nil {
			return nil, err
		}
		token, err := a.token(req.Context(), next, false)
		if err != nil {
			return nil, err
		}
		res, err := token.send(next, req)
		if err != nil || res.StatusCode != http.StatusUnauthorized || !a.refused(token) {
			return res, err
		}
		discardRefusal(res)
		token, err = a.token(req.Context(), next, true)
		if err != nil {
			return nil, err
		}
		return token.send(next, req)
	})
}

func (token *serviceToken) send(next http.RoundTripper, req *http.Request) (*http.Response, error) {
	res, err := sendCopy(next, req, "Bearer "+token.value())
	if err == nil && credentialsAccepted(res) {
		token.accepted.Store(true)
	}
	return res, err
}

// refused drops a token that was answered with a 401, unless another request has done so already, and reports whether the
// request is worth sending again. It is not where the token itself replaced a refused one and has never been accepted: then
// Atlas refuses the account, not the token (a missing role is a 401 too), and each try would use up a token.
func (a *serviceAccount) refused(token *serviceToken) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.current != token {
		return true
	}
	if token.replaces && !token.accepted.Load() {
		return false
	}
	a.current = nil
	return true
}

// token returns the current token, or a new one. Requests that need one at the same time share one exchange.
func (a *serviceAccount) token(ctx context.Context, next http.RoundTripper, replaces bool) (*serviceToken, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for {
		now := a.clock.Now()
		valid := a.current != nil && now.Before(a.current.expires)
		fetching := a.fetching
		switch {
		case valid && (now.Before(a.current.renewAt) || fetching != nil):
			return a.current, nil
		case !valid && a.refusal != nil && now.Before(a.refusedUntil):
			return nil, a.refusal
		case fetching == nil:
			return a.renew(ctx, next, valid, replaces)
		}
		a.mu.Unlock()
		err := fetching.wait(ctx)
		a.mu.Lock()
		if err != nil {
			return nil, &TokenError{Reason: "the wait for an access token of the service account ended: " + err.Error(), Err: err}
		}
		if fetching.err != nil && !fetching.abandoned {
			return nil, fetching.err
		}
	}
}

// renew takes a new token on behalf of everybody who waits for one, with a.mu unlocked meanwhile. Where that fails, a current
// token that is still good serves on.
func (a *serviceAccount) renew(ctx context.Context, next http.RoundTripper, valid, replaces bool) (*serviceToken, error) {
	fallback, tries := a.current, 1 // An early renewal can wait for better times.
	if !valid {
		fallback, tries = nil, maxTokenTries
	}
	fetching := &inFlight{done: make(chan struct{})}
	a.fetching = fetching
	a.mu.Unlock()
	token, err := a.fetch(ctx, next, tries)

	a.mu.Lock()
	a.fetching = nil
	fetching.finish(ctx, err)
	now := a.clock.Now()
	a.refusal = nil
	if refusal, ok := errors.AsType[*TokenError](err); ok && refusal.refused {
		a.refusal, a.refusedUntil = refusal, now.Add(tokenRefusalPause)
	}
	switch {
	case err == nil:
		token.replaces = replaces
		a.current = token
		a.taken = append(unexpired(a.taken, now), token)
		return token, nil
	case fallback != nil && a.current == fallback && now.Before(fallback.expires):
		fallback.renewAt = now.Add(tokenRenewalPause)
		return fallback, nil
	default:
		return nil, err
	}
}

func unexpired(tokens []*serviceToken, now time.Time) []*serviceToken {
	return slices.DeleteFunc(slices.Clone(tokens), func(token *serviceToken) bool { return !now.Before(token.expires) })
}

// fetch asks for a token, again where the endpoint is limited or fails, up to tries times.
func (a *serviceAccount) fetch(ctx context.Context, next http.RoundTripper, tries int) (*serviceToken, error) {
	client := &http.Client{Transport: next, CheckRedirect: refuseRedirects}
	config := clientcredentials.Config{
		ClientID: a.clientID, ClientSecret: a.clientSecret(), TokenURL: a.tokenURL, AuthStyle: oauth2.AuthStyleInHeader,
	}
	for try := 1; ; try++ {
		// Before the request, so that the token ends for us no later than it does for Atlas.
		asked := a.clock.Now()
		granted, err := config.Token(context.WithValue(ctx, oauth2.HTTPClient, client))
		if err == nil {
			life := lifetime(granted.Extra("expires_in"))
			return &serviceToken{
				value:   newSecret(granted.AccessToken),
				renewAt: asked.Add(max(life-tokenRenewal, life/2)),
				expires: asked.Add(life),
				via:     next,
			}, nil
		}
		pause, again := tokenPause(err, try, a.clock.Now())
		if !again || try == tries || isInterruption(ctx, err) {
			return nil, a.tokenError(err)
		}
		if ended := a.clock.Sleep(ctx, pause); ended != nil {
			return nil, a.tokenError(errors.Join(err, ended))
		}
	}
}

// lifetime reads expires_in by itself: the package's own expiry is by the machine's clock.
func lifetime(expiresIn any) time.Duration {
	var seconds float64
	switch v := expiresIn.(type) {
	case float64:
		seconds = v
	case string:
		if _, err := fmt.Sscan(v, &seconds); err != nil {
			return tokenLifetime
		}
	}
	if !(seconds > 0) {
		return tokenLifetime
	}
	return time.Duration(min(seconds, maxTokenLifetime.Seconds()) * float64(time.Second))
}

// Close revokes every token that Atlas still counts. The account stays usable: a later request takes a new token. What
// could not be revoked is tried again by the next Close, and ends by itself within an hour.
func (a *serviceAccount) Close(ctx context.Context) error {
	a.mu.Lock()
	for a.fetching != nil {
		fetching := a.fetching
		a.mu.Unlock()
		if err := fetching.wait(ctx); err != nil {
			return fmt.Errorf("revoking the access token of the service account: %w", err)
		}
		a.mu.Lock()
	}
	tokens := unexpired(a.taken, a.clock.Now())
	a.current, a.taken = nil, nil
	a.mu.Unlock()

	var errs []error
	for _, token := range tokens {
		if err := a.revoke(ctx, token); err != nil {
			errs = append(errs, fmt.Errorf("revoking the access token of the service account: %w", err))
			a.mu.Lock()
			a.taken = append(a.taken, token)
			a.mu.Unlock()
		}
	}
	return errors.Join(errs...)
}

func (a *serviceAccount) revoke(ctx context.Context, token *serviceToken) error {
	form := url.Values{"token": {token.value()}, "token_type_hint": {"access_token"}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.revokeURL, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	// RFC 6749, 2.3.1: both are form-encoded before they go into the header.
	req.SetBasicAuth(url.QueryEscape(a.clientID), url.QueryEscape(a.clientSecret()))
	res, err := token.via.RoundTrip(req)
	if err != nil {
		return err
	}
	discardRefusal(res)
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the server answered HTTP %d", res.StatusCode)
	}
	return nil
}
