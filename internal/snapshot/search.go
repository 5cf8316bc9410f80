package snapshot

import (
	"context"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/source"
)

// readable are the snapshots of the cluster's list that can be read. The errors of the others are added to unreadable.
func (c *cluster) readable(ctx context.Context, unreadable *[]error) iter.Seq2[*atlas.Snapshot, error] {
	return atlas.Readable(c.client.ListSnapshots(ctx, c.projectID, c.name), func(err error) {
		*unreadable = append(*unreadable, err)
	})
}

// mostRecent finds the newest completed snapshot that is as wanted, nil where there is none, and counts the others.
//
// It reads the list to its end. Atlas documents it as newest first; but that one page shows that order says nothing of the
// next, and whoever restores the wrong snapshot is not helped by the request that was saved.
func (c *cluster) mostRecent(ctx context.Context, wanted filter) (found *atlas.Snapshot, passed diagnostics.Passed, err error) {
	list, err := c.reader().all(ctx, c)
	if err != nil {
		return nil, passed, err
	}
	passed.Unreadable = list.unreadable
	for _, s := range list.all {
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
	if found == nil {
		return nil, passed, nil
	}
	snapshot := *found
	found, err = c.whole(ctx, &snapshot)
	return found, passed, err
}

// all are the snapshots that are as wanted, newest first, a sharded cluster's with their members: those come with one more
// request for the whole list. The diagnostics are warnings of what could not be read.
func (c *cluster) all(ctx context.Context, wanted filter) ([]*atlas.Snapshot, diag.Diagnostics, error) {
	var found []*atlas.Snapshot
	var members shardedMembers
	list, err := c.reader().all(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	for _, s := range list.all {
		if wanted.matches(s) {
			snapshot := *s
			found = append(found, &snapshot)
		}
	}
	source.NewestFirst(found)
	warnings := source.Unreadable("the snapshots of "+c.String(), list.unreadable)
	for _, s := range found {
		more, err := members.add(ctx, c, s)
		if err != nil {
			return nil, nil, err
		}
		warnings.Append(more...)
	}
	return found, warnings, nil
}
