package atlassim

import (
	"math/rand/v2"
	"time"
)

// timeline is the course of one on-demand snapshot, counted from its request.
type timeline struct {
	inProgress time.Duration // status inProgress
	version    time.Duration // mongodVersion known
	provider   time.Duration // cloudProvider known
	created    time.Duration // the value of createdAt
	shown      time.Duration // createdAt visible: normally on completion, rarely some seconds before
	completed  time.Duration
	sizeEarly  bool // storageSizeBytes visible together with an early createdAt
	size       int64
}

// point is one point of a distribution: a share of all snapshots stays below value, in seconds or bytes.
type point struct{ share, value float64 }

// The distributions below are the figures of 311 recorded snapshots.
var (
	completedAfter = []point{{0, 99}, {.01, 121}, {.05, 141}, {.10, 146}, {.25, 160}, {.50, 177}, {.75, 199}, {.90, 212}, {.99, 333}, {1, 527}}
	inProgressFrom = []point{{0, 4}, {.10, 4}, {.25, 5}, {.50, 6}, {.75, 7}, {.90, 9}, {.99, 22}, {1, 125}}
	versionFrom    = []point{{0, 12}, {.10, 13}, {.25, 17}, {.50, 21}, {.75, 25}, {.90, 29}, {.99, 125}, {1, 239}}
	// From cloudProvider to completed, and from createdAt to cloudProvider: both hardly depend on the total.
	providerToCompleted = []point{{0, 57}, {.10, 65}, {.25, 67}, {.50, 72}, {.75, 77}, {.90, 82}, {.99, 92}, {1, 96}}
	createdToProvider   = []point{{0, 0}, {.10, 1}, {.25, 1}, {.50, 3}, {.75, 4}, {.90, 5}, {.99, 7}, {1, 8}}
	// Two kinds of cluster were recorded: two in three held 1.5 GB, the others 4.1.
	smallSize = []point{{0, 1.535e9}, {.50, 1.549e9}, {.90, 1.564e9}, {1, 1.620e9}}
	largeSize = []point{{0, 4.132e9}, {.50, 4.147e9}, {.90, 4.250e9}, {1, 4.322e9}}
)

const (
	largeShare       = 0.35
	earlyShare       = 4.0 / 311 // createdAt seen while still inProgress
	earlyBy          = 4 * time.Second
	earlySizeShare   = 0.75
	earliestProvider = 35 * time.Second
	pageSize         = 4096 // every recorded size is a multiple
	coupling         = 0.45 // of the early stages with the total, as a share of snapshots that are slow in all of them
)

// quantile reads a distribution at a share between 0 and 1.
func quantile(points []point, share float64) float64 {
	for i := 1; i < len(points); i++ {
		low, high := points[i-1], points[i]
		if share <= high.share {
			return low.value + (high.value-low.value)*(share-low.share)/(high.share-low.share)
		}
	}
	return points[len(points)-1].value
}

func seconds(value float64) time.Duration { return time.Duration(value * float64(time.Second)) }

// drawTimeline draws the course of a snapshot. A slow snapshot tends to be slow from the start.
func drawTimeline(random *rand.Rand) timeline {
	slowness := random.Float64()
	early := random.Float64()
	if random.Float64() < coupling {
		early = slowness
	}
	var t timeline
	t.completed = seconds(quantile(completedAfter, slowness))
	t.provider = max(t.completed-seconds(quantile(providerToCompleted, random.Float64())), earliestProvider)
	t.created = t.provider - seconds(quantile(createdToProvider, random.Float64()))
	t.version = min(seconds(quantile(versionFrom, early)), t.created-5*time.Second)
	t.inProgress = min(seconds(quantile(inProgressFrom, early)), t.version-6*time.Second)
	t.shown = t.completed
	if random.Float64() < earlyShare {
		t.shown = t.completed - earlyBy
		t.sizeEarly = random.Float64() < earlySizeShare
	}
	t.size = drawSize(random)
	return t
}

func drawSize(random *rand.Rand) int64 {
	sizes := smallSize
	if random.Float64() < largeShare {
		sizes = largeSize
	}
	return int64(quantile(sizes, random.Float64())) / pageSize * pageSize
}

// scaledTo returns the same course stretched or shrunk to a total.
func (t timeline) scaledTo(total time.Duration) timeline {
	if total <= 0 {
		return t
	}
	factor := float64(total) / float64(t.completed)
	for _, moment := range []*time.Duration{&t.inProgress, &t.version, &t.provider, &t.created, &t.shown} {
		*moment = time.Duration(float64(*moment) * factor)
	}
	t.completed = total
	return t
}
