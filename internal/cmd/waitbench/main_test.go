package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/recordings"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/restore"
)

// recordedFiles returns the built-in durations, which have no name, and the file of them that may lie beside the repository.
func recordedFiles(t *testing.T) []string {
	t.Helper()
	files := []string{""}
	if file, ok := recordings.Shared(t, "timeline.tsv"); ok {
		files = append(files, file)
	}
	return files
}

func runOn(t *testing.T, timeline string) (string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "timeline.tsv")
	if err := os.WriteFile(path, []byte(timeline), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	err := run(path, "", false, &out)
	snapshots, _, _ := strings.Cut(out.String(), "restore: ")
	return snapshots, err
}

func TestRun_printsOneLine(t *testing.T) {
	const header = "s_to_inProgress\ts_to_cloudProvider\ts_to_completed\n"
	for name, tt := range map[string]struct{ timeline, want string }{
		// The looks are 1.5, 1.5, 1.5, 2.25, … s apart; the first that finds it completed is the fourth.
		"one":            {"s_to_completed\n5\n", "wait: mean_lag=1.8s p99_lag=1.8s median_polls=4\n"},
		"fractions":      {"s_to_completed\n1.4\n", "wait: mean_lag=0.1s p99_lag=0.1s median_polls=1\n"},
		"at once":        {"s_to_completed\n0\n", "wait: mean_lag=1.5s p99_lag=1.5s median_polls=1\n"},
		"several":        {"s_to_completed\n0\n5\n0\n1.5\n", "wait: mean_lag=1.2s p99_lag=1.8s median_polls=1\n"},
		"lines of DOS":   {"s_to_completed\r\n5\r\n", "wait: mean_lag=1.8s p99_lag=1.8s median_polls=4\n"},
		"empty lines":    {"s_to_completed\n\n5\n \n", "wait: mean_lag=1.8s p99_lag=1.8s median_polls=4\n"},
		"no end of line": {"s_to_completed\n5", "wait: mean_lag=1.8s p99_lag=1.8s median_polls=4\n"},
		"other columns":  {header + "4\t0\t5\n", "wait: mean_lag=1.8s p99_lag=1.8s median_polls=4\n"},
		"stage is known": {header + "4\t100\t172\n", "wait: mean_lag=0.2s p99_lag=0.2s median_polls=24\n"},
		"one stands for several": {
			"snapshots\ts_to_completed\n2\t0\n1\t5\n1\t1.5\n", "wait: mean_lag=1.2s p99_lag=1.8s median_polls=1\n",
		},
		"stage not known": {header + "4\t0\t172\n", "wait: mean_lag=1.7s p99_lag=1.7s median_polls=26\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := runOn(t, tt.timeline)
			if err != nil || got != tt.want {
				t.Errorf("run = %q, %v, want %q", got, err, tt.want)
			}
		})
	}
}

func TestRun_fileErrors(t *testing.T) {
	for name, tt := range map[string]struct{ timeline, want string }{
		"empty":          {"", "the file is empty"},
		"no such column": {"a\tb\n1\t2\n", "the first line names no column s_to_completed"},
		"no header":      {"176\n", "the first line names no column s_to_completed"},
		"no snapshot":    {"s_to_completed\n\n", "no duration in the file"},
		"a word":         {"s_to_completed\n5\nsoon\n", `line 3: "soon" is no number of seconds`},
		"negative":       {"s_to_completed\n-1\n", `line 2: "-1" is no number of seconds`},
		"not a number":   {"s_to_completed\nNaN\n", `line 2: "NaN" is no number of seconds`},
		"without end":    {"s_to_completed\nInf\n", `line 2: "Inf" is no number of seconds`},
		"too long":       {"s_to_completed\n1e300\n", `line 2: "1e300" is no number of seconds`},
		"empty cell":     {"s_to_cloudProvider\ts_to_completed\n\t5\n", `line 2: "" is no number of seconds`},
		"short line":     {"s_to_cloudProvider\ts_to_completed\n5\n", "line 2: only 1 columns"},
		"bad stage":      {"s_to_cloudProvider\ts_to_completed\nx\t5\n", `line 2: "x" is no number of seconds`},
		"none of them":   {"snapshots\ts_to_completed\n0\t5\n", `line 2: "0" is no number of snapshots`},
		"too many":       {"snapshots\ts_to_completed\n10001\t5\n", `line 2: "10001" is no number of snapshots`},
		"half a one":     {"snapshots\ts_to_completed\n0.5\t5\n", `line 2: "0.5" is no number of snapshots`},
		"endless line":   {"s_to_completed\n5\n" + strings.Repeat("1", 1<<20), "token too long"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := runOn(t, tt.timeline)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "timeline.tsv: ") {
				t.Errorf("error = %v, want %q", err, tt.want)
			}
			if got != "" {
				t.Errorf("printed %q", got)
			}
		})
	}
	if err := run(filepath.Join(t.TempDir(), "none.tsv"), "", false, io.Discard); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("file that does not exist: %v", err)
	}
	if err := run(t.TempDir(), "", false, io.Discard); err == nil {
		t.Error("a directory passes for a file")
	}
	if _, err := readTimeline(iotest.ErrReader(errors.New("bad disk")), snapshotTable); err == nil || !strings.Contains(err.Error(), "bad disk") {
		t.Errorf("file that cannot be read: %v", err)
	}
}

func TestRun_outputFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "timeline.tsv")
	if err := os.WriteFile(path, []byte("s_to_completed\n5\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	reader, writer := io.Pipe()
	_ = reader.Close()
	if err := run(path, "", false, writer); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("error = %v", err)
	}
}

func TestPercentile(t *testing.T) {
	hundred := make([]int, 100)
	for i := range hundred {
		hundred[i] = i + 1
	}
	for _, tt := range []struct {
		sorted  []int
		p, want int
	}{
		{hundred, 0, 1},
		{hundred, 1, 1},
		{hundred, 50, 50},
		{hundred, 99, 99},
		{hundred, 100, 100},
		{hundred[:1], 50, 1},
		{hundred[:2], 50, 1},
		{hundred[:3], 50, 2},
		{hundred[:3], 99, 3},
	} {
		if got := percentile(tt.sorted, tt.p); got != tt.want {
			t.Errorf("percentile %d of %d numbers = %d, want %d", tt.p, len(tt.sorted), got, tt.want)
		}
	}
}

// What the wait has to reach over the durations that Atlas showed: it is computed, not timed.
func TestRun_recordedSnapshots(t *testing.T) {
	for _, file := range recordedFiles(t) {
		var out strings.Builder
		if err := run(file, "", false, &out); err != nil {
			t.Fatal(err)
		}
		var mean, p99 float64
		var polls int
		if _, err := fmt.Sscanf(out.String(), "wait: mean_lag=%fs p99_lag=%fs median_polls=%d\n", &mean, &p99, &polls); err != nil {
			t.Fatalf("%q: %v", out.String(), err)
		}
		if mean > 2 || p99 > 11 || polls > 28 || mean < 0 || polls < 1 {
			t.Errorf("%q: %s is more than a mean of 2 s, a 99th percentile of 11 s and 28 polls", file, strings.TrimSpace(out.String()))
		}
	}
}

// TestRun_recordedRestores holds the wait for restores to what it has to reach, on the distribution of the recorded ones and on the file of them
// that may lie beside the repository.
func TestRun_recordedRestores(t *testing.T) {
	files := []string{""}
	if file, ok := recordings.Shared(t, "restore-timeline.tsv"); ok {
		files = append(files, file)
	}
	for _, file := range files {
		durations, err := read(file, restoreTable)
		if err != nil {
			t.Fatal(err)
		}
		r, err := measure(durations, restore.WaitSchedule)
		if err != nil {
			t.Fatal(err)
		}
		if r.meanLag > 3*time.Second || r.p99Lag > 12*time.Second || r.medianPolls > 30 || r.meanLag < 0 || r.medianPolls < 1 {
			t.Errorf("%q: %s is more than a mean of 3 s, a 99th percentile of 12 s and 30 polls", file, r)
		}
		if len(durations) != map[bool]int{true: 102, false: 52}[file == ""] {
			t.Errorf("%q has %d restores", file, len(durations))
		}
	}
}

// The built-in durations are as many, and each completed after as many seconds, as in the file that may lie beside the repository.
func TestRead_builtIn(t *testing.T) {
	var all [][]time.Duration
	for _, file := range recordedFiles(t) {
		durations, err := read(file, snapshotTable)
		if err != nil {
			t.Fatal(err)
		}
		var completed []time.Duration
		for _, d := range durations {
			if d.taken <= 0 || d.taken >= d.completed {
				t.Errorf("%q: taken after %s and completed after %s", file, d.taken, d.completed)
			}
			completed = append(completed, d.completed)
		}
		slices.Sort(completed)
		all = append(all, completed)
	}
	if own := all[0]; len(own) != 156 || own[0] != 121*time.Second || own[155] != 527*time.Second || percentile(own, 50) != 178*time.Second {
		t.Errorf("%d snapshots take %v", len(own), own)
	}
	if len(all) > 1 && !slices.Equal(all[0], all[1]) {
		t.Errorf("the snapshots take %v, recorded %v", all[0], all[1])
	}
}

// The looks of the official provider are 60, 120, 130, 190, 200, … s after its request, which it makes after 180 s.
func TestOfficialLag(t *testing.T) {
	for completed, want := range map[int]float64{0: 240, 5: 235, 60: 180, 61: 239, 120: 180, 121: 189, 130: 180, 131: 239, 195: 185} {
		if got := officialLag([]duration{{completed: time.Duration(completed) * time.Second}}); got.Seconds() != want {
			t.Errorf("completed after %d s: %s late, want %v s", completed, got, want)
		}
	}
	var out strings.Builder
	path := filepath.Join(t.TempDir(), "timeline.tsv")
	if err := os.WriteFile(path, []byte("s_to_completed\n5\n61\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(path, "", true, &out); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(out.String(), "\n"); len(lines) != 4 || lines[2] != "mongodb/mongodbatlas 2.16: mean_lag=237.0s" {
		t.Errorf("printed %q", out.String())
	}
}

func TestResult_format(t *testing.T) {
	r := result{meanLag: 1900 * time.Millisecond, p99Lag: 9800 * time.Millisecond, medianPolls: 27}
	if want := "mean_lag=1.9s p99_lag=9.8s median_polls=27"; r.String() != want {
		t.Errorf("result = %q, want %q", r, want)
	}
}
