package chaos

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// struck are the requests that a fault can strike, those of the resource's whole life.
var struck = []atlassim.Fault{
	{Method: http.MethodPost, Path: "/backup/snapshots"},
	{Method: http.MethodPost, Path: "/backup/snapshots"},
	{Method: http.MethodGet, Path: "/backup/snapshots?"},
	{Method: http.MethodGet, Path: "/backup/snapshots/"},
	{Method: http.MethodGet, Path: "/backup/snapshots/"},
	{Method: http.MethodGet, Path: "/backup/snapshots/shardedCluster/"},
	{Method: http.MethodPatch, Path: "/backup/snapshots/"},
	{Method: http.MethodDelete, Path: "/backup/snapshots/"},
	{},
}

// lost is how an answer is lost after the work.
var lost = []atlassim.Fault{
	{Status: 500, After: true},
	{Status: 502, Body: "<html>Bad Gateway</html>", ContentType: "text/html", After: true},
	{Status: 200, Body: "<html>Sign in</html>", ContentType: "text/html", After: true},
	{Status: 200, Body: " ", After: true},
	{Reset: atlassim.ResetAfter},
	{Truncate: true},
}

// wrong is how else a fault strikes.
var wrong = []atlassim.Fault{
	{Status: 429},
	{Status: 429, RetryAfter: new(7)},
	{Status: 401},
	{Status: 403},
	{Status: 500},
	{Status: 503},
	{Status: 502, Body: "<html>Bad Gateway</html>", ContentType: "text/html"},
	{Status: 200, Body: "<html>Sign in</html>", ContentType: "text/html"},
	{Reset: atlassim.ResetBefore},
	{ErrorCode: "UNFINISHED_ON_DEMAND_SNAPSHOT"},
	{ErrorCode: "IP_ADDRESS_NOT_ON_ACCESS_LIST"},
}

// fault is a random fault. One in twelve does not pass before the round ends.
func (w *world) fault() atlassim.Fault {
	where, how := struck[w.chance.IntN(len(struck))], w.loss()
	if w.chance.IntN(3) > 0 {
		how = wrong[w.chance.IntN(len(wrong))]
	}
	how.Method, how.Path = where.Method, where.Path
	how.Skip, how.Times = w.chance.IntN(8), 1+w.chance.IntN(4)
	if w.chance.IntN(12) == 0 {
		how.Times = -1
	}
	// An answer of a snapshot's GET that tells of something else's fate would be a lie, not a fault.
	if how.ErrorCode == "UNFINISHED_ON_DEMAND_SNAPSHOT" {
		how.Method, how.Path = http.MethodPost, "/backup/snapshots"
	}
	return how
}

func (w *world) loss() atlassim.Fault { return lost[w.chance.IntN(len(lost))] }

// injectFaults arms what is to go wrong in a round.
func (w *world) injectFaults() {
	for _, event := range []struct {
		oneIn  int
		happen func()
	}{
		{6, func() { w.atlas.NextSnapshot(atlassim.Plan{Fail: true}) }},
		{8, func() { w.atlas.SetRateLimit(3+w.chance.IntN(20), 30) }},
		{10, func() { w.deleteSomething(w.chance.Int()) }},
		{8, func() { w.takeSomething(w.chance.Int()) }},
		{20, func() { w.atlas.SetCompliancePolicy(true, 2) }},
		{20, w.pauseSomething},
		{20, func() { w.atlas.Clock.Advance(30 * time.Hour) }},
		{1, w.odd},
	} {
		if w.chance.IntN(event.oneIn) == 0 {
			event.happen()
			w.events++
		}
	}
	// The answer that matters most is that to the request for a snapshot.
	if w.chance.IntN(2) == 0 {
		fault := w.loss()
		fault.Method, fault.Path, fault.Skip = http.MethodPost, "/backup/snapshots", w.chance.IntN(3)
		w.atlas.AddFault(fault)
	}
	for range w.chance.IntN(5) {
		w.atlas.AddFault(w.fault())
	}
}

// interruptions has something happen in the middle of the waits of a round: a run is interrupted or terminated, a nonce or a
// token grows old, tokens are revoked, somebody deletes a snapshot.
func (w *world) interruptions() {
	type moment struct {
		at     int64
		happen func()
	}
	var moments []moment
	sometimes := func(oneIn int, within int64, happen func()) {
		if w.chance.IntN(oneIn) == 0 {
			moments = append(moments, moment{1 + w.chance.Int64N(within), happen})
		}
	}
	whom, random := w.users[w.chance.IntN(len(w.users))], w.chance.Int()
	sometimes(6, 60, whom.interrupt)
	sometimes(6, 60, whom.terminate)
	sometimes(6, 40, func() { w.atlas.Clock.Advance(70 * time.Second) })
	sometimes(8, 40, w.atlas.RevokeTokens)
	sometimes(20, 40, func() { w.deleteSomething(random) })
	sometimes(15, 40, func() { w.takeSomething(random) })
	w.events += len(moments)
	var pauses atomic.Int64
	w.atlas.Clock.Hold(func(context.Context, time.Duration) {
		now := pauses.Add(1)
		for _, m := range moments {
			if m.at == now {
				m.happen()
			}
		}
	})
}

// calm ends all faults.
func (w *world) calm() {
	w.atlas.ClearFaults()
	w.atlas.Clock.Hold(nil)
	w.atlas.SetRateLimit(1200, 500)
	w.atlas.SetBehavior(func(b *atlassim.Behavior) { *b = w.behavior })
	w.atlas.SetCompliancePolicy(false, 0)
	for _, name := range clusters[1:] {
		w.putCluster(name, false)
	}
	// A provider gives its token back when its process ends; these processes do not end.
	w.atlas.RevokeTokens()
}

// deleteSomething is somebody who deletes a snapshot of ours by hand.
func (w *world) deleteSomething(random int) {
	var ours []atlassim.Snapshot
	for _, s := range w.atlas.Existing() {
		if s.Status == "completed" && s.Description != byHandDescription {
			ours = append(ours, s)
		}
	}
	if len(ours) > 0 {
		w.delete(ours[random%len(ours)])
	}
}

// delete deletes a snapshot by hand.
func (w *world) delete(s atlassim.Snapshot) {
	w.mu.Lock()
	w.deleted[s.ID] = true
	w.mu.Unlock()
	_ = w.byHand().DeleteSnapshot(w.t.Context(), w.atlas.Fixture().ProjectID, s.ClusterName, s.ID)
}

// What is taken by hand has a description and a retention, in days, that no resource has.
const (
	byHandDescription = "by hand"
	byHandRetention   = 77
)

// takeSomething is somebody who takes a snapshot on one of our clusters.
func (w *world) takeSomething(random int) {
	// Nobody minds if this is refused.
	_, _ = w.byHand().TakeSnapshot(w.t.Context(), w.atlas.Fixture().ProjectID, clusters[random%len(clusters)],
		atlas.TakeSnapshotRequest{Description: byHandDescription, RetentionInDays: byHandRetention})
}

// pauseSomething is somebody who pauses one of our clusters until the round ends.
func (w *world) pauseSomething() { w.putCluster(clusters[1+w.chance.IntN(len(clusters)-1)], true) }

func (w *world) putCluster(name string, paused bool) {
	spec := atlassim.ClusterSpec{Name: name, Paused: paused}
	if name == w.atlas.Fixture().ShardedClusterName {
		spec.Type = atlassim.TypeSharded
	}
	if err := w.atlas.AddCluster(spec); err != nil {
		w.t.Error(err)
	}
}
