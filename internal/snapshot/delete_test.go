package snapshot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait/waittest"
)

const deletableID = "69ca65c03265a83afa7bbafa"

// deletable is an Atlas with one completed snapshot. Each request to delete it takes the next answer, the last one again and
// again.
type deletable struct {
	clock *waittest.Clock
	start time.Time
	// answers are the status and the error code of the answers to DELETE; whatever has no status is a broken connection.
	answers []string
	// readableFor and listedFor are how long a GET and the list show the snapshot.
	readableFor, listedFor time.Duration
	// deletes are the moments of the requests to delete it.
	deletes []time.Duration
}

const forEver = 1000 * time.Hour

func (d *deletable) RoundTrip(request *http.Request) (*http.Response, error) {
	if err := request.Context().Err(); err != nil {
		return nil, err
	}
	now := d.clock.Now().Sub(d.start)
	snapshot := fmt.Sprintf(`{"id":%q,"status":"completed"}`, deletableID)
	answer := "404 SNAPSHOT_NOT_FOUND"
	switch {
	case request.Method == http.MethodDelete:
		d.deletes = append(d.deletes, now)
		if answer = d.answers[0]; len(d.answers) > 1 {
			d.answers = d.answers[1:]
		}
	case request.URL.Query().Has("pageNum") && now < d.listedFor:
		return reply(200, `{"links":[],"results":[`+snapshot+`],"totalCount":1}`), nil
	case request.URL.Query().Has("pageNum"):
		return reply(200, `{"links":[],"results":[],"totalCount":0}`), nil
	case now < d.readableFor:
		return reply(200, snapshot), nil
	}
	var status int
	var code string
	if _, err := fmt.Sscan(answer, &status, &code); err != nil {
		return nil, syscall.ECONNRESET
	}
	if status == http.StatusNoContent {
		return reply(status, ""), nil
	}
	return reply(status, fmt.Sprintf(`{"error":%d,"errorCode":%q,"detail":"No."}`, status, code)), nil
}

func reply(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
}

func (d *deletable) cluster() *cluster {
	d.start = time.Date(2026, time.March, 30, 12, 0, 0, 0, time.UTC)
	d.clock = waittest.NewClock(d.start)
	client := atlas.New(&url.URL{Scheme: "https", Host: "atlas.test"}, atlas.AccessToken("a token"),
		atlas.WithTransport(d), atlas.WithClock(d.clock), atlas.WithJitter(func() float64 { return 0 }))
	return &cluster{client: client, projectID: "5f0000000000000000000000", name: "Cluster0"}
}

// TestDelete_answers has every way in which a request to delete a snapshot is answered, and what Atlas shows of it meanwhile.
func TestDelete_answers(t *testing.T) {
	t.Parallel()
	const reset, missing, denied = "reset", "404 SNAPSHOT_NOT_FOUND", "403 FORBIDDEN"
	for name, c := range map[string]struct {
		answers          []string
		readable, listed time.Duration
		fails            string
		deletes          int
		within           time.Duration
	}{
		"deleted":                                      {[]string{"204 -"}, forEver, forEver, "", 1, 0},
		"gone already":                                 {[]string{missing}, 0, 0, "", 1, 0},
		"the answer is lost":                           {[]string{reset, missing}, 0, 0, "", 2, time.Second},
		"the answer is lost, the list lags":            {[]string{reset, missing}, 0, forEver, "", 2, time.Second},
		"the answer is an error, the list lags":        {[]string{"500 UNEXPECTED_ERROR", missing}, 0, forEver, "", 2, time.Second},
		"no answer at all, and it is gone":             {[]string{reset}, 0, forEver, "", 5, 15 * time.Second},
		"no answer at all, and it is there":            {[]string{reset}, forEver, forEver, "may or may not", 5, 15 * time.Second},
		"deleted by somebody, the list lags":           {[]string{missing}, 0, 100 * time.Second, "", 1, 3 * time.Minute},
		"deleted by somebody, the list lags for ever":  {[]string{missing}, 0, forEver, "answers 404 for the snapshot but still lists it", 1, 4 * time.Minute},
		"called missing once":                          {[]string{missing, "204 -"}, forEver, forEver, "", 2, 5 * time.Second},
		"called missing for ever, and shown":           {[]string{missing}, forEver, forEver, "answers 404 for the snapshot but still lists it", 4, time.Minute},
		"refused":                                      {[]string{denied}, forEver, forEver, "still there", 1, 0},
		"an answer is lost, then it is refused":        {[]string{reset, denied}, forEver, forEver, "may or may not", 2, time.Second},
		"limited, then refused":                        {[]string{"429 RATE_LIMITED", denied}, forEver, forEver, "still there", 2, 10 * time.Second},
		"in progress, although it is shown as settled": {[]string{"400 CANNOT_DELETE_IN_PROGRESS_SNAPSHOT", "400 CANNOT_DELETE_IN_PROGRESS_SNAPSHOT", "204 -"}, forEver, forEver, "", 3, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := &deletable{answers: c.answers, readableFor: c.readable, listedFor: c.listed}
			on := d.cluster()
			err := on.delete(t.Context(), deletableID, false)
			if (err == nil) != (c.fails == "") || err != nil && !strings.Contains(deleteRemedy(err), c.fails) {
				t.Errorf("error = %v: expected %q", err, c.fails)
			}
			if took := d.clock.Now().Sub(d.start); len(d.deletes) != c.deletes || took > c.within {
				t.Errorf("%d requests to delete within %s, expected %d within %s", len(d.deletes), took, c.deletes, c.within)
			}
			for i := 1; i < len(d.deletes); i++ {
				if d.deletes[i]-d.deletes[i-1] < time.Second && !strings.HasPrefix(name, "in progress") {
					t.Errorf("requests to delete at %v, expected pauses", d.deletes)
				}
			}
		})
	}
}

// TestDelete_interrupted tells a run that has asked Atlas for the deletion from one that has not.
func TestDelete_interrupted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answers []string
		pending bool
		says    string
	}{
		"after an answer was lost":             {[]string{"reset"}, false, "may or may not"},
		"after a limit":                        {[]string{"429 RATE_LIMITED"}, false, "still there"},
		"while the snapshot is called missing": {[]string{"404 SNAPSHOT_NOT_FOUND"}, false, "still there"},
		"while the snapshot is in progress":    {[]string{"400 CANNOT_DELETE_IN_PROGRESS_SNAPSHOT"}, true, "still there"},
	} {
		for how, end := range map[string]error{"interrupted": context.Canceled, "out of time": wait.ErrTimeout} {
			t.Run(name+", "+how, func(t *testing.T) {
				t.Parallel()
				d := &deletable{answers: c.answers, readableFor: forEver, listedFor: forEver}
				on := d.cluster()
				timed, done := d.clock.WithTimeout(t.Context(), time.Hour)
				defer done()
				ctx, cancel := context.WithCancel(timed)
				defer cancel()
				d.clock.Hold(func(context.Context, time.Duration) {
					if errors.Is(end, context.Canceled) {
						cancel()
					} else {
						d.clock.Advance(time.Hour)
					}
				})
				err := on.delete(ctx, deletableID, c.pending)
				if !errors.Is(err, end) || !strings.Contains(deleteRemedy(err), c.says) {
					t.Errorf("error = %v, %q; expected %v, %q", err, deleteRemedy(err), end, c.says)
				}
				if len(d.deletes) != 1 {
					t.Errorf("%d requests to delete, expected 1", len(d.deletes))
				}
			})
		}
	}
}
