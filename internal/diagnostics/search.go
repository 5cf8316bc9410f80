package diagnostics

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

// ServerlessSunset is what became of serverless instances, for whoever still asks for one.
const ServerlessSunset = "Atlas closed its serverless API in January 2026 and moved every serverless instance, under its own name, to a Flex, " +
	"a dedicated or a free cluster. Of one that is Flex now this data source reads the snapshots through the Flex API, which keeps the last " +
	"eight. Those of one that is dedicated now are read with the data source atlasbackup_snapshots; a free one has none."

// Answer is what one of two endpoints said to the same question.
type Answer struct {
	// Endpoint names it, such as "The Flex endpoint".
	Endpoint string
	// Err is the error that it answered with, nil where it was none.
	Err error
	// Said is what it answered where that was no error: the rest of a sentence about Atlas, such as "lists no snapshots".
	Said string
}

// FromAnswers is the one diagnostic of a question that two endpoints were asked in turn and neither answered. The second
// decides which argument is to blame. remedies are added to those that are known.
func FromAnswers(op Operation, answers [2]Answer, remedies ...string) diag.Diagnostic {
	lines := []string{fmt.Sprintf("Atlas has two endpoints that may know %s; neither gave an answer.", op.About)}
	var known []string
	var last error
	for _, answer := range answers {
		said, more := []string{"Atlas " + answer.Said + "."}, []string(nil)
		if answer.Err != nil {
			said, more = explain(op, "it", answer.Err)
			last = answer.Err
		}
		said[0] = answer.Endpoint + ": " + said[0]
		lines = append(append(lines, ""), slices.DeleteFunc(said, func(line string) bool { return line == "" })...)
		for _, remedy := range more {
			if !slices.Contains(known, remedy) {
				known = append(known, remedy)
			}
		}
	}
	return op.failed(blame(op.Arguments, last), lines, append(known, remedies...))
}

// Passed counts the snapshots that a search looked at and passed over.
type Passed struct {
	// Seen are all of them.
	Seen int
	// Unfinished and Failed are those that were looked for but for their status.
	Unfinished, Failed int
	// Unreadable are the errors of those that could not be looked at.
	Unreadable []error
}

// NothingFound is the diagnostic of a search for a completed snapshot that found none. at is the argument that asked for it,
// wanted are the conditions that it had to meet, each the rest of a sentence that begins with "it".
func NothingFound(op Operation, at path.Path, wanted []string, passed Passed) diag.Diagnostic {
	lines := []string{fmt.Sprintf("There is no completed snapshot of %s.", op.About)}
	if len(wanted) > 0 {
		lines = []string{fmt.Sprintf("There is no completed snapshot of %s that %s.", op.About, strings.Join(wanted, " and "))}
	}
	seen := fmt.Sprintf("Snapshots looked at: %d. Skipped because unfinished: %d.", passed.Seen, passed.Unfinished)
	if passed.Failed > 0 {
		seen += fmt.Sprintf(" Skipped because failed: %d.", passed.Failed)
	}
	if len(passed.Unreadable) > 0 {
		seen += fmt.Sprintf(" Skipped because unreadable: %d (%s).", len(passed.Unreadable), open(atlas.Brief(passed.Unreadable[0])))
	}
	lines = append(lines, "", seen)
	var remedies []string
	if passed.Unfinished > 0 {
		remedies = append(remedies, "Try again when Atlas has completed the one that it is busy with.")
	}
	if len(wanted) > 0 {
		remedies = append(remedies, "Check the filters: snapshot_type, description, created_before and created_after all have to hold.")
	}
	return op.failed(at, lines, remedies)
}
