package atlassim_test

import (
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

const requested = `{"description":"nightly","retentionInDays":1}`

// The key sets of the stages, as recorded.
const (
	stageQueued    = "copyRegions description expiresAt frequencyType id links policyItems replicaSetName snapshotType status storageSizeBytes type"
	stageVersion   = "copyRegions description expiresAt frequencyType id links mongodVersion policyItems replicaSetName snapshotType status storageSizeBytes type"
	stageProvider  = "cloudProvider " + stageVersion
	stageCompleted = "cloudProvider copyRegions createdAt description expiresAt frequencyType id links mongodVersion policyItems replicaSetName snapshotType status storageSizeBytes type"
)

func TestLifecycleStages(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	taken := b.take(requested)
	id := text(taken, "id")
	if text(taken, "status") != "queued" || keys(taken) != stageQueued {
		t.Fatalf("POST answers %v", taken)
	}
	if seconds, err := strconv.ParseInt(id[:8], 16, 64); err != nil || seconds != start.Unix() {
		t.Errorf("the id %s is not of the time of the request", id)
	}
	seen := []string{"queued " + stageQueued}
	var completed time.Time
	for elapsed := range 600 {
		b.advance(time.Second)
		now := decode(t, b.get(b.snapshots(id)))
		stage := text(now, "status") + " " + keys(now)
		if stage != seen[len(seen)-1] {
			seen = append(seen, stage)
		}
		if text(now, "status") == "completed" {
			completed = start.Add(time.Duration(elapsed+1) * time.Second)
			break
		}
		if got := moment(t, now, "expiresAt"); !got.Equal(start.Add(24 * time.Hour)) {
			t.Fatalf("expiresAt %s before completion", got)
		}
		if now["storageSizeBytes"] != 0.0 {
			t.Fatalf("size %v before completion", now["storageSizeBytes"])
		}
	}
	want := []string{
		"queued " + stageQueued, "inProgress " + stageQueued, "inProgress " + stageVersion,
		"inProgress " + stageProvider, "completed " + stageCompleted,
	}
	if !slices.Equal(seen, want) {
		t.Fatalf("stages %q, want %q", seen, want)
	}
	final := decode(t, b.get(b.snapshots(id)))
	moved := moment(t, final, "expiresAt").Sub(completed.Add(24 * time.Hour))
	if moved > 0 || moved <= -2*time.Second {
		t.Errorf("expiresAt is %s off the completion plus the retention", moved)
	}
	if size, _ := final["storageSizeBytes"].(float64); size < 1.5e9 {
		t.Errorf("size %v", final["storageSizeBytes"])
	}
}

func TestExpiry(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	b.sim.CompleteAfter(100 * time.Second)
	id := text(b.take(requested), "id")
	b.advance(24*time.Hour + 99*time.Second)
	b.token = b.signIn()
	expectStatus(t, b.get(b.snapshots(id)), http.StatusOK)
	b.advance(time.Second)
	expectError(t, b.get(b.snapshots(id)), 404, "SNAPSHOT_NOT_FOUND",
		"No snapshot with ID "+id+" exists for cluster Cluster0.", id, "Cluster0")
	if left := results(t, b.get(b.snapshots())); len(left) != 0 {
		t.Errorf("the list still holds %v", left)
	}
	ever := b.sim.Snapshots()
	if len(ever) != 1 || !ever[0].DeletedAt.Equal(start.Add(24*time.Hour+100*time.Second)) {
		t.Errorf("inventory %+v", ever)
	}
}

func TestPlans(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	b.sim.NextSnapshot(atlassim.Plan{Duration: 10 * time.Second, Fail: true},
		atlassim.Plan{Duration: time.Hour}, atlassim.Plan{Duration: time.Second, FinalStatus: "archived"})
	after := func(d time.Duration) body {
		id := text(b.take(requested), "id")
		b.advance(d)
		return decode(t, b.get(b.snapshots(id)))
	}
	failed := after(10 * time.Second)
	if text(failed, "status") != "failed" || failed["createdAt"] != nil || failed["storageSizeBytes"] != 0.0 {
		t.Errorf("failed: %v", failed)
	}
	id := text(b.take(requested), "id")
	b.advance(time.Hour - time.Second)
	b.token = b.signIn()
	if status := text(decode(t, b.get(b.snapshots(id))), "status"); status != "inProgress" {
		t.Errorf("status %s before its planned end", status)
	}
	b.advance(time.Second)
	if status := text(decode(t, b.get(b.snapshots(id))), "status"); status != "completed" {
		t.Errorf("status %s at its planned end", status)
	}
	if odd := after(time.Second); text(odd, "status") != "archived" {
		t.Errorf("odd: %v", odd)
	}
}

func TestSeedIsDeterministic(t *testing.T) {
	story := func() (body, atlassim.Fixture) {
		b := newHarness(t, atlassim.Options{Seed: 7})
		b.take(requested)
		b.advance(5 * time.Minute)
		return results(t, b.get(b.snapshots()))[0], b.fix
	}
	one, fixture := story()
	two, again := story()
	if fixture != again {
		t.Errorf("fixtures %+v and %+v", fixture, again)
	}
	for key, value := range one {
		if key != "links" && text(two, key) != text(one, key) {
			t.Errorf("%s: %v and %v", key, value, two[key])
		}
	}
}

func TestShardedSnapshot(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	b.sim.CompleteAfter(2 * time.Minute)
	home := b.path("clusters", b.fix.ShardedClusterName, "backup/snapshots")
	posted := decode(t, b.api(http.MethodPost, home, version2023, requested))
	id := text(posted, "id")
	if want := "description expiresAt frequencyType id links policyItems snapshotType status storageSizeBytes type"; keys(posted) != want {
		t.Errorf("POST answers %s", keys(posted))
	}
	b.advance(2 * time.Minute)
	plain := decode(t, b.get(home+"/"+id))
	if text(plain, "type") != "shardedCluster" || plain["members"] != nil || plain["snapshotIds"] != nil {
		t.Errorf("the plain endpoint shows %v", plain)
	}
	for name, whole := range map[string]body{
		"get":  decode(t, b.get(home+"/shardedCluster/"+id)),
		"list": results(t, b.get(home+"/shardedClusters"))[0],
	} {
		members, _ := whole["members"].([]any)
		ids, _ := whole["snapshotIds"].([]any)
		if len(members) != 2 || len(ids) != 2 || text(whole, "configServerType") != "EMBEDDED" {
			t.Fatalf("%s: %v", name, whole)
		}
		member, _ := members[0].(body)
		if keys(member) != "cloudProvider id replicaSetName" || text(member, "id") != ids[0] {
			t.Errorf("%s: member %v of %v", name, member, ids)
		}
		part := home + "/" + text(member, "id")
		expectError(t, b.api(http.MethodDelete, part, version2023, ""), 403, "CANNOT_DELETE_FROM_CLUSTER_SNAPSHOT",
			"Cannot individually delete a snapshot that is part of a cluster snapshot.")
		expectStatus(t, b.api(http.MethodPatch, part, version2023, `{"retentionUnit":"DAYS","retentionValue":3}`), 403)
	}
	expectStatus(t, b.api(http.MethodDelete, home+"/shardedCluster/"+id, version2023, ""), http.StatusNoContent)
	expectStatus(t, b.get(home+"/"+id), http.StatusNotFound)
	if left := results(t, b.get(b.snapshots("shardedClusters"))); len(left) != 0 {
		t.Errorf("a replica set has sharded snapshots: %v", left)
	}
}

func TestRetention(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	b.sim.CompleteAfter(2 * time.Minute)
	id := text(b.take(requested), "id")
	b.advance(2 * time.Minute)
	before := decode(t, b.get(b.snapshots(id)))
	for unit, want := range map[string]time.Time{
		"DAYS":   moment(t, before, "createdAt").AddDate(0, 0, 3),
		"WEEKS":  moment(t, before, "createdAt").AddDate(0, 0, 21),
		"MONTHS": moment(t, before, "createdAt").AddDate(0, 3, 0),
		"YEARS":  moment(t, before, "createdAt").AddDate(3, 0, 0),
	} {
		recorder := b.api(http.MethodPatch, b.snapshots(id), version2023, `{"retentionUnit":"`+unit+`","retentionValue":3}`)
		expectStatus(t, recorder, http.StatusOK)
		if got := moment(t, decode(t, recorder), "expiresAt"); !got.Equal(want) {
			t.Errorf("3 %s: expires %s, want %s", unit, got, want)
		}
	}
	defaulted := text(b.take(`{}`), "id")
	if got := moment(t, decode(t, b.get(b.snapshots(defaulted))), "expiresAt"); !got.Equal(start.Add(2*time.Minute + 7*24*time.Hour)) {
		t.Errorf("the default retention ends %s", got)
	}
}
