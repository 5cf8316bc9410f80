package snapshot_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var updateGuide = flag.Bool("update-guide", false, "write the fault matrix into the guide's template")

const (
	guideTemplate = "../../templates/guides/what-happens-when.md.tmpl"
	guideStarts   = "<!-- The tables are the fault matrix of internal/snapshot; write them with: go test ./internal/snapshot -run Guide -update-guide -->\n"
	guideEnds     = "<!-- Here the tables end. -->\n"
)

// TestGuide_matchesFaultCases checks the guide "What happens when" against the fault matrix: a row that is in one of them is in
// the other, word for word.
func TestGuide_matchesFaultCases(t *testing.T) {
	text, err := os.ReadFile(guideTemplate)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, started := strings.Cut(string(text), guideStarts)
	_, after, ended := strings.Cut(rest, guideEnds)
	if !started || !ended {
		t.Fatalf("%s lacks a line %q or %q", guideTemplate, guideStarts, guideEnds)
	}
	want := before + guideStarts + "\n" + guideTables() + guideEnds + after
	switch {
	case want == string(text):
	case *updateGuide:
		if err := os.WriteFile(guideTemplate, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Error("the guide is not what the fault matrix makes of it: go test ./internal/snapshot -run Guide -update-guide, then make generate")
	}
}

// TestGuide_everyRowIsTested holds every row to a test: to cases of its own or to another test that shows it.
func TestGuide_everyRowIsTested(t *testing.T) {
	seen := map[string]bool{}
	for _, section := range whatHappensWhen {
		for _, row := range section.rows {
			if (len(row.cases) == 0) == (row.test == nil) {
				t.Errorf("%q has %d cases, and another test: %t", row.what, len(row.cases), row.test != nil)
			}
			if row.what == "" || row.shows == "" || row.state == "" || row.todo == "" || strings.Contains(row.what+row.shows+row.todo, "|") {
				t.Errorf("the row %q says too little, or has a bar", row.what)
			}
			if key := section.title + row.what; seen[key] {
				t.Errorf("%q is there twice", row.what)
			} else {
				seen[key] = true
			}
		}
	}
}

func guideTables() string {
	var text strings.Builder
	for _, section := range whatHappensWhen {
		fmt.Fprintf(&text, "## %s\n\n", section.title)
		// What to do comes second: where a table is wider than the page, it is the last columns that are cut off.
		text.WriteString("| What happens | What to do | What Terraform shows | In the state | In Atlas |\n|---|---|---|---|---|\n")
		for _, row := range section.rows {
			fmt.Fprintf(&text, "| %s | %s | %s | %s | %s |\n", row.what, row.todo, row.shows, row.state, number(row.exists))
		}
		text.WriteString("\n")
	}
	return text.String()
}

func number(exists int) string {
	switch exists {
	case 0:
		return "none"
	case 1:
		return "the snapshot"
	}
	return fmt.Sprintf("%d snapshots", exists)
}
