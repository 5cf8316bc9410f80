package atlas

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Error codes of Atlas that a caller may have to tell apart. The texts that come with them are Atlas's own.
const (
	CodeUnfinishedSnapshot        = "UNFINISHED_ON_DEMAND_SNAPSHOT"                                    // 400: another on-demand snapshot is queued or in progress
	CodeDeleteInProgress          = "CANNOT_DELETE_IN_PROGRESS_SNAPSHOT"                               // 400: only a completed snapshot can be deleted
	CodeModifyInProgress          = "CANNOT_MODIFY_IN_PROGRESS_SNAPSHOT_RETENTION"                     // 400: only a completed snapshot can be kept for another time
	CodeRetentionInvalid          = "BACKUP_SNAPSHOT_RETENTION_VALUE_INVALID"                          // 400
	CodeNegativeOrZero            = "ATTRIBUTE_NEGATIVE_OR_ZERO"                                       // 400
	CodeFlexInClusterAPI          = "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API"                           // 400
	CodeNonFlexInFlexAPI          = "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API"                          // 400
	CodeServerlessInClusterAPI    = "CANNOT_USE_SERVERLESS_INSTANCE_IN_CLUSTER_API"                    // 400
	CodeClusterInServerlessAPI    = "CANNOT_USE_CLUSTER_IN_SERVERLESS_INSTANCE_API"                    // 400
	CodeServerlessNotFound        = "SERVERLESS_INSTANCE_NOT_FOUND"                                    // 404: no serverless instance of the name
	CodeClusterNotFound           = "CLUSTER_NOT_FOUND"                                                // 404: no cluster of the name
	CodeGroupNotFound             = "GROUP_NOT_FOUND"                                                  // 404: no such project
	CodeSnapshotNotFound          = "SNAPSHOT_NOT_FOUND"                                               // 404
	CodeBackupConfigNotFound      = "BACKUP_CONFIG_NOT_FOUND"                                          // 404: the cluster has no backup
	CodeBackupJobNotFound         = "BACKUP_JOB_NOT_FOUND"                                             // 400: the cluster has no backup
	CodeDeleteUnderCompliance     = "CANNOT_DELETE_SNAPSHOT_WITH_BACKUP_COMPLIANCE_POLICY"             // 400
	CodeShortenUnderCompliance    = "CANNOT_DECREASE_SNAPSHOT_RETENTION_WITH_BACKUP_COMPLIANCE_POLICY" // 400
	CodeTooShortForCompliance     = "SNAPSHOT_RETENTION_LESS_THAN_BACKUP_COMPLIANCE_POLICY"            // 400
	CodeDeleteFromClusterSnapshot = "CANNOT_DELETE_FROM_CLUSTER_SNAPSHOT"                              // 403: one shard's part of a sharded cluster's snapshot
	CodeModifyClusterSnapshot     = "CANNOT_MODIFY_CLUSTER_SNAPSHOT"                                   // 403: a part of a sharded cluster's snapshot
	CodeModifySnapshot            = "CANNOT_MODIFY_SNAPSHOT"                                           // 403
	CodeResourcePolicy            = "ATLAS_RESOURCE_POLICIES_VIOLATION_NOT_AUTHORIZED"                 // 403: a resource policy of the organization forbids it
	CodeProviderNotSupported      = "PROVIDER_BACKUP_NOT_SUPPORTED"                                    // 400: such clusters, free ones for example, have no snapshots
	CodeIncorrectEndpoint         = "INCORRECT_BACKUP_API_ENDPOINT"                                    // 400: such a cluster's snapshots are at another endpoint
	CodePausedCluster             = "CANNOT_UPDATE_PAUSED_CLUSTER"                                     // 409
	PrefixPausedCluster           = "CLUSTER_PAUSED"                                                   // 400: begins the codes that refuse one thing each for a paused cluster
	CodeDeletionRequested         = "CLUSTER_ALREADY_REQUESTED_DELETION"                               // 400: the cluster is to be deleted
	CodeGeneral                   = "ATLAS_GENERAL_ERROR"                                              // 400: no code of its own; the text says what, such as a cluster being updated
	CodeNotOnAccessList           = "IP_ADDRESS_NOT_ON_ACCESS_LIST"                                    // 403: the address that the request came from
	CodeRequiresAccessList        = "RESOURCE_REQUIRES_ACCESS_LIST"                                    // 403: a key without an access list
)

// Error is an answer of Atlas, or of something in between, that is not a success.
type Error struct {
	// StatusCode is the HTTP status.
	StatusCode int
	// Code is Atlas's errorCode; empty where the answer has none.
	Code string
	// Detail is Atlas's sentence about the case, Reason the one about the status.
	Detail, Reason string
	// Fields are the parts of the request that Atlas blames.
	Fields []FieldError
	// Request is the request line without its query.
	Request string
	// RetryAfter is the pause that Atlas asks for; 0 where it asks for none.
	RetryAfter time.Duration
	// Excerpt is the beginning of an answer that is not of Atlas's form; empty where it is.
	Excerpt string
	// FromAtlas says that the answer has the form of Atlas's errors, so that its status can be believed.
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
	_, hasStatus := wire.Error.(float64)
	_, hasCode := wire.ErrorCode.(string)
	if err != nil || !hasStatus && !hasCode {
		e.Excerpt = bodySnippet(body)
		if location := response.Header.Get("Location"); location != "" && response.StatusCode < http.StatusBadRequest {
			e.Detail = "The answer is a redirect" + redirectHost(location) + ", and redirects are not followed."
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

// redirectHost names the host that a redirect leads to. The rest of the address may hold what is nobody's business.
func redirectHost(location string) string {
	target, err := url.Parse(location)
	if err != nil || target.Hostname() == "" {
		return ""
	}
	return " to " + singleLine(target.Hostname())
}

// maxFields bounds how many blamed fields are told of.
const maxFields = 20

func stringOf(value any) string {
	s, _ := value.(string)
	return singleLine(s)
}

// Status is the HTTP status as a person reads it.
func (e *Error) Status() string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", e.StatusCode, http.StatusText(e.StatusCode)))
}

func (e *Error) Error() string {
	parts := []string{e.Request + ": " + e.Status()}
	if e.Code != "" {
		parts = append(parts, e.Code)
	}
	if e.Detail != "" {
		parts = append(parts, e.Detail)
	}
	if e.Excerpt != "" {
		parts = append(parts, "not an answer of Atlas: "+e.Excerpt)
	}
	return strings.Join(parts, ": ")
}

// ErrCredentialsUnknown is for [UnavailableCredentials]: credentials that Terraform does not know yet.
var ErrCredentialsUnknown = errors.New("the provider's credentials are not known yet")

// CredentialsError is a request that was not sent for want of credentials. Err is an [ErrCredentialsUnknown], a [TokenError]
// or a [ChallengeError].
type CredentialsError struct {
	// Request is the request line without its query.
	Request string
	// Err is why there are no credentials.
	Err error
	// Credentials names the credentials, see [WithCredentialsName].
	Credentials string
}

func (e *CredentialsError) Error() string { return e.Request + ": not sent: " + e.Err.Error() }

func (e *CredentialsError) Unwrap() error { return e.Err }

func isCredentials(err error) bool {
	_, token := errors.AsType[*TokenError](err)
	_, challenge := errors.AsType[*ChallengeError](err)
	return token || challenge || errors.Is(err, ErrCredentialsUnknown)
}

// ConnectionError is a request that got no answer.
type ConnectionError struct {
	// Request is the request line without its query.
	Request string
	// Sent is false where the request certainly did not reach Atlas.
	Sent bool
	// Err is what went wrong.
	Err error
}

func newConnectionError(ctx context.Context, requestLine string, err error) error {
	if _, carried := errors.AsType[*carriedError](err); !carried && isInterruption(ctx, err) {
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

// AnswerError is a success that cannot be read.
type AnswerError struct {
	// Request is the request line without its query.
	Request string
	// StatusCode is the HTTP status.
	StatusCode int
	// Excerpt is the beginning of the answer.
	Excerpt string
	// Err says what is wrong with it.
	Err error
}

func newAnswerError(ctx context.Context, requestLine string, response *http.Response, body []byte, err error) error {
	if isInterruption(ctx, err) {
		return fmt.Errorf("%s: %w", requestLine, context.Cause(ctx))
	}
	return &AnswerError{Request: requestLine, StatusCode: response.StatusCode, Excerpt: bodySnippet(body), Err: &sanitizedError{err}}
}

func (e *AnswerError) Error() string {
	text := fmt.Sprintf("%s: %d: %v", e.Request, e.StatusCode, e.Err)
	if e.Excerpt != "" {
		text += fmt.Sprintf("; it begins with %q", e.Excerpt)
	}
	return text
}

func (e *AnswerError) Unwrap() error { return e.Err }

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

// Brief returns what err says without the beginning of an answer that is not of Atlas's form: for a log, which is to have none
// of what a proxy or a captive portal answered.
func Brief(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		safe := *e
		safe.Excerpt = ""
		return safe.Error()
	}
	if e, ok := errors.AsType[*AnswerError](err); ok {
		safe := *e
		safe.Excerpt = ""
		return safe.Error()
	}
	return err.Error()
}
