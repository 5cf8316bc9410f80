package restore

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
)

const unableToRestore = "Unable to restore"

// source is what a restore is made from.
type source struct {
	request atlas.RestoreRequest
	// mostRecent reports whether the snapshot was chosen because it is the newest one.
	mostRecent bool
	// version is the MongoDB version of the data, sharded whether it is of a sharded cluster, and shards of how many shards, 0 where
	// that is not known.
	version string
	sharded bool
	shards  int
}

// argument returns the argument that says what to restore.
func (m *sourceModel) argument() path.Path {
	switch {
	case !m.PointInTime.IsNull():
		return path.Root("point_in_time")
	case !m.OplogTS.IsNull():
		return path.Root("oplog_ts")
	case m.MostRecent.ValueBool():
		return path.Root("most_recent")
	}
	return path.Root("snapshot_id")
}

// isPointInTime reports whether a point in time is restored.
func (m *sourceModel) isPointInTime() bool { return !m.PointInTime.IsNull() || !m.OplogTS.IsNull() }

// resolveSource reads what is to be restored, and checks that it can be.
func (c *cluster) resolveSource(ctx context.Context, m *sourceModel) (source, diag.Diagnostics) {
	request := atlas.RestoreRequest{
		DeliveryType: atlas.DeliveryAutomated, TargetProjectID: m.targetProjectID(), TargetClusterName: m.TargetClusterName.ValueString(),
	}
	if m.isPointInTime() {
		return c.resolvePointInTime(ctx, m, request)
	}
	snapshot, diags := c.findSnapshot(ctx, m)
	if diags.HasError() {
		return source{}, diags
	}
	request.SnapshotID = snapshot.ID
	from := source{request: request, mostRecent: m.MostRecent.ValueBool(), sharded: snapshot.Type == atlas.TypeSharded}
	if snapshot.MongodVersion != nil {
		from.version = *snapshot.MongodVersion
	}
	if from.sharded {
		from.shards = c.countShards(ctx, snapshot.ID)
	}
	return from, nil
}

// minRemainingTime is how long the snapshot has to be kept at least: Atlas must not delete it before it has been restored.
const minRemainingTime = time.Hour

// findSnapshot returns the snapshot to restore. Atlas accepts a snapshot of another cluster in the path, restores it, and then shows the
// job to nobody, so the snapshot is read under the cluster first.
func (c *cluster) findSnapshot(ctx context.Context, m *sourceModel) (*atlas.Snapshot, diag.Diagnostics) {
	if m.MostRecent.ValueBool() {
		return c.findNewest(ctx)
	}
	at, id := path.Root("snapshot_id"), m.SnapshotID.ValueString()
	about := fmt.Sprintf("snapshot %s of %s", id, c)
	snapshot, err := c.client.GetSnapshot(ctx, c.projectID, c.name, id)
	if err != nil {
		failure := noun.Failure(unableToRestore, about)
		failure.Object = at
		return nil, diag.Diagnostics{diagnostics.FromError(failure, err, nothingErased)}
	}
	why := ""
	switch {
	case snapshot.Status == atlas.StatusFailed:
		why = "Atlas failed it, so it contains no data. Restore another one."
	case snapshot.Pending():
		why = fmt.Sprintf("Atlas has not completed it: its status is %q. Wait until it is completed and apply again.", snapshot.Status)
	case c.expiresSoon(snapshot):
		why = fmt.Sprintf("it expires at %s, so Atlas might delete it during the restore. Extend its retention, then apply again.",
			snapshot.ExpiresAt.UTC().Format(time.RFC3339))
	default:
		return snapshot, nil
	}
	return nil, refuse(at, fmt.Sprintf("%s cannot be restored: %s", capitalize(about), why))
}

func (c *cluster) expiresSoon(s *atlas.Snapshot) bool {
	return s.ExpiresAt != nil && s.ExpiresAt.Sub(c.client.ServerNow()) < minRemainingTime
}

// findNewest returns the newest completed snapshot of the cluster that does not expire soon.
func (c *cluster) findNewest(ctx context.Context) (*atlas.Snapshot, diag.Diagnostics) {
	at := path.Root("most_recent")
	var newest *atlas.Snapshot
	for snapshot, err := range c.client.ListSnapshots(ctx, c.projectID, c.name) {
		switch {
		case err != nil:
			// One that cannot be read could be the newest.
			failure := noun.Failure(unableToRestore, "the snapshots of "+c.String())
			return nil, diag.Diagnostics{diagnostics.FromError(failure, err, nothingErased)}
		case snapshot.Status != atlas.StatusCompleted, c.expiresSoon(snapshot):
		case newest == nil || snapshot.TakenAt().After(newest.TakenAt()):
			newest = snapshot
		}
	}
	if newest == nil {
		return nil, refuse(at, fmt.Sprintf("%s has no completed snapshot that is kept for another hour. Take one with atlasbackup_snapshot first.",
			capitalize(c.String())))
	}
	return newest, nil
}

// countShards returns how many shards a snapshot of a sharded cluster is of, or 0 if that cannot be read: then Atlas checks it.
func (c *cluster) countShards(ctx context.Context, id string) int {
	snapshot, err := c.client.GetShardedSnapshot(ctx, c.projectID, c.name, id)
	if err != nil || snapshot.ConfigServerType == nil {
		return 0
	}
	shards := len(snapshot.Members)
	if *snapshot.ConfigServerType == configServersDedicated {
		shards--
	}
	return max(shards, 0)
}

// configServersDedicated is the config server type of a sharded cluster whose config servers are no shard.
const configServersDedicated = "DEDICATED"

// resolvePointInTime checks the source cluster. Atlas itself checks that the time is in the restore window, before it erases anything.
func (c *cluster) resolvePointInTime(ctx context.Context, m *sourceModel, request atlas.RestoreRequest) (source, diag.Diagnostics) {
	request.DeliveryType = atlas.DeliveryPointInTime
	at := m.argument()
	wanted := time.Unix(m.OplogTS.ValueInt64(), 0)
	if m.PointInTime.IsNull() {
		request.OplogTS, request.OplogInc = m.OplogTS.ValueInt64(), m.OplogInc.ValueInt64()
	} else {
		var diags diag.Diagnostics
		if wanted, diags = framework.ParseTime(at, m.PointInTime); diags.HasError() {
			return source{}, diags
		}
		request.PointInTimeSeconds = wanted.Unix()
	}
	if now := c.client.ServerNow(); wanted.After(now) {
		return source{}, refuse(at, fmt.Sprintf("%s (%s) is in the future: it is %s now.", at, wanted.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339)))
	}
	found, err := c.client.GetCluster(ctx, c.projectID, c.name)
	switch {
	case err != nil:
		return source{}, diag.Diagnostics{diagnostics.FromError(noun.Failure(unableToRestore, c.String()), err, nothingErased)}
	case found.PITEnabled != nil && !*found.PITEnabled:
		return source{}, refuse(at, fmt.Sprintf("%s has no continuous backup, so only its snapshots can be restored. Use snapshot_id or most_recent, or turn it "+
			"on for the next time (pit_enabled = true in mongodbatlas_advanced_cluster).", capitalize(c.String())))
	}
	from := source{request: request, sharded: isSharded(found)}
	if found.MongoDBVersion != nil {
		from.version = *found.MongoDBVersion
	}
	if from.sharded {
		from.shards = len(found.ReplicationSpecs)
	}
	return from, nil
}

// refuse returns the error about an argument that keeps a restore from starting.
func refuse(at path.Path, text string) diag.Diagnostics {
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, unableToRestore, text+"\n\n"+nothingErased)}
}

func capitalize(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
