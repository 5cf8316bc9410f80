package snapshot_test

import (
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// lost has Atlas take the snapshot and say nothing, lostBeforeWork has the request not arrive.
var (
	lost           = at(thePost, atlassim.Fault{Reset: atlassim.ResetAfter})
	lostBeforeWork = at(thePost, atlassim.Fault{Reset: atlassim.ResetBefore})
)

// described has the configuration a description that hardly any API leaves alone.
var described = map[string]string{"description.auto.tfvars": "description = \"before  <the> \\\"upgrade\\\" & the move,\\n\\tas every week\"\n"}

var whenUnanswered = []faultCase{
	{
		what:  "The answer is lost: an error of the server or of a proxy, a broken connection, a timeout, half an answer",
		shows: goesOn + ". The provider checks whether Atlas took the snapshot, and repeats the request only if it did not",
		state: untainted, exists: 1, todo: "nothing",
		cases: merged(eachAmbiguous(thePost), map[string]func(*testing.T, *faultTest){
			"four times": faults(at(thePost, atlassim.Fault{Reset: atlassim.ResetBefore, Times: 4})),
		}),
	},
	{
		what:  "The answer is lost, and Atlas shows another description, expiry, retention, ID, time or order of the list than the request leads to",
		shows: goesOn + " with that snapshot", state: untainted, exists: 1, todo: "nothing", files: described,
		cases: map[string]func(*testing.T, *faultTest){
			"escaped":           behaving(func(b *atlassim.Behavior) { b.Descriptions = atlassim.DescriptionsEscaped }, lost),
			"escaped in lists":  rewritten(atlassim.DescriptionsEscaped),
			"cut off":           behaving(func(b *atlassim.Behavior) { b.Descriptions = atlassim.DescriptionsTruncated }, lost),
			"cut off in lists":  rewritten(atlassim.DescriptionsTruncated),
			"collapsed":         behaving(func(b *atlassim.Behavior) { b.Descriptions = atlassim.DescriptionsCollapsed }, lost),
			"missing":           behaving(func(b *atlassim.Behavior) { b.Descriptions = atlassim.DescriptionsAbsent }, lost),
			"missing in lists":  rewritten(atlassim.DescriptionsAbsent),
			"expiry in hours":   behaving(func(b *atlassim.Behavior) { b.ExpiryRounding = time.Hour }, lost),
			"expiry in days":    behaving(func(b *atlassim.Behavior) { b.ExpiryRounding = day }, lost),
			"retention raised":  behaving(func(b *atlassim.Behavior) { b.MinimumRetention = 30 }, lost),
			"ID a second older": behaving(func(b *atlassim.Behavior) { b.IDBefore = time.Second }, lost),
			"ID seconds older":  behaving(func(b *atlassim.Behavior) { b.IDBefore = 5 * time.Second }, lost),
			"no time":           behaving(func(b *atlassim.Behavior) { b.NoDate = true }, lost),
			"no time, other clock": behaving(func(b *atlassim.Behavior) {
				b.NoDate, b.ClockOffset = true, -3*time.Hour
			}, lost),
			"time hours ahead":   behaving(func(b *atlassim.Behavior) { b.DateOffset = 5 * time.Hour }, lost),
			"time hours behind":  behaving(func(b *atlassim.Behavior) { b.DateOffset = -5 * time.Hour }, lost),
			"oldest first":       among(atlassim.ListOldest),
			"in no order":        among(atlassim.ListShuffled),
			"among many others":  among(""),
			"everything at once": behaving(everythingRewritten, lost),
		},
	},
	{
		what:  "The answer is lost, and the list shows the snapshot minutes later",
		shows: goesOn + " with that snapshot: Atlas refuses a second one meanwhile, and the provider keeps looking until the list shows it",
		state: untainted, exists: 1, todo: "nothing",
		cases: map[string]func(*testing.T, *faultTest){
			"after half a minute":                 behaving(func(b *atlassim.Behavior) { b.ListLag = 30 * time.Second }, lost),
			"after two minutes":                   behaving(func(b *atlassim.Behavior) { b.ListLag = 2 * time.Minute }, lost),
			"when it is completed":                behaving(func(b *atlassim.Behavior) { b.ListLag = 10 * time.Minute }, lost),
			"and cannot be read meanwhile":        behaving(func(b *atlassim.Behavior) { b.ListLag = 3 * time.Minute }, lost, at(after(1, theList), atlassim.Fault{Status: 503, Times: 20})),
			"two answers are lost":                behaving(func(b *atlassim.Behavior) { b.ListLag = 4 * time.Minute }, lost, at(thePost, atlassim.Fault{Status: 503, Times: 2})),
			"with GET as late":                    behaving(func(b *atlassim.Behavior) { b.ListLag, b.GetLag = 5*time.Minute, 5*time.Minute }, lost),
			"the second request is throttled":     behaving(func(b *atlassim.Behavior) { b.ListLag = 6 * time.Minute }, lost, at(after(1, thePost), atlassim.Fault{Status: 429, RetryAfter: new(40), Times: 4})),
			"beside one that is listed late, too": besideHidden,
			"with another description":            behaving(func(b *atlassim.Behavior) { b.ListLag, b.Descriptions = 5*time.Minute, atlassim.DescriptionsAbsent }, lost),
		},
	},
	{
		what: "The answer is lost, and somebody else's snapshot turns up", shows: "nothing: the apply waits until Atlas is done with it, then asks again",
		state: untainted, exists: 1, todo: "nothing",
		cases: map[string]func(*testing.T, *faultTest){
			"with another description": func(t *testing.T, s *faultTest) {
				t.Helper()
				s.AddFault(lostBeforeWork)
				s.onPause(1, func() { s.seedOther(t, atlassim.Seed{Status: "inProgress"}) })
			},
			"and Atlas refuses the second request": func(t *testing.T, s *faultTest) {
				t.Helper()
				s.AddFault(lostBeforeWork)
				s.AddFault(at(thePost, atlassim.Fault{ErrorCode: unfinished}))
				s.onPause(9, func() { s.seedOther(t, atlassim.Seed{Status: "inProgress"}) })
			},
		},
	},
	{
		what:  "The answer is lost, and several snapshots turn up that may be it",
		shows: "`Error: Unable to create snapshot`, `may or may not have taken`, `- 69ca65c0`, `requested at 2026-03-30T12:00`, `terraform import`",
		state: nothing, exists: 1, todo: "`terraform import` the one that nobody else took, and `terraform apply`; if somebody else took all of them, apply again",
		cases: single(func(t *testing.T, s *faultTest) {
			t.Helper()
			s.AddFault(lost)
			s.onPause(1, func() {
				id, err := s.SeedSnapshot(atlassim.Seed{
					Description: new("before the upgrade"), CreatedAt: s.Clock.Now(), ExpiresAt: s.Clock.Now().Add(7 * day),
				})
				if err != nil {
					t.Error(err)
				}
				s.others[id] = true
			})
		}),
		fix: func(_ *testing.T, s *faultTest) { s.Clock.Hold(nil) },
	},
	{
		what:  "The answer is lost, and a snapshot turns up that may or may not be it",
		shows: "`Error: Unable to create snapshot`, `may or may not have taken`, `description \"before\"`, `terraform import`",
		state: nothing, exists: 0, todo: "import it if nobody else took it; otherwise `terraform apply`",
		cases: single(func(t *testing.T, s *faultTest) {
			t.Helper()
			s.AddFault(lostBeforeWork)
			s.onPause(1, func() {
				id, err := s.SeedSnapshot(atlassim.Seed{Status: "inProgress", Description: new("before")})
				if err != nil {
					t.Error(err)
				}
				s.others[id] = true
			})
		}),
	},
	{
		what: "The answer is lost, Atlas is busy with a snapshot, and the list does not show it for a quarter of an hour",
		shows: "`Error: Unable to create snapshot`, `may or may not have taken`, `its list has not shown that snapshot for 15m0s`, " +
			"`terraform import`",
		state: nothing, exists: 1, todo: "if Atlas has one that nobody else took, `terraform import` it and `terraform apply`",
		cases: single(behaving(func(b *atlassim.Behavior) { b.ListLag = time.Hour }, lost)),
		fix:   func(_ *testing.T, s *faultTest) { s.Clock.Advance(time.Hour) },
	},
	{
		what:  "The answer is lost, and Atlas takes the snapshot twice all the same",
		shows: "`Warning: Snapshot possibly taken twice`, `terraform import`", state: untainted, exists: 2,
		todo: "delete the one in Atlas that the state does not have, or import it into a resource of its own",
		cases: map[string]func(*testing.T, *faultTest){
			// It is completed before Atlas is asked again, and the list still does not show it.
			"the first is listed late": func(_ *testing.T, s *faultTest) {
				s.CompleteAfter(10 * time.Second)
				s.SetBehavior(func(b *atlassim.Behavior) { b.ListLag = 3 * time.Minute })
				s.AddFault(lost)
			},
		},
		fix: deleteUnknown,
	},
	{
		what: "No answer comes to any of five requests", shows: "`Error: Unable to create snapshot`, `may or may not have taken`, `terraform import`",
		state: nothing, exists: 0, todo: "look at the cluster's snapshots in Atlas; if there is none that nobody else took, `terraform apply`",
		cases: single(faults(at(thePost, atlassim.Fault{Reset: atlassim.ResetBefore, Times: always}))),
	},
	{
		what: "The answer is lost, and the list of snapshots cannot be read either", shows: "`Error: Unable to create snapshot`, `may or may not have taken`, `terraform import`",
		state: nothing, exists: 1, todo: "if Atlas has one that nobody else took, `terraform import` it and `terraform apply`",
		cases: single(func(_ *testing.T, s *faultTest) {
			s.AddFault(lost)
			s.AddFault(at(after(1, theList), atlassim.Fault{Status: 503, Times: always}))
		}),
	},
}

// besideHidden has somebody else's snapshot, completed by then, turn up in the list before Terraform's does; and Atlas shows no
// descriptions to tell them apart by.
func besideHidden(t *testing.T, s *faultTest) {
	t.Helper()
	s.SetBehavior(func(b *atlassim.Behavior) { b.ListLag, b.Descriptions = 8*time.Minute, atlassim.DescriptionsAbsent })
	theirs, err := client(t, s.Atlas).TakeSnapshot(t.Context(), s.Fixture().ProjectID, s.Fixture().ClusterName,
		atlas.TakeSnapshotRequest{Description: "somebody else's", RetentionInDays: 7})
	if err != nil {
		t.Fatal(err)
	}
	s.others[theirs.ID] = true
	s.Clock.Advance(7 * time.Minute)
	s.AddFault(lost)
}

// rewritten has lists show descriptions otherwise than they were sent.
func rewritten(how string) func(*testing.T, *faultTest) {
	return behaving(func(b *atlassim.Behavior) { b.Descriptions, b.DescriptionsInListOnly = how, true }, lost)
}

// everythingRewritten changes all that can be changed without leaving nothing to tell by.
func everythingRewritten(b *atlassim.Behavior) {
	b.Descriptions, b.ExpiryRounding, b.IDBefore = atlassim.DescriptionsTruncated, day, time.Second
	b.NoDate, b.ClockOffset, b.ListLag, b.GetLag = true, 2*time.Hour, time.Minute, 10*time.Second
}

// among has the cluster more snapshots than there are on a page, on-demand and all alike, in this order.
func among(order string) func(*testing.T, *faultTest) {
	return func(t *testing.T, s *faultTest) {
		t.Helper()
		s.SetBehavior(func(b *atlassim.Behavior) { b.ListOrder = order })
		s.AddFault(lost)
		for i := range 230 {
			requested := acctest.Start.Add(-time.Duration(i+2) * time.Hour)
			id, err := s.SeedSnapshot(atlassim.Seed{CreatedAt: requested, ExpiresAt: requested.Add(60 * day)})
			if err != nil {
				t.Fatal(err)
			}
			s.others[id] = true
		}
	}
}

// deleteUnknown is a user who deletes in Atlas what the state does not have.
func deleteUnknown(t *testing.T, s *faultTest) {
	t.Helper()
	s.ClearFaults()
	known := map[string]bool{}
	for _, resource := range s.tf.Resources() {
		id, _ := resource.Values["snapshot_id"].(string)
		known[id] = true
	}
	for _, left := range s.Existing() {
		if known[left.ID] {
			continue
		}
		if err := client(t, s.Atlas).DeleteSnapshot(t.Context(), s.Fixture().ProjectID, left.ClusterName, left.ID); err != nil {
			t.Fatal(err)
		}
	}
}
