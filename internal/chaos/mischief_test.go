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

// wrong is how a fault strikes.
var wrong = []atlassim.Fault{
	{Status: 429},
	{Status: 429, RetryAfter: new(7)},
	{Status: 401},
	{Status: 403},
	{Status: 500},
	{Status: 500, After: true},
	{Status: 503},
	{Status: 502, Body: "<html>Bad Gateway</html>", ContentType: "text/html"},
	{Status: 502, Body: "<html>Bad Gateway</html>", ContentType: "text/html", After: true},
	{Status: 200, Body: "<html>Sign in</html>", ContentType: "text/html"},
	{Status: 200, Body: "<html>Sign in</html>", ContentType: "text/html", After: true},
	{Status: 200, Body: " ", After: true},
	{Reset: atlassim.ResetBefore},
	{Reset: atlassim.ResetAfter},
	{Truncate: true},
	{ErrorCode: "UNFINISHED_ON_DEMAND_SNAPSHOT"},
	{ErrorCode: "IP_ADDRESS_NOT_ON_ACCESS_LIST"},
}

// fault is a random fault. One in twelve does not pass before the round ends.
func (w *world) fault() atlassim.Fault {
	where, how := struck[w.chance.IntN(len(struck))], wrong[w.chance.IntN(len(wrong))]
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

// mischief arms what is to go wrong in a round.
func (w *world) mischief(running []*terraform) {
	for _, event := range []struct {
		oneIn  int
		happen func()
	}{
		{6, func() { w.atlas.NextSnapshot(atlassim.Plan{Fail: true}) }},
		{8, func() { w.atlas.SetRateLimit(3+w.chance.IntN(20), 30) }},
		{10, w.deleteSomething},
		{8, w.takeSomething},
		{20, func() { w.atlas.Clock.Advance(30 * time.Hour) }},
	} {
		if w.chance.IntN(event.oneIn) == 0 {
			event.happen()
			w.events++
		}
	}
	for range w.chance.IntN(5) {
		w.atlas.AddFault(w.fault())
	}
	w.interruptions(running)
}

// interruptions has something happen in the middle of the waits of a round: a run is interrupted, a nonce or a token grows
// old, tokens are revoked.
func (w *world) interruptions(running []*terraform) {
	type moment struct {
		at     int64
		happen func()
	}
	var moments []moment
	if w.chance.IntN(3) == 0 {
		whom := running[w.chance.IntN(len(running))]
		moments = append(moments, moment{1 + w.chance.Int64N(60), whom.interrupt})
	}
	if w.chance.IntN(6) == 0 {
		moments = append(moments, moment{1 + w.chance.Int64N(40), func() { w.atlas.Clock.Advance(70 * time.Second) }})
	}
	if w.chance.IntN(8) == 0 {
		moments = append(moments, moment{1 + w.chance.Int64N(40), w.atlas.RevokeTokens})
	}
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

// calm ends all mischief.
func (w *world) calm() {
	w.atlas.ClearFaults()
	w.atlas.Clock.Hold(nil)
	w.atlas.SetRateLimit(1200, 500)
	// A provider gives its token back when its process ends; these processes do not end.
	w.atlas.RevokeTokens()
}

// deleteSomething is somebody who deletes a snapshot of ours by hand.
func (w *world) deleteSomething() {
	for _, s := range w.atlas.Existing() {
		if s.Status == "completed" && !w.others[s.ID] {
			_ = w.byHand().DeleteSnapshot(w.t.Context(), w.atlas.Fixture().ProjectID, s.ClusterName, s.ID)
			return
		}
	}
}

// takeSomething is somebody who takes a snapshot on one of our clusters.
func (w *world) takeSomething() {
	taken, err := w.byHand().TakeSnapshot(w.t.Context(), w.atlas.Fixture().ProjectID, clusters[w.chance.IntN(len(clusters))],
		atlas.TakeSnapshotRequest{Description: "by hand", RetentionInDays: 1})
	if err == nil {
		w.others[taken.ID] = true
	}
}
