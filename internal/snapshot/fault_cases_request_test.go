package snapshot_test

import (
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

const goesOn = "nothing: the apply goes on and succeeds"

// faultSection is a section of the guide.
type faultSection struct {
	title string
	rows  []faultCase
	// inTerraform is the case that is played with real Terraform, too: the row and, after a slash, its name.
	inTerraform string
}

// whatHappensWhen is the fault matrix.
var whatHappensWhen = []faultSection{
	{"While a snapshot is asked for", whileAsking, "A Backup Compliance Policy requires a longer retention/"},
	{"When no answer comes to the request", whenUnanswered, "The answer is lost, and several snapshots turn up that may be it/"},
	{"While Atlas takes the snapshot", whileWaiting, "It takes longer than `timeouts.create` allows/"},
	{"When the run is interrupted or killed", whenStopped, "Ctrl-C, SIGTERM or a cancelled run while Atlas is busy/"},
	{"While snapshots are read", whileReading, "Somebody has deleted the snapshot/"},
	{"While the retention is changed", whileChanging, "The credentials lack the role/"},
	{"While a snapshot is rotated", whileRotating, "The old snapshot cannot be deleted: an outage, or the credentials lack the role/outage"},
	{"While a snapshot is destroyed", whileDestroying, "A Backup Compliance Policy forbids it/"},
	{"Wherever it happens", anywhere, "The connection breaks for good/"},
}

var whileAsking = []faultCase{
	{
		what: "Another on-demand snapshot of the cluster is being taken", shows: "nothing: the apply waits until Atlas is done with it, then takes its own",
		state: untainted, exists: 1, todo: "nothing",
		cases: map[string]func(*testing.T, *faultTest){
			"somebody else's": func(t *testing.T, s *faultTest) {
				t.Helper()
				s.seedOther(t, atlassim.Seed{Status: "inProgress"})
			},
			"not in the list yet": faults(at(thePost, atlassim.Fault{ErrorCode: unfinished, Times: 2})),
		},
	},
	{
		what: "Another resource of the configuration takes one of the same cluster", shows: "nothing: they take turns",
		state: untainted, exists: 2, todo: "nothing",
		files: map[string]string{"other.tf": "resource \"atlasbackup_snapshot\" \"other\" {\n  project_id = var.project_id\n  cluster_name = var.cluster_name\n" +
			"  retention_in_days = 1\n}\n"},
		cases: single(faults()),
	},
	{
		what: "The other one takes longer than `timeouts.create` allows", shows: "`Error: Unable to create snapshot`, `still busy with another on-demand snapshot`, `No snapshot was taken`",
		state: nothing, exists: 0, todo: "`terraform apply` later, or with a longer timeout",
		command: with(acctest.Apply, "create_timeout=30m"), finalPlan: acctest.Plan,
		cases: single(func(t *testing.T, s *faultTest) {
			t.Helper()
			s.seedOther(t, atlassim.Seed{Status: "queued", Frozen: true})
		}),
		fix: func(t *testing.T, s *faultTest) {
			t.Helper()
			if !s.DeleteCluster(s.Fixture().ClusterName) {
				t.Fatal("no cluster to delete")
			}
			clear(s.others)
			addCluster(t, s.Atlas, s.Fixture().ClusterName)
		},
	},
	{
		what: "Atlas answers the request with 429", shows: goesOn + ", after the time that Retry-After says or, without one, after 10, 20, 40 s",
		state: untainted, exists: 1, todo: "nothing",
		cases: map[string]func(*testing.T, *faultTest){
			"with Retry-After":    faults(at(thePost, atlassim.Fault{Status: 429, RetryAfter: new(3), Times: 3})),
			"without Retry-After": faults(at(thePost, atlassim.Fault{Status: 429, Times: 2})),
		},
	},
	{
		what: "The credentials lack the role", shows: "`Error: Unable to create snapshot`, `Status: 403 Forbidden`, `Project Backup Creator`, `No snapshot was taken`",
		state: nothing, exists: 0, todo: "give them the role, then `terraform apply`",
		cases: single(faults(at(thePost, atlassim.Fault{Status: 403, Times: always}))),
	},
	{
		what: "This machine is not on the IP access list", shows: "`Error: Unable to create snapshot`, `Error code: IP_ADDRESS_NOT_ON_ACCESS_LIST`, `access list of the API key`",
		state: nothing, exists: 0, todo: "add its address, then `terraform apply`",
		cases: single(faults(at(everything, atlassim.Fault{ErrorCode: noAccess, Times: always}))),
	},
	{
		what: "Atlas refuses good credentials once (401)", shows: goesOn, state: untainted, exists: 1, todo: "nothing",
		cases: map[string]func(*testing.T, *faultTest){
			"list": faults(at(theList, atlassim.Fault{Status: 401})),
			"POST": faults(at(thePost, atlassim.Fault{Status: 401})),
		},
	},
	{
		what: "The list of snapshots is refused once without a reason: a 403 without a body, a redirect, the page of a proxy", shows: goesOn,
		state: untainted, exists: 1, todo: "nothing", cases: eachUnexplained(theList),
	},
	{
		what: "Atlas refuses the credentials for good (401)", shows: "`Error: Unable to create snapshot`, `Status: 401 Unauthorized`, `Atlas does not accept the credentials`, `No snapshot was taken`",
		state: nothing, exists: 0, todo: "correct them, then `terraform apply`",
		cases: single(faults(at(everything, atlassim.Fault{Status: 401, Times: always}))),
	},
	{
		what: "A Backup Compliance Policy requires a longer retention", shows: "`Error: Unable to create snapshot`, an error code that ends in `BACKUP_COMPLIANCE_POLICY`, `Raise retention_in_days`",
		state: nothing, exists: 0, todo: "raise it, then `terraform apply`",
		cases: single(func(_ *testing.T, s *faultTest) { s.SetCompliancePolicy(true, 30) }),
		fix:   func(_ *testing.T, s *faultTest) { s.tf.SetEnvironment("TF_VAR_retention_in_days=30") },
	},
}

var anywhere = []faultCase{
	{
		what: "The connection breaks again and again before Atlas has answered at all", shows: goesOn, state: untainted, exists: 1, todo: "nothing",
		cases: map[string]func(*testing.T, *faultTest){
			"three times":    faults(at(everything, atlassim.Fault{Reset: atlassim.ResetBefore, Times: 3})),
			"nine times":     faults(at(everything, atlassim.Fault{Reset: atlassim.ResetBefore, Times: 9})),
			"after the work": faults(at(everything, atlassim.Fault{Reset: atlassim.ResetAfter, Times: 3})),
		},
	},
	{
		what: "The connection breaks for good", shows: "`Error: Unable to create snapshot`, `Atlas did not answer`, `No snapshot was taken`",
		state: nothing, exists: 0, todo: "fix the connection, then `terraform apply`",
		cases: single(faults(at(everything, atlassim.Fault{Reset: atlassim.ResetBefore, Times: always}))),
	},
	{
		what: "The rate limit of the project is used up by others", shows: "nothing: everything takes longer, at the pace that Atlas asks for", state: untainted, exists: 1, todo: "nothing",
		cases: single(func(_ *testing.T, s *faultTest) { s.SetRateLimit(3, 6) }),
	},
	{
		what: "The clock of this machine is wrong", shows: "nothing: ages and expiries are judged by the clock of Atlas", state: untainted, exists: 1, todo: "nothing",
		options: clockOff(-24 * time.Hour),
		cases: map[string]func(*testing.T, *faultTest){
			"a day ahead":                     faults(),
			"a day ahead, the answer is lost": faults(at(thePost, atlassim.Fault{Reset: atlassim.ResetAfter})),
		},
	},
	{
		what: "It is a day behind", shows: "nothing", state: untainted, exists: 1, todo: "nothing",
		options: clockOff(24 * time.Hour),
		cases: map[string]func(*testing.T, *faultTest){
			"all well":           faults(),
			"the answer is lost": faults(at(thePost, atlassim.Fault{Reset: atlassim.ResetAfter})),
		},
	},
}

// clockOff has Atlas's clock stand this far ahead of the provider's.
func clockOff(by time.Duration) func(*atlassim.Options) {
	return func(options *atlassim.Options) {
		now := options.Now
		options.Now = func() time.Time { return now().Add(by) }
	}
}
