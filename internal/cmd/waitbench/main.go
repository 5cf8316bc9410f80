// Command waitbench plays recorded snapshot durations through the provider's wait and says how late it notices.
//
// It prints one line: wait: mean_lag=0.7s p99_lag=1.7s median_polls=25
// With -official, a second one says how late the official provider would have been. The durations are its own, or those of a file
// that -timeline names.
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

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/snapshot"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait/waittest"
)

// recorded says how many of 156 on-demand snapshots of M10 replica sets, recorded from March 2025 to August 2026, were completed after
// how many seconds, and when they had a cloudProvider on average. A recorded time lies up to some seconds, one look, after Atlas's.
//
//go:embed durations.tsv
var recorded string

func main() {
	timeline := flag.String("timeline", "", "tab-separated file of recorded snapshots instead of the built-in ones: seconds after the request in s_to_cloudProvider (optional) and s_to_completed, how many snapshots a line stands for in snapshots (1)")
	official := flag.Bool("official", false, "also compute the wait of the official provider, mongodb/mongodbatlas 2.16")
	flag.Parse()
	if err := run(*timeline, *official, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "waitbench:", err)
		os.Exit(1)
	}
}

func run(path string, official bool, out io.Writer) error {
	durations, err := read(path)
	if err != nil {
		return err
	}
	result, err := measure(durations)
	if err != nil {
		return err
	}
	lines := []string{result.String()}
	if official {
		lines = append(lines, fmt.Sprintf("mongodb/mongodbatlas 2.16: mean_lag=%.1fs", officialLag(durations).Seconds()))
	}
	_, err = fmt.Fprintln(out, strings.Join(lines, "\n"))
	return err
}

// read returns the durations in a file, or the built-in ones if path is empty.
func read(path string) ([]duration, error) {
	if path == "" {
		return readTimeline(strings.NewReader(recorded))
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	durations, err := readTimeline(file)
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

// duration is when the stages of a recorded snapshot were reached, after the request. A taken of zero was not recorded.
type duration struct {
	taken, completed time.Duration
}

func readTimeline(r io.Reader) ([]duration, error) {
	lines := bufio.NewScanner(r)
	if !lines.Scan() {
		return nil, errors.Join(errors.New("the file is empty"), lines.Err())
	}
	header := strings.Split(lines.Text(), "\t")
	if !slices.Contains(header, "s_to_completed") {
		return nil, errors.New("the first line names no column s_to_completed")
	}
	var durations []duration
	for number := 2; lines.Scan(); number++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		d, snapshots, err := parseLine(header, strings.Split(lines.Text(), "\t"))
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		durations = append(durations, slices.Repeat([]duration{d}, snapshots)...)
	}
	if len(durations) == 0 {
		return nil, errors.Join(errors.New("no snapshot in the file"), lines.Err())
	}
	return durations, lines.Err()
}

// parseLine returns what a line says, and how many snapshots it stands for.
func parseLine(header, cells []string) (d duration, snapshots int, err error) {
	snapshots = 1
	if column := slices.Index(header, "snapshots"); column >= 0 && column < len(cells) {
		if snapshots, err = strconv.Atoi(cells[column]); err != nil || snapshots < 1 || snapshots > maxSnapshots {
			return duration{}, 0, fmt.Errorf("%q is no number of snapshots", cells[column])
		}
	}
	if d.completed, err = seconds(cells, slices.Index(header, "s_to_completed")); err != nil {
		return duration{}, 0, err
	}
	if column := slices.Index(header, "s_to_cloudProvider"); column >= 0 {
		d.taken, err = seconds(cells, column)
	}
	return d, snapshots, err
}

// maxSnapshots is how many snapshots a line may stand for.
const maxSnapshots = 10_000

// maxSeconds is longer than any snapshot takes: two weeks.
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
	return fmt.Sprintf("wait: mean_lag=%.1fs p99_lag=%.1fs median_polls=%d", r.meanLag.Seconds(), r.p99Lag.Seconds(), r.medianPolls)
}

// measure waits for every snapshot on a clock of its own, with the poller and the schedule that the provider uses.
func measure(durations []duration) (result, error) {
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
			Schedule: snapshot.WaitSchedule,
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
