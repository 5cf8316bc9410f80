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
	// CodeUnfinishedSnapshot refuses a snapshot while another on-demand one is queued or in progress (400).
	CodeUnfinishedSnapshot = "UNFINISHED_ON_DEMAND_SNAPSHOT"
	// CodeDeleteInProgress refuses to delete a snapshot that is not completed (400).
	CodeDeleteInProgress = "CANNOT_DELETE_IN_PROGRESS_SNAPSHOT"
	// CodeModifyInProgress refuses a new retention before completion (400).
	CodeModifyInProgress = "CANNOT_MODIFY_IN_PROGRESS_SNAPSHOT_RETENTION"
	// CodeRetentionInvalid refuses a retention (400).
	CodeRetentionInvalid = "BACKUP_SNAPSHOT_RETENTION_VALUE_INVALID"
	// CodeNegativeOrZero refuses a number below one (400).
	CodeNegativeOrZero = "ATTRIBUTE_NEGATIVE_OR_ZERO"
	// CodeFlexInClusterAPI names a Flex cluster where a dedicated one belongs (400).
	CodeFlexInClusterAPI = "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API"
	// CodeNonFlexInFlexAPI names a dedicated cluster where a Flex one belongs (400).
	CodeNonFlexInFlexAPI = "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API"
	// CodeServerlessInClusterAPI names a serverless instance where a cluster belongs (400).
	CodeServerlessInClusterAPI = "CANNOT_USE_SERVERLESS_INSTANCE_IN_CLUSTER_API"
	// CodeClusterInServerlessAPI names a cluster where a serverless instance belongs (400).
	CodeClusterInServerlessAPI = "CANNOT_USE_CLUSTER_IN_SERVERLESS_INSTANCE_API"
	// CodeServerlessNotFound says that the project has no serverless instance of the name (404).
	CodeServerlessNotFound = "SERVERLESS_INSTANCE_NOT_FOUND"
	// CodeClusterNotFound says that the project has no cluster of the name (404).
	CodeClusterNotFound = "CLUSTER_NOT_FOUND"
	// CodeGroupNotFound says that there is no such project (404).
	CodeGroupNotFound = "GROUP_NOT_FOUND"
	// CodeSnapshotNotFound says that the cluster has no such snapshot (404).
	CodeSnapshotNotFound = "SNAPSHOT_NOT_FOUND"
	// CodeBackupConfigNotFound says that the cluster has no backup (404).
	CodeBackupConfigNotFound = "BACKUP_CONFIG_NOT_FOUND"
	// CodeBackupJobNotFound says that the cluster has no backup (400).
	CodeBackupJobNotFound = "BACKUP_JOB_NOT_FOUND"
	// CodeDeleteUnderCompliance refuses a delete under a Backup Compliance Policy (400).
	CodeDeleteUnderCompliance = "CANNOT_DELETE_SNAPSHOT_WITH_BACKUP_COMPLIANCE_POLICY"
	// CodeShortenUnderCompliance refuses a shorter retention under a Backup Compliance Policy (400).
	CodeShortenUnderCompliance = "CANNOT_DECREASE_SNAPSHOT_RETENTION_WITH_BACKUP_COMPLIANCE_POLICY"
	// CodeTooShortForCompliance refuses a snapshot kept shorter than the Backup Compliance Policy asks (400).
	CodeTooShortForCompliance = "SNAPSHOT_RETENTION_LESS_THAN_BACKUP_COMPLIANCE_POLICY"
	// CodeDeleteFromClusterSnapshot refuses to delete the part of a sharded cluster's snapshot that one shard has (403).
	CodeDeleteFromClusterSnapshot = "CANNOT_DELETE_FROM_CLUSTER_SNAPSHOT"
	// CodeModifyClusterSnapshot refuses to change a part of a sharded cluster's snapshot (403).
	CodeModifyClusterSnapshot = "CANNOT_MODIFY_CLUSTER_SNAPSHOT"
	// CodeModifySnapshot refuses to change a snapshot (403).
	CodeModifySnapshot = "CANNOT_MODIFY_SNAPSHOT"
	// CodeResourcePolicy says that a resource policy of the organization forbids the request (403).
	CodeResourcePolicy = "ATLAS_RESOURCE_POLICIES_VIOLATION_NOT_AUTHORIZED"
	// CodeProviderNotSupported says that clusters of this kind, such as free ones, have no snapshots (400).
	CodeProviderNotSupported = "PROVIDER_BACKUP_NOT_SUPPORTED"
	// CodeIncorrectEndpoint says that the snapshots of such a cluster are not at this endpoint (400).
	CodeIncorrectEndpoint = "INCORRECT_BACKUP_API_ENDPOINT"
	// CodePausedCluster refuses what cannot be done to a paused cluster (409).
	CodePausedCluster = "CANNOT_UPDATE_PAUSED_CLUSTER"
	// PrefixPausedCluster begins the codes that refuse one thing each for a paused cluster (400).
	PrefixPausedCluster = "CLUSTER_PAUSED"
	// CodeDeletionRequested says that the cluster is to be deleted (400).
	CodeDeletionRequested = "CLUSTER_ALREADY_REQUESTED_DELETION"
	// CodeGeneral is for whatever has no code of its own, such as a cluster that is being updated or deleted (400). The text says
	// which.
	CodeGeneral = "ATLAS_GENERAL_ERROR"
	// CodeNotOnAccessList refuses the address that the request came from (403).
	CodeNotOnAccessList = "IP_ADDRESS_NOT_ON_ACCESS_LIST"
	// CodeRequiresAccessList refuses a key without an access list (403).
	CodeRequiresAccessList = "RESOURCE_REQUIRES_ACCESS_LIST"
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

func newError(where string, response *http.Response, body []byte, now time.Time) *Error {
	e := &Error{StatusCode: response.StatusCode, Request: where}
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
		e.Excerpt = excerpt(body)
		if location := response.Header.Get("Location"); location != "" && response.StatusCode < http.StatusBadRequest {
			e.Detail = "The answer is a redirect" + elsewhere(location) + ", and redirects are not followed."
		}
		return e
	}
	e.FromAtlas = true
	e.Code, e.Detail, e.Reason = text(wire.ErrorCode), text(wire.Detail), text(wire.Reason)
	var blamed struct {
		Fields []FieldError `json:"fields"`
	}
	// Whatever of it can be read is all there is to tell.
	_ = json.Unmarshal(wire.BadRequestDetail, &blamed)
	for _, field := range blamed.Fields[:min(len(blamed.Fields), maxFields)] {
		e.Fields = append(e.Fields, FieldError{oneLine(field.Description), oneLine(field.Field)})
	}
	return e
}

// elsewhere names the host that a redirect leads to. The rest of the address may hold what is nobody's business.
func elsewhere(location string) string {
	target, err := url.Parse(location)
	if err != nil || target.Hostname() == "" {
		return ""
	}
	return " to " + oneLine(target.Hostname())
}

// maxFields bounds how many blamed fields are told of.
const maxFields = 20

func text(value any) string {
	s, _ := value.(string)
	return oneLine(s)
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

// Unwrap is why there are no credentials.
func (e *CredentialsError) Unwrap() error { return e.Err }

func isCredentials(err error) bool {
	var (
		token     *TokenError
		challenge *ChallengeError
	)
	return errors.Is(err, ErrCredentialsUnknown) || errors.As(err, &token) || errors.As(err, &challenge)
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

func newConnectionError(ctx context.Context, where string, err error) error {
	var carried *carriedError
	if !errors.As(err, &carried) && isInterruption(ctx, err) {
		return fmt.Errorf("%s: %w", where, context.Cause(ctx))
	}
	var inner *url.Error
	if errors.As(err, &inner) {
		// Its text repeats the method and the URL, which the request line has said.
		err = inner.Err
	}
	if isCredentials(err) {
		return &CredentialsError{Request: where, Err: err}
	}
	return &ConnectionError{Request: where, Sent: !neverSent(err), Err: &describedError{err}}
}

func (e *ConnectionError) Error() string { return e.Request + ": no answer: " + e.Err.Error() }

// Unwrap is what went wrong.
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

func newAnswerError(ctx context.Context, where string, response *http.Response, body []byte, err error) error {
	if isInterruption(ctx, err) {
		return fmt.Errorf("%s: %w", where, context.Cause(ctx))
	}
	return &AnswerError{Request: where, StatusCode: response.StatusCode, Excerpt: excerpt(body), Err: &describedError{err}}
}

func (e *AnswerError) Error() string {
	text := fmt.Sprintf("%s: %d: %v", e.Request, e.StatusCode, e.Err)
	if e.Excerpt != "" {
		text += fmt.Sprintf("; it begins with %q", e.Excerpt)
	}
	return text
}

// Unwrap says what is wrong with the answer.
func (e *AnswerError) Unwrap() error { return e.Err }

// IsError says that err is an answer of Atlas with one of codes, or with any code where none is given.
func IsError(err error, codes ...string) bool {
	var e *Error
	return errors.As(err, &e) && e.FromAtlas && (len(codes) == 0 || slices.Contains(codes, e.Code))
}

// IsNotFound says that Atlas itself answered 404. A 404 of a proxy or of a wrong base URL says nothing of a snapshot.
func IsNotFound(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.FromAtlas && e.StatusCode == http.StatusNotFound
}

// IsUnauthorized says that the credentials were refused.
func IsUnauthorized(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.StatusCode == http.StatusUnauthorized
}

// IsForbidden says that the request was refused with 403, with or without a word of Atlas about the reason.
func IsForbidden(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.StatusCode == http.StatusForbidden
}

// IsUnexplained says that a request was refused without a word of Atlas about the reason: by a 403 without a body, by a
// redirect, by the page of a proxy. Something in between may have answered, and once only. A 401 is none: it never has a
// reason, see [IsUnauthorized]; nor is what [IsTransient].
func IsUnexplained(err error) bool {
	var e *Error
	return errors.As(err, &e) && !e.FromAtlas && e.StatusCode != http.StatusUnauthorized && !IsTransient(err)
}

// IsTransient says that err tells nothing of what was asked about: asking again later may be answered.
func IsTransient(err error) bool {
	var (
		e          *Error
		connection *ConnectionError
		answer     *AnswerError
		token      *TokenError
	)
	switch {
	case errors.As(err, &token):
		return token.Temporary
	case errors.As(err, &e):
		return e.StatusCode == http.StatusTooManyRequests || e.StatusCode == http.StatusRequestTimeout ||
			e.StatusCode >= http.StatusInternalServerError && e.StatusCode != http.StatusNotImplemented
	case errors.As(err, &connection), errors.As(err, &answer):
		return true
	}
	return false
}

// lostError is the error of a call of which an earlier request may have been carried out.
type lostError struct{ err error }

func (e *lostError) Error() string { return e.err.Error() }

func (e *lostError) Unwrap() error { return e.err }

// IsLost says that Atlas may have carried out the request of err although it did not say so. A call may take several
// requests; one of which that is so is enough.
func IsLost(err error) bool {
	var (
		earlier    *lostError
		e          *Error
		connection *ConnectionError
		answer     *AnswerError
	)
	switch {
	case errors.As(err, &earlier):
		return true
	case errors.As(err, &e):
		return isInconclusive(e.StatusCode)
	case errors.As(err, &connection):
		return connection.Sent
	}
	return errors.As(err, &answer)
}

// isInconclusive says that an answer of this status does not tell whether the request was carried out.
func isInconclusive(status int) bool {
	return status >= http.StatusInternalServerError || status == http.StatusRequestTimeout
}
