package restore

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

var targetPath = path.Root("target_cluster_name")

// target is the cluster that is erased and restored onto.
type target struct {
	client    *atlas.Client
	projectID string
	name      string
}

func (t *target) String() string { return fmt.Sprintf("cluster %q of project %s", t.name, t.projectID) }

// key returns a key that is unique to the target in this process.
func (t *target) key() string {
	return "restore onto " + t.client.BaseURL() + " " + t.projectID + " " + t.name
}

// check returns an error if from cannot be restored onto the target. Whatever is wrong is found before Atlas erases anything.
func (t *target) check(ctx context.Context, from source) diag.Diagnostics {
	found, err := t.client.GetCluster(ctx, t.projectID, t.name)
	if err != nil {
		return diag.Diagnostics{diagnostics.FromError(targetNoun.Failure(unableToRestore, "the target, "+t.String()), err, nothingErased)}
	}
	why := t.mismatch(found, from)
	if why == "" {
		return nil
	}
	return refuse(targetPath, fmt.Sprintf("Nothing can be restored onto %s: %s", t, why))
}

// mismatch returns why from cannot be restored onto the target, or "".
func (t *target) mismatch(found *atlas.Cluster, from source) string {
	switch shards := len(found.ReplicationSpecs); {
	case found.IsShared():
		return "it is a free cluster. Restore onto a dedicated cluster (M10 or larger)."
	case found.Paused != nil && *found.Paused:
		return "it is paused. Resume it (paused = false in mongodbatlas_advanced_cluster), wait until its state is IDLE, then apply again."
	case from.sharded && !isSharded(found):
		return "the backup is of a sharded cluster, and the target is a replica set. Restore onto a cluster with the same number of shards."
	case !from.sharded && isSharded(found):
		return "the backup is of a replica set, and the target is a sharded cluster. Restore onto a replica set."
	case from.sharded && from.shards > 0 && shards > 0 && from.shards != shards:
		return fmt.Sprintf("the backup has %d shards, and the target has %d. Restore onto a cluster with the same number of shards.", from.shards, shards)
	case found.MongoDBVersion != nil && atlas.IsOlderRelease(*found.MongoDBVersion, from.version):
		return fmt.Sprintf("it runs MongoDB %s, and the backup is of %s. Restore onto a cluster with the same or a newer version.", *found.MongoDBVersion, from.version)
	}
	return ""
}

// notIdleError is for a target that Atlas is busy with.
type notIdleError struct{ target, state string }

func (e *notIdleError) Error() string {
	return fmt.Sprintf("the target, %s, is busy: its state is %s", e.target, e.state)
}

// checkIdle returns an error if Atlas is busy with the target, such as with a restore from another cluster. A cluster under repair may be
// what the restore is for.
func (t *target) checkIdle(ctx context.Context) error {
	found, err := t.client.GetCluster(ctx, t.projectID, t.name)
	switch {
	case err != nil:
		return err
	case found.StateName != "" && found.StateName != atlas.StateIdle && found.StateName != stateRepairing:
		return &notIdleError{target: t.String(), state: found.StateName}
	}
	return nil
}

// stateRepairing is the stateName of a cluster with a node that does not work.
const stateRepairing = "REPAIRING"

const (
	// maxIdleWait bounds the wait for an idle target. How long a target is busy after a restore is not documented.
	maxIdleWait = 15 * time.Minute
	// firstIdlePause and maxIdlePause bound the pauses of that wait.
	firstIdlePause, maxIdlePause = 5 * time.Second, 30 * time.Second
)

// waitUntilIdle waits until Atlas shows the target as idle after a completed restore. The restore is completed whatever comes of it,
// so it returns only a warning.
func (t *target) waitUntilIdle(ctx context.Context) diag.Diagnostics {
	ctx, cancel := t.client.Clock().WithTimeout(ctx, maxIdleWait)
	defer cancel()
	poller := wait.Poller[*atlas.Cluster]{
		Clock:    t.client.Clock(),
		Schedule: func(p wait.Progress) time.Duration { return min(max(p.Elapsed/2, firstIdlePause), maxIdlePause) },
		Fetch: func(ctx context.Context) (*atlas.Cluster, error) {
			return t.client.GetCluster(ctx, t.projectID, t.name)
		},
		IsDone:      func(found *atlas.Cluster) bool { return found.StateName == atlas.StateIdle || found.StateName == "" },
		IsTransient: atlas.IsTransient,
		MinPause:    atlas.RetryAfter,
		Observe: func(found *atlas.Cluster, err error, elapsed time.Duration) {
			if err == nil && found.StateName != atlas.StateIdle {
				tflog.Info(ctx, fmt.Sprintf("Waiting for the target, %s: state %s, %s elapsed", t, found.StateName, elapsed.Round(time.Second)))
			}
		},
		BackoffMultiplier: t.client.BackoffMultiplier,
	}
	if _, err := poller.Wait(ctx, time.Second); err != nil {
		return diag.Diagnostics{diag.NewWarningDiagnostic("Target not idle yet", fmt.Sprintf(
			"Atlas has completed the restore onto %s, but has not shown the cluster as idle since (%s). It may refuse changes of the cluster for a while.",
			t, atlas.LogSafe(err)))}
	}
	return nil
}

// isSharded reports whether a cluster is sharded. GEOSHARDED ones are.
func isSharded(c *atlas.Cluster) bool { return c.ClusterType != "" && c.ClusterType != "REPLICASET" }
