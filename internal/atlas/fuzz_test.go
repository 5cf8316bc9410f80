package atlas

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait/waittest"
)

// Whatever answers, an error says it in short printable words, and only what has the form of Atlas's errors counts as one.
func FuzzError(f *testing.F) {
	for _, seed := range []string{
		`{"detail":"Another on-demand snapshot is queued or in progress.","error":400,"errorCode":"UNFINISHED_ON_DEMAND_SNAPSHOT","parameters":[],"reason":"Bad Request"}`,
		`{"detail":"Could not find it.","error":404,"errorCode":null,"parameters":null,"reason":"Not Found"}`,
		"{\n  \"error\" : 401,\n  \"reason\" : \"Unauthorized\",\n  \"detail\" : \"You are not authorized for this resource.\"\n}",
		`{"error":400,"errorCode":"BAD_REQUEST","badRequestDetail":{"fields":[{"field":"a","description":"b\u0000\u202e"},null,7]}}`,
		`{"error":"invalid_client","error_description":"Invalid credentials provided."}`,
		`{"error":{"error":400},"errorCode":[],"badRequestDetail":"x"}`,
		"<html><h1>502 Bad Gateway</h1></html>",
		"Authorization: Bearer secret",
		"\xff\x00\x1b[31m",
		"null", "[]", "0", "",
	} {
		f.Add(400, seed, "")
	}
	f.Add(302, "", "https://user:secret@login.example.com/?session=secret")
	f.Add(308, "", "\x7f://")
	f.Fuzz(func(t *testing.T, status int, body, location string) {
		response := &http.Response{StatusCode: status, Header: http.Header{"Location": {location}}}
		e := newError("POST /x", response, []byte(body), wireNow)
		if e.StatusCode != status || e.FromAtlas && e.BodySnippet != "" || !e.FromAtlas && (e.Code != "" || e.Fields != nil) {
			t.Errorf("error = %+v", e)
		}
		if e.FromAtlas && !strings.HasPrefix(strings.TrimSpace(body), "{") {
			t.Errorf("%q counts as Atlas's", body)
		}
		for _, text := range []string{e.Code, e.Detail, e.Reason, e.Status()} {
			expectOneLine(t, text, textRunes+1)
		}
		expectOneLine(t, e.BodySnippet, snippetRunes+1)
		expectOneLine(t, e.Error(), 2*textRunes+snippetRunes+100)
		for _, field := range e.Fields {
			expectOneLine(t, field.Field, textRunes+1)
			expectOneLine(t, field.Description, textRunes+1)
		}
	})
}

// Whatever comes as a snapshot, either it is one that can be waited for and saved, or the answer is an error.
func FuzzSnapshot(f *testing.F) {
	for _, seed := range []string{
		queuedBody,
		`{"copyRegions":[],"description":"test-snapshot","expiresAt":"2026-08-11T03:26:42Z","frequencyType":"ondemand","id":"6a7944f22c88faeba59d3572","links":[{"href":"https://cloud.mongodb.com/x","rel":"self"}],"policyItems":[],"replicaSetName":"cluster-209","snapshotType":"onDemand","status":"queued","storageSizeBytes":0,"type":"replicaSet"}`,
		`{"cloudProvider":"AWS","createdAt":"2026-08-10T03:28:08Z","id":"6a7944f22c88faeba59d3572","mongodVersion":"8.0.13","status":"completed","storageSizeBytes":4320000000}`,
		`{"configServerType":"EMBEDDED","id":"6a7944f22c88faeba59d3572","members":[{"cloudProvider":"AWS","id":"6a7944f22c88faeba59d3573","replicaSetName":"s-0"}],"snapshotIds":["6a7944f22c88faeba59d3573"],"status":"inProgress","type":"shardedCluster"}`,
		`{"id":"6A7944F22C88FAEBA59D3572","status":"\u0000","storageSizeBytes":-1}`,
		`{"id":"6a7944f22c88faeba59d3572","status":"queued","createdAt":"0000-00-00T00:00:00Z"}`,
		`{"id":"6a7944f22c88faeba59d3572","status":"queued","members":[null],"copyRegions":[null],"storageSizeBytes":1e400}`,
		`{"id":"6a7944f22c88faeba59d3572","status":"queued","policyItems":[{"id":"x"}],"storageSizeBytes":"1.5E9","createdAt":"2026-08-10 03:28:00Z","expiresAt":7}`,
		`{"id":"6a7944f22c88faeba59d3572","status":"queued","createdAt":"9999-12-31 23:59:59-23:59","expiresAt":"0000-01-01T00:00:00+23:59"}`,
		"null", "[]", `""`, "", "<html>",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		w := newWire(t, reply(http.StatusOK, body))
		client, _ := w.client(t)
		for _, take := range []bool{true, false} {
			s, err := oneOf(t.Context(), client, take)
			if err != nil {
				var answer *AnswerError
				if !errors.As(err, &answer) || s != nil {
					t.Errorf("error of type %T: %v", err, err)
				}
				expectOneLine(t, err.Error(), descriptionRunes+4*snippetRunes+200)
				continue
			}
			if _, ok := ObjectIDTime(s.ID); !ok || s.Status == "" || s.RequestedAt().IsZero() || s.Settled() == s.Pending() {
				t.Errorf("snapshot = %+v", s)
			}
			for _, at := range []*time.Time{s.CreatedAt, s.ExpiresAt} {
				if at == nil {
					continue
				}
				if _, err := at.UTC().MarshalJSON(); err != nil {
					t.Errorf("a time that cannot be saved: %v", err)
				}
			}
		}
	})
}

// Whatever comes as a list, reading it ends, and what it gives can be told apart or is an error.
func FuzzList(f *testing.F) {
	for _, seed := range []string{
		`{"links":[{"rel":"self"}],"results":[` + queuedBody + `],"totalCount":1}`,
		`{"links":[{"rel":"next"}],"results":[` + queuedBody + `,null,7,{}],"totalCount":"9"}`,
		`{"links":[],"totalCount":0}`, `{"results":null,"totalCount":3}`, `{"results":{},"totalCount":-1}`, `{"links":{}}`,
		"null", "[]", `""`, "", "<html>",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		w := newWire(t, reply(http.StatusOK, body))
		client, _ := w.client(t)
		given := map[string]bool{}
		for s, err := range client.ListSnapshots(t.Context(), wireProject, wireCluster) {
			switch {
			case err != nil:
				expectOneLine(t, err.Error(), descriptionRunes+4*snippetRunes+200)
			case s.ID == "" || given[s.ID]:
				t.Errorf("snapshot = %+v, given before = %t", s, given[s.ID])
			default:
				given[s.ID] = true
			}
		}
	})
}

// A pause that a header asks for is never negative, and can be made longer by the jitter.
func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"0", "7", "-7", "9223372036854775807", "18446744073709551615", "1e9", "Mon, 10 Aug 2026 03:30:20 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", ""} {
		f.Add(seed, "")
		f.Add(seed, "Mon, 01 Jan 0001 00:00:00 GMT")
	}
	f.Fuzz(func(t *testing.T, value, date string) {
		header := http.Header{"Retry-After": {value}, "Date": {date}}
		d, said := retryAfter(header, wireNow)
		if d < 0 || !said && d != 0 {
			t.Errorf("retryAfter = %s, %t", d, said)
		}
		if s, err := strconv.ParseUint(value, 10, 32); err == nil && d != min(time.Duration(s)*time.Second, maxRetryAfter) {
			t.Errorf("retryAfter of %q = %s", value, d)
		}
		c := &Client{clock: waittest.NewClock(wireNow), jitter: func() float64 { return math.Nextafter(1, 0) }}
		if !said {
			return
		}
		if pause := c.pause(&http.Response{Header: http.Header{"Retry-After": {value}, "Date": {date}}}, 1, firstPause); pause < time.Second || pause < d {
			t.Errorf("the pause of %s is %s", d, pause)
		}
	})
}

func FuzzObjectIDTime(f *testing.F) {
	for _, seed := range []string{wireSnapshot, "000000000000000000000000", "ffffffffffffffffffffffff", "6A7944F22C88FAEBA59D3572", "6a79", "zz7944f22c88faeba59d3572", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, id string) {
		at, ok := ObjectIDTime(id)
		hexadecimal := len(id) == 24 && strings.Trim(strings.ToLower(id), "0123456789abcdef") == ""
		if ok != hexadecimal || !ok && !at.IsZero() {
			t.Fatalf("ObjectIDTime(%q) = %s, %t", id, at, ok)
		}
		if !ok {
			return
		}
		if want, err := strconv.ParseInt(id[:8], 16, 64); err != nil || at.Unix() != want || at.Nanosecond() != 0 || at.Location() != time.UTC {
			t.Errorf("ObjectIDTime(%q) = %s", id, at)
		}
	})
}
