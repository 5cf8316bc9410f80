package snapshot

import (
	"context"
	"iter"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

// list is the list of the cluster's snapshots.
func (c *cluster) list(ctx context.Context) ([]*atlas.Snapshot, error) {
	return withSecondChance(ctx, c, func(ctx context.Context) ([]*atlas.Snapshot, error) {
		return collect(c.client.ListSnapshots(ctx, c.projectID, c.name))
	})
}

// recent is the part of the list that has all recent snapshots: one page where Atlas lists the newest first, as it documents,
// otherwise all. One that cannot be read is not in the way of asking; the looks after a lost answer are not as lenient.
func (c *cluster) recent(ctx context.Context) ([]*atlas.Snapshot, error) {
	listed, err := withSecondChance(ctx, c, func(ctx context.Context) ([]*atlas.Snapshot, error) {
		return collect(atlas.Readable(c.client.RecentSnapshots(ctx, c.projectID, c.name), func(error) {}))
	})
	if err != nil || isNewestFirst(listed) {
		return listed, err
	}
	return c.list(ctx)
}

// isNewestFirst says that a list is in the order that Atlas documents. Of two that are close it does not matter which is first:
// the request, the moment of the copy or the completion may decide.
func isNewestFirst(listed []*atlas.Snapshot) bool {
	for i := 1; i < len(listed); i++ {
		if listed[i].RequestedAt().After(listed[i-1].RequestedAt().Add(time.Hour)) {
			return false
		}
	}
	return true
}

func collect(all iter.Seq2[*atlas.Snapshot, error]) ([]*atlas.Snapshot, error) {
	var listed []*atlas.Snapshot
	for s, err := range all {
		if err != nil {
			return nil, err
		}
		listed = append(listed, s)
	}
	return listed, nil
}

// withSecondChance reads again, after a pause, what was refused without a reason: one such refusal proves nothing.
func withSecondChance[T any](ctx context.Context, c *cluster, read func(context.Context) (T, error)) (T, error) {
	got, err := read(ctx)
	if !atlas.IsUnexplained(err) || c.client.Clock().Sleep(ctx, refusedPause) != nil {
		return got, err
	}
	return read(ctx)
}
