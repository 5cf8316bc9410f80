package flexrestore

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
)

const unableToRestore = "Unable to restore"

// source is what a restore is made from.
type source struct {
	request atlas.FlexRestoreRequest
	// mostRecent reports whether the snapshot was chosen because it is the newest one.
	mostRecent bool
	// version is the MongoDB version of the data, "" where Atlas does not say.
	version string
}

// resolveSource reads the snapshot that is to be restored, and checks that it can be.
func (c *cluster) resolveSource(ctx context.Context, m *sourceModel) (source, diag.Diagnostics) {
	find := c.findSnapshot
	if m.MostRecent.ValueBool() {
		find = c.findNewest
	}
	snapshot, diags := find(ctx, m.SnapshotID.ValueString())
	if diags.HasError() {
		return source{}, diags
	}
	from := source{mostRecent: m.MostRecent.ValueBool(), request: atlas.FlexRestoreRequest{
		SnapshotID: snapshot.ID, TargetProjectID: m.targetProjectID(), TargetClusterName: m.TargetClusterName.ValueString(),
	}}
	if snapshot.MongodVersion != nil {
		from.version = *snapshot.MongodVersion
	}
	return from, nil
}

// minRemainingTime is how long the snapshot has to be kept at least: Atlas must not delete it before it has been restored.
const minRemainingTime = time.Hour

// findSnapshot returns the snapshot of an ID, which has to be one of the cluster.
func (c *cluster) findSnapshot(ctx context.Context, id string) (*atlas.FlexSnapshot, diag.Diagnostics) {
	at, about := path.Root("snapshot_id"), fmt.Sprintf("snapshot %s of %s", id, c)
	snapshot, err := c.client.GetFlexSnapshot(ctx, c.projectID, c.name, id)
	if err != nil {
		failure := noun.Failure(unableToRestore, about)
		failure.Object = at
		return nil, diag.Diagnostics{diagnostics.FromError(failure, err, nothingErased)}
	}
	why := ""
	switch {
	case snapshot.Status == atlas.FlexStatusFailed:
		why = "Atlas failed it, so it contains no data. Restore another one."
	case snapshot.Status != atlas.FlexStatusCompleted:
		why = fmt.Sprintf("Atlas has not completed it: its status is %q. Wait until it is completed and apply again.", snapshot.Status)
	case c.expiresSoon(snapshot):
		why = fmt.Sprintf("it expires at %s, so Atlas might delete it during the restore. Restore a newer one.", snapshot.ExpiresAt.UTC().Format(time.RFC3339))
	default:
		return snapshot, nil
	}
	return nil, refuse(at, fmt.Sprintf("%s cannot be restored: %s", capitalize(about), why))
}

func (c *cluster) expiresSoon(s *atlas.FlexSnapshot) bool {
	return s.ExpiresAt != nil && s.ExpiresAt.Sub(c.client.ServerNow()) < minRemainingTime
}

// findNewest returns the newest completed snapshot of the cluster that does not expire soon.
func (c *cluster) findNewest(ctx context.Context, _ string) (*atlas.FlexSnapshot, diag.Diagnostics) {
	var newest *atlas.FlexSnapshot
	for snapshot, err := range c.client.ListFlexSnapshots(ctx, c.projectID, c.name) {
		switch {
		case err != nil:
			// One that cannot be read could be the newest.
			failure := noun.Failure(unableToRestore, "the snapshots of "+c.String())
			return nil, diag.Diagnostics{diagnostics.FromError(failure, err, nothingErased)}
		case snapshot.Status != atlas.FlexStatusCompleted, c.expiresSoon(snapshot):
		case newest == nil || snapshot.TakenAt().After(newest.TakenAt()):
			newest = snapshot
		}
	}
	if newest == nil {
		return nil, refuse(path.Root("most_recent"), fmt.Sprintf("%s has no completed snapshot that is kept for another hour. Atlas takes one a day.", c))
	}
	return newest, nil
}

// refuse returns the error about an argument that keeps a restore from starting.
func refuse(at path.Path, text string) diag.Diagnostics {
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, unableToRestore, text+"\n\n"+nothingErased)}
}

func capitalize(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
