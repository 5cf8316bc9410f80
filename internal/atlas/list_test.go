package atlas

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait/waittest"
)

// pagedAtlas is an Atlas that has one list, and lets a test change it between two requests.
type pagedAtlas struct {
	ids []string
	// before is called before every answer with the number of the request, from 1 on.
	before func(a *pagedAtlas, request int)
	// change, where set, changes a page before it is sent.
	change func(number int, page map[string]any)
	// asked are the numbers of the pages that were asked for.
	asked []int
	// perPage, where set, is how many elements there are on a page, however many were asked for.
	perPage int
}

func (a *pagedAtlas) RoundTrip(request *http.Request) (*http.Response, error) {
	query := request.URL.Query()
	number, _ := strconv.Atoi(query.Get("pageNum"))
	size, _ := strconv.Atoi(query.Get("itemsPerPage"))
	if a.perPage > 0 {
		size = a.perPage
	}
	a.asked = append(a.asked, number)
	if a.before != nil {
		a.before(a, len(a.asked))
	}
	from, to := min((number-1)*size, len(a.ids)), min(number*size, len(a.ids))
	results := []any{}
	for _, id := range a.ids[from:to] {
		results = append(results, map[string]any{"id": id, "status": "completed", "description": strings.Repeat("x", 700)})
	}
	links := []any{map[string]any{"rel": "self"}}
	if to < len(a.ids) {
		links = append(links, map[string]any{"rel": "next"})
	}
	page := map[string]any{"links": links, "results": results, "totalCount": len(a.ids)}
	if a.change != nil {
		a.change(number, page)
	}
	body, err := json.Marshal(page)
	if err != nil {
		return nil, err
	}
	return plainAnswer(http.StatusOK, string(body)), nil
}

func (a *pagedAtlas) client() *Client {
	return New(&url.URL{Scheme: "https", Host: "atlas.test"}, AccessToken("a token"),
		WithTransport(a), WithClock(waittest.NewClock(time.Date(2026, time.March, 30, 12, 0, 0, 0, time.UTC))))
}

// read reads the whole list and fails where it has an element twice.
func (a *pagedAtlas) read(t *testing.T) []string {
	t.Helper()
	var got []string
	for s, err := range a.client().ListSnapshots(t.Context(), "5f0000000000000000000000", "Cluster0") {
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(got, s.ID) {
			t.Errorf("%s came twice", s.ID)
		}
		got = append(got, s.ID)
	}
	return got
}

func (a *pagedAtlas) expectAsked(t *testing.T, want ...int) {
	t.Helper()
	if !slices.Equal(a.asked, want) {
		t.Errorf("the pages asked for are %v, expected %v", a.asked, want)
	}
}

// idsOf makes count IDs, newest first.
func idsOf(count int) []string {
	ids := make([]string, count)
	for i := range ids {
		ids[i] = fmt.Sprintf("69ca%020x", count-i)
	}
	return ids
}

func expectIDs(t *testing.T, got, want []string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the elements differ (-expected +got):\n%s", diff)
	}
}

func TestList_everyElementInFewRequests(t *testing.T) {
	t.Parallel()
	for count, requests := range map[int][]int{0: {1}, 1: {1}, 499: {1}, 500: {1}, 501: {1, 2}, 2160: {1, 2, 3, 4, 5}} {
		a := &pagedAtlas{ids: idsOf(count)}
		if got := a.read(t); !slices.Equal(got, a.ids) {
			t.Errorf("%d of %d elements came, or in another order", len(got), count)
		}
		a.expectAsked(t, requests...)
	}
}

func TestList_noFurtherThanAsked(t *testing.T) {
	t.Parallel()
	a := &pagedAtlas{ids: idsOf(2160)}
	client := a.client()
	for _, err := range client.ListSnapshots(t.Context(), "5f0000000000000000000000", "Cluster0") {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	a.expectAsked(t, 1)
	recent := 0
	for _, err := range client.RecentSnapshots(t.Context(), "5f0000000000000000000000", "Cluster0") {
		if recent++; err != nil {
			t.Fatal(err)
		}
	}
	if a.expectAsked(t, 1, 1); recent != 100 {
		t.Errorf("%d recent snapshots came, expected 100", recent)
	}
}

// TestList_deletedMeanwhile deletes what was read already, so that the rest moves forward past the border of the page.
func TestList_deletedMeanwhile(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		count, deleted int
		asked          []int
	}{
		"one":                           {count: 1200, deleted: 1, asked: []int{1, 2, 1, 3}},
		"the last page becomes empty":   {count: 501, deleted: 1, asked: []int{1, 2, 1}},
		"a page full":                   {count: 1200, deleted: 500, asked: []int{1, 2, 1}},
		"more than the reader has read": {count: 1600, deleted: 1100, asked: []int{1, 2, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := idsOf(c.count)
			a := &pagedAtlas{ids: slices.Clone(all), before: func(a *pagedAtlas, request int) {
				if request == 2 {
					a.ids = a.ids[c.deleted:]
				}
			}}
			got := a.read(t)
			for _, id := range all[c.deleted:] {
				if !slices.Contains(got, id) {
					t.Fatalf("%s is in the list and was not given", id)
				}
			}
			a.expectAsked(t, c.asked...)
		})
	}
}

// TestList_deletedFarBack deletes two pages' worth, so that what moves goes back over two borders.
func TestList_deletedFarBack(t *testing.T) {
	t.Parallel()
	all := idsOf(2000)
	a := &pagedAtlas{ids: slices.Clone(all), before: func(a *pagedAtlas, request int) {
		if request == 3 {
			a.ids = a.ids[700:]
		}
	}}
	if got := a.read(t); len(got) != 2000 {
		t.Errorf("%d elements came, expected all 2000: 700 were given before they went, 1300 are there", len(got))
	}
	a.expectAsked(t, 1, 2, 3, 1, 2)
}

func TestList_addedMeanwhile(t *testing.T) {
	t.Parallel()
	all := idsOf(1100)
	a := &pagedAtlas{ids: slices.Clone(all), before: func(a *pagedAtlas, request int) {
		if request == 2 {
			a.ids = append([]string{"69cb00000000000000000001", "69cb00000000000000000002"}, a.ids...)
		}
	}}
	expectIDs(t, a.read(t), all)
	a.expectAsked(t, 1, 2, 3)
}

// TestList_strangeAnswers are lists that Atlas was never seen to give: no duplicate, no crash, no endless reading.
func TestList_strangeAnswers(t *testing.T) {
	t.Parallel()
	all := idsOf(1200)
	next := []any{map[string]any{"rel": "next"}}
	for name, c := range map[string]struct {
		change func(number int, page map[string]any)
		want   []string
		asked  []int
	}{
		"an element twice on a page": {
			change: func(_ int, page map[string]any) {
				results, _ := page["results"].([]any)
				page["results"] = append(results, results...)
			},
			want: all, asked: []int{1, 2, 3},
		},
		"no links":       {change: func(_ int, page map[string]any) { delete(page, "links") }, want: all, asked: []int{1, 2, 3}},
		"links are null": {change: func(_ int, page map[string]any) { page["links"] = nil }, want: all, asked: []int{1, 2, 3}},
		"no total":       {change: func(_ int, page map[string]any) { delete(page, "totalCount") }, want: all, asked: []int{1, 2, 3}},
		"the total grows": {
			change: func(number int, page map[string]any) { page["totalCount"] = 1200 + 100*number },
			want:   all, asked: []int{1, 2, 3},
		},
		"the total is wrong for once": {
			change: func(number int, page map[string]any) { page["totalCount"] = 1200 - number%2*1199 },
			want:   all, asked: []int{1, 2, 3, 1, 2},
		},
		"a next page for ever": {change: func(_ int, page map[string]any) { page["links"] = next }, want: all, asked: []int{1, 2, 3, 4, 5}},
		"the same page for ever": {
			change: func(number int, page map[string]any) {
				(&pagedAtlas{ids: all}).onlyPage(page, 1)
				page["links"] = next
			},
			want: all[:500], asked: []int{1, 2, 3},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &pagedAtlas{ids: slices.Clone(all), change: c.change}
			expectIDs(t, a.read(t), c.want)
			a.expectAsked(t, c.asked...)
		})
	}
}

// onlyPage puts a page of 500 into an answer.
func (a *pagedAtlas) onlyPage(page map[string]any, number int) {
	results := []any{}
	for _, id := range a.ids[(number-1)*500 : number*500] {
		results = append(results, map[string]any{"id": id, "status": "completed"})
	}
	page["results"] = results
}

// TestList_uselessAnswers are no lists. They must not pass for empty ones: an empty list says that a snapshot is gone.
func TestList_uselessAnswers(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(page map[string]any){
		"no results":            func(page map[string]any) { delete(page, "results") },
		"results are null":      func(page map[string]any) { page["results"] = nil },
		"an element is null":    func(page map[string]any) { page["results"] = []any{nil} },
		"an element has no id":  func(page map[string]any) { page["results"] = []any{map[string]any{"status": "completed"}} },
		"results are no list":   func(page map[string]any) { page["results"] = "none" },
		"an element is no such": func(page map[string]any) { page["results"] = []any{7} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &pagedAtlas{ids: idsOf(3), change: func(_ int, page map[string]any) { change(page) }}
			var failed error
			for _, err := range a.client().ListSnapshots(t.Context(), "5f0000000000000000000000", "Cluster0") {
				failed = err
			}
			if !IsTransient(failed) || !strings.Contains(fmt.Sprint(failed), "GET /api/atlas/v2/groups/") {
				t.Errorf("the error is %v, expected one that says which answer is useless", failed)
			}
		})
	}
}

func TestList_errorBetween(t *testing.T) {
	t.Parallel()
	a := &pagedAtlas{ids: idsOf(1200), change: func(number int, page map[string]any) {
		if number == 2 {
			page["results"] = "none"
		}
	}}
	given, failures := 0, 0
	for _, err := range a.client().ListSnapshots(t.Context(), "5f0000000000000000000000", "Cluster0") {
		if given++; err != nil {
			failures++
		}
	}
	if given != 501 || failures != 1 {
		t.Errorf("%d elements with %d errors came, expected the first page and then one error", given, failures)
	}
}

// TestList_memory reads long lists without keeping them: what stays of a page are the IDs that tell repeats.
func TestList_memory(t *testing.T) {
	const perPage = 100 << 10
	short, long := retained(t, 4), retained(t, 40)
	grown := max(long-short, 0) / 36
	t.Logf("%d KiB are kept after 4 pages, %d KiB after 40: %d KiB a page of 500", short>>10, long>>10, grown>>10)
	if grown > perPage {
		t.Errorf("every further page keeps %d bytes, expected less than %d", grown, perPage)
	}
}

// retained is how much more memory is in use when the last page of a list of so many has been read.
func retained(t *testing.T, pages int) int64 {
	t.Helper()
	a := &pagedAtlas{ids: idsOf(500 * pages)}
	client := a.client()
	before := heap()
	var after int64
	number := 0
	for _, err := range client.ListSnapshots(t.Context(), "5f0000000000000000000000", "Cluster0") {
		if err != nil {
			t.Fatal(err)
		}
		if number++; number == 500*pages {
			after = heap()
		}
	}
	runtime.KeepAlive(a)
	return after - before
}

func heap() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// BenchmarkPages reads 2,160 snapshots. The allocations are those of decoding; they do not grow with the pages before.
func BenchmarkPages(b *testing.B) {
	for _, count := range []int{500, 2160, 21600} {
		b.Run(strconv.Itoa(count), func(b *testing.B) {
			ids := idsOf(count)
			b.ReportAllocs()
			for b.Loop() {
				a := &pagedAtlas{ids: ids}
				for _, err := range a.client().ListSnapshots(b.Context(), "5f0000000000000000000000", "Cluster0") {
					if err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(len(a.asked)), "pages/op")
			}
		})
	}
}
