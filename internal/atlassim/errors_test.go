package atlassim_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

const missing = "6a7944f22c88faeba59d3572"

func TestNotFound(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	group := b.fix.ProjectID
	expectError(t, b.get(b.snapshots(missing)), 404, "SNAPSHOT_NOT_FOUND",
		"No snapshot with ID "+missing+" exists for cluster Cluster0.", missing, "Cluster0")
	expectError(t, b.get(b.snapshots("nonsense")), 404, "INVALID_SNAPSHOT_ID", "An invalid snapshot ID nonsense was specified.", "nonsense")
	expectError(t, b.get(b.path("clusters/nowhere/backup/snapshots")), 404, "CLUSTER_NOT_FOUND",
		"No cluster named nowhere exists in group "+group+".", "nowhere", group)
	expectError(t, b.get("/api/atlas/v2/groups/111111111111111111111111/clusters"), 404, "GROUP_NOT_FOUND",
		"No group with ID 111111111111111111111111 exists.", "111111111111111111111111")
	expectError(t, b.get("/api/atlas/v2/groups/x/clusters"), 404, "INVALID_GROUP_ID", "An invalid group ID x was specified.", "x")
}

// What the simulator has nothing for must not look like Atlas's word that it does not exist.
func TestNotServed(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	for _, path := range []string{"/", "/api/atlas/v2/orgs", b.path("unheard/of"), b.path("clusters/Cluster0/backup/schedule")} {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
			recorder := b.api(method, path, version2023, "")
			expectStatus(t, recorder, http.StatusNotImplemented)
			decoded := decode(t, recorder)
			if keys(decoded) != "message" || !strings.Contains(text(decoded, "message"), "does not serve "+method+" "+path) {
				t.Errorf("%s %s: %s", method, path, recorder.Body)
			}
			if recorder.Header().Get("X-Error-Code") != "" || recorder.Header().Get("Server") != "atlassim" {
				t.Errorf("%s %s looks like Atlas: %v", method, path, recorder.Header())
			}
		}
	}
	expectStatus(t, b.api(http.MethodPut, b.snapshots(), version2023, "{}"), http.StatusMethodNotAllowed)
}

func TestVary(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	for method, want := range map[string]string{
		http.MethodGet: "Accept-Encoding", http.MethodPost: "Accept-Encoding", http.MethodPatch: "", http.MethodDelete: "",
	} {
		path := b.snapshots(missing)
		if method == http.MethodPost {
			path = b.snapshots()
		}
		refused := b.api(method, path, version2023, `{"retentionInDays":0}`)
		challenge := b.serve(httptest.NewRequest(method, path, nil))
		if refused.Code < 400 || refused.Header().Get("Vary") != want || challenge.Header().Get("Vary") != want {
			t.Errorf("%s: %d with Vary %q, a challenge with %q", method, refused.Code, refused.Header().Get("Vary"), challenge.Header().Get("Vary"))
		}
	}
}

func TestCreateRefusals(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	for _, test := range []struct {
		content string
		status  int
		code    string
	}{
		{`{"retentionInDays":0}`, 400, "ATTRIBUTE_NEGATIVE_OR_ZERO"},
		{`{"retentionInDays":-1}`, 400, "ATTRIBUTE_NEGATIVE_OR_ZERO"},
		{`{"retentionInDays":"1"}`, 400, "INVALID_JSON"},
		{`{"retentionInDays":1.5}`, 400, "INVALID_JSON"},
		{`{"retentionInDays":4294967296}`, 400, "INVALID_JSON"},
		{`{"description":7}`, 400, "INVALID_JSON"},
		{`{"description":"x"`, 400, "MALFORMED_JSON"},
		{`[]`, 400, "INVALID_JSON"},
		{`null`, 400, "INVALID_JSON"},
		{`{"retention":1}`, 400, "INVALID_ATTRIBUTE"},
	} {
		recorder := b.api(http.MethodPost, b.snapshots(), version2023, test.content)
		if recorder.Code != test.status || recorder.Header().Get("X-Error-Code") != test.code {
			t.Errorf("%s: %d %s", test.content, recorder.Code, recorder.Body)
		}
	}
	expectStatus(t, b.api(http.MethodPost, b.snapshots(), version2023, ""), http.StatusUnsupportedMediaType)
	if len(b.sim.Snapshots()) != 0 {
		t.Error("a refused request left a snapshot")
	}
}

func TestUnfinishedOnDemand(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	b.sim.CompleteAfter(3 * time.Minute)
	if _, err := b.sim.SeedSnapshot(atlassim.Seed{SnapshotType: "scheduled", Status: "inProgress", Frozen: true}); err != nil {
		t.Fatal(err)
	}
	b.take(requested) // a scheduled one does not block it
	for range 2 {
		expectError(t, b.api(http.MethodPost, b.snapshots(), version2023, requested), 400, "UNFINISHED_ON_DEMAND_SNAPSHOT",
			"Another on-demand snapshot is queued or in progress.")
		b.advance(90 * time.Second)
	}
	b.take(requested)
}

func TestInProgressRefusals(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	id := text(b.take(requested), "id")
	for range 2 {
		expectError(t, b.api(http.MethodDelete, b.snapshots(id), version2023, ""), 400, "CANNOT_DELETE_IN_PROGRESS_SNAPSHOT",
			"Cannot delete an in progress snapshot "+id+".", id)
		expectError(t, b.api(http.MethodPatch, b.snapshots(id), version2023, `{"retentionUnit":"DAYS","retentionValue":3}`), 400,
			"CANNOT_MODIFY_IN_PROGRESS_SNAPSHOT_RETENTION", "Snapshot retention can only be modified once it is completed.")
		b.advance(30 * time.Second)
	}
	b.advance(10 * time.Minute)
	deleted := b.api(http.MethodDelete, b.snapshots(id), version2023, "")
	expectStatus(t, deleted, http.StatusNoContent)
	if got := deleted.Header().Get("Content-Type"); got != "application/vnd.atlas.2023-01-01+json;charset=utf-8" {
		t.Errorf("a 204 has Content-Type %q", got)
	}
	expectStatus(t, b.api(http.MethodDelete, b.snapshots(id), version2023, ""), http.StatusNotFound)
}

func TestPatchRefusals(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	id, err := b.sim.SeedSnapshot(atlassim.Seed{})
	if err != nil {
		t.Fatal(err)
	}
	for content, code := range map[string]string{
		`{"retentionUnit":"days","retentionValue":3}`:   "INVALID_ENUM_VALUE",
		`{"retentionUnit":"DAYS","retentionValue":0}`:   "BACKUP_SNAPSHOT_RETENTION_VALUE_INVALID",
		`{"retentionUnit":"DAYS","retentionValue":-3}`:  "BACKUP_SNAPSHOT_RETENTION_VALUE_INVALID",
		`{"retentionUnit":"DAYS"}`:                      "MISSING_ATTRIBUTE",
		`{"retentionValue":3}`:                          "MISSING_ATTRIBUTE",
		`{"retentionUnit":7,"retentionValue":3}`:        "INVALID_JSON",
		`{"retentionUnit":"DAYS","retentionValue":"3"}`: "INVALID_JSON",
		`{`: "MALFORMED_JSON",
	} {
		recorder := b.api(http.MethodPatch, b.snapshots(id), version2023, content)
		if recorder.Code != 400 || recorder.Header().Get("X-Error-Code") != code {
			t.Errorf("%s: %d %s", content, recorder.Code, recorder.Body)
		}
	}
}

func TestCompliancePolicy(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	id, err := b.sim.SeedSnapshot(atlassim.Seed{})
	if err != nil {
		t.Fatal(err)
	}
	expectStatus(t, b.control(http.MethodPost, "compliance_policy", `{"enabled":true,"min_retention_days":3}`, nil), 204)
	expectError(t, b.api(http.MethodDelete, b.snapshots(id), version2023, ""), 400,
		"CANNOT_DELETE_SNAPSHOT_WITH_BACKUP_COMPLIANCE_POLICY",
		"You can't delete snapshots while you have a Backup Compliance Policy enabled.")
	expectError(t, b.api(http.MethodPatch, b.snapshots(id), version2023, `{"retentionUnit":"DAYS","retentionValue":3}`), 400,
		"CANNOT_DECREASE_SNAPSHOT_RETENTION_WITH_BACKUP_COMPLIANCE_POLICY",
		"You can't decrease the snapshot rentention while you have a Backup Compliance Policy enabled.")
	expectStatus(t, b.api(http.MethodPatch, b.snapshots(id), version2023, `{"retentionUnit":"DAYS","retentionValue":9}`), 200)
	expectError(t, b.api(http.MethodPost, b.snapshots(), version2023, `{"retentionInDays":2}`), 400,
		"SNAPSHOT_RETENTION_LESS_THAN_BACKUP_COMPLIANCE_POLICY", "You can't create a snapshot with a retention less than the "+
			"Backup Compliance Policy setting while you have a Backup Compliance Policy enabled.")
	b.take(`{"retentionInDays":3}`)
	b.sim.SetCompliancePolicy(false, 0)
	expectStatus(t, b.api(http.MethodDelete, b.snapshots(id), version2023, ""), http.StatusNoContent)
}

func TestClusterRefusals(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	off := false
	for _, spec := range []atlassim.ClusterSpec{{Name: "off", BackupEnabled: &off}, {Name: "resting", Paused: true}} {
		if err := b.sim.AddCluster(spec); err != nil {
			t.Fatal(err)
		}
	}
	id := text(decode(t, b.api(http.MethodGet, b.path("clusters/off"), "2024-08-05", "")), "id")
	expectError(t, b.api(http.MethodPost, b.path("clusters/off/backup/snapshots"), version2023, requested), 404,
		"BACKUP_CONFIG_NOT_FOUND", "No backup configuration exists for cluster "+id+" in group "+b.fix.ProjectID+".",
		id, b.fix.ProjectID)
	expectStatus(t, b.api(http.MethodPost, b.path("clusters/resting/backup/snapshots"), version2023, requested), 409)
	expectError(t, b.api(http.MethodPost, b.path("clusters/Flex0/backup/snapshots"), version2023, requested), 400,
		"CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API", "Flex cluster Flex0 cannot be used in the Cluster API.", "Flex0")
	expectError(t, b.api(http.MethodGet, b.path("flexClusters/Cluster0/backup/snapshots"), versionFlex, ""), 400,
		"CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API", "Cannot use non-flex cluster Cluster0 in the flex API.", "Cluster0")
}

func TestMethodNotAllowed(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	recorder := b.api(http.MethodPut, b.snapshots(), version2023, "{}")
	expectStatus(t, recorder, http.StatusMethodNotAllowed)
	if recorder.Header().Get("Allow") != "POST,GET,OPTIONS" || recorder.Body.Len() != 0 {
		t.Errorf("Allow %q, body %q", recorder.Header().Get("Allow"), recorder.Body)
	}
	if allow := b.api(http.MethodPut, b.snapshots(missing), version2023, "{}").Header().Get("Allow"); allow != "PATCH,GET,DELETE,OPTIONS" {
		t.Errorf("Allow %q", allow)
	}
}

func TestLargeBody(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	recorder := b.api(http.MethodPost, b.snapshots(), version2023, `{"description":"`+strings.Repeat("x", 1<<20)+`"}`)
	expectStatus(t, recorder, http.StatusRequestEntityTooLarge)
}
