// Package diagnostics is the one place where an error of the API client becomes what a Terraform user reads.
package diagnostics

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

// Operation is what was being done when an error came: the summary and the sentence that follow are made of it.
type Operation struct {
	// Summary says what could not be done, such as "Unable to create snapshot": no id, no full stop.
	Summary string
	// About names what it was done to, ids included, such as `cluster "Cluster0" of project 5f…`. It completes sentences.
	About string
	// Arguments has the attribute that each part of the request came from, so that an error can point at it.
	Arguments Arguments
}

// Arguments are attribute paths; an empty one blames nothing.
type Arguments struct {
	Project, Cluster, Snapshot, Retention path.Path
}

// FromError is the diagnostic of err. remedies are added to the one that is known for err.
func FromError(op Operation, err error, remedies ...string) diag.Diagnostic {
	lines, known := explain(op, op.About, err)
	return op.failed(blame(op.Arguments, err), lines, append(known, remedies...))
}

// failed is the diagnostic of lines and remedies, at the argument to blame where there is one.
func (op Operation) failed(blamed path.Path, lines, remedies []string) diag.Diagnostic {
	if len(remedies) > 0 {
		lines = append(lines, "", strings.Join(remedies, "\n"))
	}
	detail := strings.Join(lines, "\n")
	if !blamed.Equal(path.Empty()) {
		return diag.NewAttributeErrorDiagnostic(blamed, op.Summary, detail)
	}
	return diag.NewErrorDiagnostic(op.Summary, detail)
}

// explain says what happened to the request about something, in a sentence, what Atlas said, line by line, and the remedies
// that are known.
func explain(op Operation, about string, err error) (lines, remedies []string) {
	var refusal *atlas.Error
	var answer *atlas.AnswerError
	var connection *atlas.ConnectionError
	var credentials *atlas.CredentialsError
	switch {
	case errors.As(err, &refusal):
		lines = refused(about, refusal)
		if remedy := remedyFor(refusal); remedy != "" {
			remedies = append(remedies, named(remedy, op.Arguments))
		}
	case errors.As(err, &answer):
		lines = []string{
			fmt.Sprintf("Atlas's answer about %s cannot be used: %s.", about, open(answer.Err.Error())), "",
			"Request: " + answer.Request,
		}
		if answer.Excerpt != "" {
			lines = append(lines, "It begins with: "+answer.Excerpt)
		}
		remedies = append(remedies, "Check base_url and any proxy between this machine and Atlas, then try again.")
	case errors.As(err, &credentials):
		lines = []string{
			fmt.Sprintf("The request about %s was not sent: %s.", about, open(credentials.Err.Error())), "",
			"Request: " + credentials.Request,
		}
		if remedy := remedyForCredentials(credentials); remedy != "" {
			remedies = append(remedies, remedy)
		}
	case errors.As(err, &connection):
		lines = []string{
			fmt.Sprintf("Atlas gave no answer about %s: %s.", about, open(connection.Err.Error())), "",
			"Request: " + connection.Request,
		}
		remedies = append(remedies, "Check that this machine can reach Atlas (base_url, proxy, firewall), then try again.")
	case errors.Is(err, wait.ErrTimeout):
		lines = []string{fmt.Sprintf("The time allowed was up before Atlas was done with %s.", about)}
	case errors.Is(err, context.Canceled):
		lines = []string{fmt.Sprintf("The run was interrupted while it dealt with %s.", about)}
	default:
		lines = []string{fmt.Sprintf("It concerns %s: %s.", about, open(err.Error()))}
	}
	return lines, remedies
}

// open is text without its full stop, for a sentence that has one.
func open(text string) string { return strings.TrimRight(text, ".") }

func refused(about string, e *atlas.Error) []string {
	said := open(cmp.Or(e.Detail, e.Reason))
	if said != "" {
		said = ": " + said
	}
	who := "Atlas"
	if foreign(e) {
		who = "What answered at base_url (its answer is not of Atlas's form)"
	}
	lines := []string{fmt.Sprintf("%s refused the request about %s%s.", who, about, said), ""}
	if e.Code != "" {
		lines = append(lines, "Error code: "+e.Code)
	}
	lines = append(lines, "Status: "+e.Status(), "Request: "+e.Request)
	for _, field := range e.Fields {
		lines = append(lines, fmt.Sprintf("Field %s: %s", field.Field, field.Description))
	}
	if e.Excerpt != "" {
		lines = append(lines, "Answer: "+e.Excerpt)
	}
	return lines
}

// blame is the argument that err is about. Whatever else Atlas does not find at a snapshot's path is the snapshot.
func blame(arguments Arguments, err error) path.Path {
	var e *atlas.Error
	if !errors.As(err, &e) {
		return path.Empty()
	}
	switch e.Code {
	case atlas.CodeClusterNotFound, atlas.CodeFlexInClusterAPI, atlas.CodeNonFlexInFlexAPI,
		atlas.CodeServerlessInClusterAPI, atlas.CodeClusterInServerlessAPI, atlas.CodeServerlessNotFound,
		atlas.CodeBackupConfigNotFound, atlas.CodeBackupJobNotFound:
		return arguments.Cluster
	case atlas.CodeGroupNotFound, "INVALID_GROUP_ID":
		return arguments.Project
	case atlas.CodeRetentionInvalid, atlas.CodeNegativeOrZero, atlas.CodeShortenUnderCompliance, atlas.CodeTooShortForCompliance,
		atlas.CodeModifyClusterSnapshot, atlas.CodeModifySnapshot:
		return arguments.Retention
	}
	if clusterRemedy(e) != "" {
		return arguments.Cluster
	}
	if atlas.IsNotFound(err) {
		return arguments.Snapshot
	}
	return path.Empty()
}

// Warning is d as a warning: for what went wrong without harm.
func Warning(d diag.Diagnostic) diag.Diagnostic {
	if at, ok := d.(diag.DiagnosticWithPath); ok {
		return diag.NewAttributeWarningDiagnostic(at.Path(), d.Summary(), d.Detail())
	}
	return diag.NewWarningDiagnostic(d.Summary(), d.Detail())
}
