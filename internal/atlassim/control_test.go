package atlassim_test

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

func TestRequestLog(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	b.ask("")
	b.expectAccepted(b.freshNonce(), 1)
	request := httptest.NewRequest(http.MethodGet, b.snapshots()+"?pageNum=2", nil)
	request.Header.Set("Authorization", "Bearer "+b.token)
	request.Header.Set("Accept", "application/vnd.atlas.2023-01-01+json")
	request.Header.Set("User-Agent", "tester/1")
	b.serve(request)
	b.signIn()

	var log []body
	b.control(http.MethodGet, "requests", "", &log)
	want := []struct {
		method, query, auth, agent string
		status                     float64
	}{
		{"GET", "", "none", "", 401},
		{"GET", "", "none", "", 401},
		{"GET", "", "digest", "", 200},
		{"GET", "pageNum=2", "bearer", "tester/1", 200},
		{"POST", "", "basic", "", 200},
	}
	if len(log) != len(want) {
		t.Fatalf("log %v", log)
	}
	for i, entry := range log {
		if text(entry, "method") != want[i].method || text(entry, "query") != want[i].query || text(entry, "auth") != want[i].auth ||
			text(entry, "user_agent") != want[i].agent || entry["status"] != want[i].status {
			t.Errorf("entry %d: %v, want %+v", i, entry, want[i])
		}
		if keys(entry) != "auth method path protocol query status time user_agent" || text(entry, "time") != "2026-08-10T03:26:42Z" {
			t.Errorf("entry %d: %v", i, entry)
		}
	}
	expectStatus(t, b.control(http.MethodDelete, "requests", "", nil), http.StatusNoContent)
	if recorder := b.control(http.MethodGet, "requests", "", nil); recorder.Body.String() != "[]\n" {
		t.Errorf("a cleared log is %q", recorder.Body)
	}
}

func TestInventory(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	b.sim.CompleteAfter(time.Minute)
	id := text(b.take(requested), "id")
	expectStatus(t, b.control(http.MethodPost, "advance", `{"seconds":60}`, nil), http.StatusOK)
	b.take(requested)
	expectStatus(t, b.api(http.MethodDelete, b.snapshots(id), version2023, ""), http.StatusNoContent)
	var all []body
	b.control(http.MethodGet, "snapshots", "", &all)
	if len(all) != 2 || text(all[0], "id") != id || text(all[0], "deletedAt") != "2026-08-10T03:27:42Z" ||
		text(all[0], "clusterName") != "Cluster0" || text(all[0], "status") != "completed" {
		t.Fatalf("inventory %v", all)
	}
	if all[1]["deletedAt"] != nil || text(all[1], "status") != "queued" {
		t.Errorf("the second is %v", all[1])
	}
	b.control(http.MethodGet, "snapshots?automatic=true", "", &all)
	if len(all) != 2+8+8 {
		t.Errorf("%d with the automatic ones", len(all))
	}
}

func TestSeeds(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	var seeded body
	b.control(http.MethodPost, "snapshots", `{"cluster_name":"Cluster0","snapshot_type":"scheduled","status":"completed",
		"created_at":"2026-08-01T00:00:00Z","expires_at":"2026-09-01T00:00:00Z","policy_items":["6a7944f22c88faeba59d3572"],
		"copy_regions":["EU_WEST_1"],"cloud_provider":"GCP","storage_size_bytes":5,"master_key_uuid":"k","hue":"red"}`, &seeded)
	shown := decode(t, b.get(b.snapshots(text(seeded, "id"))))
	for key, want := range map[string]any{
		"snapshotType": "scheduled", "frequencyType": "daily", "cloudProvider": "GCP",
		"createdAt": "2026-08-01T00:00:00Z", "expiresAt": "2026-09-01T00:00:00Z", "storageSizeBytes": 5.0, "masterKeyUUID": "k",
	} {
		if shown[key] != want {
			t.Errorf("%s is %v, want %v", key, shown[key], want)
		}
	}
	for status, want := range map[string]string{"queued": "inProgress", "inProgress": "inProgress", "failed": "failed"} {
		id, err := b.sim.SeedSnapshot(atlassim.Seed{Status: status, CreatedAt: start.Add(-time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		if got := text(decode(t, b.get(b.snapshots(id))), "status"); got != status {
			t.Errorf("seeded %s, shown %s", status, got)
		}
		b.advance(30 * time.Second)
		if got := text(decode(t, b.get(b.snapshots(id))), "status"); got != want {
			t.Errorf("seeded %s, later %s", status, got)
		}
		b.advance(10 * time.Minute)
		if got := text(decode(t, b.get(b.snapshots(id))), "status"); status != "failed" && got != "completed" {
			t.Errorf("seeded %s, in the end %s", status, got)
		}
	}
	expectStatus(t, b.control(http.MethodPost, "snapshots", `{"cluster_name":"nowhere"}`, nil), http.StatusBadRequest)
	expectStatus(t, b.control(http.MethodPost, "snapshots", `{"snapshot_type":"odd"}`, nil), http.StatusBadRequest)
}

func TestTenantSeeds(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	var seeded body
	b.control(http.MethodPost, "snapshots", `{"cluster_name":"Flex0","status":"FAILED","created_at":"2026-08-09T12:00:00Z"}`, &seeded)
	shown := decode(t, b.api(http.MethodGet, b.path("flexClusters/Flex0/backup/snapshots", text(seeded, "id")), versionFlex, ""))
	if text(shown, "status") != "FAILED" || text(shown, "startTime") != "2026-08-09T12:00:00Z" {
		t.Errorf("shown %v", shown)
	}
}

func TestClusters(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	expectStatus(t, b.control(http.MethodPost, "clusters", `{"name":"extra","type":"sharded","paused":true,"backup_enabled":false}`, nil), 204)
	one := decode(t, b.api(http.MethodGet, b.path("clusters/extra"), "2024-08-05", ""))
	if text(one, "clusterType") != "SHARDED" || one["paused"] != true || one["backupEnabled"] != false {
		t.Errorf("cluster %v", one)
	}
	expectStatus(t, b.control(http.MethodPost, "clusters", `{"name":"extra","type":"sharded"}`, nil), 204)
	again := decode(t, b.api(http.MethodGet, b.path("clusters/extra"), "2024-08-05", ""))
	if again["paused"] != false || again["id"] != one["id"] {
		t.Errorf("changed cluster %v", again)
	}
	if _, err := b.sim.SeedSnapshot(atlassim.Seed{ClusterName: "extra"}); err != nil {
		t.Fatal(err)
	}
	expectStatus(t, b.control(http.MethodDelete, "clusters/extra", "", nil), 204)
	expectStatus(t, b.get(b.path("clusters/extra/backup/snapshots")), 404)
	if all := b.sim.Snapshots(); len(all) != 1 || all[0].DeletedAt.IsZero() {
		t.Errorf("snapshots %+v", all)
	}
	for _, content := range []string{`{"name":"no good"}`, `{"name":"x","type":"odd"}`, `{"name":"Cluster0","type":"flex"}`, `{`} {
		expectStatus(t, b.control(http.MethodPost, "clusters", content, nil), 400)
	}
	expectStatus(t, b.control(http.MethodDelete, "clusters/extra", "", nil), 400)
}

func TestControlRefusals(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	expectStatus(t, b.control(http.MethodGet, "nothing", "", nil), 404)
	expectStatus(t, b.control(http.MethodPut, "faults", "", nil), 404)
	expectStatus(t, b.control(http.MethodPost, "advance", `{"seconds":-1}`, nil), 400)
	expectStatus(t, b.control(http.MethodPost, "next_snapshot", `{"duration_seconds":5,"fail":true}`, nil), 204)
	id := text(b.take(requested), "id")
	b.advance(5 * time.Second)
	if got := text(decode(t, b.get(b.snapshots(id))), "status"); got != "failed" {
		t.Errorf("status %s", got)
	}
	expectStatus(t, b.control(http.MethodPost, "revoke_tokens", "", nil), 204)
	b.challenge(b.get(b.snapshots()))
}

func TestConcurrentUse(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 20 {
				b.get(b.snapshots())
				b.api(http.MethodPost, b.snapshots(), version2023, requested)
				b.sim.Advance(time.Second)
				b.sim.AddFault(atlassim.Fault{Path: "/clusters/", Status: 503})
				b.sim.Snapshots()
				b.sim.SetBaseURL("http://elsewhere.test")
				b.serve(httptest.NewRequest(http.MethodGet, "/_sim/requests", nil))
			}
		})
	}
	group.Wait()
	if got := len(b.sim.Requests()); got != 8*20*2 {
		t.Errorf("%d requests in the log", got)
	}
	if b.sim.Fixture().BaseURL != "http://elsewhere.test" {
		t.Errorf("base URL %s", b.sim.Fixture().BaseURL)
	}
}
