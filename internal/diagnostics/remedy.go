package diagnostics

import (
	"fmt"
	"net/http"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

// remedies says what a user can do, by Atlas's error code.
var remedies = map[string]string{
	atlas.CodeFlexInClusterAPI: "Flex clusters have no on-demand snapshots: Atlas takes one a day by itself and keeps the last eight. " +
		"Read them with the data source atlasbackup_flex_snapshots, or move to a dedicated cluster (M10 or larger).",
	atlas.CodeNonFlexInFlexAPI: "This is no Flex cluster. Read its snapshots with the data source atlasbackup_snapshots.",
	atlas.CodeClusterNotFound:  "Check cluster_name (it is case sensitive) and that the cluster is in this project.",
	atlas.CodeGroupNotFound:    "Check project_id, and that the API key or service account is invited to that project.",
	atlas.CodeBackupConfigNotFound: "The cluster has no Cloud Backup. Turn it on (backup_enabled = true in mongodbatlas_advanced_cluster), " +
		"then apply again.",
	atlas.CodeBackupJobNotFound: "The cluster has no Cloud Backup. Turn it on (backup_enabled = true in mongodbatlas_advanced_cluster), " +
		"then apply again.",
	atlas.CodeUnfinishedSnapshot: "Atlas takes one on-demand snapshot per cluster at a time. Apply again when the other one has completed, " +
		"or allow more time with timeouts.create.",
	atlas.CodeDeleteUnderCompliance: "A Backup Compliance Policy protects every snapshot of the project: nobody can delete one before it expires. " +
		"Set skip_destroy = true, apply, and destroy again: Terraform then forgets the snapshot and Atlas keeps it until it expires.",
	atlas.CodeShortenUnderCompliance: "A Backup Compliance Policy lets nobody shorten the retention of a snapshot. Put retention_in_days back.",
	atlas.CodeTooShortForCompliance:  "The project's Backup Compliance Policy asks for a longer retention. Raise retention_in_days.",
	atlas.CodeNotOnAccessList: "Add the address of this machine (of the HCP Terraform agent, of the CI runner) to the access list of the API key " +
		"or service account.",
	atlas.CodeRequiresAccessList: "Give the API key or service account an access list with the address of this machine.",
	atlas.CodeModifyInProgress:   "The retention can be changed once Atlas has completed the snapshot. Apply again then.",
	atlas.CodeDeleteInProgress:   "The snapshot can be deleted once Atlas has completed it. Destroy again then.",
}

func remedyFor(e *atlas.Error) string {
	if remedy, ok := remedies[e.Code]; ok {
		return remedy
	}
	switch e.StatusCode {
	case http.StatusUnauthorized:
		return "Atlas does not accept the credentials. Check the key pair, service account or token, where it comes from (provider block or " +
			"environment), and that base_url is the Atlas that it belongs to."
	case http.StatusForbidden:
		return "The credentials are good but may not do this. Taking a snapshot needs the role Project Backup Creator, changing or deleting " +
			"one Project Backup Manager, reading Project Read Only (or a role that includes them)."
	case http.StatusTooManyRequests:
		if e.RetryAfter > 0 {
			return fmt.Sprintf("Atlas asks to wait %s: the rate limit is used up, perhaps by other tools of the project. Try again then.", e.RetryAfter)
		}
		return "The rate limit of the project is used up, perhaps by other tools. Try again in a few minutes."
	}
	if e.StatusCode >= http.StatusInternalServerError {
		return "Atlas or something before it failed. Try again; status.mongodb.com tells of incidents."
	}
	return ""
}
