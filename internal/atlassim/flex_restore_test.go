package atlassim_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// flexJobs returns the path of the restore jobs of the Flex cluster, or of one of them.
func (b *harness) flexJobs(parts ...string) string {
	return b.path(append([]string{"flexClusters", b.fix.FlexClusterName, "backup/restoreJobs"}, parts...)...)
}

// restoreFlex seeds a snapshot of the Flex cluster and requests its restore.
func (b *harness) restoreFlex(target string) body {
	b.t.Helper()
	id := b.completed(b.fix.FlexClusterName)
	answer := b.api(http.MethodPost, b.flexJobs(), versionFlex, fmt.Sprintf(`{"snapshotId":%q,"targetDeploymentItemName":%q}`, id, target))
	expectStatus(b.t, answer, http.StatusOK)
	return decode(b.t, answer)
}

// flexRestores asks for restore jobs of a Flex cluster in every state.
func flexRestores(b *harness) {
	b.t.Helper()
	b.addCluster(atlassim.ClusterSpec{Name: "other", Type: atlassim.TypeFlex})
	for _, fail := range []bool{false, true} {
		b.sim.NextRestore(atlassim.RestorePlan{Duration: time.Minute, Fail: fail})
		job := b.restoreFlex("other")
		for range 4 {
			b.api(http.MethodGet, b.flexJobs(text(job, "id")), versionFlex, "")
			b.api(http.MethodGet, b.flexJobs()+"?itemsPerPage=1", versionFlex, "")
			b.advance(25 * time.Second)
		}
	}
}

// TestFlexRestore goes through the recorded words and keys, and erases the target.
func TestFlexRestore(t *testing.T) {
	for _, fail := range []bool{false, true} {
		b := newHarness(t, atlassim.Options{})
		b.addCluster(atlassim.ClusterSpec{Name: "other", Type: atlassim.TypeFlex})
		data := b.sim.Data(b.fix.FlexClusterName)
		b.sim.NextRestore(atlassim.RestorePlan{Duration: 59 * time.Second, Fail: fail})
		job := b.restoreFlex("other")
		const keys = "deliveryType expirationDate id instanceName projectId restoreScheduledDate snapshotFinishedDate snapshotId status " +
			"targetDeploymentItemName targetProjectId"
		if got := strings.Join(slices.Sorted(maps.Keys(job)), " "); got != keys || text(job, "status") != "PENDING" {
			t.Errorf("the answer has %s and the status %v", got, job["status"])
		}
		if b.sim.Data("other") != "" || b.sim.Erasures("other") != 1 {
			t.Errorf("the target holds %q, erased %d times", b.sim.Data("other"), b.sim.Erasures("other"))
		}
		again := b.api(http.MethodPost, b.flexJobs(), versionFlex, fmt.Sprintf(`{"snapshotId":%q,"targetDeploymentItemName":"other"}`, job["snapshotId"]))
		expectStatus(t, again, http.StatusBadRequest)
		b.advance(58 * time.Second)
		if got := text(decode(t, b.api(http.MethodGet, b.flexJobs(text(job, "id")), versionFlex, "")), "status"); got != "RUNNING" {
			t.Errorf("after 58 s the job is %s", got)
		}
		b.advance(2 * time.Second)
		want, holds := "COMPLETED", data
		if fail {
			want, holds = "FAILED", ""
		}
		ended := decode(t, b.api(http.MethodGet, b.flexJobs(text(job, "id")), versionFlex, ""))
		if text(ended, "status") != want || ended["restoreFinishedDate"] == nil || b.sim.Data("other") != holds {
			t.Errorf("at the end the job is %v, and the target holds %q", ended, b.sim.Data("other"))
		}
		if ledger := b.sim.Restores(); len(ledger) != 1 || ledger[0].SnapshotID != text(job, "snapshotId") || ledger[0].TargetCluster != "other" {
			t.Errorf("the ledger is %+v", ledger)
		}
	}
}
