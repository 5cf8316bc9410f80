package snapshot

import (
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
)

const (
	keepLonger = "Put retention_in_days back. To keep the data longer, change triggers, so that a new snapshot is taken with the longer retention."
	noBackup   = "This cluster has no on-demand snapshots: a free cluster (M0) has no snapshots at all, and those of a Flex cluster are read with the " +
		"data source atlasbackup_flex_snapshots. Set cluster_name to a dedicated cluster (M10 or larger), or upgrade this one."
)

var retentionPath = path.Root("retention_in_days")

// noun is what Atlas's errors mean for snapshots of dedicated clusters.
var noun = diagnostics.Noun{
	Name: "snapshot", Project: path.Root("project_id"), Cluster: path.Root("cluster_name"),
	Roles: "Taking a snapshot needs the role Project Backup Creator, changing or deleting one Project Backup Manager, reading Project Read Only " +
		"(or a role that includes them).",
	Causes: map[string]diagnostics.Cause{
		atlas.CodeFlexInClusterAPI: {Remedy: "Flex clusters have no on-demand snapshots: Atlas takes one a day by itself and keeps the last eight. " +
			"Read them with the data source atlasbackup_flex_snapshots, or move to a dedicated cluster (M10 or larger)."},
		atlas.CodeServerlessInClusterAPI: {Remedy: "This is a serverless instance. Read its snapshots with the data source atlasbackup_serverless_snapshots."},
		atlas.CodeProviderNotSupported:   {Remedy: noBackup},
		atlas.CodeIncorrectEndpoint:      {Remedy: noBackup},
		atlas.CodePausedCluster: {Remedy: "The cluster is paused. Atlas takes no snapshots of it until it is resumed; those that exist remain until " +
			"they expire. Resume it (paused = false in mongodbatlas_advanced_cluster), wait until its state is IDLE, then apply again."},
		atlas.CodeSnapshotNotFound: {Remedy: diagnostics.CheckID("snapshot_id", "snapshot")},
		atlas.CodeUnfinishedSnapshot: {Remedy: "Atlas takes one on-demand snapshot per cluster at a time. Apply again when the other one has completed, " +
			"or allow more time with timeouts.create."},
		atlas.CodeRetentionInvalid: {Argument: retentionPath},
		atlas.CodeNegativeOrZero:   {Argument: retentionPath},
		atlas.CodeDeleteUnderCompliance: {Remedy: "A Backup Compliance Policy protects every snapshot of the project: nobody can delete one before it " +
			"expires. Set skip_destroy = true, apply, and destroy again: Terraform then forgets the snapshot and Atlas keeps it until it expires."},
		atlas.CodeShortenUnderCompliance: {
			Argument: retentionPath, Remedy: "A Backup Compliance Policy lets nobody shorten the retention of a snapshot. Put retention_in_days back.",
		},
		atlas.CodeTooShortForCompliance: {
			Argument: retentionPath, Remedy: "The project's Backup Compliance Policy asks for a longer retention. Raise retention_in_days.",
		},
		atlas.CodeDeleteFromClusterSnapshot: {Remedy: "This is one shard's part of a sharded cluster's snapshot, which Atlas deletes only as a whole. " +
			"Run terraform state rm on this resource and import the cluster's snapshot in its place: the data source atlasbackup_snapshots " +
			"lists it, with this ID in its snapshot_ids."},
		atlas.CodeModifyClusterSnapshot: {
			Argument: retentionPath, Remedy: "Atlas does not change the retention of a sharded cluster's snapshot, or of one shard's part of it. " + keepLonger,
		},
		atlas.CodeModifySnapshot:   {Argument: retentionPath, Remedy: "Atlas does not change the retention of this snapshot. " + keepLonger},
		atlas.CodeModifyInProgress: {Remedy: "The retention can be changed once Atlas has completed the snapshot. Apply again then."},
		atlas.CodeDeleteInProgress: {Remedy: "The snapshot can be deleted once Atlas has completed it. Destroy again then."},
	},
}

// failure returns what could not be done, for the diagnostics of its errors.
func failure(summary, about string) diagnostics.Failure {
	return noun.Failure(summary, about)
}
