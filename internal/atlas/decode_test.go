package atlas

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// warnings are what a client warns of: the fields, and whether their meaning was plain.
type warnings []string

func (w *warnings) option() Option {
	return WithWarn(func(_ context.Context, message string, fields map[string]any) {
		field, _ := fields["field"].(string)
		if strings.Contains(message, "plain") {
			field += ", read"
		}
		*w = append(*w, field)
	})
}

// Whatever a field has in another than the documented form, the others are read: in the answer to a request for a snapshot,
// where the ID must not get lost, and in every other.
func TestDecode_undocumentedFields(t *testing.T) {
	moment := time.Date(2026, 8, 10, 3, 28, 0, 0, time.UTC)
	size := func(n int64) func(*Snapshot) { return func(s *Snapshot) { s.StorageSizeBytes = &n } }
	absent := func(*Snapshot) {}
	for name, tt := range map[string]struct {
		odd  string
		want func(*Snapshot)
		read bool
	}{
		"size in quotes":              {`"storageSizeBytes":"1500"`, size(1500), true},
		"size with an exponent":       {`"storageSizeBytes":1.5E9`, size(1500000000), true},
		"size with both":              {`"storageSizeBytes":" 1.5E9 "`, size(1500000000), true},
		"size with a point":           {`"storageSizeBytes":12.0`, size(12), true},
		"size is a fraction":          {`"storageSizeBytes":1.5`, absent, false},
		"size is too large":           {`"storageSizeBytes":99999999999999999999`, absent, false},
		"size is larger than numbers": {`"storageSizeBytes":1e400`, absent, false},
		"size is a word":              {`"storageSizeBytes":"large"`, absent, false},
		"size is no number":           {`"storageSizeBytes":"NaN"`, absent, false},
		"size is an object":           {`"storageSizeBytes":{"bytes":1}`, absent, false},
		"time without T":              {`"createdAt":"2026-08-10 03:28:00Z"`, func(s *Snapshot) { s.CreatedAt = &moment }, true},
		"time without T, elsewhere":   {`"createdAt":"2026-08-10 05:28:00+02:00"`, func(s *Snapshot) { s.CreatedAt = &moment }, true},
		"time without a zone":         {`"createdAt":"2026-08-10 03:28:00"`, absent, false},
		"time is empty":               {`"createdAt":""`, absent, false},
		"time is a number":            {`"expiresAt":1786332480`, absent, false},
		"time is a day":               {`"expiresAt":"2026-08-10"`, absent, false},
		"time beyond the calendar":    {`"expiresAt":"9999-12-31T23:59:59-05:00"`, absent, false},
		"policy items are objects":    {`"policyItems":[{"id":"x"}]`, absent, false},
		"policy items are a text":     {`"policyItems":"none"`, absent, false},
		"description is an object":    {`"description":{"text":"x"}`, absent, false},
		"version is a number":         {`"mongodVersion":8.0`, absent, false},
		"type is a number":            {`"snapshotType":7`, absent, false},
		"members are none":            {`"members":{}`, absent, false},
		"members are texts":           {`"members":["shard-0"]`, absent, false},
		"ids are numbers":             {`"snapshotIds":[1,2]`, absent, false},
	} {
		t.Run(name, func(t *testing.T) {
			body := `{"cloudProvider":"AWS","id":"` + wireSnapshot + `",` + tt.odd + `,"status":"queued","replicaSetName":"rs"}`
			provider, set := "AWS", "rs"
			want := &Snapshot{ID: wireSnapshot, Status: "queued", CloudProvider: &provider, ReplicaSetName: &set}
			tt.want(want)
			field, _, _ := strings.Cut(strings.Trim(tt.odd, `"`), `"`)
			if tt.read {
				field += ", read"
			}
			for how, read := range everyRead {
				answer := body
				if strings.HasPrefix(how, "list") {
					answer = `{"links":[],"results":[{"id":"6a7944f22c88faeba59d3573","status":"queued"},` + body + `],"totalCount":2}`
				}
				w := newWire(t, reply(http.StatusOK, answer))
				var warned warnings
				client, _ := w.client(t, warned.option())
				for range 2 {
					got, err := read(t.Context(), client)
					if err != nil {
						t.Fatalf("%s: %v", how, err)
					}
					if diff := cmp.Diff(want, got, cmp.Comparer(time.Time.Equal)); diff != "" {
						t.Errorf("%s (-want +got):\n%s", how, diff)
					}
				}
				w.expectArrivals(t, 2)
				if diff := cmp.Diff(warnings{field}, warned); diff != "" {
					t.Errorf("%s: warnings (-want +got):\n%s", how, diff)
				}
			}
		})
	}
}

// everyRead reads a snapshot in every way.
var everyRead = map[string]func(context.Context, *Client) (*Snapshot, error){
	"take": func(ctx context.Context, c *Client) (*Snapshot, error) {
		return c.TakeSnapshot(ctx, wireProject, wireCluster, TakeSnapshotRequest{RetentionInDays: 1})
	},
	"get": func(ctx context.Context, c *Client) (*Snapshot, error) {
		return c.GetSnapshot(ctx, wireProject, wireCluster, wireSnapshot)
	},
	"get sharded": func(ctx context.Context, c *Client) (*Snapshot, error) {
		return c.GetShardedSnapshot(ctx, wireProject, wireCluster, wireSnapshot)
	},
	"update": func(ctx context.Context, c *Client) (*Snapshot, error) {
		return c.UpdateRetention(ctx, wireProject, wireCluster, wireSnapshot, 30)
	},
	"list": func(ctx context.Context, c *Client) (last *Snapshot, err error) {
		for last, err = range c.ListSnapshots(ctx, wireProject, wireCluster) {
			if err != nil {
				return nil, err
			}
		}
		return last, nil
	},
	"list of sharded": func(ctx context.Context, c *Client) (*Snapshot, error) {
		all, err := c.ListShardedSnapshots(ctx, wireProject, wireCluster)
		if err != nil {
			return nil, err
		}
		return all[len(all)-1], nil
	},
}

// The snapshots of Flex clusters and of serverless instances are read in the same way.
func TestDecode_undocumentedFieldsElsewhere(t *testing.T) {
	start := time.Date(2026, 8, 10, 3, 28, 0, 0, time.UTC)
	w := newWire(t, reply(http.StatusOK, `{"id":"`+wireSnapshot+`","status":"COMPLETED","scheduledTime":7,"startTime":"2026-08-10T03:28:00Z","mongoDBVersion":[8]}`))
	var warned warnings
	client, _ := w.client(t, warned.option())
	flex, err := client.GetFlexSnapshot(t.Context(), wireProject, wireCluster, wireSnapshot)
	if diff := cmp.Diff(&FlexSnapshot{ID: wireSnapshot, Status: "COMPLETED", StartedAt: &start}, flex); diff != "" || err != nil {
		t.Errorf("error = %v (-want +got):\n%s", err, diff)
	}
	w.answers = []roundTrip{reply(http.StatusOK, `{"id":"`+wireSnapshot+`","status":"completed","createdAt":"2026-08-10T03:28:00Z","storageSizeBytes":"7","snapshotType":{}}`)}
	size := int64(7)
	serverless, err := client.GetServerlessSnapshot(t.Context(), wireProject, wireCluster, wireSnapshot)
	if diff := cmp.Diff(&ServerlessSnapshot{ID: wireSnapshot, Status: "completed", CreatedAt: &start, StorageSizeBytes: &size}, serverless); diff != "" || err != nil {
		t.Errorf("error = %v (-want +got):\n%s", err, diff)
	}
	if diff := cmp.Diff(warnings{"scheduledTime", "mongoDBVersion", "snapshotType", "storageSizeBytes, read"}, warned); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

// An answer that is asked for again leaves nothing of the one before.
func TestDecode_nothingIsLeftOfAnEarlierAnswer(t *testing.T) {
	w := newWire(t, reply(http.StatusOK, `{"description":"of nothing","status":"queued"}`), reply(http.StatusOK, queuedBody))
	client, _ := w.client(t)
	got, err := client.GetSnapshot(t.Context(), wireProject, wireCluster, wireSnapshot)
	if err != nil || got.Description != nil {
		t.Errorf("snapshot = %+v, error = %v", got, err)
	}
	part := `{"links":[],"results":[{"id":"` + wireSnapshot + `","status":"queued"}],"totalCount":1}`
	w.answers = []roundTrip{reply(http.StatusOK, `{"links":[],"totalCount":1}`), reply(http.StatusOK, part)}
	elements := 0
	for _, err := range client.ListSnapshots(t.Context(), wireProject, wireCluster) {
		if elements++; err != nil {
			t.Error(err)
		}
	}
	if elements != 1 {
		t.Errorf("%d elements came", elements)
	}
}

// What is warned of has no secret, and is short.
func TestDecode_warningIsShort(t *testing.T) {
	w := newWire(t, reply(http.StatusOK, `{"id":"`+wireSnapshot+`","status":"queued","description":["Authorization: Bearer `+wireToken+`","`+strings.Repeat("x\\n", 500)+`"]}`))
	var value string
	client, _ := w.client(t, WithWarn(func(_ context.Context, _ string, fields map[string]any) { value, _ = fields["value"].(string) }))
	if _, err := client.GetSnapshot(t.Context(), wireProject, wireCluster, wireSnapshot); err != nil {
		t.Fatal(err)
	}
	if expectOneLine(t, value, snippetRunes+1); value == "" || strings.Contains(value, wireToken) {
		t.Errorf("value = %q", value)
	}
}
