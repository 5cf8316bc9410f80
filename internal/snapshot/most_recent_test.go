package snapshot

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/operation"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait/waittest"
)

// listed is an Atlas with one list, in whatever order a test gives it.
type listed struct {
	all   []map[string]any
	pages int
	// noNext leaves out the links to the next page.
	noNext bool
}

func (l *listed) RoundTrip(request *http.Request) (*http.Response, error) {
	l.pages++
	number, err := strconv.Atoi(request.URL.Query().Get("pageNum"))
	if err != nil {
		return nil, err
	}
	from, to := min((number-1)*500, len(l.all)), min(number*500, len(l.all))
	links := []any{map[string]any{"rel": "self"}}
	if to < len(l.all) && !l.noNext {
		links = append(links, map[string]any{"rel": "next"})
	}
	body, err := json.Marshal(map[string]any{"results": l.all[from:to], "links": links, "totalCount": len(l.all)})
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(body)))}, nil
}

func (l *listed) cluster() *cluster {
	now := time.Date(2026, time.March, 30, 12, 0, 0, 0, time.UTC)
	client := atlas.New(&url.URL{Scheme: "https", Host: "atlas.test"}, atlas.AccessToken("a token"),
		atlas.WithTransport(l), atlas.WithClock(waittest.NewClock(now)))
	return &cluster{client: client, projectID: "5f0000000000000000000000", name: "Cluster0"}
}

// entry is a snapshot in a list: asked for at a minute, taken so many minutes later.
func entry(minute, late int, status string) map[string]any {
	requested := time.Date(2026, time.January, 1, 0, minute, 0, 0, time.UTC)
	s := map[string]any{"id": fmt.Sprintf("%08x%016x", requested.Unix(), minute), "status": status, "type": "replicaSet"}
	if status == atlas.StatusCompleted {
		s["createdAt"] = requested.Add(time.Duration(late) * time.Minute).Format(time.RFC3339)
	}
	return s
}

// newestFirst are completed snapshots, one a minute.
func newestFirst(count int) []map[string]any {
	all := make([]map[string]any, count)
	for i := range all {
		all[i] = entry(count-i, 0, atlas.StatusCompleted)
	}
	return all
}

// TestMostRecent_order has lists in orders that Atlas does not document: what is found is the newest all the same.
func TestMostRecent_order(t *testing.T) {
	t.Parallel()
	oldestFirst := newestFirst(1200)
	slices.Reverse(oldestFirst)
	shuffled := newestFirst(1200)
	rand.New(rand.NewPCG(1, 2)).Shuffle(1200, func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	pagesInDisorder := append(newestFirst(1200)[500:], newestFirst(1200)[:500]...)
	pendingFirst := newestFirst(1200)
	for i := range 500 {
		pendingFirst[i]["status"] = atlas.StatusInProgress
		delete(pendingFirst[i], "createdAt")
	}
	for name, c := range map[string]struct {
		all  []map[string]any
		want any
	}{
		"as documented":                    {newestFirst(1200), newestFirst(1200)[0]["id"]},
		"oldest first, as Flex":            {oldestFirst, oldestFirst[1199]["id"]},
		"shuffled":                         {shuffled, newestFirst(1200)[0]["id"]},
		"each page as documented, no more": {pagesInDisorder, newestFirst(1200)[0]["id"]},
		"none completed on the first page": {pendingFirst, pendingFirst[500]["id"]},
		"asked for first, taken last": {
			[]map[string]any{entry(20, 1, atlas.StatusCompleted), entry(10, 30, atlas.StatusCompleted), entry(5, 1, atlas.StatusCompleted)},
			entry(10, 0, "")["id"],
		},
		"completed without a time": {[]map[string]any{{"id": entry(30, 0, "")["id"], "status": atlas.StatusCompleted}, entry(10, 1, atlas.StatusCompleted)}, entry(30, 0, "")["id"]},
		"one":                      {newestFirst(1), newestFirst(1)[0]["id"]},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, noNext := range []bool{false, true} {
				list := &listed{all: c.all, noNext: noNext}
				found, passed, err := list.cluster().mostRecent(t.Context(), filter{})
				if err != nil || found == nil || found.ID != c.want {
					t.Errorf("found %v (%v), expected %v", found, err, c.want)
				}
				if pages := (len(c.all) + 499) / 500; list.pages != pages || passed.Seen != len(c.all) {
					t.Errorf("%d pages were read and %d snapshots looked at, expected %d pages", list.pages, passed.Seen, pages)
				}
			}
		})
	}
}

func TestMostRecent_none(t *testing.T) {
	t.Parallel()
	list := &listed{all: []map[string]any{
		entry(4, 0, "invented"), entry(3, 0, atlas.StatusQueued), entry(2, 0, atlas.StatusFailed), entry(1, 0, atlas.StatusInProgress),
	}}
	found, passed, err := list.cluster().mostRecent(t.Context(), filter{})
	if found != nil || err != nil || passed.Seen != 4 || passed.Unfinished != 3 || passed.Failed != 1 {
		t.Errorf("found %v (%v) and passed over %+v, expected none: 3 unfinished and 1 failed of 4", found, err, passed)
	}
}

// TestMostRecent_unreadable passes over what cannot be read, and says so: it may have been the newest.
func TestMostRecent_unreadable(t *testing.T) {
	t.Parallel()
	odd := entry(9, 0, atlas.StatusCompleted)
	odd["storageSizeBytes"], odd["policyItems"] = "1.5E9", []any{map[string]any{"id": "x"}}
	list := &listed{all: []map[string]any{nil, odd, {"status": "completed"}, entry(5, 0, atlas.StatusCompleted)}}
	found, passed, err := list.cluster().mostRecent(t.Context(), filter{})
	if err != nil || found == nil || found.ID != odd["id"] || found.PolicyItems != nil || *found.StorageSizeBytes != 1500000000 {
		t.Errorf("found %+v (%v)", found, err)
	}
	if passed.Seen != 2 || len(passed.Unreadable) != 2 {
		t.Errorf("passed over %+v", passed)
	}
	all, warnings, err := list.cluster().all(t.Context(), filter{})
	if err != nil || len(all) != 2 || len(warnings) != 1 || !strings.Contains(warnings[0].Detail(), "Unreadable: 2.") {
		t.Errorf("found %v (%v) with warnings %v", all, err, warnings)
	}
}

// TestConfirm_unreadable does not believe that a snapshot is gone whose list has something that cannot be read.
func TestConfirm_unreadable(t *testing.T) {
	t.Parallel()
	list := &listed{all: []map[string]any{nil, entry(5, 0, atlas.StatusCompleted)}}
	missing := &atlas.Error{StatusCode: http.StatusNotFound, FromAtlas: true}
	found, err := list.cluster().confirm(t.Context(), fmt.Sprint(entry(9, 0, "")["id"]), missing)
	if found != nil || errors.Is(err, operation.ErrGone) || !atlas.IsTransient(err) {
		t.Errorf("found %v (%v), expected an error that says nothing of the snapshot", found, err)
	}
}

// TestAll_sorted sorts by when snapshots were taken; one that is not taken yet stands where it was asked for.
func TestAll_sorted(t *testing.T) {
	t.Parallel()
	list := &listed{all: []map[string]any{
		entry(10, 30, atlas.StatusCompleted), entry(20, 1, atlas.StatusCompleted), entry(5, 1, atlas.StatusCompleted), entry(35, 0, atlas.StatusInProgress),
	}}
	found, warnings, err := list.cluster().all(t.Context(), filter{})
	if err != nil || warnings != nil {
		t.Fatal(err, warnings)
	}
	var got []any
	for _, s := range found {
		got = append(got, s.ID)
	}
	want := []any{entry(10, 0, "")["id"], entry(35, 0, "")["id"], entry(20, 0, "")["id"], entry(5, 0, "")["id"]}
	if !slices.Equal(got, want) {
		t.Errorf("the order is %v, expected %v", got, want)
	}
}
