package snapshot

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
)

const (
	wantKeepLonger = "Revert retention_in_days. To keep the data longer, change triggers to take a new snapshot with the longer retention."
	wantNoBackup   = "This cluster has no on-demand snapshots: a free cluster (M0) has no snapshots at all, and those of a Flex cluster are read with the " +
		"data source atlasbackup_flex_snapshots. Set cluster_name to a dedicated cluster (M10 or larger), or upgrade this one."
	wantPaused = "The cluster is paused. Atlas takes no snapshots of it until it is resumed; those that exist remain until they expire. Resume it " +
		"(paused = false in mongodbatlas_advanced_cluster), wait until its state is IDLE, then apply again."
)

// TestFailure_codes has the whole text and the argument of every error that means something of its own for snapshots.
func TestFailure_codes(t *testing.T) {
	t.Parallel()
	f := failure("Unable to create snapshot", `cluster "Cluster0" of project 5f`)
	f.Object = path.Root("snapshot_id")
	for _, tt := range []struct {
		status                 int
		code, detail           string
		argument, text, remedy string
	}{
		{
			400, atlas.CodeFlexInClusterAPI, "Flex cluster Cluster0 cannot be used in the Cluster API.", "cluster_name", "400 Bad Request",
			"Flex clusters have no on-demand snapshots: Atlas takes one a day by itself and keeps the last eight. Read them with the data source " +
				"atlasbackup_flex_snapshots, or move to a dedicated cluster (M10 or larger).",
		},
		{
			400, atlas.CodeServerlessInClusterAPI, "Serverless.", "cluster_name", "400 Bad Request",
			"This is a serverless instance. Read its snapshots with the data source atlasbackup_serverless_snapshots.",
		},
		{
			404, atlas.CodeSnapshotNotFound, "No snapshot with ID x exists for cluster Cluster0.", "snapshot_id", "404 Not Found",
			"Check snapshot_id: the snapshot may have expired or been deleted, or be of another cluster.",
		},
		{
			400, atlas.CodeUnfinishedSnapshot, "Another on-demand snapshot is queued or in progress.", "", "400 Bad Request",
			"Atlas takes one on-demand snapshot per cluster at a time. Apply again when the other one has completed, or allow more time with timeouts.create.",
		},
		{
			400, atlas.CodeDeleteUnderCompliance, "You can't delete snapshots while you have a Backup Compliance Policy enabled.", "", "400 Bad Request",
			"A Backup Compliance Policy protects every snapshot of the project: nobody can delete one before it expires. Set skip_destroy = true, apply, " +
				"and destroy again: Terraform then forgets the snapshot and Atlas keeps it until it expires.",
		},
		{
			400, atlas.CodeShortenUnderCompliance, "You can't decrease the snapshot rentention.", "retention_in_days", "400 Bad Request",
			"A Backup Compliance Policy forbids shortening the retention of a snapshot. Revert retention_in_days.",
		},
		{
			400, atlas.CodeTooShortForCompliance, "You can't create a snapshot.", "retention_in_days", "400 Bad Request",
			"The project's Backup Compliance Policy requires a longer retention. Raise retention_in_days.",
		},
		{400, atlas.CodeRetentionInvalid, "Retention value of snapshot is invalid.", "retention_in_days", "400 Bad Request", ""},
		{400, atlas.CodeNegativeOrZero, "The attribute retentionInDays cannot be negative or zero.", "retention_in_days", "400 Bad Request", ""},
		{
			400, atlas.CodeModifyInProgress, "Snapshot retention can only be modified once it is completed.", "", "400 Bad Request",
			"The retention can be changed once Atlas has completed the snapshot. Apply again then.",
		},
		{
			400, atlas.CodeDeleteInProgress, "Cannot delete an in progress snapshot x.", "", "400 Bad Request",
			"The snapshot can be deleted once Atlas has completed it. Destroy again then.",
		},
		{
			403, atlas.CodeDeleteFromClusterSnapshot, "Cannot individually delete a snapshot that is part of a cluster snapshot.", "", "403 Forbidden",
			"This is one shard's part of a sharded cluster's snapshot, which Atlas deletes only as a whole. Run terraform state rm on this resource " +
				"and import the cluster's snapshot in its place: the data source atlasbackup_snapshots lists it, with this ID in its snapshot_ids.",
		},
		{
			403, atlas.CodeModifyClusterSnapshot, "Cannot individually modify a snapshot that is part of a cluster snapshot.", "retention_in_days", "403 Forbidden",
			"Atlas does not change the retention of a sharded cluster's snapshot, or of one shard's part of it. " + wantKeepLonger,
		},
		{
			403, atlas.CodeModifySnapshot, "The snapshot x cannot be modified.", "retention_in_days", "403 Forbidden",
			"Atlas does not change the retention of this snapshot. " + wantKeepLonger,
		},
		{400, atlas.CodeProviderNotSupported, "Provider snapshot backups are not supported for this type of provider.", "cluster_name", "400 Bad Request", wantNoBackup},
		{400, atlas.CodeIncorrectEndpoint, "The backup API endpoint is incorrect.", "cluster_name", "400 Bad Request", wantNoBackup},
		{409, atlas.CodePausedCluster, "Cannot update cluster Cluster0 while it is paused or being paused.", "cluster_name", "409 Conflict", wantPaused},
		{400, "CLUSTER_PAUSED_CANNOT_RESTORE", "Cluster is paused.", "cluster_name", "400 Bad Request", wantPaused},
		{
			400, atlas.CodeBackupJobNotFound, "Backups are not enabled for this cluster.", "cluster_name", "400 Bad Request",
			"The cluster has no Cloud Backup. Turn it on (backup_enabled = true in mongodbatlas_advanced_cluster), then apply again.",
		},
		{
			403, "USER_CANNOT_ACCESS_GROUP", "No access.", "", "403 Forbidden",
			"The credentials are valid but not authorized for this request. Taking a snapshot needs the role Project Backup Creator, changing or deleting one Project " +
				"Backup Manager, reading Project Read Only (or a role that includes them).",
		},
		{404, "INVALID_SNAPSHOT_ID", "An invalid snapshot ID x was specified.", "snapshot_id", "404 Not Found", ""},
	} {
		t.Run(tt.code, func(t *testing.T) {
			t.Parallel()
			d := diagnostics.FromError(f, &atlas.Error{StatusCode: tt.status, Code: tt.code, Detail: tt.detail, Request: "POST /x", FromAtlas: true})
			argument := ""
			if located, ok := d.(diag.DiagnosticWithPath); ok {
				argument = located.Path().String()
			}
			want := "Atlas refused the request about cluster \"Cluster0\" of project 5f: " + strings.TrimRight(tt.detail, ".") + ".\n\n" +
				"Error code: " + tt.code + "\nStatus: " + tt.text + "\nRequest: POST /x"
			if tt.remedy != "" {
				want += "\n\n" + tt.remedy
			}
			if d.Severity() != diag.SeverityError || d.Summary() != "Unable to create snapshot" || argument != tt.argument || d.Detail() != want {
				t.Errorf("%q at %q:\n%s\nexpected it at %q:\n%s", d.Summary(), argument, d.Detail(), tt.argument, want)
			}
		})
	}
}
