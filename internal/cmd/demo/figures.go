package main

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// figures are the duration and the requests of each step.
type figures struct {
	snapshotID, expiresAt string

	steps    []stepFigures
	requests int // seen so far
}

type stepFigures struct {
	name   string
	took   time.Duration
	byKind map[string]int
}

// The kinds of request, in the order in which they are shown.
var kinds = []string{"digest challenge", "take", "read", "list", "change retention", "restore", "restore status", "delete", "cluster", "other", "refused"}

// add records a step, and the requests to the simulator during it.
func (f *figures) add(ctx context.Context, name string, took time.Duration, sim *simulator) error {
	step := stepFigures{name: name, took: took, byKind: map[string]int{}}
	if sim != nil {
		all, err := sim.requests(ctx)
		if err != nil {
			return err
		}
		for _, r := range all[f.requests:] {
			step.byKind[r.kind()]++
		}
		f.requests = len(all)
	}
	f.steps = append(f.steps, step)
	return nil
}

func (r request) kind() string {
	_, after, snapshots := strings.Cut(r.Path, "/backup/snapshots")
	one := strings.Trim(after, "/") != ""
	switch {
	case r.Status == http.StatusUnauthorized:
		return "digest challenge"
	case r.Status >= http.StatusBadRequest:
		return "refused"
	case snapshots && r.Method == http.MethodPost:
		return "take"
	case snapshots && r.Method == http.MethodGet && one:
		return "read"
	case snapshots && r.Method == http.MethodGet:
		return "list"
	case snapshots && r.Method == http.MethodPatch:
		return "change retention"
	case snapshots && r.Method == http.MethodDelete:
		return "delete"
	case strings.Contains(r.Path, "/backup/restoreJobs") && r.Method == http.MethodPost:
		return "restore"
	case strings.Contains(r.Path, "/backup/restoreJobs"):
		return "restore status"
	case strings.Contains(r.Path, "/clusters/"):
		return "cluster"
	}
	return "other"
}

// print prints a table with a row per kind of request and a column per step.
func (f *figures) print(total time.Duration) {
	row := func(label string, cell func(stepFigures) string) {
		fmt.Printf("%-28s", label)
		for _, step := range f.steps {
			fmt.Printf("%13s", cell(step))
		}
		fmt.Println()
	}
	row("", func(s stepFigures) string { return s.name })
	row("seconds", func(s stepFigures) string { return fmt.Sprintf("%.1f", s.took.Seconds()) })
	for _, kind := range kinds {
		seen := 0
		for _, step := range f.steps {
			seen += step.byKind[kind]
		}
		if seen > 0 {
			row("requests: "+kind, func(s stepFigures) string { return strconv.Itoa(s.byKind[kind]) })
		}
	}
	fmt.Printf("\nDone in %.0f s.\n", total.Seconds())
}
