package atlassim_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

const officialUserAgent = "terraform-provider-mongodbatlas/2.16.0 Terraform/1.11.4 Name/cloud_backup_snapshot Operation/create"

// officialSnapshot are the fields that the official provider puts into its state, by the types of its SDK.
type officialSnapshot struct {
	ID               *string    `json:"id"`
	Status           *string    `json:"status"`
	Type             *string    `json:"type"`
	SnapshotType     *string    `json:"snapshotType"`
	Description      *string    `json:"description"`
	CreatedAt        *time.Time `json:"createdAt"`
	ExpiresAt        *time.Time `json:"expiresAt"`
	MongodVersion    *string    `json:"mongodVersion"`
	StorageSizeBytes *int64     `json:"storageSizeBytes"`
	CloudProvider    *string    `json:"cloudProvider"`
	ReplicaSetName   *string    `json:"replicaSetName"`
	SnapshotIDs      *[]string  `json:"snapshotIds"`
	Members          *[]struct {
		CloudProvider  string `json:"cloudProvider"`
		ID             string `json:"id"`
		ReplicaSetName string `json:"replicaSetName"`
	} `json:"members"`
}

// officialCreate is mongodbatlas_cloud_backup_snapshot being created: 180 s of sleep, the cluster, the POST, polls 60 and 10 s
// apart from 60 s on, and the two reads of a refresh.
func (v *sdkClient) officialCreate(cluster string) string {
	v.t.Helper()
	v.advance(180 * time.Second)
	state := decodeInto[struct {
		StateName *string `json:"stateName"`
	}](v.t, v.call(http.StatusOK, http.MethodGet, v.path("clusters", cluster), "2024-08-05", ""))
	if state.StateName == nil || *state.StateName != "IDLE" {
		v.t.Fatalf("the cluster is %v, and the provider would wait for 15 minutes", state.StateName)
	}
	home := v.path("clusters", cluster, "backup/snapshots")
	taken := decodeInto[officialSnapshot](v.t, v.call(http.StatusOK, http.MethodPost, home, version2023, `{"description":"myDescription","retentionInDays":1}`))
	if taken.ID == nil || taken.Status == nil {
		v.t.Fatalf("taken %+v", taken)
	}
	pauses := []time.Duration{60 * time.Second, 10 * time.Second}
	for look := 0; ; look++ {
		v.advance(pauses[look%2])
		seen := decodeInto[officialSnapshot](v.t, v.call(http.StatusOK, http.MethodGet, home+"/"+*taken.ID, version2023, ""))
		if *seen.Status == "completed" {
			break
		}
		if *seen.Status != "queued" && *seen.Status != "inProgress" || look > 100 {
			v.t.Fatalf("at look %d the status is %q, which the provider does not wait through", look, *seen.Status)
		}
	}
	return *taken.ID
}

// officialRefresh reads as the official provider does: the sharded endpoint after the other one, whatever the cluster is.
func (v *sdkClient) officialRefresh(cluster, id string) (plain, sharded officialSnapshot) {
	v.t.Helper()
	home := v.path("clusters", cluster, "backup/snapshots")
	plain = decodeInto[officialSnapshot](v.t, v.call(http.StatusOK, http.MethodGet, home+"/"+id, version2023, ""))
	// Anything but 200 leaves its plan unsettled for ever.
	sharded = decodeInto[officialSnapshot](v.t, v.call(http.StatusOK, http.MethodGet, home+"/shardedCluster/"+id, version2023, ""))
	return plain, sharded
}

func TestConversation_officialProvider(t *testing.T) {
	for _, mode := range []string{atlassim.DigestJetty, atlassim.DigestRising, atlassim.DigestOnce} {
		for _, kind := range []string{"replica set", "sharded"} {
			t.Run(mode+", "+kind, func(t *testing.T) {
				v := newSDKClient(t, officialUserAgent, mode)
				v.sim.CompleteAfter(100 * time.Second)
				cluster := v.fix.ClusterName
				if kind == "sharded" {
					cluster = v.fix.ShardedClusterName
				}
				id := v.officialCreate(cluster)
				plain, sharded := v.officialRefresh(cluster, id)
				if plain.CreatedAt == nil || plain.ExpiresAt == nil || plain.MongodVersion == nil || plain.StorageSizeBytes == nil ||
					plain.Description == nil || *plain.Description != "myDescription" || *plain.SnapshotType != "onDemand" {
					t.Errorf("the plain endpoint has %+v", plain)
				}
				switch kind {
				case "replica set":
					if *plain.Type != "replicaSet" || plain.CloudProvider == nil || plain.ReplicaSetName == nil || *sharded.ID != id || sharded.Members != nil {
						t.Errorf("the endpoints have %+v and %+v", plain, sharded)
					}
				default:
					if *plain.Type != "shardedCluster" || plain.Members != nil || sharded.Members == nil || len(*sharded.Members) != len(*sharded.SnapshotIDs) {
						t.Errorf("the endpoints have %+v and %+v", plain, sharded)
					}
				}
				// Destroying refreshes first and does not wait.
				v.officialRefresh(cluster, id)
				home := v.path("clusters", cluster, "backup/snapshots")
				if gone := v.call(http.StatusNoContent, http.MethodDelete, home+"/"+id, version2023, ""); len(gone.body) != 0 {
					t.Errorf("the deletion answers %s", gone.body)
				}
				v.refused(http.StatusNotFound, "SNAPSHOT_NOT_FOUND", http.MethodGet, home+"/"+id, version2023, "")
				at := "/clusters/" + cluster
				v.expectRequests(
					"GET "+at+" 200", "POST "+at+"/backup/snapshots 200",
					"GET "+at+"/backup/snapshots/ID 200", "GET "+at+"/backup/snapshots/ID 200", "GET "+at+"/backup/snapshots/ID 200",
					"GET "+at+"/backup/snapshots/ID 200", "GET "+at+"/backup/snapshots/shardedCluster/ID 200",
					"GET "+at+"/backup/snapshots/ID 200", "GET "+at+"/backup/snapshots/shardedCluster/ID 200",
					"DELETE "+at+"/backup/snapshots/ID 204", "GET "+at+"/backup/snapshots/ID 404",
				)
			})
		}
	}
}

// TestConversation_officialDataSources reads one snapshot and the list, which the provider joins with that of the sharded
// endpoint by ID.
func TestConversation_officialDataSources(t *testing.T) {
	v := newSDKClient(t, officialUserAgent, atlassim.DigestJetty)
	v.sim.CompleteAfter(50 * time.Second)
	for _, cluster := range []string{v.fix.ClusterName, v.fix.ShardedClusterName} {
		id := v.officialCreate(cluster)
		v.officialRefresh(cluster, id)
		home := v.path("clusters", cluster, "backup/snapshots")
		type page struct {
			Results    []officialSnapshot `json:"results"`
			TotalCount *int               `json:"totalCount"`
		}
		plain := decodeInto[page](t, v.call(http.StatusOK, http.MethodGet, home+"?includeCount=true&itemsPerPage=100&pageNum=1", version2023, ""))
		sharded := decodeInto[page](t, v.call(http.StatusOK, http.MethodGet, home+"/shardedClusters", version2023, ""))
		if len(plain.Results) != 1 || *plain.Results[0].ID != id || plain.TotalCount == nil || *plain.TotalCount != 1 {
			t.Errorf("%s: listed %+v", cluster, plain)
		}
		if want := map[bool]int{true: 1}[cluster == v.fix.ShardedClusterName]; len(sharded.Results) != want || (want == 1 && *sharded.Results[0].ID != id) {
			t.Errorf("%s: listed as sharded %+v", cluster, sharded)
		}
	}
}

// TestConversation_officialServiceAccount signs in once, reads, and gives the token back when the provider stops.
func TestConversation_officialServiceAccount(t *testing.T) {
	v := newSDKClient(t, officialUserAgent, atlassim.DigestJetty)
	v.sim.CompleteAfter(50 * time.Second)
	revoke := v.signInWithServiceAccount()
	id := v.officialCreate(v.fix.ClusterName)
	v.officialRefresh(v.fix.ClusterName, id)
	revoke()
	if again := v.exchange(http.MethodGet, v.snapshots(id), version2023, "", "Bearer "+v.token); again.status != http.StatusUnauthorized {
		t.Errorf("a token that was given back still opens: %d", again.status)
	}
	v.expectRequests("POST /api/oauth/token 200", "GET /clusters/Cluster0 200", "POST /clusters/Cluster0/backup/snapshots 200",
		"GET /clusters/Cluster0/backup/snapshots/ID 200", "GET /clusters/Cluster0/backup/snapshots/ID 200",
		"GET /clusters/Cluster0/backup/snapshots/shardedCluster/ID 200", "POST /api/oauth/revoke 200", "GET /clusters/Cluster0/backup/snapshots/ID 401")
}

// TestConversation_officialFailures are the refusals that the official provider tells apart.
func TestConversation_officialFailures(t *testing.T) {
	v := newSDKClient(t, officialUserAgent, atlassim.DigestJetty)
	taken := decodeInto[officialSnapshot](t, v.call(http.StatusOK, http.MethodPost, v.snapshots(), version2023, `{"description":"d","retentionInDays":1}`))
	v.advance(30 * time.Second)
	v.refused(http.StatusBadRequest, "CANNOT_DELETE_IN_PROGRESS_SNAPSHOT", http.MethodDelete, v.snapshots(*taken.ID), version2023, "")
	v.refused(http.StatusBadRequest, "UNFINISHED_ON_DEMAND_SNAPSHOT", http.MethodPost, v.snapshots(), version2023, `{"description":"d","retentionInDays":1}`)
	v.refused(http.StatusBadRequest, "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API", http.MethodGet, v.path("clusters", v.fix.FlexClusterName), "2024-08-05", "")
	v.refused(http.StatusNotFound, "CLUSTER_NOT_FOUND", http.MethodGet, v.path("clusters/nowhere"), "2024-08-05", "")
}
