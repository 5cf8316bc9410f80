package atlassim_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// hrefs returns the links of a list by rel.
func hrefs(list body) map[string]string {
	found := map[string]string{}
	links, _ := list["links"].([]any)
	for _, one := range links {
		if link, ok := one.(body); ok {
			found[text(link, "rel")] = text(link, "href")
		}
	}
	return found
}

func TestPages(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	const total = 2160
	for i := range total {
		seed := atlassim.Seed{SnapshotType: "scheduled", CreatedAt: start.Add(-time.Duration(i) * time.Minute)}
		if _, err := b.sim.SeedSnapshot(seed); err != nil {
			t.Fatal(err)
		}
	}
	first := decode(t, b.get(b.snapshots()))
	home := "http://atlas.test" + b.snapshots()
	want := map[string]string{
		"self": home + "?includeCount=true&pageNum=1&itemsPerPage=100",
		"next": home + "?includeCount=true&itemsPerPage=100&pageNum=2",
	}
	if got := hrefs(first); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("links %v", got)
	}
	if one, _ := first["results"].([]any); len(one) != 100 || first["totalCount"] != 2160.0 {
		t.Errorf("%d results of %v", len(one), first["totalCount"])
	}

	next, pages, seen := b.snapshots()+"?itemsPerPage=500", 0, map[string]bool{}
	last := start.Add(time.Hour)
	for next != "" {
		recorder := b.get(next)
		for _, one := range results(t, recorder) {
			created := moment(t, one, "createdAt")
			if created.After(last) || seen[text(one, "id")] {
				t.Fatalf("%v is out of order or repeated", one)
			}
			last, seen[text(one, "id")] = created, true
		}
		pages++
		next = strings.TrimPrefix(hrefs(decode(t, recorder))["next"], "http://atlas.test")
	}
	if pages != 5 || len(seen) != total {
		t.Errorf("%d snapshots on %d pages", len(seen), pages)
	}
	beyond := decode(t, b.get(b.snapshots()+"?pageNum=99&includeCount=false"))
	if one, ok := beyond["results"].([]any); !ok || len(one) != 0 || keys(beyond) != "links results" {
		t.Errorf("beyond the end: %v", beyond)
	}
}

func TestBadQueries(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	for query, parameter := range map[string]string{
		"itemsPerPage=0": "itemsPerPage", "itemsPerPage=501": "itemsPerPage",
		"pageNum=0": "pageNum", "pageNum=x": "pageNum", "includeCount=yes": "includeCount", "colour=red": "colour",
		"pointInTimeUtcSeconds=x": "pointInTimeUtcSeconds", "oplogTs=1": "oplogTs",
	} {
		expectError(t, b.get(b.snapshots()+"?"+query), 400, "INVALID_QUERY_PARAMETER",
			"Invalid query parameter "+parameter+" specified.", parameter)
	}
}

func TestPointInTime(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	for hours := range 3 {
		if _, err := b.sim.SeedSnapshot(atlassim.Seed{CreatedAt: start.Add(-time.Duration(hours) * time.Hour)}); err != nil {
			t.Fatal(err)
		}
	}
	wanted := fmt.Sprint(start.Add(-30 * time.Minute).Unix())
	for _, query := range []string{"pointInTimeUtcSeconds=" + wanted, "oplogInc=1&oplogTs=" + wanted} {
		found := results(t, b.get(b.snapshots()+"?"+query))
		if len(found) != 1 || !moment(t, found[0], "createdAt").Equal(start.Add(-time.Hour)) {
			t.Errorf("%s: %v", query, found)
		}
	}
}

func TestFlexSnapshots(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	home := b.path("flexClusters", b.fix.FlexClusterName, "backup/snapshots")
	flex := func(path string) []body { return results(t, b.api(http.MethodGet, path, versionFlex, "")) }
	list := flex(home)
	failed := 0
	for i, one := range list {
		scheduled := moment(t, one, "scheduledTime")
		if keys(one) != "expiration finishTime id mongoDBVersion scheduledTime startTime status" {
			t.Errorf("keys %s", keys(one))
		}
		if got := moment(t, one, "expiration").Sub(scheduled); got != 691200*time.Second {
			t.Errorf("expires after %s", got)
		}
		if i > 0 && scheduled.Sub(moment(t, list[i-1], "scheduledTime")) != 24*time.Hour {
			t.Errorf("%v is not a day after the one before", one)
		}
		if text(one, "status") == "FAILED" {
			failed++
		}
	}
	if len(list) != 8 || failed != 1 {
		t.Fatalf("%d snapshots, %d failed", len(list), failed)
	}
	same := decode(t, b.api(http.MethodGet, home+"/"+text(list[3], "id"), versionFlex, ""))
	if fmt.Sprint(same) != fmt.Sprint(list[3]) {
		t.Errorf("%v and %v", same, list[3])
	}
	expectStatus(t, b.api(http.MethodGet, home+"/"+missing, versionFlex, ""), http.StatusNotFound)
	expectStatus(t, b.api(http.MethodGet, home+"/x", versionFlex, ""), http.StatusNotFound)

	b.advance(3 * 24 * time.Hour)
	b.token = b.signIn()
	later := flex(home)
	if len(later) != 8 || text(later[0], "id") != text(list[3], "id") {
		t.Errorf("three days later: %v", later)
	}
	if clusters := flex(b.path("flexClusters")); len(clusters) != 2 || text(clusters[0], "name") != "Flex0" {
		t.Errorf("clusters %v", clusters)
	}
}

func TestServerlessGone(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	name := b.fix.ServerlessInstanceName
	if list := decode(t, b.get(b.path("serverless"))); list["totalCount"] != 0.0 {
		t.Errorf("list %v", list)
	}
	one := b.get(b.path("serverless", name))
	if one.Code != 404 || one.Header().Get("X-Error-Code") != "SERVERLESS_INSTANCE_NOT_FOUND" {
		t.Errorf("%d %s", one.Code, one.Body)
	}
	for _, path := range []string{"", "/" + missing} {
		if gone := b.get(b.path("serverless", name, "backup/snapshots"+path)); gone.Code != 410 {
			t.Errorf("%d %s", gone.Code, gone.Body)
		}
	}
	migrated := b.api(http.MethodGet, b.path("flexClusters", name, "backup/snapshots"), versionFlex, "")
	if len(results(t, migrated)) != 8 {
		t.Errorf("the migrated instance has %s", migrated.Body)
	}
}

func TestServerlessLive(t *testing.T) {
	b := newHarness(t, atlassim.Options{Serverless: atlassim.ServerlessLive})
	name := b.fix.ServerlessInstanceName
	if list := results(t, b.get(b.path("serverless"))); len(list) != 1 || text(list[0], "name") != name {
		t.Errorf("list %v", list)
	}
	home := b.path("serverless", name, "backup/snapshots")
	recorder := b.get(home)
	list := results(t, recorder)
	if len(list) != 8 || !moment(t, list[0], "expiresAt").After(moment(t, list[7], "expiresAt")) {
		t.Fatalf("list %v", list)
	}
	if recorder.Header().Get("Sunset") == "" {
		t.Error("no Sunset header")
	}
	want := "createdAt expiresAt frequencyType id links mongodVersion serverlessInstanceName snapshotType status storageSizeBytes"
	if keys(list[0]) != want {
		t.Errorf("keys %s", keys(list[0]))
	}
	if one := decode(t, b.get(home+"/"+text(list[2], "id"))); fmt.Sprint(one) != fmt.Sprint(list[2]) {
		t.Errorf("%v and %v", one, list[2])
	}
	for path, code := range map[string]string{
		"serverless/nowhere":                                  "SERVERLESS_INSTANCE_NOT_FOUND",
		"serverless/Cluster0/backup/snapshots":                "CANNOT_USE_CLUSTER_IN_SERVERLESS_INSTANCE_API",
		"clusters/" + name + "/backup/snapshots":              "CANNOT_USE_SERVERLESS_INSTANCE_IN_CLUSTER_API",
		"serverless/" + name + "/backup/snapshots/" + missing: "SNAPSHOT_NOT_FOUND",
	} {
		if got := b.get(b.path(path)).Header().Get("X-Error-Code"); got != code {
			t.Errorf("%s: %s, want %s", path, got, code)
		}
	}
}
