// Package diagnostics turns errors of the API client, and outcomes of operations, into what a Terraform user reads.
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

// Failure is what could not be done: the summary and the first sentence of a diagnostic.
type Failure struct {
	// Summary says what could not be done, such as "Unable to create snapshot", without an ID or a full stop.
	Summary string
	// About names the object, with IDs, such as `cluster "Cluster0" of project 5f…`. It completes sentences.
	About string
	// Noun is what errors mean for the kind of thing that it was to be done to.
	Noun Noun
	// Object is the argument with the object's ID, such as snapshot_id, if there is one.
	Object path.Path
}

// Noun is what one kind of object adds to the meaning of errors.
type Noun struct {
	// Name is the kind in words, such as "snapshot", and Participle what Atlas does with one, such as "taken".
	Name, Participle string
	// Project and Cluster are the arguments that errors about these point to.
	Project, Cluster path.Path
	// Roles says in a sentence which Atlas roles its requests need.
	Roles string
	// Causes are the error codes with a meaning of their own for it.
	Causes map[string]Cause
}

// Cause is the meaning of an error code: the attribute that it is about, empty for the usual one, and what to do. The remedy calls
// the argument with the name of the cluster cluster_name, whatever its name is.
type Cause struct {
	Argument path.Path
	Remedy   string
}

// Failure returns the failure of something done to about.
func (n Noun) Failure(summary, about string) Failure {
	return Failure{Summary: summary, About: about, Noun: n}
}

// FromError returns the diagnostic of err. remedies are added to the known remedy for err.
func FromError(f Failure, err error, remedies ...string) diag.Diagnostic {
	lines, known := f.explain(f.About, err)
	return f.diagnostic(f.argumentOf(err), lines, append(known, remedies...))
}

// diagnostic returns an error with lines and remedies, at an argument unless that is empty.
func (f Failure) diagnostic(argument path.Path, lines, remedies []string) diag.Diagnostic {
	if len(remedies) > 0 {
		lines = append(lines, "", strings.Join(remedies, "\n"))
	}
	detail := strings.Join(lines, "\n")
	if isSet(argument) {
		return diag.NewAttributeErrorDiagnostic(argument, f.Summary, detail)
	}
	return diag.NewErrorDiagnostic(f.Summary, detail)
}

// isSet reports whether a path is not empty: the zero path is not equal to [path.Empty].
func isSet(p path.Path) bool { return len(p.Steps()) > 0 }

// explain returns what happened to the request in a sentence, then what Atlas said, line by line, and the known remedies.
func (f Failure) explain(about string, err error) (lines, remedies []string) {
	var refusal *atlas.Error
	var answer *atlas.AnswerError
	var connection *atlas.ConnectionError
	var credentials *atlas.CredentialsError
	switch {
	case errors.As(err, &refusal):
		lines = rejectionLines(about, refusal)
		if remedy := f.remedyFor(refusal); remedy != "" {
			remedies = append(remedies, remedy)
		}
	case errors.As(err, &answer):
		lines = []string{
			fmt.Sprintf("Atlas sent an unusable answer to the request about %s: %s.", about, withoutFullStop(answer.Err.Error())), "",
			"Request: " + answer.Request,
		}
		if answer.BodySnippet != "" {
			lines = append(lines, "Answer: "+answer.BodySnippet)
		}
		remedies = append(remedies, "Check base_url and any proxy between this machine and Atlas, then try again.")
	case errors.As(err, &credentials):
		lines = []string{
			fmt.Sprintf("The request about %s was not sent: %s.", about, withoutFullStop(credentials.Err.Error())), "",
			"Request: " + credentials.Request,
		}
		if remedy := remedyForCredentials(credentials); remedy != "" {
			remedies = append(remedies, remedy)
		}
	case errors.As(err, &connection):
		lines = []string{
			fmt.Sprintf("Atlas did not answer the request about %s: %s.", about, withoutFullStop(connection.Err.Error())), "",
			"Request: " + connection.Request,
		}
		remedies = append(remedies, "Check that this machine can reach Atlas (base_url, proxy, firewall), then try again.")
	case errors.Is(err, wait.ErrTimeout):
		lines = []string{fmt.Sprintf("Timed out before Atlas completed the request about %s.", about)}
	case errors.Is(err, context.Canceled):
		lines = []string{fmt.Sprintf("The run was interrupted during the request about %s.", about)}
	default:
		lines = []string{fmt.Sprintf("The operation on %s failed: %s.", about, withoutFullStop(err.Error()))}
	}
	return lines, remedies
}

// withoutFullStop removes the full stop at the end of text, for a sentence that goes on.
func withoutFullStop(text string) string { return strings.TrimRight(text, ".") }

func rejectionLines(about string, e *atlas.Error) []string {
	said := withoutFullStop(cmp.Or(e.Detail, e.Reason))
	if said != "" {
		said = ": " + said
	}
	who := "Atlas refused"
	if isFromIntermediary(e) {
		who = "A server other than Atlas rejected"
	}
	lines := []string{fmt.Sprintf("%s the request about %s%s.", who, about, said), ""}
	if e.Code != "" {
		lines = append(lines, "Error code: "+e.Code)
	}
	lines = append(lines, "Status: "+e.Status(), "Request: "+e.Request)
	for _, field := range e.Fields {
		lines = append(lines, fmt.Sprintf("Field %s: %s", field.Field, field.Description))
	}
	if e.BodySnippet != "" {
		lines = append(lines, "Answer: "+e.BodySnippet)
	}
	return lines
}

// argumentOf returns the argument that err is about. Anything else that Atlas does not find at an object's path is the object.
func (f Failure) argumentOf(err error) path.Path {
	var e *atlas.Error
	if !errors.As(err, &e) {
		return path.Empty()
	}
	if cause := f.Noun.cause(e); isSet(cause.Argument) {
		return cause.Argument
	}
	switch e.Code {
	case atlas.CodeClusterNotFound, atlas.CodeFlexInClusterAPI, atlas.CodeNonFlexInFlexAPI,
		atlas.CodeServerlessInClusterAPI, atlas.CodeClusterInServerlessAPI, atlas.CodeServerlessNotFound,
		atlas.CodeBackupConfigNotFound, atlas.CodeBackupJobNotFound, atlas.CodeProviderNotSupported, atlas.CodeIncorrectEndpoint:
		return f.Noun.Cluster
	case atlas.CodeGroupNotFound, "INVALID_GROUP_ID":
		return f.Noun.Project
	}
	if clusterRemedy(e) != "" {
		return f.Noun.Cluster
	}
	if atlas.IsNotFound(err) {
		return f.Object
	}
	return path.Empty()
}

// Warning returns d as a warning, for a failure without harm.
func Warning(d diag.Diagnostic) diag.Diagnostic {
	if at, ok := d.(diag.DiagnosticWithPath); ok {
		return diag.NewAttributeWarningDiagnostic(at.Path(), d.Summary(), d.Detail())
	}
	return diag.NewWarningDiagnostic(d.Summary(), d.Detail())
}
