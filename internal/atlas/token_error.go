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
	// Temporary is whether the same may go well later: a limit, a failure of Atlas or of the network.
	Temporary bool
	// Err is the cause: an oauth2.RetrieveError (joined with why the context ended, where that cut the tries short), what
	// the transport failed with, or why the context ended.
	Err error
}

func (e *TokenError) Error() string { return e.Reason }

func (e *TokenError) Unwrap() error { return e.Err }

// tokenError puts a failed exchange into words. The words are scrubbed although nothing known puts a secret there: part
// of them is the server's.
func (a *serviceAccount) tokenError(err error) error {
	var refusal *oauth2.RetrieveError
	if !errors.As(err, &refusal) {
		return &TokenError{
			Reason:    a.scrub("Atlas gave the service account no access token: " + err.Error()),
			Temporary: !errors.Is(err, context.Canceled),
			Err:       err,
		}
	}
	status := 0
	if refusal.Response != nil {
		status = refusal.Response.StatusCode
		// The request carries the id and secret; nobody who prints the error's parts should come across them.
		answer := *refusal.Response
		answer.Request = nil
		refusal.Response = &answer
	}
	refusal.Body = []byte(a.scrub(string(refusal.Body)))
	refusal.ErrorDescription = a.scrub(refusal.ErrorDescription)

	var reason string
	switch {
	case status == http.StatusTooManyRequests:
		reason = "Atlas limits how often an IP address and service account may ask for an access token, and that limit is reached: " +
			"try again in a minute, or with less parallelism"
	case refusal.ErrorCode == "access_denied":
		reason = "Atlas denied the service account another access token: an account may have 100 active ones, each for an hour. " +
			"Wait until some have expired, revoke some, or use another service account"
	case refusal.ErrorCode == "invalid_client" || status == http.StatusUnauthorized:
		reason = "Atlas refused the service account: its client id or secret is wrong, expired or deleted, " +
			"or belongs to another Atlas than that of the base URL"
	default:
		reason = "Atlas gave the service account no access token"
	}
	reason += fmt.Sprintf(" (HTTP %d", status)
	if refusal.ErrorCode != "" {
		reason += fmt.Sprintf(", %.80s", refusal.ErrorCode)
	}
	if refusal.ErrorDescription != "" {
		reason += fmt.Sprintf(", %.300q", refusal.ErrorDescription)
	}
	return &TokenError{
		Reason:    a.scrub(reason + ")"),
		Temporary: status == http.StatusTooManyRequests || status >= http.StatusInternalServerError,
		Err:       err,
	}
}

// waitError is for a request whose context ended before there was a token.
func waitError(ctx context.Context) error {
	cause := context.Cause(ctx)
	return &TokenError{Reason: "the wait for an access token of the service account ended: " + cause.Error(), Err: cause}
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

// tokenPause says how long to wait before a token is asked for again after the given try, counted from 1, and whether to
// ask at all: only where the endpoint is limited or fails by itself. Atlas's documentation asks for 10, 20, 40 seconds
// where a limit comes without a Retry-After.
func tokenPause(err error, try int, now time.Time) (time.Duration, bool) {
	var refusal *oauth2.RetrieveError
	if !errors.As(err, &refusal) || refusal.Response == nil {
		return 0, false
	}
	pause := time.Second << (try - 1)
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
