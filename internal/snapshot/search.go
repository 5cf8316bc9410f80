package snapshot

import (
	"context"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/source"
)

// mostRecent finds the newest completed snapshot that is as wanted, nil where there is none, and counts the others.
//
// It reads no further than the first page that holds one. Atlas documents the list as newest first, so whatever is on a
// later page was taken earlier; within a page the times decide, for a snapshot that was asked for first may have been taken
// last. The order is believed only of a page that shows it: should Atlas list the oldest first, as it does for Flex, every
// page is read.
func (c *cluster) mostRecent(ctx context.Context, wanted filter) (found *atlas.Snapshot, passed diagnostics.Passed, err error) {
	for page, err := range c.client.SnapshotPages(ctx, c.projectID, c.name) {
		if err != nil {
			return nil, passed, err
		}
		for _, s := range page {
			passed.Seen++
			switch {
			case !wanted.matches(s):
			case s.Status == atlas.StatusFailed:
				passed.Failed++
			case s.Pending():
				passed.Unfinished++
			case found == nil || s.TakenAt().After(found.TakenAt()):
				found = s
			}
		}
		first, last := page[0].TakenAt(), page[len(page)-1].TakenAt()
		if first.After(last) && (found != nil || !last.After(wanted.after)) {
			break
		}
	}
	if found == nil {
		return nil, passed, nil
	}
	found, err = c.whole(ctx, found)
	return found, passed, err
}

// all are the snapshots that are as wanted, newest first, a sharded cluster's with their members: those come with one more
// request for the whole list.
func (c *cluster) all(ctx context.Context, wanted filter) ([]*atlas.Snapshot, error) {
	var found []*atlas.Snapshot
	sharded := false
	for s, err := range c.client.ListSnapshots(ctx, c.projectID, c.name) {
		if err != nil {
			return nil, err
		}
		if wanted.matches(s) {
			found = append(found, s)
			sharded = sharded || s.Type == atlas.TypeSharded
		}
	}
	source.NewestFirst(found)
	if !sharded {
		return found, nil
	}
	members, err := c.shardedSnapshots(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range found {
		if with, ok := members[s.ID]; ok {
			s.AddMembers(with)
		}
	}
	return found, nil
}

// shardedSnapshots are all snapshots of a sharded cluster with their members, by id, in one request.
func (c *cluster) shardedSnapshots(ctx context.Context) (map[string]*atlas.Snapshot, error) {
	whole, err := c.client.ListShardedSnapshots(ctx, c.projectID, c.name)
	// Like a single one's, see whole: the plain list has just shown the snapshots.
	if err != nil && !atlas.IsNotFound(err) {
		return nil, err
	}
	byID := make(map[string]*atlas.Snapshot, len(whole))
	for _, s := range whole {
		byID[s.ID] = s
	}
	return byID, nil
}
