package snapshot

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/operation"
)

// deleteError is why a snapshot was not deleted, or is not known to be.
type deleteError struct {
	err error
	// open says that Atlas was asked to delete the snapshot and may have done so.
	uncertain bool
	// contradicted says that Atlas calls the snapshot missing, and lists it.
	inconsistent bool
}

func (e *deleteError) Error() string { return e.err.Error() }

func (e *deleteError) Unwrap() error { return e.err }

// deletion is one run of delete.
type deletion struct {
	*cluster
	id string
	// open says that a request to delete the snapshot was sent which Atlas may have carried out although it did not say so.
	uncertain bool
}

// delete deletes a snapshot, which is no error where it is gone already. Atlas refuses while it is in progress; then it is
// waited for. Any error is a [deleteError].
func (c *cluster) delete(ctx context.Context, id string, pending bool) error {
	d := &deletion{cluster: c, id: id}
	// A request whose answer did not come may have been carried out after its end.
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
				// Atlas calls it settled and in progress at once: give it time.
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

// isOurs says that the snapshot is missing because of a request of ours whose answer did not come.
func (d *deletion) isOwnDeletion(err error) bool {
	return d.uncertain && atlas.IsError(err, atlas.CodeSnapshotNotFound)
}

// lookAfter looks what has become of a snapshot when no answer came to any request to delete it. The error is lost, unless
// the snapshot is gone.
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
	// missingTries bounds how often Atlas is told to delete what it shows, and calls missing when it is to be deleted.
	maxMissingDeletes = 3
	// missingLooks bounds how often Atlas is asked about what it calls missing and lists. The pauses between grow from
	// firstMissingPause to lastMissingPause: three minutes in all, for a list that lags behind.
	maxMissingPolls   = 7
	firstMissingPause = 2 * time.Second
	lastMissingPause  = time.Minute
)

// waitForAgreement pauses while Atlas calls a snapshot missing that its list has, until it says the same in both places: nil
// where the snapshot is there after all, [operation.ErrGone] where it is not.
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
