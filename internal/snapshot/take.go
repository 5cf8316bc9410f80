package snapshot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

const (
	// lostTries bounds how often a snapshot is asked for when no answer comes.
	lostTries = 5
	// lostPause is how long to wait after an answer was lost: what Atlas still carries out is listed by then.
	lostPause = 5 * time.Second
	// refusedPause is how long to wait where Atlas speaks of a pending snapshot that the list does not show.
	refusedPause = 10 * time.Second
	// lastLook bounds finding out what became of a request when the run has been interrupted.
	lastLook = 30 * time.Second
)

// errLost is for a snapshot that may or may not have been taken.
var errLost = errors.New("it is not known whether Atlas took the snapshot")

// taking asks Atlas for one snapshot, exactly once however its answers come.
type taking struct {
	*cluster
	request atlas.TakeSnapshotRequest
	// known are the snapshots that were there before the first request, and before is the moment of it by Atlas's clock.
	known  map[string]bool
	before time.Time
	// lost is the last answer that did not come.
	lost     error
	lostOnes int
}

// take asks for a snapshot and returns it as Atlas first shows it. While another on-demand snapshot is pending it waits.
// The caller has the cluster's turn.
//
// A request whose answer is lost is never simply repeated. The list is read again and the snapshot that was not there
// before, with this description and retention, asked for no earlier than this request, is the one. Only where there is none is Atlas
// asked again; a first request that it carries out late then runs into its own refusal of a second pending snapshot.
func (c *cluster) take(ctx context.Context, request atlas.TakeSnapshotRequest) (*atlas.Snapshot, error) {
	t := &taking{cluster: c, request: request}
	for {
		pending, mine, err := t.look(ctx)
		switch {
		case err != nil && t.lost != nil && atlas.IsTransient(err):
			if err := t.afterLoss(ctx, err); err != nil {
				return t.giveUp(ctx, err)
			}
			continue
		case err != nil:
			return t.giveUp(ctx, err)
		case mine != nil:
			tflog.Warn(ctx, "Atlas's answer was lost; the snapshot is there", map[string]any{"snapshot_id": mine.ID})
			askedFor.add(t.cluster, mine.ID)
			return mine, nil
		case pending != nil:
			if err := t.waitFor(ctx, pending); err != nil {
				return t.giveUp(ctx, err)
			}
			continue
		}
		if err := context.Cause(ctx); err != nil {
			return t.giveUp(ctx, err)
		}
		taken, err := t.client.TakeSnapshot(ctx, t.projectID, t.name, t.request)
		switch {
		case err == nil:
			askedFor.add(t.cluster, taken.ID)
			return taken, nil
		case atlas.IsError(err, atlas.CodeUnfinishedSnapshot):
			// Atlas knows of one that the list did not show, or of one that came in between.
			t.busy = true
			err = t.client.Clock().Sleep(ctx, refusedPause)
		case atlas.IsLost(err):
			err = t.afterLoss(ctx, err)
		}
		if err != nil {
			return t.giveUp(ctx, err)
		}
	}
}

// afterLoss pauses before the next look, or gives up.
func (t *taking) afterLoss(ctx context.Context, loss error) error {
	t.lost = loss
	if t.lostOnes++; t.lostOnes >= lostTries {
		return fmt.Errorf("none of %d requests was answered", t.lostOnes)
	}
	tflog.Warn(ctx, "no usable answer to the request for a snapshot; looking whether Atlas took it", map[string]any{"error": atlas.Brief(loss)})
	pause := lostPause
	var refusal *atlas.Error
	if errors.As(loss, &refusal) {
		pause = max(pause, refusal.RetryAfter)
	}
	return t.client.Clock().Sleep(ctx, pause)
}

// look reads the list: the on-demand snapshot that Atlas is busy with, and, after a lost answer, the snapshot that it was
// about. The first look also notes what is there already.
func (t *taking) look(ctx context.Context) (pending, mine *atlas.Snapshot, err error) {
	first := t.known == nil
	var strays []*atlas.Snapshot
	if first {
		t.known = map[string]bool{}
	}
	list := t.client.ListSnapshots(ctx, t.projectID, t.name)
	if first {
		// What matters is at the top: the list is newest first, and anything older than the request is told by its id.
		// Nor is one that cannot be read in the way of asking; the looks after a lost answer are not as lenient.
		list = atlas.Readable(t.client.RecentSnapshots(ctx, t.projectID, t.name), func(error) {})
	}
	for s, err := range list {
		if err != nil {
			if first {
				t.known = nil
			}
			return nil, nil, err
		}
		if first {
			t.known[s.ID] = true
			if t.isStray(s) {
				strays = append(strays, s)
			}
		}
		if t.lost != nil && t.isMine(s) && (mine == nil || s.RequestedAt().Before(mine.RequestedAt())) {
			mine = s
		}
		if s.SnapshotType == atlas.SnapshotTypeOnDemand && (s.Status == atlas.StatusQueued || s.Status == atlas.StatusInProgress) {
			pending = s
		}
	}
	if first {
		t.strays = strays
	}
	if t.lost == nil {
		// Ids count whole seconds, and so does Atlas's Date header: both are cut off, never rounded up.
		t.before = t.client.ServerNow().Truncate(time.Second)
	}
	return pending, mine, nil
}

func (t *taking) isMine(s *atlas.Snapshot) bool {
	return !t.known[s.ID] && s.SnapshotType == atlas.SnapshotTypeOnDemand && t.isAlike(s) && !s.RequestedAt().Before(t.before)
}

// isAlike says that s is what the request asks for, in all that a request can say.
func (t *taking) isAlike(s *atlas.Snapshot) bool {
	description := ""
	if s.Description != nil {
		description = *s.Description
	}
	return strings.TrimSpace(description) == strings.TrimSpace(t.request.Description) &&
		(s.ExpiresAt == nil || retentionOf(s) == t.request.RetentionInDays)
}

// waitFor waits until somebody else's snapshot is out of the way, completed, failed or gone.
func (t *taking) waitFor(ctx context.Context, pending *atlas.Snapshot) error {
	t.busy = true
	tflog.Info(ctx, "waiting for another on-demand snapshot of the cluster", map[string]any{
		"snapshot_id": pending.ID, "cluster_name": t.name, "status": pending.Status,
	})
	_, err := t.behind(pending.ID).settle(ctx, pending.ID, t.age(pending))
	if errors.Is(err, errGone) {
		return nil
	}
	return err
}

// giveUp is how taking ends without an answer. Where one had been lost, it looks a last time for what the request left
// behind, even when the run was interrupted or its time is up.
func (t *taking) giveUp(ctx context.Context, err error) (*atlas.Snapshot, error) {
	if t.lost == nil {
		return nil, err
	}
	looking, cancel := t.client.Clock().WithTimeout(context.WithoutCancel(ctx), lastLook)
	defer cancel()
	if _, mine, lookErr := t.look(looking); lookErr == nil && mine != nil {
		askedFor.add(t.cluster, mine.ID)
		return mine, nil
	}
	return nil, fmt.Errorf("%w: %w; then: %w", errLost, t.lost, err)
}
