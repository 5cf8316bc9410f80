package flexrestore

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
)

var targetPath = path.Root("target_cluster_name")

// target is the cluster that is erased and restored onto, a Flex cluster or a dedicated one.
type target struct {
	client    *atlas.Client
	projectID string
	name      string
}

func (t *target) String() string { return fmt.Sprintf("cluster %q of project %s", t.name, t.projectID) }

// key returns a key that is unique to the target in this process, for restores of dedicated clusters too.
func (t *target) key() string {
	return "restore onto " + t.client.BaseURL() + " " + t.projectID + " " + t.name
}

// check returns an error if nothing can be restored onto the target. Whatever is wrong is found before Atlas erases anything.
func (t *target) check(ctx context.Context, from source) diag.Diagnostics {
	state, err := t.read(ctx)
	why := state.mismatch
	if state.version != nil && atlas.IsOlderRelease(*state.version, from.version) {
		why = fmt.Sprintf("it runs MongoDB %s, and the snapshot is of %s. Restore onto a cluster with the same or a newer version.", *state.version, from.version)
	}
	switch {
	case err != nil:
		return diag.Diagnostics{diagnostics.FromError(targetNoun.Failure(unableToRestore, "the target, "+t.String()), err, nothingErased)}
	case why != "":
		return refuse(targetPath, fmt.Sprintf("Nothing can be restored onto %s: %s", t, why))
	}
	return nil
}

// targetState is what a restore has to know of its target.
type targetState struct {
	name    string
	version *string
	// mismatch is why nothing can be restored onto it, or "".
	mismatch string
}

// read returns the state of the target, a Flex cluster or a dedicated one.
func (t *target) read(ctx context.Context) (targetState, error) {
	flex, err := t.client.GetFlexCluster(ctx, t.projectID, t.name)
	if err == nil {
		return targetState{name: flex.StateName, version: flex.MongoDBVersion}, nil
	}
	if !atlas.IsError(err, atlas.CodeNonFlexInFlexAPI) {
		return targetState{}, err
	}
	why := ""
	dedicated, err := t.client.GetCluster(ctx, t.projectID, t.name)
	switch {
	case err != nil:
		return targetState{}, err
	case dedicated.IsShared():
		why = "it is a free cluster. Restore onto a Flex cluster or a dedicated one."
	case dedicated.Paused != nil && *dedicated.Paused:
		why = "it is paused. Resume it (paused = false in mongodbatlas_advanced_cluster), wait until its state is IDLE, then apply again."
	case dedicated.ClusterType != "" && dedicated.ClusterType != "REPLICASET":
		why = "it is a sharded cluster, and a Flex cluster is a replica set. Restore onto a replica set."
	}
	return targetState{name: dedicated.StateName, version: dedicated.MongoDBVersion, mismatch: why}, nil
}

// notIdleError is for a target that Atlas is busy with.
type notIdleError struct{ target, state string }

func (e *notIdleError) Error() string {
	return fmt.Sprintf("the target, %s, is busy: its state is %s", e.target, e.state)
}

// stateRepairing is the stateName of a cluster with a node that does not work, which may be what the restore is for.
const stateRepairing = "REPAIRING"

// checkIdle returns an error if Atlas is busy with the target, such as with a restore from another cluster.
func (t *target) checkIdle(ctx context.Context) error {
	state, err := t.read(ctx)
	if err == nil && state.name != "" && state.name != atlas.StateIdle && state.name != stateRepairing {
		return &notIdleError{target: t.String(), state: state.name}
	}
	return err
}
