// Command waitbench plays recorded durations of snapshots and restores through the provider's waits and says how late it notices.
//
// It prints two lines:
//
//	wait: mean_lag=0.7s p99_lag=1.7s median_polls=25
//	restore: mean_lag=1.4s p99_lag=3.0s median_polls=23
//
// With -official, a third one says how late the official provider would have been with the snapshots; it does not wait for restores. The
// durations are its own, or those of the files that -timeline and -restores name.
package main

import (
	"bufio"
	"cmp"
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/restore"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/snapshot"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait/waittest"
)

// recorded says how many of 156 on-demand snapshots of M10 replica sets, recorded from March 2025 to August 2026, were completed after
// how many seconds, and when they had a cloudProvider on average. A recorded time lies up to some seconds, one look, after Atlas's.
//
//go:embed durations.tsv
var recorded string

// recordedRestores has durations with the distribution of 102 restores of M10 replica sets, recorded from March 2025 to August 2026.
//
//go:embed restores.tsv
var recordedRestores string

func main() {
	restores := flag.String("restores", "", "tab-separated file of recorded restores instead of the built-in ones: seconds after the request in s_to_finishedAt; of a file with a column type, the lines with automated")
	timeline := flag.String("timeline", "", "tab-separated file of recorded snapshots instead of the built-in ones: seconds after the request in s_to_cloudProvider (optional) and s_to_completed, how many snapshots a line stands for in snapshots (1)")
	official := flag.Bool("official", false, "also compute the wait of the official provider, mongodb/mongodbatlas 2.16")
	flag.Parse()
	if err := run(*timeline, *restores, *official, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "waitbench:", err)
		os.Exit(1)
	}
}

func run(timeline, restores string, official bool, out io.Writer) error {
	snapshots, err := read(timeline, snapshotTable)
	if err != nil {
		return err
	}
	taken, err := measure(snapshots, snapshot.WaitSchedule)
	if err != nil {
		return err
	}
	restored, err := read(restores, restoreTable)
	if err != nil {
		return err
	}
	gotBack, err := measure(restored, restore.WaitSchedule)
	if err != nil {
		return err
	}
	lines := []string{"wait: " + taken.String(), "restore: " + gotBack.String()}
	if official {
		lines = append(lines, fmt.Sprintf("mongodb/mongodbatlas 2.16: mean_lag=%.1fs", officialLag(snapshots).Seconds()))
	}
	_, err = fmt.Fprintln(out, strings.Join(lines, "\n"))
	return err
}

// table says how durations are written down.
type table struct {
	// builtIn are the durations without a file.
	builtIn string
	// completed is the column with the seconds until the end, taken the one with those until a milestone, and count the one with how
	// often that was recorded; only the first is required.
	completed, taken, count string
	// kind is what the column type has in the lines that count, where there is such a column.
	kind string
}

var (
	snapshotTable = table{builtIn: recorded, completed: "s_to_completed", taken: "s_to_cloudProvider", count: "snapshots"}
	restoreTable  = table{builtIn: recordedRestores, completed: "s_to_finishedAt", count: "restores", kind: "automated"}
)

// read returns the durations in a file, or the built-in ones if path is empty.
func read(path string, of table) ([]duration, error) {
	if path == "" {
		return readTimeline(strings.NewReader(of.builtIn), of)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	durations, err := readTimeline(file, of)
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return durations, nil
}

// officialLag is the mean of what version 2.16 of the official provider adds to the time that Atlas takes, as measured on
// idle clusters: it sleeps for 180 s before it asks for a snapshot and for 60 s after that, looks, and looks again after
// 60, 10, 60, 10 s and so on.
func officialLag(durations []duration) time.Duration {
	var sum time.Duration
	for _, d := range durations {
		look := 60 * time.Second
		for long := true; look < d.completed; long = !long {
			look += 10 * time.Second
			if long {
				look += 50 * time.Second
			}
		}
		sum += 180*time.Second + look - d.completed
	}
	return sum / time.Duration(len(durations))
}

// duration is when the stages of a recorded snapshot or restore were reached, after the request. A taken of zero was not recorded.
type duration struct {
	taken, completed time.Duration
}

func readTimeline(r io.Reader, of table) ([]duration, error) {
	lines := bufio.NewScanner(r)
	if !lines.Scan() {
		return nil, errors.Join(errors.New("the file is empty"), lines.Err())
	}
	header := strings.Split(lines.Text(), "\t")
	if !slices.Contains(header, of.completed) {
		return nil, errors.New("the first line names no column " + of.completed)
	}
	kind := slices.Index(header, "type")
	var durations []duration
	for number := 2; lines.Scan(); number++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		cells := strings.Split(lines.Text(), "\t")
		if of.kind != "" && kind >= 0 && (kind >= len(cells) || cells[kind] != of.kind) {
			continue
		}
		d, count, err := of.parseLine(header, cells)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		durations = append(durations, slices.Repeat([]duration{d}, count)...)
	}
	if len(durations) == 0 {
		return nil, errors.Join(errors.New("no duration in the file"), lines.Err())
	}
	return durations, lines.Err()
}

// parseLine returns what a line says, and how many durations it stands for.
func (t table) parseLine(header, cells []string) (d duration, count int, err error) {
	count = 1
	if column := slices.Index(header, t.count); column >= 0 && column < len(cells) {
		if count, err = strconv.Atoi(cells[column]); err != nil || count < 1 || count > maxCount {
			return duration{}, 0, fmt.Errorf("%q is no number of %s", cells[column], t.count)
		}
	}
	if d.completed, err = seconds(cells, slices.Index(header, t.completed)); err != nil {
		return duration{}, 0, err
	}
	if column := slices.Index(header, t.taken); column >= 0 && t.taken != "" {
		d.taken, err = seconds(cells, column)
	}
	return d, count, err
}

// maxCount is how many durations a line may stand for.
const maxCount = 10_000

// maxSeconds is longer than any snapshot or restore takes: two weeks.
const maxSeconds = 14 * 24 * 60 * 60

func seconds(cells []string, column int) (time.Duration, error) {
	if column >= len(cells) {
		return 0, fmt.Errorf("only %d columns", len(cells))
	}
	s, err := strconv.ParseFloat(cells[column], 64)
	if err != nil || math.IsNaN(s) || s < 0 || s > maxSeconds {
		return 0, fmt.Errorf("%q is no number of seconds", cells[column])
	}
	return time.Duration(s * float64(time.Second)), nil
}

// result is how the wait did over all durations.
type result struct {
	meanLag, p99Lag time.Duration
	medianPolls     int
}

func (r result) String() string {
	return fmt.Sprintf("mean_lag=%.1fs p99_lag=%.1fs median_polls=%d", r.meanLag.Seconds(), r.p99Lag.Seconds(), r.medianPolls)
}

// measure waits for each on a clock of its own, with the poller and a schedule that the provider uses.
func measure(durations []duration, schedule wait.Schedule) (result, error) {
	var (
		lags  []time.Duration
		polls []int
		sum   time.Duration
	)
	for _, d := range durations {
		start := time.Unix(0, 0)
		clock := waittest.NewClock(start)
		count := 0
		poller := wait.Poller[time.Duration]{
			Clock:    clock,
			Schedule: schedule,
			Fetch: func(context.Context) (time.Duration, error) {
				count++
				return clock.Now().Sub(start), nil
			},
			IsDone:      func(at time.Duration) bool { return at >= d.completed },
			Milestone:   func(at time.Duration) bool { return d.taken > 0 && at >= d.taken },
			IsTransient: func(error) bool { return false },
		}
		noticed, err := poller.Wait(context.Background(), 0)
		if err != nil {
			return result{}, err
		}
		lags, polls, sum = append(lags, noticed-d.completed), append(polls, count), sum+noticed-d.completed
	}
	slices.Sort(lags)
	slices.Sort(polls)
	return result{
		meanLag:     sum / time.Duration(len(lags)),
		p99Lag:      percentile(lags, 99),
		medianPolls: percentile(polls, 50),
	}, nil
}

// percentile returns the nearest-rank percentile p of sorted, which is not empty.
func percentile[T cmp.Ordered](sorted []T, p int) T {
	rank := (p*len(sorted) + 99) / 100
	return sorted[max(rank, 1)-1]
}
