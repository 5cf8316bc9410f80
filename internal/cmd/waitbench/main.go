// Command waitbench plays recorded snapshot durations through the provider's wait and says how late it notices.
//
// It prints one line: wait: mean_lag=1.9s p99_lag=9.8s median_polls=27
// With -official, a second one says how late the official provider would have been.
package main

import (
	"bufio"
	"cmp"
	"context"
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

func main() {
	timeline := flag.String("timeline", "", "tab-separated file of recorded snapshots: seconds after the request, one snapshot a line")
	official := flag.Bool("official", false, "also compute the wait of the official provider, mongodb/mongodbatlas 2.16")
	flag.Parse()
	if err := run(*timeline, *official, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "waitbench:", err)
		os.Exit(1)
	}
}

func run(path string, official bool, out io.Writer) error {
	if path == "" {
		return errors.New("name a file of recorded durations with -timeline")
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	lives, err := readTimeline(file)
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	result, err := measure(lives)
	if err != nil {
		return err
	}
	lines := []string{result.String()}
	if official {
		lines = append(lines, fmt.Sprintf("mongodb/mongodbatlas 2.16: mean_lag=%.1fs", officialLag(lives).Seconds()))
	}
	_, err = fmt.Fprintln(out, strings.Join(lines, "\n"))
	return err
}

// officialLag is the mean of what version 2.16 of the official provider adds to the time that Atlas takes, as measured on
// idle clusters: it sleeps for 180 s before it asks for a snapshot and for 60 s after that, looks, and looks again after
// 60, 10, 60, 10 s and so on.
func officialLag(lives []life) time.Duration {
	var sum time.Duration
	for _, l := range lives {
		look := 60 * time.Second
		for long := true; look < l.completed; long = !long {
			look += 10 * time.Second
			if long {
				look += 50 * time.Second
			}
		}
		sum += 180*time.Second + look - l.completed
	}
	return sum / time.Duration(len(lives))
}

// life is one recorded snapshot: when its stages were reached, after the request. A taken of zero was not recorded.
type life struct {
	taken, completed time.Duration
}

func readTimeline(r io.Reader) ([]life, error) {
	lines := bufio.NewScanner(r)
	if !lines.Scan() {
		return nil, errors.Join(errors.New("the file is empty"), lines.Err())
	}
	header := strings.Split(lines.Text(), "\t")
	taken, completed := slices.Index(header, "s_to_cloudProvider"), slices.Index(header, "s_to_completed")
	if completed < 0 {
		return nil, errors.New("the first line names no column s_to_completed")
	}
	var lives []life
	for number := 2; lines.Scan(); number++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		cells := strings.Split(lines.Text(), "\t")
		l := life{}
		var err error
		if l.completed, err = seconds(cells, completed); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		if taken >= 0 {
			if l.taken, err = seconds(cells, taken); err != nil {
				return nil, fmt.Errorf("line %d: %w", number, err)
			}
		}
		lives = append(lives, l)
	}
	if len(lives) == 0 {
		return nil, errors.Join(errors.New("no snapshot in the file"), lines.Err())
	}
	return lives, lines.Err()
}

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

// result is how the wait did over all lives.
type result struct {
	meanLag, p99Lag time.Duration
	medianPolls     int
}

func (r result) String() string {
	return fmt.Sprintf("wait: mean_lag=%.1fs p99_lag=%.1fs median_polls=%d", r.meanLag.Seconds(), r.p99Lag.Seconds(), r.medianPolls)
}

// measure waits for every life on a clock of its own, with the poller and the schedule that the provider uses.
func measure(lives []life) (result, error) {
	var (
		lags  []time.Duration
		polls []int
		sum   time.Duration
	)
	for _, l := range lives {
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
			Settled:   func(at time.Duration) bool { return at >= l.completed },
			Milestone: func(at time.Duration) bool { return l.taken > 0 && at >= l.taken },
			Transient: func(error) bool { return false },
		}
		noticed, err := poller.Wait(context.Background(), 0)
		if err != nil {
			return result{}, err
		}
		lags, polls, sum = append(lags, noticed-l.completed), append(polls, count), sum+noticed-l.completed
	}
	slices.Sort(lags)
	slices.Sort(polls)
	return result{
		meanLag:     sum / time.Duration(len(lags)),
		p99Lag:      percentile(lags, 99),
		medianPolls: percentile(polls, 50),
	}, nil
}

// percentile is the nearest-rank percentile p of sorted, which is not empty.
func percentile[T cmp.Ordered](sorted []T, p int) T {
	rank := (p*len(sorted) + 99) / 100
	return sorted[max(rank, 1)-1]
}
