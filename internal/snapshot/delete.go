package snapshot

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/operation"
)

// deleteError says why a snapshot was not deleted, or is not known to be.
type deleteError struct {
	err error
	// uncertain reports whether Atlas may have deleted the snapshot without answering the request.
	uncertain bool
	// inconsistent reports whether Atlas answers 404 for the snapshot, and lists it.
	inconsistent bool
}

func (e *deleteError) Error() string { return e.err.Error() }

func (e *deleteError) Unwrap() error { return e.err }

// deletion is one call of delete.
type deletion struct {
	*cluster
	id string
	// uncertain reports whether Atlas may have deleted the snapshot without answering the request.
	uncertain bool
}

// delete deletes a snapshot; it is no error if the snapshot is already gone. Atlas refuses while the snapshot is in progress; then
// delete waits. Any error is a [deleteError].
func (c *cluster) delete(ctx context.Context, id string, pending bool) error {
	d := &deletion{cluster: c, id: id}
	// Atlas may carry out a request without an answer after delete has returned.
	defer c.forgetLists()
	err := d.run(ctx, pending)
	var said *deleteError
	switch {
	case err == nil, errors.Is(err, operation.ErrGone):
		return nil
	case errors.As(err, &said):
		return err
	}
	return &deleteError{err: err, uncertain: d.uncertain}
}

func (d *deletion) run(ctx context.Context, pending bool) error {
	for missing := 0; ; {
		if pending {
			if err := d.resume(ctx, d.id).Err; err != nil {
				return err
			}
		}
		written := d.writing()
		err := d.client.DeleteSnapshot(ctx, d.projectID, d.name, d.id)
		written()
		d.uncertain = d.uncertain || atlas.IsLost(err)
		switch {
		case err == nil, d.isOwnDeletion(err):
			return nil
		case atlas.IsNotFound(err):
			if missing++; missing > maxMissingDeletes {
				return &deleteError{err: err, uncertain: d.uncertain, inconsistent: true}
			}
			if err := d.waitForConsistency(ctx, err); err != nil {
				return err
			}
		case atlas.IsError(err, atlas.CodeDeleteInProgress):
			tflog.Info(ctx, "Waiting for the snapshot to complete before it can be deleted", map[string]any{"snapshot_id": d.id})
			if pending {
				// Atlas shows it as done but still in progress for deletion.
				if err := d.client.Clock().Sleep(ctx, operation.RefusedPause); err != nil {
					return err
				}
			}
			pending = true
		case atlas.IsLost(err):
			return d.checkDeleted(ctx, err)
		default:
			return err
		}
	}
}

// isOwnDeletion reports whether the snapshot is missing because of an own request whose answer was lost.
func (d *deletion) isOwnDeletion(err error) bool {
	return d.uncertain && atlas.IsError(err, atlas.CodeSnapshotNotFound)
}

// checkDeleted reads the snapshot after a request to delete it got no answer. It returns lost unless the snapshot is gone.
func (d *deletion) checkDeleted(ctx context.Context, lost error) error {
	_, err := d.client.GetSnapshot(ctx, d.projectID, d.name, d.id)
	switch {
	case d.isOwnDeletion(err):
		return nil
	case atlas.IsNotFound(err):
		if _, err := d.confirm(ctx, d.id, err); errors.Is(err, operation.ErrGone) {
			return nil
		}
	}
	return lost
}

const (
	// maxMissingDeletes bounds how often Atlas may answer 404 to the deletion of a snapshot that it shows.
	maxMissingDeletes = 3
	// maxMissingPolls bounds how often a snapshot is read that Atlas answers 404 for but lists. The pauses grow from
	// firstMissingPause to lastMissingPause: three minutes in all, for a list that lags behind.
	maxMissingPolls   = 7
	firstMissingPause = 2 * time.Second
	lastMissingPause  = time.Minute
)

// waitForConsistency waits while Atlas answers 404 for a snapshot that it lists. It returns nil if the snapshot turns out to exist,
// [operation.ErrGone] if not.
func (d *deletion) waitForConsistency(ctx context.Context, missing error) error {
	pause := firstMissingPause
	for look := 0; ; look++ {
		if _, err := d.confirm(ctx, d.id, missing); err != nil {
			return err
		}
		if look == maxMissingPolls {
			return &deleteError{err: missing, uncertain: d.uncertain, inconsistent: true}
		}
		if err := d.client.Clock().Sleep(ctx, pause); err != nil {
			return err
		}
		pause = min(2*pause, lastMissingPause)
		if _, err := d.client.GetSnapshot(ctx, d.projectID, d.name, d.id); !atlas.IsNotFound(err) {
			return err
		}
	}
}
