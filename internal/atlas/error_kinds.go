package atlas

import (
	"errors"
	"net/http"
	"slices"
	"time"
)

// IsError reports whether err is an answer of Atlas with one of codes, or with any code where none is given.
func IsError(err error, codes ...string) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.FromAtlas && (len(codes) == 0 || slices.Contains(codes, e.Code))
}

// IsNotFound reports whether Atlas itself answered 404. A 404 of a proxy or of a wrong base URL says nothing of a snapshot.
func IsNotFound(err error) bool { return IsError(err) && hasStatus(err, http.StatusNotFound) }

// IsUnauthorized reports whether the credentials were refused.
func IsUnauthorized(err error) bool { return hasStatus(err, http.StatusUnauthorized) }

// IsForbidden reports whether the request was refused with 403, with or without a word of Atlas about the reason.
func IsForbidden(err error) bool { return hasStatus(err, http.StatusForbidden) }

func hasStatus(err error, statuses ...int) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && slices.Contains(statuses, e.StatusCode)
}

// IsUnexplained reports whether a request was refused without a word of Atlas about the reason: by a 403 without a body, by a
// redirect, by the page of a proxy. Something in between may have answered, and once only. A 401 is none: it never has a
// reason, see [IsUnauthorized]; nor is what [IsTransient].
func IsUnexplained(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && !e.FromAtlas && e.StatusCode != http.StatusUnauthorized && !IsTransient(err)
}

// IsTransient reports whether err tells nothing of what was asked about: asking again later may be answered.
func IsTransient(err error) bool {
	if token, ok := errors.AsType[*TokenError](err); ok {
		return token.Temporary
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return isServerFailure(e.StatusCode) || e.StatusCode == http.StatusTooManyRequests || e.StatusCode == http.StatusRequestTimeout
	}
	return isUnanswered(err)
}

// isServerFailure reports whether an answer of this status is a failure that may pass.
func isServerFailure(status int) bool {
	return status >= http.StatusInternalServerError && status != http.StatusNotImplemented
}

// isUnanswered reports whether there is no answer, or none that can be read.
func isUnanswered(err error) bool {
	_, connection := errors.AsType[*ConnectionError](err)
	_, answer := errors.AsType[*AnswerError](err)
	return connection || answer
}

// lostError is the error of a call of which an earlier request may have been carried out.
type lostError struct{ error }

func (e *lostError) Unwrap() error { return e.error }

// IsLost reports whether Atlas may have carried out the request of err although it did not say so. A call may take several
// requests; one of which that is so is enough.
func IsLost(err error) bool {
	if _, ok := errors.AsType[*lostError](err); ok {
		return true
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return isInconclusive(e.StatusCode)
	}
	if connection, ok := errors.AsType[*ConnectionError](err); ok {
		return connection.Sent
	}
	return isUnanswered(err)
}

// isInconclusive reports whether an answer of this status does not tell whether the request was carried out.
func isInconclusive(status int) bool {
	return status >= http.StatusInternalServerError || status == http.StatusRequestTimeout
}

// RetryAfter returns the pause that the answer behind err asks for, counted from that answer; 0 where it asks for none. It is
// for errors that the client had no time left, or no tries, to wait for by itself.
func RetryAfter(err error) time.Duration {
	if token, ok := errors.AsType[*TokenError](err); ok {
		return token.RetryAfter
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.RetryAfter
	}
	return 0
}

// LogSafe returns what err says without the beginning of an answer that is not of Atlas's form: for a log, which is to have none
// of what a proxy or a captive portal answered.
func LogSafe(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		safe := *e
		safe.BodySnippet = ""
		return safe.Error()
	}
	if e, ok := errors.AsType[*AnswerError](err); ok {
		safe := *e
		safe.BodySnippet = ""
		return safe.Error()
	}
	return err.Error()
}
