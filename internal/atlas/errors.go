package atlas

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Error is an answer of Atlas, or of something in between, that is not a success.
type Error struct {
	// Request is the request line without its query.
	Request    string
	StatusCode int
	// Code is Atlas's errorCode; empty where the answer has none.
	Code string
	// Detail is Atlas's sentence about the case, Reason the one about the status.
	Detail, Reason string
	// Fields are the parts of the request that Atlas blames.
	Fields []FieldError
	// RetryAfter is the pause that Atlas asks for; 0 where it asks for none.
	RetryAfter time.Duration
	// BodySnippet is the beginning of an answer that is not of Atlas's form; empty where it is.
	BodySnippet string
	// FromAtlas reports whether the answer has the form of Atlas's errors, so that its status can be believed.
	FromAtlas bool
	// Credentials names what a 401 refuses, see [WithCredentialsName].
	Credentials string
}

// FieldError is one part of a request that Atlas refuses.
type FieldError struct {
	Description string `json:"description"`
	Field       string `json:"field"`
}

func newError(requestLine string, response *http.Response, body []byte, now time.Time) *Error {
	e := &Error{StatusCode: response.StatusCode, Request: requestLine}
	e.RetryAfter, _ = retryAfter(response.Header, now)
	// Parts that are null, as Atlas has sent them, or not of the documented form leave the others to be read.
	var wire struct {
		Error            any             `json:"error"`
		ErrorCode        any             `json:"errorCode"`
		Detail           any             `json:"detail"`
		Reason           any             `json:"reason"`
		BadRequestDetail json.RawMessage `json:"badRequestDetail"`
	}
	err := json.Unmarshal(body, &wire)
	_, statusOK := wire.Error.(float64)
	_, codeOK := wire.ErrorCode.(string)
	if err != nil || !statusOK && !codeOK {
		e.BodySnippet = bodySnippet(body)
		if location := response.Header.Get("Location"); location != "" && response.StatusCode < http.StatusBadRequest {
			// The rest of the address may hold what is nobody's business.
			to := ""
			if target, err := url.Parse(location); err == nil && target.Hostname() != "" {
				to = " to " + singleLine(target.Hostname())
			}
			e.Detail = "The answer is a redirect" + to + ", and redirects are not followed."
		}
		return e
	}
	e.FromAtlas = true
	e.Code, e.Detail, e.Reason = stringOf(wire.ErrorCode), stringOf(wire.Detail), stringOf(wire.Reason)
	var blamed struct {
		Fields []FieldError `json:"fields"`
	}
	// Whatever of it can be read is all there is to tell.
	_ = json.Unmarshal(wire.BadRequestDetail, &blamed)
	for _, field := range blamed.Fields[:min(len(blamed.Fields), maxFields)] {
		e.Fields = append(e.Fields, FieldError{singleLine(field.Description), singleLine(field.Field)})
	}
	return e
}

// maxFields bounds how many blamed fields are told of.
const maxFields = 20

func stringOf(value any) string {
	s, _ := value.(string)
	return singleLine(s)
}

// Status returns the HTTP status as a person reads it.
func (e *Error) Status() string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", e.StatusCode, http.StatusText(e.StatusCode)))
}

func (e *Error) Error() string {
	text := e.Request + ": " + e.Status()
	for _, part := range []struct{ lead, text string }{{"", e.Code}, {"", e.Detail}, {"not an answer of Atlas: ", e.BodySnippet}} {
		if part.text != "" {
			text += ": " + part.lead + part.text
		}
	}
	return text
}

// ErrCredentialsUnknown is for [UnavailableCredentials]: credentials that Terraform does not know yet.
var ErrCredentialsUnknown = errors.New("the provider's credentials are not known yet")

// CredentialsError is a request that was not sent for want of credentials. Err is an [ErrCredentialsUnknown], a [TokenError]
// or a [ChallengeError].
type CredentialsError struct {
	Request     string
	Err         error
	Credentials string // names the credentials, see [WithCredentialsName]
}

func (e *CredentialsError) Error() string { return e.Request + ": not sent: " + e.Err.Error() }

func (e *CredentialsError) Unwrap() error { return e.Err }

func isCredentials(err error) bool {
	_, token := errors.AsType[*TokenError](err)
	_, challenge := errors.AsType[*ChallengeError](err)
	return token || challenge || errors.Is(err, ErrCredentialsUnknown)
}

// ConnectionError is a request that got no answer, for what Err says.
type ConnectionError struct {
	Request string
	Sent    bool // false where the request certainly did not reach Atlas
	Err     error
}

func newConnectionError(ctx context.Context, requestLine string, err error) error {
	if _, own := errors.AsType[*uninterruptedError](err); !own && isInterruption(ctx, err) {
		return fmt.Errorf("%s: %w", requestLine, context.Cause(ctx))
	}
	if inner, ok := errors.AsType[*url.Error](err); ok {
		// Its text repeats the method and the URL, which the request line has said.
		err = inner.Err
	}
	if isCredentials(err) {
		return &CredentialsError{Request: requestLine, Err: err}
	}
	return &ConnectionError{Request: requestLine, Sent: !neverSent(err), Err: &sanitizedError{err}}
}

func (e *ConnectionError) Error() string { return e.Request + ": no answer: " + e.Err.Error() }

func (e *ConnectionError) Unwrap() error { return e.Err }

// AnswerError is a success that cannot be read, for what Err says.
type AnswerError struct {
	Request     string
	StatusCode  int
	BodySnippet string // the beginning of the answer
	Err         error
}

func newAnswerError(ctx context.Context, requestLine string, response *http.Response, body []byte, err error) error {
	if isInterruption(ctx, err) {
		return fmt.Errorf("%s: %w", requestLine, context.Cause(ctx))
	}
	return &AnswerError{Request: requestLine, StatusCode: response.StatusCode, BodySnippet: bodySnippet(body), Err: &sanitizedError{err}}
}

func (e *AnswerError) Error() string {
	text := fmt.Sprintf("%s: %d: %v", e.Request, e.StatusCode, e.Err)
	if e.BodySnippet != "" {
		text += fmt.Sprintf("; it begins with %q", e.BodySnippet)
	}
	return text
}

func (e *AnswerError) Unwrap() error { return e.Err }
