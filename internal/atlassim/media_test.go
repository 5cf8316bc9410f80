package atlassim_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// accept sends a GET with this Accept header.
func (b *harness) accept(path, accept string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodGet, path, nil)
	request.Header.Set("Authorization", "Bearer "+b.token)
	if accept != "" {
		request.Header.Set("Accept", accept)
	}
	return b.serve(request)
}

func TestMediaTypes(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	cluster, flex := b.path("clusters", b.fix.ClusterName), b.path("flexClusters", b.fix.FlexClusterName)
	for _, test := range []struct{ path, date, want string }{
		{cluster, "2023-01-01", "2023-01-01"},
		{cluster, "2023-02-01", "2023-02-01"},
		{cluster, "2024-05-30", "2023-02-01"},
		{cluster, "2024-08-05", "2024-08-05"},
		{cluster, "2025-03-12", "2024-08-05"},
		{flex, "2024-11-13", "2024-11-13"},
		{b.snapshots(), "2024-08-05", "2023-01-01"},
	} {
		recorder := b.accept(test.path, "application/vnd.atlas."+test.date+"+json")
		expectStatus(t, recorder, http.StatusOK)
		if got := recorder.Header().Get("Content-Type"); got != "application/vnd.atlas."+test.want+"+json;charset=utf-8" {
			t.Errorf("%s: Content-Type %q", test.date, got)
		}
	}
	for _, accept := range []string{
		"", "*/*", "application/json", "application/vnd.atlas.2022-12-31+json",
		"application/vnd.atlas.2023-13-01+json", "application/vnd.atlas.2023-01-01+csv",
	} {
		expectError(t, b.accept(b.snapshots(), accept), 406, "INVALID_VERSION_DATE", "Invalid accept header or version date.")
	}
}

func TestDeprecation(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	cluster := b.path("clusters", b.fix.ClusterName)
	old := b.accept(cluster, "application/vnd.atlas.2023-02-01+json").Header()
	if old.Get("Deprecation") != "Mon, 5 Aug 2024 00:00:00 GMT" || old.Get("Sunset") != "Thu, 1 Jul 2027 00:00:00 GMT" {
		t.Errorf("headers %v", old)
	}
	if current := b.accept(cluster, "application/vnd.atlas.2024-08-05+json").Header(); current.Get("Deprecation") != "" {
		t.Errorf("headers %v", current)
	}
	b.advance(365 * 24 * time.Hour)
	b.token = b.signIn()
	gone := b.accept(cluster, "application/vnd.atlas.2023-02-01+json")
	if gone.Code != http.StatusGone || gone.Header().Get("X-Error-Code") != "VERSION_GONE" {
		t.Errorf("after the sunset: %d %s", gone.Code, gone.Body)
	}
}

func TestEnvelopeAndPretty(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	wrapped := decode(t, b.get(b.path("clusters", b.fix.ClusterName)+"?envelope=true"))
	if content, _ := wrapped["content"].(body); wrapped["status"] != 200.0 || text(content, "name") != b.fix.ClusterName {
		t.Errorf("wrapped %v", wrapped)
	}
	if list := decode(t, b.get(b.snapshots()+"?envelope=true")); keys(list) != "links results status totalCount" {
		t.Errorf("list %v", list)
	}
	failed := decode(t, b.get(b.snapshots(missing)+"?envelope=true"))
	if content, _ := failed["content"].(body); failed["status"] != 404.0 || text(content, "errorCode") != "SNAPSHOT_NOT_FOUND" {
		t.Errorf("failed %v", failed)
	}
	pretty := b.get(b.snapshots(missing) + "?pretty=true").Body.String()
	want := "{\n  \"detail\" : \"No snapshot with ID " + missing + " exists for cluster Cluster0.\",\n  \"error\" : 404,\n" +
		"  \"errorCode\" : \"SNAPSHOT_NOT_FOUND\",\n  \"parameters\" : [ \"" + missing + "\", \"Cluster0\" ],\n" +
		"  \"reason\" : \"Not Found\"\n}"
	if pretty != want {
		t.Errorf("pretty\n%s\nwant\n%s", pretty, want)
	}
	plain := b.get(b.path("clusters")).Body.String()
	if strings.ContainsAny(plain, "\n") || strings.Contains(plain, `": `) {
		t.Error("a plain body is not compact")
	}
	if again := decode(t, b.get(b.path("clusters")+"?pretty=true")); len(again) != 3 {
		t.Errorf("a pretty list does not decode: %v", again)
	}
}

func TestClusterVersions(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	for version, key := range map[string]string{
		"2023-01-01": "providerSettings", "2023-02-01": "diskSizeGB",
		"2024-08-05": "effectiveReplicationSpecs",
	} {
		for _, name := range []string{b.fix.ClusterName, b.fix.ShardedClusterName} {
			one := decode(t, b.api(http.MethodGet, b.path("clusters", name), version, ""))
			if one[key] == nil || text(one, "stateName") != "IDLE" || one["backupEnabled"] != true || one["paused"] != false {
				t.Errorf("%s in %s: %v", name, version, one)
			}
		}
	}
	list := results(t, b.api(http.MethodGet, b.path("clusters"), "2024-08-05", ""))
	if len(list) != 3 || text(list[0], "name") != "Cluster0" || text(list[1], "clusterType") != "SHARDED" {
		t.Errorf("list %v", list)
	}
}

func TestRateLimit(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	recorder := b.get(b.snapshots())
	if recorder.Header().Get("Ratelimit-Limit") != "1200" || recorder.Header().Get("Ratelimit-Remaining") != "1199" {
		t.Errorf("headers %v", recorder.Header())
	}
	if got := b.get(b.path("clusters")).Header().Get("Ratelimit-Limit"); got != "10000" {
		t.Errorf("clusters are limited to %s", got)
	}
	expectStatus(t, b.control(http.MethodPost, "rate_limit", `{"capacity":2,"refill_per_minute":4}`, nil), 204)
	b.get(b.snapshots())
	b.get(b.snapshots())
	limited := b.get(b.snapshots())
	expectError(t, limited, 429, "RATE_LIMITED_TOKEN_BUCKET", "Rate limit exceeded for "+b.snapshots()+
		". Please retry after 15 seconds. Request capacity: 2. Refill rate: 4 per 60 seconds. "+
		"For more information, see: http://dochub.mongodb.org/core/atlas-api-rate-limit.", b.snapshots(), 15, 2, 4, 60)
	if limited.Header().Get("Retry-After") != "15" || limited.Header().Get("Ratelimit-Remaining") != "0" {
		t.Errorf("headers %v", limited.Header())
	}
	b.advance(15 * time.Second)
	expectStatus(t, b.get(b.snapshots()), http.StatusOK)
	b.sim.SetRateLimit(0, 0)
	expectStatus(t, b.get(b.snapshots()), http.StatusTooManyRequests)
}
