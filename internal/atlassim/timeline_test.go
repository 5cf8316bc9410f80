package atlassim

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestTimelineFollowsRecordings compares quantiles of 20,000 drawn courses with the recorded ones.
func TestTimelineFollowsRecordings(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	columns := map[string][]float64{}
	shownEarly := 0
	for range 20_000 {
		one := drawTimeline(random)
		order := []time.Duration{0, one.inProgress, one.version, one.created, one.provider + 1, one.completed}
		if !slices.IsSorted(order) {
			t.Fatalf("stages out of order: %+v", one)
		}
		if one.size%pageSize != 0 {
			t.Fatalf("size %d", one.size)
		}
		if one.shown < one.completed {
			shownEarly++
		}
		add := func(name string, d time.Duration) { columns[name] = append(columns[name], d.Seconds()) }
		add("inProgress", one.inProgress)
		add("version", one.version)
		add("provider", one.provider)
		add("created", one.created)
		add("completed", one.completed)
		add("gap", one.completed-one.provider)
		add("lag", one.provider-one.created)
	}
	for _, want := range []struct {
		name             string
		share, at, slack float64
	}{
		{"inProgress", .5, 6, 1},
		{"inProgress", .9, 9, 2},
		{"version", .5, 21, 2},
		{"version", .9, 29, 4},
		{"provider", .1, 74, 5},
		{"provider", .5, 103, 6},
		{"provider", .9, 140, 6},
		{"provider", .99, 240, 40},
		{"created", .5, 100, 6},
		{"completed", 0, 99, 2},
		{"completed", .1, 146, 2},
		{"completed", .5, 177, 2},
		{"completed", .9, 212, 2},
		{"completed", .99, 333, 10},
		{"completed", 1, 527, 10},
		{"gap", .5, 72, 2},
		{"lag", .5, 3, 1},
	} {
		values := slices.Sorted(slices.Values(columns[want.name]))
		got := values[int(want.share*float64(len(values)-1))]
		if got < want.at-want.slack || got > want.at+want.slack {
			t.Errorf("%s at %g: %.1f s, recorded %g s", want.name, want.share, got, want.at)
		}
	}
	if share := float64(shownEarly) / 20_000; share < 0.008 || share > 0.018 {
		t.Errorf("createdAt is early in %.4f of all, recorded 0.013", share)
	}
}

func TestEarlyCreatedAt(t *testing.T) {
	one := &snapshot{timeline: timeline{
		inProgress: 1, version: 2, created: 3, provider: 4, shown: 5, completed: 6, size: 7,
		sizeEarly: true,
	}, final: statusCompleted, cluster: &cluster{}}
	if version, provider, created, size := one.visibleFields(one.requested.Add(5)); !version || !provider || !created || !size {
		t.Error("an early createdAt does not show")
	}
	if one.status(one.requested.Add(5)) != statusInProgress {
		t.Error("an early createdAt is not in progress")
	}
}

func TestClock(t *testing.T) {
	wall := time.Date(2026, time.August, 10, 0, 0, 0, 0, time.UTC)
	c := clock{wall: func() time.Time { return wall }, start: wall, speed: 60}
	wall = wall.Add(time.Second)
	if got := c.now().Sub(c.start); got != time.Minute {
		t.Errorf("Atlas's time runs %s in a second", got)
	}
	if got := c.unscaled().Sub(c.start); got != time.Second {
		t.Errorf("the unscaled time runs %s in a second", got)
	}
	c.advance(time.Hour)
	c.advance(-time.Hour)
	if got := c.unscaled().Sub(c.start); got != time.Hour+time.Second {
		t.Errorf("advancing moves the unscaled time by %s", got)
	}
}
