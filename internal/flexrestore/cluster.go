package flexrestore

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/operation"
)

// cluster is a Flex cluster whose snapshots are restored. Its jobs are found under it, whatever they are restored onto.
type cluster struct {
	client    *atlas.Client
	projectID string
	name      string
}

func (c *cluster) String() string {
	return fmt.Sprintf("Flex cluster %q of project %s", c.name, c.projectID)
}

func (c *cluster) job(id string) string { return fmt.Sprintf("restore job %s of %s", id, c) }

const nothingErased = "Nothing was erased and nothing was restored."

// messages returns what the diagnostics of the resource and the action have in common.
func (c *cluster) messages(onto *target, timeout time.Duration, timeoutArgument string, r result) diagnostics.Messages {
	w := diagnostics.Messages{
		Failure: noun.Failure(unableToRestore, fmt.Sprintf("%s onto %s", c, onto)), Blocking: "restore job", Name: c.job,
		Timeout: timeout, TimeoutArgument: timeoutArgument,
		Continues: "Atlas continues with it.", NotSeen: "Its status since then is unknown.",
	}
	if len(r.Candidates) > 0 {
		w.Candidates = c.formatJobs(r.Candidates)
	}
	return w
}

// notRestored returns the resource's diagnostic of a restore that was not completed. isNew reports whether the resource is being
// created, so that an error taints it.
func (c *cluster) notRestored(onto *target, timeout time.Duration, isNew bool, r result) diag.Diagnostic {
	argument, keepWaiting := "timeouts.update", "apply again"
	if isNew {
		argument, keepWaiting = "timeouts.create", "run terraform untaint on this resource and apply again"
	}
	if d := c.notRequested(onto, r.Err); d != nil {
		return d
	}
	w := c.messages(onto, timeout, argument, r)
	w.IfFound = fmt.Sprintf("have Terraform track it (terraform import <address> %s)", framework.ImportID(c.projectID, c.name, "<restore job ID>"))
	w.InState, w.InterruptedSummary = true, "Restore not completed yet"
	w.Remedies = map[operation.Outcome]string{
		operation.Failed: "The target is erased or incomplete. To restore again, " + restoreAgain(isNew) + ".",
		operation.Interrupted: "It is in the state. The next plan reads it: if Atlas has completed it by then there is nothing to do, otherwise apply " +
			"resumes the wait. Nothing is restored a second time.",
		operation.TimedOut: fmt.Sprintf("It is in the state. To keep waiting for it, %s, with a longer %s if needed. Nothing is restored a second time.",
			keepWaiting, argument),
		operation.Gone: "It stays in the state with the status \"unknown\". Look at the target in Atlas: it may be erased, incomplete or restored. To restore " +
			"again, " + restoreAgain(isNew) + ".",
		operation.WaitFailed: fmt.Sprintf("Fix the cause and %s to keep waiting for it. Nothing is restored a second time.", keepWaiting),
	}
	return diagnostics.FromReport(w, &r.Report)
}

func restoreAgain(isNew bool) string {
	if isNew {
		return "apply again"
	}
	return "change triggers"
}

// notFinished returns the diagnostic of a restore that has not ended, so that the next one is not requested.
func (c *cluster) notFinished(onto *target, timeout time.Duration, r result) diag.Diagnostic {
	w := c.messages(onto, timeout, "timeouts.update", r)
	const remedy = "The restore that triggers asks for was not requested: Atlas would erase the target under the one that is running. Apply again."
	w.InState = true
	w.Remedies = map[operation.Outcome]string{operation.Interrupted: remedy, operation.TimedOut: remedy, operation.WaitFailed: remedy}
	return diagnostics.FromReport(w, &r.Report)
}

// notInvoked returns the action's diagnostic of a restore that was not completed. It is always an error.
func (c *cluster) notInvoked(onto *target, timeout time.Duration, r result) diag.Diagnostic {
	if d := c.notRequested(onto, r.Err); d != nil {
		return d
	}
	w := c.messages(onto, timeout, "timeout", r)
	w.IfFound = "it is this restore: wait until Atlas has completed it"
	w.Remedies = map[operation.Outcome]string{
		operation.Failed:      "The target is erased or incomplete. Invoke the action again to restore again.",
		operation.Interrupted: "Invoking the action again while it runs waits for it; once it has ended, that restores again.",
		operation.TimedOut:    "Allow more time with timeout. Invoking the action again while it runs waits for it; once it has ended, that restores again.",
		operation.Gone:        "Look at the target in Atlas: it may be erased, incomplete or restored.",
		operation.WaitFailed:  "Look at the restore jobs of the cluster in Atlas before you invoke the action again.",
	}
	return diagnostics.FromReport(w, &r.Report)
}

// notRequested returns the diagnostic of a restore that was not requested because of what runs, or has run, on the target; nil for any
// other error.
func (c *cluster) notRequested(onto *target, err error) diag.Diagnostic {
	var earlier *earlierJobError
	var busy *notIdleError
	var lost *lostJobError
	var check *checkError
	if errors.As(err, &check) && !errors.As(check.err, &busy) {
		return diagnostics.FromError(targetNoun.Failure(unableToRestore, fmt.Sprintf("the restore of %s onto %s", c, onto)), check.err, nothingErased)
	}
	text := ""
	switch {
	case busy != nil:
		text = fmt.Sprintf("%s. Atlas may be restoring onto it from another cluster. Wait until it is idle, then apply again.", capitalize(busy.Error()))
	case errors.As(err, &lost):
		text = fmt.Sprintf("%s. Look at the target, %s: it may be erased, incomplete or restored. Terraform no longer tracks the lost job; to restore again, "+
			"apply again.", capitalize(lost.Error()), onto)
	case errors.As(err, &earlier) && !hasEnded(earlier.job):
		text = fmt.Sprintf("Atlas is already restoring onto %s: %s. Another restore would erase what it restores. Wait until it has ended, then apply again.",
			onto, formatJob(earlier.job))
	case errors.As(err, &earlier):
		text = fmt.Sprintf("Atlas has already restored this snapshot onto %s: %s. The restore is not in this state: an earlier run may have been killed before it "+
			"could save it. Restoring again would erase what was written to the target since.\n\n"+
			"To have Terraform track it, run\n\n  terraform import <address> %s\n\n(after terraform state rm <address>, if the resource is in the state). "+
			"If this is not what happened, such as for a scratch cluster that is restored onto again and again, set allow_repeat = true.",
			onto, formatJob(earlier.job), framework.ImportID(c.projectID, c.name, earlier.job.ID))
	default:
		return nil
	}
	return diag.NewAttributeErrorDiagnostic(targetPath, unableToRestore, text+"\n\n"+nothingErased)
}

// warnOfEarlier returns a warning if the job was there before the request, so that an earlier run requested it, and about each recent
// restore onto the target that has failed and that no state has.
func (c *cluster) warnOfEarlier(from source, onto *target, r result) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, j := range r.Existing {
		if isOnto(from.request, j) && j.Status == atlas.FlexStatusFailed && endedRecently(c.client.ServerNow(), j) && !operation.IsOwn(onto.key(), j.ID) {
			diags.AddWarning("Failed restore of an earlier run: "+j.ID, fmt.Sprintf(
				"Atlas has failed a restore onto %s that is not in this state: %s. It erased the target.", onto, formatJob(j)))
		}
	}
	return append(diags, c.warnOfAdoption(onto, r)...)
}

func (c *cluster) warnOfAdoption(onto *target, r result) diag.Diagnostics {
	if !r.Accepted() || !slices.ContainsFunc(r.Existing, func(j *atlas.FlexRestoreJob) bool { return j.ID == r.ID }) {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("Restore of an earlier run: "+r.ID, fmt.Sprintf(
		"When this run began, Atlas was already restoring the same snapshot onto %s: %s. The run has waited for that restore and requested no other one.",
		onto, formatJob(r.Value)))}
}

// formatJobs returns a list of jobs in words, each with the command that imports it.
func (c *cluster) formatJobs(jobs []*atlas.FlexRestoreJob) string {
	var text strings.Builder
	for _, j := range jobs {
		fmt.Fprintf(&text, "- %s:\n  terraform import <address> %s\n", formatJob(j), framework.ImportID(c.projectID, c.name, j.ID))
	}
	return text.String()
}

// formatJob returns a job in words.
func formatJob(j *atlas.FlexRestoreJob) string {
	return fmt.Sprintf("restore job %s of snapshot %s, requested at %s, status %q", j.ID, j.SnapshotID, j.RequestedAt().UTC().Format(time.RFC3339), j.Status)
}

// displayCompletion returns a completed job in words, such as "completed in 59s".
func displayCompletion(m *jobModel) string {
	return fmt.Sprintf("%s in %s", strings.ToLower(m.Status.ValueString()), time.Duration(m.DurationSeconds.ValueInt64())*time.Second)
}

const restoreRoles = "A restore needs the role Project Backup Recovery Operator (or Project Backup Manager or Project Owner) in the project of the source and in that of the target; " +
	"reading restore jobs needs Project Read Only."

var (
	// noun has what Atlas's errors mean for restores of Flex clusters.
	noun = diagnostics.Noun{
		Name: "restore job", Participle: "created", Project: path.Root("project_id"), Cluster: path.Root("cluster_name"), Roles: restoreRoles, Causes: causes,
	}
	// targetNoun has what they mean if they are about the target.
	targetNoun = diagnostics.Noun{
		Name: "restore job", Participle: "created", Project: path.Root("target_project_id"), Cluster: targetPath, Roles: restoreRoles, Causes: causes,
	}
)

var causes = map[string]diagnostics.Cause{
	atlas.CodeNonFlexInFlexAPI:    {Remedy: "This is not a Flex cluster. Dedicated clusters are restored with the resource atlasbackup_restore."},
	atlas.CodeSnapshotNotFound:    {Remedy: "Check snapshot_id: it must be a snapshot of cluster_name that has not expired. Atlas keeps those of a Flex cluster for eight days."},
	atlas.CodeFlexRestoreNotFound: {Remedy: diagnostics.CheckID("restore_job_id", "restore job")},
	atlas.CodeFlexRestoreUnavailable: {Argument: targetPath, Remedy: "Atlas may be restoring onto the target already, or it may be paused. Wait until its state is IDLE, then " +
		"apply again."},
	atlas.CodeFlexRestoreEncryption: {Argument: targetPath, Remedy: "Restore onto another cluster: the encryption of this one does not allow it."},
	atlas.CodeFlexRestoreTopology:   {Argument: targetPath, Remedy: "Restore onto a Flex cluster or a replica set."},
	atlas.CodeFlexRestoreVersion:    {Argument: targetPath, Remedy: "Restore onto a cluster with the same or a newer MongoDB version."},
}
