package atlassim_test

import (
	"compress/gzip"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

func TestFreeCluster(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	expectStatus(t, b.control(http.MethodPost, "clusters", `{"name":"Free0","type":"free","cloud_provider":"GCP"}`, nil), http.StatusNoContent)
	shown := b.api(http.MethodGet, b.path("clusters/Free0"), "2024-08-05", "")
	expectStatus(t, shown, http.StatusOK)
	if got := shown.Body.String(); !strings.Contains(got, `"providerName":"TENANT"`) || !strings.Contains(got, `"instanceSize":"M0"`) ||
		!strings.Contains(got, `"backingProviderName":"GCP"`) || !strings.Contains(got, `"backupEnabled":false`) {
		t.Errorf("the cluster: %s", got)
	}
	home := b.path("clusters/Free0/backup/snapshots")
	everywhere := func(code string) {
		t.Helper()
		for path, method := range map[string]string{
			home: http.MethodGet, home + "?": http.MethodPost, home + "/" + missing: http.MethodDelete,
			home + "/shardedCluster/" + missing: http.MethodGet, home + "/shardedClusters": http.MethodGet,
		} {
			answer := b.api(method, path, version2023, requested)
			if answer.Code != http.StatusBadRequest || answer.Header().Get("X-Error-Code") != code {
				t.Errorf("%s %s: %d %s", method, path, answer.Code, answer.Body)
			}
		}
	}
	everywhere("PROVIDER_BACKUP_NOT_SUPPORTED")
	b.sim.SetBehavior(func(s *atlassim.Behavior) { s.FreeClusterError = "INCORRECT_BACKUP_API_ENDPOINT" })
	everywhere("INCORRECT_BACKUP_API_ENDPOINT")
	if _, err := b.sim.SeedSnapshot(atlassim.Seed{ClusterName: "Free0"}); err == nil {
		t.Error("a snapshot of a free cluster can be seeded")
	}
}

func TestAzureCluster(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	b.addCluster(atlassim.ClusterSpec{Name: "Azure0", CloudProvider: "AZURE"})
	shown := b.api(http.MethodGet, b.path("clusters/Azure0"), "2024-08-05", "").Body.String()
	if !strings.Contains(shown, `"providerName":"AZURE"`) || strings.Contains(shown, "ebsVolumeType") || !strings.Contains(shown, `"US_EAST"`) {
		t.Errorf("the cluster: %s", shown)
	}
	id := b.completedSnapshot("Azure0")
	taken := decode(t, b.get(b.path("clusters/Azure0/backup/snapshots", id)))
	if text(taken, "cloudProvider") != "AZURE" || text(taken, "status") != "completed" {
		t.Errorf("the snapshot: %v", taken)
	}
	expectStatus(t, b.control(http.MethodPost, "clusters", `{"name":"X","cloud_provider":"OWN"}`, nil), http.StatusBadRequest)
}

func TestFlexIDsAreOlderThanTheStart(t *testing.T) {
	var before []time.Duration
	for seed := range int64(40) {
		b := newHarness(t, atlassim.Options{Seed: seed})
		for _, one := range results(t, b.api(http.MethodGet, b.path("flexClusters", b.fix.FlexClusterName, "backup/snapshots"), versionFlex, "")) {
			made := idTime(t, text(one, "id"))
			before = append(before, moment(t, one, "startTime").Sub(made))
			if made.Before(moment(t, one, "scheduledTime")) {
				t.Errorf("%v has an id from before it was scheduled", one)
			}
		}
	}
	slices.Sort(before)
	if before[0] < time.Second || before[len(before)-1] > 122*time.Second || before[len(before)*9/10] > 7*time.Second {
		t.Errorf("ids lie %v to %v before the start, nine in ten up to %v", before[0], before[len(before)-1], before[len(before)*9/10])
	}
}

func TestGzip(t *testing.T) {
	b := newHarnessWith(t, func(s *atlassim.Behavior) { s.Gzip = true })
	ask := func(encoding string) *httptest.ResponseRecorder {
		request := httptest.NewRequest(http.MethodGet, b.snapshots(), nil)
		request.Header.Set("Authorization", "Bearer "+b.token)
		request.Header.Set("Accept", "application/vnd.atlas.2023-01-01+json")
		request.Header.Set("Accept-Encoding", encoding)
		return b.serve(request)
	}
	packed := ask("gzip")
	reader, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	var list body
	if err := json.NewDecoder(reader).Decode(&list); err != nil || packed.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("%v, Content-Encoding %q", err, packed.Header().Get("Content-Encoding"))
	}
	if plain := ask(""); plain.Header().Get("Content-Encoding") != "" || keys(decode(t, plain)) != keys(list) {
		t.Errorf("without the request header: %v", plain.Header())
	}
}
