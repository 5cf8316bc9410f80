package atlas

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// TokenError is why a service account got no access token. The request that needed the token has not been sent.
// Where the token endpoint answered, [errors.As] finds its answer as an [oauth2.RetrieveError].
type TokenError struct {
	// Reason says what happened, and what to do where that is known. It has no secret.
	Reason string
	// Temporary reports whether the same may go well later: a limit, a failure of Atlas or of the network.
	Temporary bool
	// RetryAfter is the pause that the token endpoint asks for; 0 where it asks for none.
	RetryAfter time.Duration
	// Err is the cause: an oauth2.RetrieveError (joined with why the context ended, where that cut the tries short), what
	// the transport failed with, or why the context ended.
	Err error

	// refused reports whether the endpoint does not know the account, which asking again does not change.
	refused bool
}

// invalidClient is the code of RFC 6749, 5.2, for an unknown account or a wrong secret.
const invalidClient = "invalid_client"

func (e *TokenError) Error() string { return e.Reason }

func (e *TokenError) Unwrap() error { return e.Err }

// tokenError puts a failed exchange into words. The server's part of them is scrubbed, although nothing known puts a secret
// there; ours is not, as a short secret may be a word of it.
func (a *serviceAccount) tokenError(err error) error {
	refusal, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		lead := "Atlas gave the service account no access token: "
		if _, unanswered := errors.AsType[*url.Error](err); !unanswered {
			lead = "base_url leads to " + a.tokenURL + ", whose answer holds no access token for the service account: "
		}
		return &TokenError{Reason: lead + a.scrub(err.Error()), Temporary: !errors.Is(err, context.Canceled), Err: err}
	}
	answer := newError("", refusal.Response, refusal.Body, a.clock.Now())
	status := answer.StatusCode
	// The request carries the ID and secret; nobody who prints the error's parts should come across them.
	response := *refusal.Response
	response.Request = nil
	refusal.Response = &response
	// Some refusals are of the form of OAuth, others of that of the rest of Atlas.
	code, description := refusal.ErrorCode, refusal.ErrorDescription
	if code == "" && answer.FromAtlas {
		code, description = answer.Code, answer.Detail
	}
	refused := refusal.ErrorCode == invalidClient
	fromAtlas := refusal.ErrorCode != "" || answer.FromAtlas && status != http.StatusNotFound
	reason := "Atlas gave the service account no access token"
	switch {
	case status == http.StatusTooManyRequests:
		reason = "Atlas limits how often an IP address and service account may ask for an access token, and that limit is reached: " +
			"try again in a minute, or with less parallelism"
	case refusal.ErrorCode == "access_denied":
		reason = "Atlas denied the service account another access token: an account may have 100 active ones, each for an hour. " +
			"Wait until some have expired, revoke some, or use another service account"
	case refused:
		reason = "Atlas refused the service account: its client ID or secret is wrong, expired or deleted, " +
			"or belongs to another Atlas than that of base_url"
	case !fromAtlas && status >= http.StatusInternalServerError:
		reason = "base_url leads to " + a.tokenURL + ", which failed and gave the service account no access token"
	case !fromAtlas:
		reason = "base_url leads to " + a.tokenURL + ", which does not answer as Atlas does and gave the service account no access token. " +
			"Check base_url, and whether a proxy or a firewall has to let the request pass"
	}
	reason += fmt.Sprintf(" (HTTP %d", status)
	if code != "" {
		reason += fmt.Sprintf(", %.80s", a.scrub(code))
	}
	if description != "" {
		reason += fmt.Sprintf(", %.300q", a.scrub(description))
	}
	refusal.Body = []byte(a.scrub(string(refusal.Body)))
	refusal.ErrorCode, refusal.ErrorDescription = a.scrub(refusal.ErrorCode), a.scrub(refusal.ErrorDescription)
	return &TokenError{
		Reason:     reason + ")",
		Temporary:  status == http.StatusTooManyRequests || status >= http.StatusInternalServerError,
		RetryAfter: answer.RetryAfter,
		Err:        err,
		refused:    refused,
	}
}

func (a *serviceAccount) scrub(text string) string {
	hidden := a.clientSecret()
	if hidden == "" {
		return text
	}
	escaped := url.QueryEscape(hidden)
	basic := base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(a.clientID) + ":" + escaped))
	return strings.NewReplacer(basic, "REDACTED", hidden, "REDACTED", escaped, "REDACTED").Replace(text)
}

// maxTokenPause is the longest Retry-After that is waited for. Atlas counts token requests by the minute.
const maxTokenPause = 5 * time.Minute

// tokenPause returns how long to wait before a token is asked for again after the given try, counted from 1, and whether to
// ask at all: only where the endpoint is limited or fails by itself, or the connection breaks. Atlas's documentation asks for
// 10, 20, 40 seconds where a limit comes without a Retry-After.
func tokenPause(err error, try int, now time.Time) (time.Duration, bool) {
	pause := time.Second << (try - 1)
	refusal, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		_, unanswered := errors.AsType[*url.Error](err)
		_, limited := errors.AsType[*limitError](err)
		return pause, unanswered && !limited && !isUntrusted(err)
	}
	switch status := refusal.Response.StatusCode; {
	case status == http.StatusTooManyRequests:
		pause *= 10
	case status < http.StatusInternalServerError:
		return 0, false
	}
	if asked, ok := retryAfter(refusal.Response.Header, now); ok {
		pause = max(asked, time.Second)
	}
	return pause, pause <= maxTokenPause
}
