package diagnostics

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

// Answer is the answer of one of two endpoints to the same question.
type Answer struct {
	// Endpoint names the endpoint, such as "The Flex endpoint".
	Endpoint string
	// Err is the error that it returned, if any.
	Err error
	// Text is its answer if that was no error: the rest of a sentence about Atlas, such as "lists no snapshots".
	Text string
}

// FromAnswers returns one diagnostic for two endpoints that were tried in turn, neither with success. The error of the second
// decides which argument it is at. remedies are added to the known ones.
func FromAnswers(f Failure, answers [2]Answer, remedies ...string) diag.Diagnostic {
	lines := []string{fmt.Sprintf("Neither of the two Atlas endpoints that may have %s returned data.", f.About)}
	var known []string
	var last error
	for _, answer := range answers {
		text, more := []string{"Atlas " + answer.Text + "."}, []string(nil)
		if answer.Err != nil {
			text, more = f.explain("it", answer.Err)
			last = answer.Err
		}
		text[0] = answer.Endpoint + ": " + text[0]
		lines = append(append(lines, ""), slices.DeleteFunc(text, func(line string) bool { return line == "" })...)
		for _, remedy := range more {
			if !slices.Contains(known, remedy) {
				known = append(known, remedy)
			}
		}
	}
	return f.diagnostic(f.argumentOf(last), lines, append(known, remedies...))
}

// Search is the result of a search for the most recent completed object.
type Search struct {
	// Conditions are the conditions, each the rest of a sentence that begins with "it". Filters names their arguments.
	Conditions []string
	Filters    string
	Seen       int
	// Unfinished and Failed count the objects that met the conditions but were not completed.
	Unfinished, Failed int
	// Unreadable are the errors of objects that could not be read.
	Unreadable []error
}

// NothingFound returns the diagnostic of a search without a result. argument is the argument that asked for it.
func NothingFound(f Failure, argument path.Path, search Search) diag.Diagnostic {
	lines := []string{fmt.Sprintf("There is no completed %s of %s.", f.Noun.Name, f.About)}
	if len(search.Conditions) > 0 {
		lines = []string{fmt.Sprintf("There is no completed %s of %s that %s.", f.Noun.Name, f.About, strings.Join(search.Conditions, " and "))}
	}
	counts := fmt.Sprintf("Number of %ss looked at: %d. Skipped because unfinished: %d.", f.Noun.Name, search.Seen, search.Unfinished)
	if search.Failed > 0 {
		counts += fmt.Sprintf(" Skipped because failed: %d.", search.Failed)
	}
	if len(search.Unreadable) > 0 {
		counts += fmt.Sprintf(" Skipped because unreadable: %d (%s).", len(search.Unreadable), withoutFullStop(atlas.LogSafe(search.Unreadable[0])))
	}
	lines = append(lines, "", counts)
	var remedies []string
	if search.Unfinished > 0 {
		remedies = append(remedies, "Try again when Atlas has completed the one in progress.")
	}
	if len(search.Conditions) > 0 {
		remedies = append(remedies, "Check the filters: a match has to meet all of "+search.Filters+".")
	}
	return f.diagnostic(argument, lines, remedies)
}

// Unreadable returns a warning about elements of a list that cannot be read. about names what the list is of.
func Unreadable(about string, elements []error) diag.Diagnostics {
	if len(elements) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("Unable to read part of the list", fmt.Sprintf(
		"Atlas lists %s, but elements of the list cannot be read and are left out. Unreadable: %d. The first error: %s.\n\n"+
			"If something is missing here, check the list in Atlas.", about, len(elements), atlas.LogSafe(elements[0])))}
}
