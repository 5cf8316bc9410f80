package diagnostics

import (
	"regexp"
	"strings"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

const (
	noBackup = "This cluster has no on-demand snapshots: a free cluster (M0) has no snapshots at all, and those of a Flex cluster are read with the " +
		"data source atlasbackup_flex_snapshots. Set cluster_name to a dedicated cluster (M10 or larger), or upgrade this one."
	clusterPaused = "The cluster is paused. Atlas takes no snapshots of it until it is resumed; those that exist remain until they expire. Resume it " +
		"(paused = false in mongodbatlas_advanced_cluster), wait until its state is IDLE, then apply again."
	clusterUpdating = "Atlas is changing the cluster. Wait until its state is IDLE, then apply again. If the same configuration changes the cluster, " +
		"add depends_on, so that the one waits for the other."
	clusterDeleting = "Atlas is deleting the cluster, and its snapshots with it unless they are retained. Remove the resource from the configuration; " +
		"terraform state rm makes Terraform forget a snapshot without a request."
)

var (
	beingDeleted = regexp.MustCompile(`(?i)\b(being|to be|for) (deleted|terminated|deletion)\b`)
	beingUpdated = regexp.MustCompile(`(?i)\bbeing (updated|modified|changed|created|repaired|upgraded|paused|resumed|restored)\b`)
)

// clusterRemedy is the remedy for a cluster that is not of the kind, or not in the state, for what was asked for; empty where
// e is about something else.
func clusterRemedy(e *atlas.Error) string {
	switch {
	case e.Code == atlas.CodeProviderNotSupported, e.Code == atlas.CodeIncorrectEndpoint:
		return noBackup
	case e.Code == atlas.CodePausedCluster, strings.HasPrefix(e.Code, atlas.PrefixPausedCluster):
		return clusterPaused
	case e.Code == atlas.CodeDeletionRequested:
		return clusterDeleting
	case e.Code != atlas.CodeGeneral:
		return ""
	case beingDeleted.MatchString(e.Detail):
		return clusterDeleting
	case beingUpdated.MatchString(e.Detail):
		return clusterUpdating
	}
	return ""
}
