package atlassim_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

func (b *harness) restores(parts ...string) string {
	return b.path(append([]string{"clusters", b.fix.ClusterName, "backup/restoreJobs"}, parts...)...)
}

// automated is the body of a request for a restore onto the target.
func (b *harness) automated(snapshotID string) string {
	return fmt.Sprintf(`{"deliveryType":"automated","snapshotId":%q,"targetGroupId":%q,"targetClusterName":%q}`, snapshotID, b.fix.ProjectID, b.fix.TargetClusterName)
}

// completed seeds a completed snapshot and returns its ID.
func (b *harness) completed(cluster string) string {
	b.t.Helper()
	id, err := b.sim.SeedSnapshot(atlassim.Seed{ClusterName: cluster, CreatedAt: b.sim.Now().Add(-time.Hour)})
	if err != nil {
		b.t.Fatal(err)
	}
	return id
}

func (b *harness) restore(content string) body {
	b.t.Helper()
	answer := b.api(http.MethodPost, b.restores(), version2023, content)
	expectStatus(b.t, answer, http.StatusOK)
	return decode(b.t, answer)
}

// restores asks for every kind of restore job in every state.
func restores(b *harness) {
	b.t.Helper()
	b.addCluster(atlassim.ClusterSpec{Name: b.fix.ClusterName, PITEnabled: true})
	b.addCluster(atlassim.ClusterSpec{Name: "wide", Type: atlassim.TypeSharded})
	id, sharded := b.completed(""), b.completed(b.fix.ShardedClusterName)
	onto := fmt.Sprintf(`"targetGroupId":%q,"targetClusterName":%q`, b.fix.ProjectID, b.fix.TargetClusterName)
	at := b.sim.Now().Add(-time.Minute).Unix()
	home := b.path("clusters", b.fix.ShardedClusterName, "backup/restoreJobs")
	for i, request := range []struct{ home, content string }{
		{b.restores(), b.automated(id)},
		{b.restores(), `{"deliveryType":"download","snapshotId":"` + id + `"}`},
		{b.restores(), fmt.Sprintf(`{"deliveryType":"pointInTime","pointInTimeUTCSeconds":%d,%s}`, at, onto)},
		{b.restores(), fmt.Sprintf(`{"deliveryType":"pointInTime","oplogTs":%d,"oplogInc":1,%s}`, at, onto)},
		{home, strings.Replace(b.automated(sharded), b.fix.TargetClusterName, "wide", 1)},
		{home, `{"deliveryType":"download","snapshotId":"` + sharded + `"}`},
	} {
		for _, fail := range []bool{false, true} {
			b.token = b.signIn()
			b.sim.NextRestore(atlassim.RestorePlan{Duration: 3 * time.Minute, Fail: fail})
			answer := b.api(http.MethodPost, request.home, version2023, request.content)
			expectStatus(b.t, answer, http.StatusOK)
			for range 3 {
				b.get(request.home + "/" + text(decode(b.t, answer), "id"))
				b.get(request.home + "?itemsPerPage=2")
				b.advance(2 * time.Minute)
			}
			if b.api(http.MethodDelete, request.home+"/"+text(decode(b.t, answer), "id"), version2023, ""); i%2 == 1 {
				b.advance(2 * time.Hour)
				b.token = b.signIn()
				b.get(request.home)
			}
		}
	}
}

// shape is what a job shows besides its links and names: its keys, and its flags.
func shape(job body) string {
	keys := slices.Sorted(maps.Keys(job))
	urls, _ := job["deliveryUrl"].([]any)
	stamp, _ := json.Marshal(job["desiredTimestamp"])
	links, _ := job["links"].([]any)
	return fmt.Sprintf("%v failed=%v cancelled=%v expired=%v urls=%d links=%d %s", keys, job["failed"], job["cancelled"], job["expired"], len(urls), len(links), stamp)
}

// TestRestore_recorded has each recorded stage of a restore job in the simulator.
func TestRestore_recorded(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	id := b.completed("")
	shapes := map[string]bool{}
	for _, content := range []string{b.automated(id), `{"deliveryType":"download","snapshotId":"` + id + `"}`} {
		for _, fail := range []bool{true, false} {
			b.sim.NextRestore(atlassim.RestorePlan{Fail: fail})
			job := b.restore(content)
			posted := shape(job)
			pending := shape(decode(t, b.get(b.restores(text(job, "id")))))
			b.advance(time.Hour)
			b.token = b.signIn()
			ended := shape(decode(t, b.get(b.restores(text(job, "id")))))
			if posted != pending || pending == ended {
				t.Errorf("a job is\n %s\nthen\n %s\nthen\n %s", posted, pending, ended)
			}
			shapes[posted], shapes[ended] = true, true
		}
	}
	compared := 0
	for _, one := range readRecordings(t) {
		if !strings.HasPrefix(one.Name, "restore-") || one.Status != http.StatusOK || strings.Contains(one.Name, "cluster") {
			continue
		}
		recorded := one.decoded(t)
		if list, ok := recorded["results"].([]any); ok {
			recorded, _ = list[0].(map[string]any)
		}
		if compared++; !shapes[shape(recorded)] {
			t.Errorf("%s: no simulated job is\n  %s\nthey are\n  %s", one.Name, shape(recorded), strings.Join(slices.Sorted(maps.Keys(shapes)), "\n  "))
		}
	}
	if compared < 3 {
		t.Errorf("only %d recordings", compared)
	}
}

// TestRestore_erases erases the target at the start, and fills it at the end.
func TestRestore_erases(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	data := b.sim.Data(b.fix.ClusterName)
	id := b.completed("")
	for name, text := range map[string]string{b.fix.ClusterName: "new", b.fix.TargetClusterName: "old"} {
		if err := b.sim.SetData(name, text); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(holds, state string, erasures int) {
		t.Helper()
		cluster := decode(t, b.api(http.MethodGet, b.path("clusters", b.fix.TargetClusterName), "2024-08-05", ""))
		if got := b.sim.Data(b.fix.TargetClusterName); got != holds || text(cluster, "stateName") != state || b.sim.Erasures(b.fix.TargetClusterName) != erasures {
			t.Errorf("the target holds %q and is %v, erased %d times; expected %q, %s, %d", got, cluster["stateName"], b.sim.Erasures(b.fix.TargetClusterName), holds, state, erasures)
		}
	}
	expect("old", "IDLE", 0)
	b.sim.NextRestore(atlassim.RestorePlan{Duration: 200 * time.Second}, atlassim.RestorePlan{Duration: 200 * time.Second, Fail: true})
	b.restore(b.automated(id))
	expect("", "UPDATING", 1)
	answer := b.api(http.MethodPost, b.restores(), version2023, b.automated(id))
	expectStatus(t, answer, http.StatusConflict)
	if code := text(decode(t, answer), "errorCode"); code != "ATLAS_CLUSTER_RESTORE_IN_PROGRESS" {
		t.Errorf("a busy target: %s", code)
	}
	b.advance(199 * time.Second)
	expect("", "UPDATING", 1)
	b.advance(2 * time.Second)
	expect(data, "IDLE", 1)
	b.restore(b.automated(id))
	b.advance(10 * time.Minute)
	expect("", "IDLE", 2)

	// The path of another cluster is accepted, and the job is then not found under it.
	other := b.path("clusters", b.fix.TargetClusterName, "backup/restoreJobs")
	strayed := decode(t, b.api(http.MethodPost, other, version2023, b.automated(id)))
	expectStatus(t, b.get(other+"/"+text(strayed, "id")), http.StatusNotFound)
	b.advance(10 * time.Minute)
	expect(data, "IDLE", 3)
	all := b.sim.Restores()
	if len(all) != 3 || all[0].HeldBefore != "old" || all[0].HoldsAfter != data || all[1].Status != "failed" || all[1].HeldBefore != data {
		t.Errorf("the restores are %+v", all)
	}
	var ledger struct {
		Restores []map[string]any `json:"restores"`
		Clusters []map[string]any `json:"clusters"`
	}
	b.control(http.MethodGet, "restores", "", &ledger)
	if len(ledger.Restores) != 3 || len(ledger.Clusters) == 0 {
		t.Errorf("the control request answers %+v", ledger)
	}
}

// TestRestore_refusals has the documented codes.
func TestRestore_refusals(t *testing.T) {
	for want, c := range map[string]struct {
		change  func(*harness)
		content func(*harness, string) string
	}{
		"CLUSTER_PAUSED_CANNOT_RESTORE": {change: func(b *harness) { b.addCluster(atlassim.ClusterSpec{Name: b.fix.TargetClusterName, Paused: true}) }},
		"RESTORE_INITIATION_FAILED": {change: func(b *harness) {
			b.addCluster(atlassim.ClusterSpec{Name: b.fix.TargetClusterName, MongoDBVersion: "7.0.1"})
		}},
		"CLUSTER_NOT_FOUND":  {change: func(b *harness) { b.sim.DeleteCluster(b.fix.TargetClusterName) }},
		"SNAPSHOT_NOT_FOUND": {content: func(b *harness, _ string) string { return b.automated(missing) }},
		"CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT": {content: func(b *harness, _ string) string {
			id, _ := b.sim.SeedSnapshot(atlassim.Seed{Status: "inProgress", Frozen: true})
			return b.automated(id)
		}},
		"GROUP_NOT_FOUND": {content: func(b *harness, id string) string {
			return strings.Replace(b.automated(id), b.fix.ProjectID, missing, 1)
		}},
		"INVALID_PIT_RESTORE_TIME": {content: func(b *harness, id string) string {
			return strings.Replace(b.automated(id), "automated", "pointInTime", 1)
		}},
		"INVALID_ENUM_VALUE": {content: func(b *harness, id string) string { return strings.Replace(b.automated(id), "automated", "magic", 1) }},
		"MISSING_ATTRIBUTE":  {content: func(_ *harness, id string) string { return `{"deliveryType":"automated","snapshotId":"` + id + `"}` }},
	} {
		t.Run(want, func(t *testing.T) {
			b := newHarness(t, atlassim.Options{})
			id := b.completed("")
			content := b.automated(id)
			if c.content != nil {
				content = c.content(b, id)
			}
			if c.change != nil {
				c.change(b)
			}
			answer := decode(t, b.api(http.MethodPost, b.restores(), version2023, content))
			if text(answer, "errorCode") != want || len(b.sim.Restores()) > 0 {
				t.Errorf("the answer is %v, and the restores are %v", answer, b.sim.Restores())
			}
		})
	}
}

// TestRestore_cancel cancels downloads only.
func TestRestore_cancel(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	id := b.completed("")
	restored := b.restore(b.automated(id))
	answer := b.api(http.MethodDelete, b.restores(text(restored, "id")), version2023, "")
	expectStatus(t, answer, http.StatusBadRequest)
	downloaded := b.restore(`{"deliveryType":"download","snapshotId":"` + id + `"}`)
	expectStatus(t, b.api(http.MethodDelete, b.restores(text(downloaded, "id")), version2023, ""), http.StatusNoContent)
	if job := decode(t, b.get(b.restores(text(downloaded, "id")))); job["cancelled"] != true || job["failed"] != false || job["finishedAt"] == nil {
		t.Errorf("the cancelled job is %v", job)
	}
	b.sim.SetBehavior(func(behavior *atlassim.Behavior) { behavior.RestorePurgedAfter = time.Minute })
	b.advance(10 * time.Minute)
	expectStatus(t, b.get(b.restores(text(restored, "id"))), http.StatusNotFound)
	if list := results(t, b.get(b.restores())); len(list) != 0 {
		t.Errorf("the list has %v", list)
	}
}
