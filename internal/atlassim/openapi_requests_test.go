package atlassim_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// requestEverything brings the simulator into every situation that it knows, and asks for everything there is in it.
func requestEverything(t *testing.T, watch func(*harness) *harness) {
	t.Helper()
	snapshotLifecycles(watch(newHarness(t, atlassim.Options{})))
	unusualSnapshots(watch(newHarness(t, atlassim.Options{})))
	clusterStates(watch(newHarness(t, atlassim.Options{})))
	tenants(watch(newHarness(t, atlassim.Options{})))
	tenants(watch(newHarness(t, atlassim.Options{Serverless: atlassim.ServerlessLive})))
	restores(watch(newHarness(t, atlassim.Options{})))
	flexRestores(watch(newHarness(t, atlassim.Options{})))
	refusals(watch(newHarness(t, atlassim.Options{})))
}

// readSnapshots reads a cluster's snapshots in every way.
func (b *harness) readSnapshots(cluster, id string) {
	home := b.path("clusters", cluster, "backup/snapshots")
	for _, path := range []string{
		home, home + "?itemsPerPage=1", home + "?itemsPerPage=1&pageNum=2&includeCount=false", home + "?pretty=true",
		home + "/" + id, home + "/" + id + "?pretty=true", home + "/shardedClusters", home + "/shardedCluster/" + id,
	} {
		b.get(path)
	}
}

// snapshotLifecycles takes snapshots and looks at them every few seconds until they are gone.
func snapshotLifecycles(b *harness) {
	b.t.Helper()
	for _, plan := range []atlassim.Plan{{}, {Duration: 100 * time.Second}, {Fail: true}} {
		for _, cluster := range []string{b.fix.ClusterName, b.fix.ShardedClusterName} {
			b.sim.NextSnapshot(plan)
			home := b.path("clusters", cluster, "backup/snapshots")
			taken := b.api(http.MethodPost, home, version2023, `{"description":"test-snapshot","retentionInDays":3}`)
			expectStatus(b.t, taken, http.StatusOK)
			id := text(decode(b.t, taken), "id")
			b.api(http.MethodPost, home, version2023, requested)
			b.api(http.MethodDelete, home+"/"+id, version2023, "")
			b.api(http.MethodPatch, home+"/"+id, version2023, `{"retentionUnit":"DAYS","retentionValue":5}`)
			for range 40 {
				b.readSnapshots(cluster, id)
				b.advance(7 * time.Second)
			}
			b.advance(10 * time.Minute)
			for _, unit := range []string{"DAYS", "WEEKS", "MONTHS", "YEARS"} {
				b.api(http.MethodPatch, home+"/"+id, version2023, `{"retentionUnit":"`+unit+`","retentionValue":5}`)
				b.readSnapshots(cluster, id)
			}
			b.token = b.signIn()
			if cluster == b.fix.ShardedClusterName {
				home += "/shardedCluster"
			}
			b.api(http.MethodDelete, home+"/"+id, version2023, "")
			b.readSnapshots(cluster, id)
		}
	}
}

// unusualSnapshots are snapshots that nobody asked for, that are copied, encrypted, unfinished for ever or without a description.
func unusualSnapshots(b *harness) {
	b.t.Helper()
	for _, seed := range []atlassim.Seed{
		{SnapshotType: "scheduled", PolicyItems: []string{missing}, FrequencyType: "daily"},
		{SnapshotType: "scheduled", FrequencyType: "hourly", CopyRegions: []string{"US_WEST_2"}},
		{SnapshotType: "fallback", FrequencyType: "monthly"},
		{MasterKeyUUID: "0f8fad5b-d9cb-469f-a165-70867728950e", CloudProvider: "AZURE"},
		{CloudProvider: "GCP", Status: "failed"},
		{Status: "queued", Frozen: true},
		{Status: "inProgress", Frozen: true},
	} {
		for _, cluster := range []string{b.fix.ClusterName, b.fix.ShardedClusterName} {
			seed.ClusterName = cluster
			id, err := b.sim.SeedSnapshot(seed)
			if err != nil {
				b.t.Fatal(err)
			}
			b.readSnapshots(cluster, id)
		}
	}
	b.get(b.snapshots() + "?pointInTimeUtcSeconds=1900000000")
	b.get(b.snapshots() + "?oplogTs=1900000000&oplogInc=1")
}

func clusterStates(b *harness) {
	off := false
	for _, spec := range []atlassim.ClusterSpec{
		{Name: "creating", StateName: "CREATING"},
		{Name: "updating", StateName: "UPDATING"},
		{Name: "deleting", StateName: "DELETING"},
		{Name: "repairing", StateName: "REPAIRING"},
		{Name: "off", BackupEnabled: &off},
		{Name: "resting", Paused: true},
		{Name: "wide", Type: atlassim.TypeSharded},
		{Name: "azure", CloudProvider: "AZURE"},
		{Name: "google", Type: atlassim.TypeSharded, CloudProvider: "GCP"},
		{Name: "free", Type: atlassim.TypeFree, CloudProvider: "AZURE"},
	} {
		b.addCluster(spec)
		for _, version := range []string{"2023-01-01", "2023-02-01", "2024-08-05"} {
			b.api(http.MethodGet, b.path("clusters", spec.Name), version, "")
			b.api(http.MethodGet, b.path("clusters")+"?itemsPerPage=2", version, "")
		}
		home := b.path("clusters", spec.Name, "backup/snapshots")
		b.api(http.MethodPost, home, version2023, requested)
		b.advance(10 * time.Minute)
		b.token = b.signIn()
		b.get(home)
	}
}

// tenants are Flex clusters and serverless instances, before and after the sunset.
func tenants(b *harness) {
	b.t.Helper()
	for _, name := range []string{b.fix.FlexClusterName, b.fix.ServerlessInstanceName} {
		for _, status := range []string{"pending", "queued", "running", "completed", "failed"} {
			if _, err := b.sim.SeedSnapshot(atlassim.Seed{ClusterName: name, Status: status}); err != nil {
				b.t.Fatal(err)
			}
		}
	}
	for range 3 {
		for _, list := range []string{
			b.path("flexClusters"), b.path("flexClusters", b.fix.FlexClusterName), b.path("flexClusters", b.fix.FlexClusterName, "backup/snapshots"),
			b.path("serverless"), b.path("serverless", b.fix.ServerlessInstanceName),
			b.path("serverless", b.fix.ServerlessInstanceName, "backup/snapshots"),
		} {
			version := version2023
			if strings.Contains(list, "flexClusters") {
				version = versionFlex
			}
			answer := b.api(http.MethodGet, list, version, "")
			b.api(http.MethodGet, list+"?itemsPerPage=3&pageNum=2", version, "")
			if strings.HasSuffix(list, "/snapshots") && answer.Code == http.StatusOK {
				for _, one := range results(b.t, answer) {
					b.api(http.MethodGet, list+"/"+text(one, "id"), version, "")
				}
			}
		}
		b.advance(45 * time.Second)
	}
}

// refusals are what people get wrong, and what only faults can cause.
func refusals(b *harness) {
	for _, content := range []string{
		`{"retentionInDays":0}`, `{"retentionInDays":"1"}`, `{"description":"x"`, `{"retention":1}`, ``,
	} {
		b.api(http.MethodPost, b.snapshots(), version2023, content)
	}
	for _, path := range []string{
		b.snapshots(missing), b.snapshots("nonsense"), b.path("clusters/nowhere"), b.path("clusters/Flex0"), b.path("unheard/of"),
		b.path("serverless/nowhere"), b.snapshots() + "?pageNum=0", "/api/atlas/v2/groups/x/clusters", "/api/atlas/v2/groups/" + missing + "/clusters",
	} {
		b.get(path)
	}
	b.api(http.MethodGet, b.path("flexClusters/Cluster0"), versionFlex, "")
	b.api(http.MethodPut, b.snapshots(), version2023, "{}")
	b.api(http.MethodGet, b.snapshots(), "2022-01-01", "")
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
		b.serve(httptest.NewRequest(method, b.snapshots(), nil))
	}
	for _, code := range atlassim.ErrorCodes() {
		b.sim.AddFault(atlassim.Fault{ErrorCode: code})
		b.get(b.snapshots(missing))
	}
	for _, status := range []int{401, 403, 404, 429, 500} {
		b.sim.AddFault(atlassim.Fault{Status: status})
		b.get(b.snapshots(missing))
	}
	b.sim.SetRateLimit(0, 0)
	b.get(b.snapshots())
}
