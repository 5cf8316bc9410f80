package snapshot_test

import (
	"encoding/json"
	"runtime"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// shardedCluster has the configuration name the sharded cluster.
var shardedCluster = map[string]string{"cluster.auto.tfvars": "cluster_name = \"Sharded0\"\n"}

// membersFail are the ways in which nothing but the endpoint for the members of sharded clusters' snapshots fails for good.
var membersFail = map[string]func(*testing.T, *faultTest){
	"401":      faults(at(theSharded, atlassim.Fault{Status: 401, Times: always})),
	"403":      faults(at(theSharded, atlassim.Fault{Status: 403, Times: always})),
	"404":      faults(at(theSharded, atlassim.Fault{ErrorCode: noSnapshot, Times: always})),
	"405":      faults(at(theSharded, atlassim.Fault{Status: 405, Times: always})),
	"500":      faults(at(theSharded, atlassim.Fault{Status: 500, Times: always})),
	"reset":    faults(at(theSharded, atlassim.Fault{Reset: atlassim.ResetBefore, Times: always})),
	"non-JSON": faults(at(theSharded, ambiguous["non-JSON 200"]), at(theSharded, atlassim.Fault{Status: 502, Body: html, ContentType: "text/html", Times: always})),
}

var whileReading = []faultCase{
	{
		what: "Reading fails for a while", shows: "nothing", state: untainted, exists: 1, todo: "nothing",
		taken: true, command: acctest.Plan, cases: allAmbiguous(theReads),
	},
	{
		what: "Reading fails for good", shows: "`Error: Unable to read snapshot`, `Status: 503 Service Unavailable`", state: untainted, exists: 1, todo: "plan again later",
		taken: true, command: acctest.Plan, cases: single(faults(at(theReads, atlassim.Fault{Status: 503, Times: always}))),
	},
	{
		what: "Something other than Atlas answers, such as a proxy's page with 404", shows: "`Error: Unable to read snapshot`, `A server other than Atlas rejected the request`",
		state: untainted, exists: 1, todo: "check `base_url` and the proxy; the state is as it was",
		taken: true, command: acctest.Plan,
		cases: single(faults(at(theReads, atlassim.Fault{Status: 404, Body: html, ContentType: "text/html", Times: always}))),
	},
	{
		what: "Reading a sharded cluster's members fails for a while", shows: "nothing", state: untainted, exists: 1, todo: "nothing",
		files: shardedCluster, taken: true, command: acctest.Plan, cases: allAmbiguous(theSharded),
	},
	{
		what: "Reading a sharded cluster's members fails for good", shows: "`Warning: Unable to read members of snapshot`; the state keeps those that it has",
		state: untainted, exists: 1, todo: "nothing: a later plan reads them",
		files: shardedCluster, taken: true, command: acctest.Plan, cases: membersFail,
	},
	{
		what: "A field of a snapshot is not of the form that Atlas documents", shows: "nothing: the field counts as not sent, and the log has a warning", state: untainted, exists: 1, todo: "nothing",
		taken: true, command: acctest.Plan,
		cases: single(func(_ *testing.T, s *faultTest) {
			s.SetBehavior(func(b *atlassim.Behavior) {
				b.SnapshotFields = map[string]json.RawMessage{"policyItems": json.RawMessage(`[{"id":"x"}]`), "storageSizeBytes": json.RawMessage(`"?"`)}
			})
		}),
	},
	{
		what: "Somebody has deleted the snapshot", shows: "`Warning: Snapshot deleted outside of Terraform`, and a plan that takes another: `Plan: 1 to add, 0 to change, 0 to destroy.`",
		state: untainted, exists: 0, todo: "`terraform apply`, or remove the resource",
		taken: true, command: acctest.Plan, cases: single(func(t *testing.T, s *faultTest) {
			t.Helper()
			deleteEverything(t, s.Atlas)
		}),
	},
}

var whileChanging = []faultCase{
	{
		what: "The answer is lost or refused for a while", shows: goesOn, state: untainted, exists: 1, todo: "nothing",
		taken: true, command: retain30, cases: allAmbiguous(thePatch),
	},
	{
		what: "Every request fails", shows: "`Error: Unable to update snapshot`, `may or may not have changed the retention`", state: untainted, exists: 1,
		todo:  "apply again: repeating the request is safe",
		taken: true, command: retain30, fix: applyAgain(retain30), cases: single(faults(at(thePatch, atlassim.Fault{Status: 500, After: true, Times: always}))),
	},
	{
		what: "The credentials lack the role", shows: "`Error: Unable to update snapshot`, `Status: 403 Forbidden`, `Project Backup Manager`, `keeps the retention that it had`",
		state: untainted, exists: 1, todo: "give them the role and apply again",
		taken: true, command: retain30, fix: applyAgain(retain30), cases: single(faults(at(thePatch, atlassim.Fault{Status: 403, Times: always}))),
	},
	{
		what:  "A Backup Compliance Policy forbids a shorter retention",
		shows: "`Error: Unable to update snapshot`, an error code that ends in `BACKUP_COMPLIANCE_POLICY`, `Revert retention_in_days`",
		state: untainted, exists: 1, todo: "revert it",
		taken: true, command: with(acctest.Apply, "retention_in_days=3"), fix: applyAgain(acctest.Apply),
		cases:     single(func(_ *testing.T, s *faultTest) { s.SetCompliancePolicy(true, 1) }),
		finalPlan: acctest.Plan,
	},
}

// applyAgain is a user who fixes the cause and applies again.
func applyAgain(command []string) func(*testing.T, *faultTest) {
	return func(t *testing.T, s *faultTest) {
		t.Helper()
		s.ClearFaults()
		s.tf.Do(0, command...)
	}
}

var whileDestroying = []faultCase{
	{
		what: "The answer is lost or refused for a while", shows: "nothing: the destroy goes on and succeeds", state: nothing, exists: 0, todo: "nothing",
		taken: true, command: acctest.Destroy, destroyed: true,
		// The answer to a DELETE has no body that could be half.
		cases: merged(allAmbiguous(theDelete), map[string]func(*testing.T, *faultTest){
			"not readable": faults(at(theDelete, ambiguous["empty body"]), at(theDelete, ambiguous["non-JSON 200"])),
		}),
	},
	{
		what: "The snapshot is gone already", shows: "nothing: it succeeds", state: nothing, exists: 0, todo: "nothing",
		taken: true, command: append(append([]string(nil), acctest.Destroy...), "-refresh=false"), destroyed: true,
		cases: single(func(t *testing.T, s *faultTest) {
			t.Helper()
			deleteEverything(t, s.Atlas)
		}),
	},
	{
		what: "The answer is lost, and Atlas's list still has the snapshot for a while", shows: "nothing: the destroy goes on and succeeds", state: nothing, exists: 0, todo: "nothing",
		taken: true, command: acctest.Destroy, destroyed: true,
		cases: single(func(_ *testing.T, s *faultTest) {
			s.SetBehavior(func(b *atlassim.Behavior) { b.DeletedInListFor = 24 * time.Hour })
			s.AddFault(at(theDelete, atlassim.Fault{Reset: atlassim.ResetAfter}))
		}),
	},
	{
		what: "Somebody has deleted the snapshot, and Atlas's list still has it for a while", shows: "nothing: the destroy reads it again after a pause, and succeeds", state: nothing, exists: 0, todo: "nothing",
		taken: true, command: append(append([]string(nil), acctest.Destroy...), "-refresh=false"), destroyed: true,
		cases: single(func(t *testing.T, s *faultTest) {
			t.Helper()
			s.SetBehavior(func(b *atlassim.Behavior) { b.DeletedInListFor = 2 * time.Minute })
			deleteEverything(t, s.Atlas)
		}),
	},
	{
		what: "Atlas answers 404 for the snapshot but keeps listing it", shows: "`Error: Unable to delete snapshot`, `Error code: SNAPSHOT_NOT_FOUND`, `still lists it`",
		state: untainted, exists: 1, todo: "`terraform destroy` later",
		taken: true, command: acctest.Destroy, destroyed: true,
		cases: single(faults(at(after(1, theReads), atlassim.Fault{ErrorCode: noSnapshot, Times: always}), at(theDelete, atlassim.Fault{ErrorCode: noSnapshot, Times: always}))),
	},
	{
		what: "Ctrl-C while Atlas is still busy with the snapshot", shows: "`Error: Unable to delete snapshot`, `interrupted`, `still there and in the state`",
		state: untainted, exists: 1, todo: "`terraform destroy`",
		taken: true, command: acctest.Destroy, destroyed: true,
		cases: single(faults(at(theDelete, atlassim.Fault{ErrorCode: "CANNOT_DELETE_IN_PROGRESS_SNAPSHOT", Times: always}))),
		run: func(t *testing.T, s *faultTest) (string, int) {
			t.Helper()
			if runtime.GOOS == "windows" {
				t.Skip("Windows has no signals to send")
			}
			output, code := interruptCommand(t, s.Atlas, s.tf, 1, acctest.Destroy...)
			mustNotSay(t, output, "may or may not")
			return output, code
		},
	},
	{
		what: "Atlas is still busy with the snapshot", shows: "nothing: it waits until it may delete it", state: nothing, exists: 0, todo: "nothing",
		taken: true, command: acctest.Destroy, destroyed: true,
		cases: single(faults(at(theDelete, atlassim.Fault{ErrorCode: "CANNOT_DELETE_IN_PROGRESS_SNAPSHOT", Times: 2}))),
	},
	{
		what: "Every request fails", shows: "`Error: Unable to delete snapshot`, `still in the state`", state: untainted, exists: 1, todo: "`terraform destroy` later",
		taken: true, command: acctest.Destroy, destroyed: true, cases: single(faults(at(theDelete, atlassim.Fault{Status: 503, Times: always}))),
	},
	{
		what: "It is a sharded cluster's snapshot, and reading its members fails for good", shows: "nothing: the destroy goes on and succeeds",
		state: nothing, exists: 0, todo: "nothing", files: shardedCluster, taken: true, command: acctest.Destroy, destroyed: true, cases: membersFail,
	},
	{
		what: "The credentials lack the role", shows: "`Error: Unable to delete snapshot`, `Status: 403 Forbidden`, `Project Backup Manager`", state: untainted, exists: 1,
		todo:  "give them the role, then `terraform destroy`",
		taken: true, command: acctest.Destroy, destroyed: true, cases: single(faults(at(theDelete, atlassim.Fault{Status: 403, Times: always}))),
	},
	{
		what: "A Backup Compliance Policy forbids it", shows: "`Error: Unable to delete snapshot`, an error code that ends in `BACKUP_COMPLIANCE_POLICY`, `Set skip_destroy = true`",
		state: untainted, exists: 1, todo: "set `skip_destroy`, `terraform apply`, `terraform destroy`: Atlas keeps the snapshot until it expires",
		taken: true, command: acctest.Destroy, destroyed: true,
		cases: single(func(_ *testing.T, s *faultTest) { s.SetCompliancePolicy(true, 1) }),
		fix: func(_ *testing.T, s *faultTest) {
			s.tf.SetEnvironment("TF_VAR_skip_destroy=true")
			s.others[s.Existing()[0].ID] = true
		},
	},
}
