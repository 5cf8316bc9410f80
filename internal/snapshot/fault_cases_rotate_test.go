package snapshot_test

import (
	"runtime"
	"testing"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

var (
	// triggered has the configuration a version in its triggers.
	triggered = map[string]string{"triggers.auto.tfvars": "triggers = { version = \"7\" }\n"}
	rotate    = with(acctest.Apply, `triggers={version="8"}`)
)

var whileRotating = []faultCase{
	{
		what: "Atlas fails the new snapshot", shows: "`Error: Unable to update snapshot`, `Atlas failed snapshot`, `The state keeps snapshot`",
		state: untainted, exists: 2, todo: "apply again: it takes another, and deletes the failed and the old one",
		taken: true, files: triggered, command: rotate, fix: applyAgain(rotate), cases: single(func(_ *testing.T, s *faultTest) { failNext(s.Atlas) }),
	},
	{
		what: "The new snapshot takes longer than `timeouts.update` allows", shows: "`Error: Unable to update snapshot`, `had not completed snapshot`, `The state keeps snapshot`",
		state: untainted, exists: 2, todo: "apply again, with a longer timeout: the wait goes on",
		taken: true, files: triggered, command: append(rotate[:len(rotate):len(rotate)], "-var", "update_timeout=20s"), fix: applyAgain(rotate),
		finalPlan: with(acctest.Plan, rotate[len(rotate)-1]), cases: single(faults()),
	},
	{
		what: "Ctrl-C, SIGTERM or a cancelled run while Atlas takes the new snapshot", shows: "`Warning: Snapshot not completed yet`, `The state keeps snapshot`, `No third snapshot is taken`",
		state: untainted, exists: 2, todo: "apply again: the wait goes on, then the old one is deleted",
		taken: true, files: triggered, command: rotate, fix: applyAgain(rotate), cases: single(faults()),
		run: func(t *testing.T, s *faultTest) (string, int) {
			t.Helper()
			if runtime.GOOS == "windows" {
				t.Skip("Windows has no signals to send")
			}
			output, _ := interrupt(t, s.Atlas, s.tf, 3, rotate[len(rotate)-2:]...)
			return output, 0
		},
	},
	{
		what: "The answer to the request for the new snapshot is lost", shows: goesOn, state: untainted, exists: 1, todo: "nothing",
		taken: true, files: triggered, command: rotate, cases: eachAmbiguous(thePost),
	},
	{
		what:  "The old snapshot cannot be deleted: an outage, or the credentials lack the role",
		shows: "`Warning: Unable to delete the old snapshot`, `The next apply deletes the old one`", state: untainted, exists: 2, todo: "give them the role where they lack it, and apply again; or set `skip_destroy`",
		taken: true, files: triggered, command: rotate, fix: applyAgain(rotate),
		cases: map[string]func(*testing.T, *faultTest){
			"outage": faults(at(theDelete, atlassim.Fault{Status: 503, Times: always})),
			"role":   faults(at(theDelete, atlassim.Fault{Status: 403, Times: always})),
		},
	},
	{
		what:  "A Backup Compliance Policy forbids deleting the old snapshot",
		shows: "`Warning: Unable to delete the old snapshot`, `Atlas keeps it until it expires`, `terraform import`", state: untainted, exists: 2,
		todo:  "nothing, or import it into a resource of its own",
		taken: true, files: triggered, command: rotate, fix: func(_ *testing.T, s *faultTest) {
			s.ClearFaults()
			s.others[s.Snapshots()[0].ID] = true
		},
		cases: single(func(_ *testing.T, s *faultTest) { s.SetCompliancePolicy(true, 1) }),
	},
}
