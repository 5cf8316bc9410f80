package main

import (
	"errors"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestReadme_figures holds the README's figures against what "make bench OFFICIAL=1" prints.
func TestReadme_figures(t *testing.T) {
	var out strings.Builder
	switch err := run(recorded, true, &out); {
	case errors.Is(err, fs.ErrNotExist):
		t.Skip("there are no recorded durations beside the repository")
	case err != nil:
		t.Fatal(err)
	}
	lag := regexp.MustCompile(`mean_lag=(([0-9]+)\.[0-9]+)s`).FindAllStringSubmatch(out.String(), -1)
	if len(lag) != 2 {
		t.Fatalf("run printed %q", out.String())
	}
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	own, official := lag[0][1]+" s", lag[1][2]+" s"
	row := regexp.MustCompile(`(?m)^.*make bench OFFICIAL=1.*$`).FindString(string(readme))
	if !strings.Contains(row, "| "+own+" |") || !strings.Contains(row, "| "+official+":") {
		t.Errorf("the README says %q, and the figures are %s and %s", row, own, official)
	}
}
