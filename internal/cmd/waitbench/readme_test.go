package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestReadme_figures holds the README's figures against what "make bench OFFICIAL=1" prints.
func TestReadme_figures(t *testing.T) {
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile(`(?m)^.*make bench OFFICIAL=1.*$`).FindString(string(readme))
	for _, file := range recordedFiles(t) {
		var out strings.Builder
		if err := run(file, "", true, &out); err != nil {
			t.Fatal(err)
		}
		lag := regexp.MustCompile(`mean_lag=(([0-9]+)\.[0-9]+)s`).FindAllStringSubmatch(out.String(), -1)
		if len(lag) != 3 {
			t.Fatalf("run printed %q", out.String())
		}
		own, official := lag[0][1]+" s", lag[2][2]+" s"
		if !strings.Contains(row, "| "+own+" |") || !strings.Contains(row, "| "+official+":") {
			t.Errorf("%q: the README says %q, and the figures are %s and %s", file, row, own, official)
		}
	}
}
