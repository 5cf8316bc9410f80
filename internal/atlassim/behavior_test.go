package atlassim_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

const (
	completion = 3 * time.Minute
	day        = 24 * time.Hour
)

// newHarnessWith returns a harness whose snapshots take three minutes, on an Atlas with these switches.
func newHarnessWith(t *testing.T, change func(*atlassim.Behavior)) *harness {
	t.Helper()
	b := newHarness(t, atlassim.Options{Seed: 1})
	b.sim.CompleteAfter(completion)
	b.sim.SetBehavior(change)
	return b
}

// listed returns the IDs in the list of the fixture's replica set.
func (b *harness) listed() []string {
	b.t.Helper()
	var ids []string
	for _, one := range results(b.t, b.get(b.snapshots())) {
		ids = append(ids, text(one, "id"))
	}
	return ids
}

// expiry returns the expiry that a GET shows.
func (b *harness) expiry(id string) time.Time {
	b.t.Helper()
	recorder := b.get(b.snapshots(id))
	expectStatus(b.t, recorder, http.StatusOK)
	return moment(b.t, decode(b.t, recorder), "expiresAt")
}

func (b *harness) patch(id, content string) body {
	b.t.Helper()
	recorder := b.api(http.MethodPatch, b.snapshots(id), version2023, content)
	expectStatus(b.t, recorder, http.StatusOK)
	return decode(b.t, recorder)
}

// idTime returns the time in an ID.
func idTime(t *testing.T, id string) time.Time {
	t.Helper()
	seconds, err := strconv.ParseInt(id[:8], 16, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.Unix(seconds, 0).UTC()
}

func TestBehaviorLags(t *testing.T) {
	b := newHarnessWith(t, func(s *atlassim.Behavior) { s.ListLag, s.GetLag = time.Minute, 20*time.Second })
	seeded, err := b.sim.SeedSnapshot(atlassim.Seed{})
	if err != nil {
		t.Fatal(err)
	}
	id := text(b.take(`{"retentionInDays":1}`), "id")
	expectStatus(t, b.get(b.snapshots(id)), http.StatusNotFound)
	expectStatus(t, b.get(b.snapshots("shardedCluster", id)), http.StatusNotFound)
	if got := b.listed(); !slices.Equal(got, []string{seeded}) {
		t.Errorf("in the list at once: %v, and no lag holds a seeded one back", got)
	}
	expectStatus(t, b.api(http.MethodPost, b.snapshots(), version2023, `{}`), http.StatusBadRequest)
	b.advance(20 * time.Second)
	expectStatus(t, b.get(b.snapshots(id)), http.StatusOK)
	if got := b.listed(); len(got) != 1 {
		t.Errorf("in the list after 20 s: %v", got)
	}
	b.advance(40 * time.Second)
	if got := b.listed(); !slices.Equal(got, []string{id, seeded}) {
		t.Errorf("in the list after a minute: %v", got)
	}
}

func TestBehaviorDeletedVisible(t *testing.T) {
	b := newHarnessWith(t, func(s *atlassim.Behavior) { s.DeletedInListFor, s.DeletedReadableFor = time.Minute, 20*time.Second })
	id := text(b.take(`{"retentionInDays":1}`), "id")
	b.advance(completion)
	expectStatus(t, b.api(http.MethodDelete, b.snapshots(id), version2023, ""), http.StatusNoContent)
	expectStatus(t, b.get(b.snapshots(id)), http.StatusOK)
	expectStatus(t, b.api(http.MethodDelete, b.snapshots(id), version2023, ""), http.StatusNotFound)
	b.advance(20 * time.Second)
	expectStatus(t, b.get(b.snapshots(id)), http.StatusNotFound)
	if got := b.listed(); !slices.Equal(got, []string{id}) {
		t.Errorf("in the list 20 s after the DELETE: %v", got)
	}
	b.advance(40 * time.Second)
	if got := b.listed(); len(got) != 0 {
		t.Errorf("in the list a minute after the DELETE: %v", got)
	}
	if all := b.sim.Snapshots(); all[0].DeletedAt != start.Add(completion) {
		t.Errorf("deleted at %v", all[0].DeletedAt)
	}
}

func TestBehaviorPatchLag(t *testing.T) {
	b := newHarnessWith(t, func(s *atlassim.Behavior) { s.PatchLag = time.Minute })
	id := text(b.take(`{"retentionInDays":1}`), "id")
	b.advance(completion)
	before := b.expiry(id)
	patched := moment(t, b.patch(id, `{"retentionUnit":"DAYS","retentionValue":9}`), "expiresAt")
	if !patched.After(before.Add(7 * day)) {
		t.Errorf("the PATCH itself answers %v", patched)
	}
	if got, list := b.expiry(id), results(t, b.get(b.snapshots())); got != before || moment(t, list[0], "expiresAt") != before {
		t.Errorf("right after the PATCH a GET shows %v, the list %v", got, list[0]["expiresAt"])
	}
	b.advance(time.Minute)
	if got := b.expiry(id); got != patched {
		t.Errorf("a minute later %v, want %v", got, patched)
	}
}

func TestBehaviorExpiry(t *testing.T) {
	b := newHarnessWith(t, func(s *atlassim.Behavior) { s.ExpiryJitter = time.Second })
	id := text(b.take(`{"retentionInDays":1}`), "id")
	if first, second := b.expiry(id), b.expiry(id); first != second {
		t.Errorf("in progress: %v, then %v", first, second)
	}
	b.advance(completion)
	first, second, third := b.expiry(id), b.expiry(id), b.expiry(id)
	if first != start.Add(completion+day) || second != first.Add(time.Second) || third != first {
		t.Errorf("completed: %v, %v, %v", first, second, third)
	}

	b.sim.SetBehavior(func(s *atlassim.Behavior) { *s = atlassim.Behavior{ExpiryBefore: time.Second} })
	if got := b.expiry(id); got != start.Add(completion+day-time.Second) {
		t.Errorf("a second short: %v", got)
	}
	b.sim.SetBehavior(func(s *atlassim.Behavior) { *s = atlassim.Behavior{ExpiryRounding: day} })
	midnight := time.Date(2026, time.August, 12, 0, 0, 0, 0, time.UTC)
	if got, behind := b.expiry(id), b.sim.Snapshots()[0].ExpiresAt; got != midnight || behind != midnight {
		t.Errorf("rounded to %v, kept until %v", got, behind)
	}
	if got := moment(t, b.patch(id, `{"retentionUnit":"DAYS","retentionValue":2}`), "expiresAt"); got != midnight.Add(day) {
		t.Errorf("a PATCH rounds to %v", got)
	}
}

func TestBehaviorMinimumRetention(t *testing.T) {
	b := newHarnessWith(t, func(s *atlassim.Behavior) { s.MinimumRetention = 3 })
	taken := b.take(`{"retentionInDays":1}`)
	if got := moment(t, taken, "expiresAt"); got != start.Add(3*day) {
		t.Errorf("a day became %v", got.Sub(start))
	}
	b.advance(completion)
	id := text(taken, "id")
	created := moment(t, decode(t, b.get(b.snapshots(id))), "createdAt")
	for days, want := range map[int]time.Duration{2: 3 * day, 4: 4 * day} {
		content := `{"retentionUnit":"DAYS","retentionValue":` + strconv.Itoa(days) + `}`
		if got := moment(t, b.patch(id, content), "expiresAt"); got != created.Add(want) {
			t.Errorf("a PATCH to %d days gives %v", days, got.Sub(created))
		}
	}
}

func TestBehaviorPatchFrom(t *testing.T) {
	for from, want := range map[string]time.Duration{
		atlassim.PatchFromRequest: 0, atlassim.PatchFromCompletion: completion, atlassim.PatchFromPatch: completion + 10*time.Minute,
	} {
		b := newHarnessWith(t, func(s *atlassim.Behavior) { s.PatchFrom = from })
		id := text(b.take(`{"retentionInDays":1}`), "id")
		b.advance(completion + 10*time.Minute)
		if got := moment(t, b.patch(id, `{"retentionUnit":"WEEKS","retentionValue":1}`), "expiresAt"); got != start.Add(want+7*day) {
			t.Errorf("%s: a week ends %v after the request", from, got.Sub(start))
		}
	}
}

func TestBehaviorDescriptions(t *testing.T) {
	for how, want := range map[string]string{
		"":                             "  before  <v8> & \"more\"\n",
		atlassim.DescriptionsEscaped:   "  before  &lt;v8&gt; &amp; &#34;more&#34;\n",
		atlassim.DescriptionsTruncated: "  before  <v8> &",
		atlassim.DescriptionsCollapsed: `before <v8> & "more"`,
		atlassim.DescriptionsAbsent:    "",
	} {
		sent := `{"description":"  before  <v8> & \"more\"\n"}`
		b := newHarnessWith(t, func(s *atlassim.Behavior) { s.Descriptions = how })
		taken := b.take(sent)
		listed := results(t, b.get(b.snapshots()))[0]
		read := decode(t, b.get(b.snapshots(text(taken, "id"))))
		for where, one := range map[string]body{"POST": taken, "list": listed, "GET": read} {
			if _, present := one["description"]; text(one, "description") != want || present != (how != atlassim.DescriptionsAbsent) {
				t.Errorf("%q, %s: %q", how, where, one["description"])
			}
		}
		b.sim.SetBehavior(func(s *atlassim.Behavior) { s.DescriptionsInListOnly = true })
		if got := text(decode(t, b.get(b.snapshots(text(taken, "id")))), "description"); got != "  before  <v8> & \"more\"\n" {
			t.Errorf("%q in lists only, GET: %q", how, got)
		}
		if got := text(results(t, b.get(b.snapshots()))[0], "description"); got != want {
			t.Errorf("%q in lists only, list: %q", how, got)
		}
	}
	b := newHarnessWith(t, func(s *atlassim.Behavior) { s.Descriptions = atlassim.DescriptionsTruncated })
	if got := text(b.take(`{"description":"fünfzehn Bytes ä und mehr"}`), "description"); got != "fünfzehn Bytes " {
		t.Errorf("truncated within a character: %q", got)
	}
}

func TestBehaviorClocks(t *testing.T) {
	b := newHarnessWith(t, func(s *atlassim.Behavior) { s.IDBefore, s.DateOffset = time.Second, -time.Hour })
	recorder := b.api(http.MethodPost, b.snapshots(), version2023, `{"retentionInDays":1}`)
	taken := decode(t, recorder)
	if got := idTime(t, text(taken, "id")); got != start.Add(-time.Second) {
		t.Errorf("the id says %v", got)
	}
	if got := recorder.Header().Get("Date"); got != start.Add(-time.Hour).Format(http.TimeFormat) {
		t.Errorf("Date %q", got)
	}
	if got := moment(t, taken, "expiresAt"); got != start.Add(day) {
		t.Errorf("expiresAt %v", got)
	}

	b = newHarnessWith(t, func(s *atlassim.Behavior) { s.ClockOffset = 5 * time.Hour })
	recorder = b.api(http.MethodPost, b.snapshots(), version2023, `{"retentionInDays":1}`)
	taken, there := decode(t, recorder), start.Add(5*time.Hour)
	if got := idTime(t, text(taken, "id")); got != there || moment(t, taken, "expiresAt") != there.Add(day) {
		t.Errorf("with the clock 5 h ahead the id says %v, the expiry is %v", got, taken["expiresAt"])
	}
	if got := recorder.Header().Get("Date"); got != there.Format(http.TimeFormat) {
		t.Errorf("with the clock 5 h ahead Date is %q", got)
	}
	b.advance(completion)
	if got := text(decode(t, b.get(b.snapshots(text(taken, "id")))), "status"); got != "completed" {
		t.Errorf("three minutes later it is %s", got)
	}
}

// A missing header would not do: net/http writes one of its own then.
func TestBehaviorNoDate(t *testing.T) {
	b := newHarnessWith(t, func(s *atlassim.Behavior) { s.NoDate = true })
	server := httptest.NewServer(b.sim)
	t.Cleanup(server.Close)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+b.snapshots(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{b.token, "wrong"} {
		request.Header.Set("Authorization", "Bearer "+token)
		request.Header.Set("Accept", "application/vnd.atlas.2023-01-01+json")
		answer, err := server.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		if err := answer.Body.Close(); err != nil {
			t.Error(err)
		}
		if got, present := answer.Header["Date"]; present {
			t.Errorf("status %d comes with Date %q", answer.StatusCode, got)
		}
	}
}

func TestBehaviorLists(t *testing.T) {
	b := newHarnessWith(t, func(*atlassim.Behavior) {})
	var oldest []string
	for i := range 12 {
		id, err := b.sim.SeedSnapshot(atlassim.Seed{CreatedAt: start.Add(time.Duration(i-20) * time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		oldest = append(oldest, id)
	}
	b.sim.SetBehavior(func(s *atlassim.Behavior) { s.ListOrder = atlassim.ListOldest })
	if got := b.listed(); !slices.Equal(got, oldest) {
		t.Errorf("oldest first: %v", got)
	}
	b.sim.SetBehavior(func(s *atlassim.Behavior) { s.ListOrder = atlassim.ListShuffled })
	shuffled := b.listed()
	newest := slices.Clone(oldest)
	slices.Reverse(newest)
	if slices.Equal(shuffled, oldest) || slices.Equal(shuffled, newest) || !slices.Equal(shuffled, b.listed()) {
		t.Errorf("shuffled: %v", shuffled)
	}
	slices.Sort(shuffled)
	if slices.Sort(oldest); !slices.Equal(shuffled, oldest) {
		t.Errorf("the shuffled list lacks something: %v", shuffled)
	}

	b.sim.SetBehavior(func(s *atlassim.Behavior) { s.NoNextLink, s.NoResults = true, true })
	page := decode(t, b.get(b.snapshots()+"?itemsPerPage=5"))
	if one, _ := page["results"].([]any); len(one) != 5 || page["totalCount"] != 12.0 || hrefs(page)["next"] != "" {
		t.Errorf("a full page: %d of %v, links %v", len(one), page["totalCount"], hrefs(page))
	}
	if empty := decode(t, b.get(b.snapshots()+"?pageNum=9")); keys(empty) != "links totalCount" {
		t.Errorf("an empty page has %s", keys(empty))
	}
}

func TestBehaviorSnapshotFields(t *testing.T) {
	b := newHarnessWith(t, func(s *atlassim.Behavior) {
		s.SnapshotFields = map[string]json.RawMessage{
			"storageSizeBytes": json.RawMessage(`"1.5E9"`), "policyItems": json.RawMessage(`[{"id":"x"}]`),
		}
	})
	id := text(b.take(`{}`), "id")
	flex := b.api(http.MethodGet, b.path("flexClusters", b.fix.FlexClusterName, "backup/snapshots"), versionFlex, "")
	for where, answer := range map[string]string{
		"GET":     b.get(b.snapshots(id)).Body.String(),
		"sharded": b.get(b.snapshots("shardedCluster", id)).Body.String(),
		"list":    b.get(b.snapshots()).Body.String(),
		"flex":    flex.Body.String(),
	} {
		if !strings.Contains(answer, `"storageSizeBytes":"1.5E9"`) || !strings.Contains(answer, `"policyItems":[{"id":"x"}]`) {
			t.Errorf("%s: %s", where, answer)
		}
	}
	var behind []body
	if b.control(http.MethodGet, "snapshots", "", &behind); behind[0]["storageSizeBytes"] != 0.0 {
		t.Errorf("the inventory says %v, and is of the truth alone", behind[0]["storageSizeBytes"])
	}
}

func TestBehaviorControl(t *testing.T) {
	b := newHarnessWith(t, func(*atlassim.Behavior) {})
	set := func(content string) *atlassim.Behavior {
		t.Helper()
		expectStatus(t, b.control(http.MethodPost, "behavior", content, nil), http.StatusNoContent)
		var now atlassim.Behavior
		b.sim.SetBehavior(func(s *atlassim.Behavior) { now = *s })
		return &now
	}
	if got := set(`{"list_lag":90,"get_lag":"1m30s","snapshot_fields":{"createdAt":null}}`); got.ListLag != 90*time.Second ||
		got.GetLag != 90*time.Second || string(got.SnapshotFields["createdAt"]) != "null" {
		t.Errorf("set: %+v", got)
	}
	if got := set(`{"descriptions":"absent","snapshot_fields":{"status":"x"}}`); got.ListLag != 90*time.Second ||
		got.Descriptions != atlassim.DescriptionsAbsent || len(got.SnapshotFields) != 1 {
		t.Errorf("set more: %+v", got)
	}
	for _, bad := range []string{`{"colour":1}`, `{"list_lag":"soon"}`, `{"list_order":"random"}`, `{"no_date":1}`, `[]`} {
		expectStatus(t, b.control(http.MethodPost, "behavior", bad, nil), http.StatusBadRequest)
	}
	expectStatus(t, b.control(http.MethodDelete, "behavior", "", nil), http.StatusNoContent)
	if got := set(`{}`); got.ListLag != 0 || got.Descriptions != "" || got.SnapshotFields != nil {
		t.Errorf("reset: %+v", got)
	}
}

// Every switch has a name in the control request.
func TestBehaviorControlKnowsEverySwitch(t *testing.T) {
	if got, want := atlassim.BehaviorNames(), atlassim.BehaviorFields(); got != want {
		t.Errorf("%d names for %d fields", got, want)
	}
}
