package diagnostics

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

// remedies says what a user can do, by Atlas's error code.
var remedies = map[string]string{
	atlas.CodeFlexInClusterAPI: "Flex clusters have no on-demand snapshots: Atlas takes one a day by itself and keeps the last eight. " +
		"Read them with the data source atlasbackup_flex_snapshots, or move to a dedicated cluster (M10 or larger).",
	atlas.CodeNonFlexInFlexAPI:       "This is no Flex cluster. Read its snapshots with the data source atlasbackup_snapshots.",
	atlas.CodeServerlessInClusterAPI: "This is a serverless instance. Read its snapshots with the data source atlasbackup_serverless_snapshots.",
	atlas.CodeClusterInServerlessAPI: "This is a cluster. Read its snapshots with the data source atlasbackup_snapshots.",
	atlas.CodeSnapshotNotFound:       "Check snapshot_id: the snapshot may have expired or been deleted, or be of another cluster.",
	atlas.CodeClusterNotFound:        "Check cluster_name (it is case sensitive) and that the cluster is in this project.",
	atlas.CodeGroupNotFound: "Check project_id, and that the API key or service account is invited to that project. " +
		"If the project has been deleted, terraform state rm makes Terraform forget its snapshots.",
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
	atlas.CodeDeleteFromClusterSnapshot: "This is one shard's part of a sharded cluster's snapshot, which Atlas deletes only as a whole. " +
		"Run terraform state rm on this resource and import the cluster's snapshot in its place: the data source atlasbackup_snapshots " +
		"lists it, with this ID in its snapshot_ids.",
	atlas.CodeModifyClusterSnapshot: "Atlas does not change the retention of a sharded cluster's snapshot, or of one shard's part of it. " + keepLonger,
	atlas.CodeModifySnapshot:        "Atlas does not change the retention of this snapshot. " + keepLonger,
	atlas.CodeResourcePolicy: "A resource policy of the Atlas organization forbids the request, whatever the role. Ask an Organization Owner " +
		"for the policy, and change the configuration to comply with it, or have the policy changed.",
	atlas.CodeNotOnAccessList: "Add the address of this machine (of the HCP Terraform agent, of the CI runner) to the access list of the API key " +
		"or service account.",
	atlas.CodeRequiresAccessList: "Give the API key or service account an access list with the address of this machine.",
	atlas.CodeModifyInProgress:   "The retention can be changed once Atlas has completed the snapshot. Apply again then.",
	atlas.CodeDeleteInProgress:   "The snapshot can be deleted once Atlas has completed it. Destroy again then.",
}

const keepLonger = "Put retention_in_days back. To keep the data longer, change triggers, so that a new snapshot is taken with the longer retention."

// named is a remedy that calls the cluster's argument by its name.
func named(remedy string, arguments Arguments) string {
	if arguments.Cluster.Equal(path.Empty()) {
		return remedy
	}
	return strings.ReplaceAll(remedy, "cluster_name", arguments.Cluster.String())
}

func remedyFor(e *atlas.Error) string {
	if remedy, ok := remedies[e.Code]; ok {
		return remedy
	}
	if remedy := clusterRemedy(e); remedy != "" {
		return remedy
	}
	switch {
	case e.StatusCode == http.StatusUnauthorized && e.Credentials != "":
		return fmt.Sprintf("Atlas does not accept the credentials: %s. Check that they are the ones that you mean, are still valid, and belong to "+
			"the Atlas of base_url.", e.Credentials)
	case e.StatusCode == http.StatusUnauthorized:
		return "Atlas does not accept the credentials. Check that they are still valid, and belong to the Atlas of base_url."
	case e.StatusCode < http.StatusInternalServerError && foreign(e):
		return "Check base_url, and whether a proxy or a firewall between this machine and Atlas has to let the request pass."
	case e.StatusCode == http.StatusForbidden:
		return "The credentials are good but may not do this. Taking a snapshot needs the role Project Backup Creator, changing or deleting " +
			"one Project Backup Manager, reading Project Read Only (or a role that includes them)."
	case e.StatusCode == http.StatusTooManyRequests:
		if e.RetryAfter > 0 {
			return fmt.Sprintf("Atlas asks to wait %s: the rate limit is used up, perhaps by other tools of the project. Try again then.", e.RetryAfter)
		}
		return "The rate limit of the project is used up, perhaps by other tools. Try again in a few minutes."
	case e.StatusCode >= http.StatusInternalServerError:
		return "Atlas or something before it failed. Try again; status.mongodb.com tells of incidents."
	}
	return ""
}

// remedyForCredentials says which credentials got no access token, unless that will pass by itself.
func remedyForCredentials(e *atlas.CredentialsError) string {
	var token *atlas.TokenError
	if e.Credentials == "" || !errors.As(e.Err, &token) || token.Temporary {
		return ""
	}
	return "The provider uses " + e.Credentials + "."
}

// foreign says that something in between answered. A refusal without a body may be Atlas's own: some of its 401, 403 and 405
// are. A redirect never is.
func foreign(e *atlas.Error) bool {
	return !e.FromAtlas && (e.Excerpt != "" || e.StatusCode < http.StatusBadRequest)
}
