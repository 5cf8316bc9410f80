package snapshot

import (
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/operation"
)

// cluster is a cluster of a project, reached through a client.
type cluster struct {
	client    *atlas.Client
	projectID string
	name      string
}

func (c *cluster) now() time.Time { return c.client.Clock().Now() }

func (c *cluster) String() string {
	return fmt.Sprintf("cluster %q of project %s", c.name, c.projectID)
}

func (c *cluster) snapshot(id string) string { return fmt.Sprintf("snapshot %s of %s", id, c) }

// age returns the time since s was requested, by Atlas's clock.
func (c *cluster) age(s *atlas.Snapshot) time.Duration {
	return c.client.ServerNow().Sub(s.RequestedAt())
}

// isNew reports whether a snapshot was so new when it was read at asked that Atlas may not have shown it, see [operation.IsNew].
func (c *cluster) isNew(id string, asked time.Time) bool {
	return operation.IsNew(c.client, (&atlas.Snapshot{ID: id}).RequestedAt(), asked)
}

// key returns a key that is unique to the cluster in this process.
func (c *cluster) key() string {
	return c.client.BaseURL() + " " + c.projectID + " " + c.name
}

// messages returns what the diagnostics of the resource and the action have in common.
func (c *cluster) messages(summary string, timeout time.Duration, timeoutArgument string, r result) diagnostics.Messages {
	w := diagnostics.Messages{
		Failure: failure(summary, c.String()), Blocking: "on-demand snapshot", Name: c.snapshot,
		Timeout: timeout, TimeoutArgument: timeoutArgument,
	}
	if len(r.Candidates) > 0 {
		w.Candidates = c.formatSnapshots(r.Candidates)
	}
	return w
}

const checkClusterHint = "If that fails too, look at the cluster in Atlas."

// notCreated returns the resource's diagnostic of a snapshot that was not completed. summary is that of a create or an update.
func (c *cluster) notCreated(summary string, timeout time.Duration, r result) diag.Diagnostic {
	w := c.messages(summary, timeout, "timeouts.create", r)
	w.IfFound = fmt.Sprintf("import it (terraform import <address> %s)", framework.ImportID(c.projectID, c.name, "<snapshot id>"))
	w.Continues, w.NotSeen = "Atlas continues with it, and it is in the state.", "Its status since then is unknown; it is in the state."
	w.InState, w.InterruptedSummary = true, "Snapshot not completed yet"
	w.Remedies = map[operation.Outcome]string{
		operation.Failed: "The failed snapshot stays in the state; the next apply replaces it. " + checkClusterHint,
		operation.Interrupted: "The next plan reads it: if Atlas has completed it by then there is nothing to do, otherwise apply resumes the wait. " +
			"No second snapshot is taken.",
		operation.TimedOut: "To keep waiting for this snapshot, run terraform untaint on this resource and apply again, with a longer timeout if needed. " +
			"Without untaint, the next apply replaces it.",
		operation.Gone: "Apply again to take a new one.",
		operation.WaitFailed: "To keep waiting for it rather than replace it, fix the cause, run terraform untaint on this resource if it is " +
			"tainted, and apply again.",
	}
	return diagnostics.FromReport(w, &r.Report)
}

// notRotated returns the diagnostic of a rotation whose new snapshot was not completed. old is the snapshot that the state keeps.
func (c *cluster) notRotated(old string, timeout time.Duration, r result) diag.Diagnostic {
	w := c.messages(unableToUpdate, timeout, "timeouts.update", r)
	w.IfFound = fmt.Sprintf("delete it in Atlas, or add a resource for it and import it (terraform import <address> %s), then apply again",
		framework.ImportID(c.projectID, c.name, "<snapshot id>"))
	w.Continues, w.NotSeen = "Atlas continues with it.", "Its status since then is unknown."
	w.Keeps = fmt.Sprintf("The state keeps snapshot %s.", old)
	w.InterruptedSummary = "Snapshot not completed yet"
	w.Remedies = map[operation.Outcome]string{
		operation.Failed: "Apply again to take another. " + checkClusterHint,
		operation.Interrupted: "The next apply resumes the wait, then deletes the old snapshot unless skip_destroy is set. " +
			"No third snapshot is taken.",
		operation.TimedOut:   "Apply again to resume the wait, with a longer timeouts.update if needed. No third snapshot is taken.",
		operation.Gone:       "Apply again to take another.",
		operation.WaitFailed: "Fix the cause and apply again to resume the wait.",
	}
	return diagnostics.FromReport(w, &r.Report)
}

// notTaken returns the action's diagnostic. It is always an error: what depends on the action must not happen without a snapshot.
func (c *cluster) notTaken(timeout time.Duration, r result) diag.Diagnostic {
	w := c.messages("Unable to take snapshot", timeout, "timeout", r)
	w.IfFound = "it is this snapshot, and Atlas deletes it when its retention ends"
	w.Continues = "Atlas continues with it, and deletes it when its retention ends."
	w.NotSeen = "Its status since then is unknown; Atlas keeps it until its retention ends."
	w.Remedies = map[operation.Outcome]string{
		operation.Failed:     "Apply again to take another. " + checkClusterHint,
		operation.TimedOut:   "Allow more time with timeout, and apply again to take another.",
		operation.Gone:       "Apply again to take another.",
		operation.WaitFailed: w.Continues,
	}
	return diagnostics.FromReport(w, &r.Report)
}

// warnOfNotShown returns a warning about a snapshot in the state that Atlas does not show, but cannot have deleted yet.
func warnOfNotShown(on *cluster, id string) diag.Diagnostic {
	requested := fmt.Sprintf("less than %s ago", operation.ReadLag)
	if !on.client.HasServerTime() {
		requested = "recently, as far as can be told from answers without a Date header,"
	}
	return diag.NewWarningDiagnostic("Snapshot not shown by Atlas yet", fmt.Sprintf(
		"Atlas does not show %s. It was requested %s and was not completed when it was last seen. Atlas does not delete a snapshot "+
			"in progress, so it may only show this one late. The state keeps it, and the next apply resumes the wait.", on.snapshot(id), requested))
}

// displayStatus returns a status or snapshot type of the API in words.
func displayStatus(word string) string {
	switch word {
	case atlas.StatusInProgress:
		return "in progress"
	case atlas.SnapshotTypeOnDemand:
		return "on demand"
	}
	return word
}

// displayCompletion returns a completed snapshot in words, such as "completed, 1.6 GB, expires 2026-08-17T03:31:02Z".
func displayCompletion(s *atlas.Snapshot) string {
	text := displayStatus(s.Status)
	if s.StorageSizeBytes != nil && *s.StorageSizeBytes > 0 {
		text += ", " + displaySize(*s.StorageSizeBytes)
	}
	if s.ExpiresAt != nil {
		text += ", expires " + s.ExpiresAt.UTC().Format(time.RFC3339)
	}
	return text
}

// displaySize returns a number of bytes in decimal units.
func displaySize(bytes int64) string {
	amount, unit := float64(bytes), "bytes"
	for _, larger := range []string{"kB", "MB", "GB", "TB"} {
		if amount < 1000 {
			break
		}
		amount, unit = amount/1000, larger
	}
	if unit == "bytes" {
		return fmt.Sprintf("%d %s", bytes, unit)
	}
	return fmt.Sprintf("%.1f %s", amount, unit)
}

const (
	keepLongerRemedy = "Revert retention_in_days. To keep the data longer, change triggers to take a new snapshot with the longer retention."
	noBackupRemedy   = "This cluster has no on-demand snapshots: a free cluster (M0) has no snapshots at all, and those of a Flex cluster are read with the " +
		"data source atlasbackup_flex_snapshots. Set cluster_name to a dedicated cluster (M10 or larger), or upgrade this one."
)

var retentionPath = path.Root("retention_in_days")

// noun has what Atlas's errors mean for snapshots of dedicated clusters.
var noun = diagnostics.Noun{
	Name: "snapshot", Participle: "taken", Project: path.Root("project_id"), Cluster: path.Root("cluster_name"),
	Roles: "Taking a snapshot needs the role Project Backup Creator, changing or deleting one Project Backup Manager, reading Project Read Only " +
		"(or a role that includes them).",
	Causes: map[string]diagnostics.Cause{
		atlas.CodeFlexInClusterAPI: {Remedy: "Flex clusters have no on-demand snapshots: Atlas takes one a day by itself and keeps the last eight. " +
			"Read them with the data source atlasbackup_flex_snapshots, or move to a dedicated cluster (M10 or larger)."},
		atlas.CodeServerlessInClusterAPI: {Remedy: "This is a serverless instance. Read its snapshots with the data source atlasbackup_serverless_snapshots."},
		atlas.CodeProviderNotSupported:   {Remedy: noBackupRemedy},
		atlas.CodeIncorrectEndpoint:      {Remedy: noBackupRemedy},
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
			Argument: retentionPath, Remedy: "A Backup Compliance Policy forbids shortening the retention of a snapshot. Revert retention_in_days.",
		},
		atlas.CodeTooShortForCompliance: {
			Argument: retentionPath, Remedy: "The project's Backup Compliance Policy requires a longer retention. Raise retention_in_days.",
		},
		atlas.CodeDeleteFromClusterSnapshot: {Remedy: "This is one shard's part of a sharded cluster's snapshot, which Atlas deletes only as a whole. " +
			"Run terraform state rm on this resource and import the cluster's snapshot in its place: the data source atlasbackup_snapshots " +
			"lists it, with this ID in its snapshot_ids."},
		atlas.CodeModifyClusterSnapshot: {
			Argument: retentionPath, Remedy: "Atlas does not change the retention of a sharded cluster's snapshot, or of one shard's part of it. " + keepLongerRemedy,
		},
		atlas.CodeModifySnapshot:   {Argument: retentionPath, Remedy: "Atlas does not change the retention of this snapshot. " + keepLongerRemedy},
		atlas.CodeModifyInProgress: {Remedy: "The retention can be changed once Atlas has completed the snapshot. Apply again then."},
		atlas.CodeDeleteInProgress: {Remedy: "The snapshot can be deleted once Atlas has completed it. Destroy again then."},
	},
}

func failure(summary, about string) diagnostics.Failure {
	return noun.Failure(summary, about)
}
