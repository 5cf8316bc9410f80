package snapshot_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

const (
	allAddress = "data.atlasbackup_snapshots.test"
	listPath   = "GET clusters/Cluster0/backup/snapshots"
)

func allSnapshots(filters string) string {
	return dataBlock("atlasbackup_snapshots", "Cluster0", filters)
}

// everyPage are the requests for the list of 2,160 snapshots.
var everyPage = []string{listPath, listPath + " page 2", listPath + " page 3", listPath + " page 4", listPath + " page 5"}

// seedHourly puts 2,160 hourly snapshots into Atlas, which is what 90 days of them come to, and returns their ids, newest
// first. The newest two are not completed.
func seedHourly(t *testing.T, a *acctest.Atlas) []string {
	t.Helper()
	ids := make([]string, 2160)
	for i := range ids {
		what := atlassim.Seed{SnapshotType: "scheduled", FrequencyType: "hourly", ExpiresAt: acctest.Start.Add(time.Hour)}
		switch i {
		case 0, 1:
			what.Status, what.Frozen = []string{"queued", "inProgress"}[i], true
		case 1300:
			what.Description = words("the one")
		}
		ids[i] = a.Seed(t, what, time.Duration(i+1)*time.Hour)
	}
	return ids
}

func TestAccSnapshotsDataSource_everyPage(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	ids := seedHourly(t, a)
	tf := a.Configuration(t, allSnapshots(""))
	tf.Do(0, acctest.Apply...)
	a.ExpectRequests(t, everyPage...)
	want := make([]any, len(ids))
	for i, id := range ids {
		want[i] = id
	}
	tf.ExpectResults(allAddress, "snapshot_id", want...)
}

// TestAccSnapshotDataSource_everyPage searches 2,160 snapshots to the last page: the newest may be anywhere.
func TestAccSnapshotDataSource_everyPage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		filters string
		want    int
	}{
		"on the first page":      {"", 2},
		"on the third page":      {`description = "the one"`, 1300},
		"before the second page": {`created_before = "2026-02-01T00:00:00Z"`, 1380},
		"too old to be there":    {"created_after = \"2026-03-30T00:00:00Z\"\n  snapshot_type = \"onDemand\"", -1},
		"nowhere":                {`snapshot_type = "onDemand"`, -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			ids := seedHourly(t, a)
			tf := a.Configuration(t, oneSnapshot("most_recent = true\n  "+c.filters))
			if c.want < 0 {
				tf.ExpectPlanError(fmt.Sprintf("Number of snapshots looked at: %d.", len(ids)))
			} else {
				tf.Do(0, acctest.Apply...)
				tf.ExpectValues(oneAddress, map[string]any{"snapshot_id": ids[c.want]})
			}
			a.ExpectRequests(t, everyPage...)
		})
	}
}

func TestAccSnapshotsDataSource_filters(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		filters string
		want    []int
	}{
		"none":           {"", []int{0, 1, 2, 3}},
		"type":           {`snapshot_type = "scheduled"`, []int{0, 2}},
		"status":         {`status = "completed"`, []int{2, 3}},
		"unfinished":     {`status = "queued"`, []int{0}},
		"description":    {`description = "ours"`, []int{1, 3}},
		"before":         {`created_before = "2026-03-30T09:00:00Z"`, []int{3}},
		"after":          {`created_after = "2026-03-30T09:00:00Z"`, []int{0, 1}},
		"several":        {"status = \"completed\"\n  description = \"ours\"\n  created_after = \"2026-03-30T00:00:00Z\"", []int{3}},
		"nothing at all": {`description = "theirs"`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			ids := []string{
				a.Seed(t, atlassim.Seed{SnapshotType: "scheduled", Status: "queued", Frozen: true}, time.Hour),
				a.Seed(t, atlassim.Seed{Status: "failed", Description: words("ours")}, 2*time.Hour),
				a.Seed(t, atlassim.Seed{SnapshotType: "scheduled"}, 3*time.Hour),
				a.Seed(t, atlassim.Seed{Description: words("ours")}, 4*time.Hour),
			}
			var want []any
			for _, index := range c.want {
				want = append(want, ids[index])
			}
			tf := a.Configuration(t, allSnapshots(c.filters))
			tf.Do(0, acctest.Apply...)
			a.ExpectRequests(t, listPath)
			tf.ExpectResults(allAddress, "snapshot_id", want...)
			if _, isList := tf.Values(allAddress)["results"].([]any); !isList {
				t.Errorf("results is %v, expected a list", tf.Values(allAddress)["results"])
			}
		})
	}
}

// TestAccSnapshotsDataSource_moves has the list change between the first page and the second.
func TestAccSnapshotsDataSource_moves(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*testing.T, *acctest.Atlas)
		asked  []string
	}{
		"one is deleted": {
			change: func(_ *testing.T, a *acctest.Atlas) { a.Clock.Advance(30 * time.Second) },
			asked:  []string{listPath, listPath, listPath + " page 2"},
		},
		"one is added": {
			change: func(t *testing.T, a *acctest.Atlas) { a.Seed(t, atlassim.Seed{}, 0) },
			asked:  []string{listPath, listPath + " page 2"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			want := make([]any, 600)
			for i := range want {
				expires := acctest.Start.Add(24 * time.Hour)
				if i == 0 {
					expires = acctest.Start.Add(20 * time.Second)
				}
				want[i] = a.Seed(t, atlassim.Seed{ExpiresAt: expires}, time.Duration(i+1)*time.Hour)
			}
			var once sync.Once
			a.ClientOptions = append(a.ClientOptions, atlas.WithRecorder(func(next http.RoundTripper) http.RoundTripper {
				return roundTrip(func(request *http.Request) (*http.Response, error) {
					if request.URL.Query().Get("pageNum") == "2" {
						once.Do(func() { c.change(t, a) })
					}
					return next.RoundTrip(request)
				})
			}))
			tf := a.Configuration(t, allSnapshots(""))
			tf.Do(0, acctest.Apply...)
			a.ExpectRequests(t, c.asked...)
			tf.ExpectResults(allAddress, "snapshot_id", want...)
		})
	}
}

// roundTrip is a function as a round tripper.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }

func TestAccSnapshotsDataSource_badInput(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		configuration string
		said          []string
		asked         []string
	}{
		"unknown status":       {configuration: allSnapshots(`status = "COMPLETED"`), said: []string{"status", `must be one of: ["queued" "inProgress" "completed" "failed"]`}},
		"date without a time":  {configuration: allSnapshots(`created_before = "2026-01-01"`), said: []string{"created_before must be a date and time of RFC 3339", "2026-01-01T00:00:00Z is the beginning of that day"}},
		"window the wrong way": {configuration: allSnapshots("created_before = \"2026-01-01T00:00:00Z\"\n  created_after = \"2026-01-02T00:00:00Z\""), said: []string{"no snapshot lies between them"}},
		"empty description":    {configuration: allSnapshots(`description = ""`), said: []string{"length must be at least 1"}},
		"Flex cluster": {
			configuration: dataBlock("atlasbackup_snapshots", "Flex0", ""), asked: []string{"GET clusters/Flex0/backup/snapshots"},
			said: []string{"Unable to read snapshots", "cluster_name", "Error code: CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API", "atlasbackup_flex_snapshots"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			a.Configuration(t, c.configuration).ExpectPlanError(c.said...)
			a.ExpectRequests(t, c.asked...)
		})
	}
}
