package atlassim_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

const cliUserAgent = "atlascli/1.50.0 (linux;amd64;native)"

// TestConversation_atlasCLI is `atlas backups snapshots create`, `watch`, `list`, `describe` and `delete`, one after the other.
func TestConversation_atlasCLI(t *testing.T) {
	v := newSDKClient(t, cliUserAgent, atlassim.DigestJetty)
	v.sim.CompleteAfter(9 * time.Second)
	cluster := v.fix.ClusterName
	probe := func(path string) {
		t.Helper()
		// Only this refusal tells the CLI that the cluster is no Flex cluster; at any other answer it stops.
		v.refused(http.StatusBadRequest, "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API", http.MethodGet, path, versionFlex, "")
	}
	flex := v.path("flexClusters", cluster, "backup/snapshots")

	// create Cluster0 --desc d --retention 7
	created := decodeInto[officialSnapshot](t, v.call(http.StatusOK, http.MethodPost, v.snapshots(), version2023, `{"description":"d","retentionInDays":7}`))
	id := *created.ID

	// watch ID --clusterName Cluster0
	probe(flex + "/" + id)
	looks := 0
	for looks = 1; ; looks++ {
		seen := decodeInto[officialSnapshot](t, v.call(http.StatusOK, http.MethodGet, v.snapshots(id), version2023, ""))
		if *seen.Status == "completed" || *seen.Status == "failed" {
			break
		}
		if looks > 100 {
			t.Fatal("it never ends")
		}
		v.advance(4 * time.Second)
	}
	if looks != 4 {
		t.Errorf("%d looks, want 4: at 0, 4, 8 and 12 s", looks)
	}

	// list Cluster0
	probe(flex)
	listed := decodeInto[struct {
		Results    []officialSnapshot `json:"results"`
		TotalCount int                `json:"totalCount"`
	}](t, v.call(http.StatusOK, http.MethodGet, v.snapshots()+"?includeCount=true&itemsPerPage=100&pageNum=1", version2023, ""))
	if listed.TotalCount != 1 || len(listed.Results) != 1 || *listed.Results[0].ID != id || *listed.Results[0].SnapshotType != "onDemand" {
		t.Errorf("listed %+v", listed)
	}

	// describe ID --clusterName Cluster0
	probe(flex + "/" + id)
	described := decodeInto[officialSnapshot](t, v.call(http.StatusOK, http.MethodGet, v.snapshots(id), version2023, ""))
	if *described.Status != "completed" || *described.Description != "d" || described.ExpiresAt.Sub(*described.CreatedAt) < 7*24*time.Hour {
		t.Errorf("described %+v", described)
	}

	// delete ID --clusterName Cluster0 --force
	v.call(http.StatusNoContent, http.MethodDelete, v.snapshots(id), version2023, "")
	v.expectRequests(
		"POST /clusters/Cluster0/backup/snapshots 200",
		"GET /flexClusters/Cluster0/backup/snapshots/ID 400",
		"GET /clusters/Cluster0/backup/snapshots/ID 200", "GET /clusters/Cluster0/backup/snapshots/ID 200",
		"GET /clusters/Cluster0/backup/snapshots/ID 200", "GET /clusters/Cluster0/backup/snapshots/ID 200",
		"GET /flexClusters/Cluster0/backup/snapshots 400",
		"GET /clusters/Cluster0/backup/snapshots?includeCount=true&itemsPerPage=100&pageNum=1 200",
		"GET /flexClusters/Cluster0/backup/snapshots/ID 400", "GET /clusters/Cluster0/backup/snapshots/ID 200",
		"DELETE /clusters/Cluster0/backup/snapshots/ID 204",
	)
}

// TestConversation_atlasCLIOnFlex lists and describes the snapshots of a Flex cluster, where the probe is the answer.
func TestConversation_atlasCLIOnFlex(t *testing.T) {
	v := newSDKClient(t, cliUserAgent, atlassim.DigestJetty)
	home := v.path("flexClusters", v.fix.FlexClusterName, "backup/snapshots")
	type flexSnapshot struct {
		ID            *string    `json:"id"`
		Status        *string    `json:"status"`
		ScheduledTime *time.Time `json:"scheduledTime"`
		Expiration    *time.Time `json:"expiration"`
	}
	listed := decodeInto[struct {
		Results []flexSnapshot `json:"results"`
	}](t, v.call(http.StatusOK, http.MethodGet, home, versionFlex, ""))
	if len(listed.Results) != 8 {
		t.Fatalf("listed %+v", listed)
	}
	one := decodeInto[flexSnapshot](t, v.call(http.StatusOK, http.MethodGet, home+"/"+*listed.Results[0].ID, versionFlex, ""))
	if *one.ID != *listed.Results[0].ID || one.Status == nil || one.Expiration.Sub(*one.ScheduledTime) != 8*24*time.Hour {
		t.Errorf("described %+v", one)
	}
}
