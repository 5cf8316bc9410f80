package diagnostics

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

const noCloudBackup = "The cluster has no Cloud Backup. Turn it on (backup_enabled = true in mongodbatlas_advanced_cluster), then apply again."

// remedies are what a user can do, for every noun, by Atlas's error code.
var remedies = map[string]string{
	atlas.CodeClusterNotFound: "Check cluster_name (it is case sensitive) and that the cluster is in this project.",
	atlas.CodeGroupNotFound: "Check project_id, and that the API key or service account is invited to that project. " +
		"If the project has been deleted, remove its resources from the state with terraform state rm.",
	atlas.CodeBackupConfigNotFound: noCloudBackup,
	atlas.CodeBackupJobNotFound:    noCloudBackup,
	atlas.CodeResourcePolicy: "A resource policy of the Atlas organization forbids the request, whatever the role. Ask an Organization Owner " +
		"for the policy, and change the configuration to comply with it, or have the policy changed.",
	atlas.CodeNotOnAccessList: "Add the address of this machine (of the HCP Terraform agent, of the CI runner) to the access list of the API key " +
		"or service account.",
	atlas.CodeRequiresAccessList: "Give the API key or service account an access list with the address of this machine.",
}

// The remedies for the state of a cluster.
const (
	clusterPaused = "The cluster is paused. Resume it (paused = false in mongodbatlas_advanced_cluster), wait until its state is IDLE, then " +
		"apply again."
	clusterUpdating = "Atlas is changing the cluster. Wait until its state is IDLE, then apply again. If the same configuration changes the cluster, " +
		"add depends_on, so that the resource waits for that change."
	clusterDeleting = "Atlas is deleting the cluster, and its snapshots with it unless they are retained. Remove the resource from the configuration; " +
		"terraform state rm makes Terraform forget it without a request."
)

var (
	beingDeleted = regexp.MustCompile(`(?i)\b(being|to be|for) (deleted|terminated|deletion)\b`)
	beingUpdated = regexp.MustCompile(`(?i)\bbeing (updated|modified|changed|created|repaired|upgraded|paused|resumed|restored)\b`)
)

// CheckID returns the remedy for an ID that Atlas does not find. argument is the argument with the ID of a noun.
func CheckID(argument, noun string) string {
	return fmt.Sprintf("Check %s: the %s may have expired or been deleted, or be of another cluster.", argument, noun)
}

// cause returns what an error means for the noun. Every code about a paused cluster means the same.
func (n Noun) cause(e *atlas.Error) Cause {
	if isPaused(e) {
		return n.Causes[atlas.CodePausedCluster]
	}
	return n.Causes[e.Code]
}

// remedyFor returns what a user can do about a refusal: the noun's own remedy, or else the general one.
func (f Failure) remedyFor(e *atlas.Error) string {
	remedy := f.Noun.cause(e).Remedy
	for _, general := range []func() string{
		func() string { return remedies[e.Code] },
		func() string { return clusterRemedy(e) },
		func() string { return f.statusRemedy(e) },
	} {
		if remedy == "" {
			remedy = general()
		}
	}
	if isSet(f.Noun.Cluster) {
		remedy = strings.ReplaceAll(remedy, "cluster_name", f.Noun.Cluster.String())
	}
	return remedy
}

func isPaused(e *atlas.Error) bool {
	return e.Code == atlas.CodePausedCluster || strings.HasPrefix(e.Code, atlas.PrefixPausedCluster)
}

// clusterRemedy returns the remedy for the state of the cluster, and "" if e is about something else.
func clusterRemedy(e *atlas.Error) string {
	switch {
	case isPaused(e):
		return clusterPaused
	case e.Code == atlas.CodeDeletionRequested, e.Code == atlas.CodeGeneral && beingDeleted.MatchString(e.Detail):
		return clusterDeleting
	case e.Code == atlas.CodeGeneral && beingUpdated.MatchString(e.Detail):
		return clusterUpdating
	}
	return ""
}

// statusRemedy returns the remedy for a refusal with only a known status.
func (f Failure) statusRemedy(e *atlas.Error) string {
	switch {
	case e.StatusCode == http.StatusUnauthorized && e.Credentials != "":
		return fmt.Sprintf("Atlas does not accept the credentials: %s. Check that they are the intended ones, are still valid, and belong to "+
			"the Atlas of base_url.", e.Credentials)
	case e.StatusCode == http.StatusUnauthorized:
		return "Atlas does not accept the credentials. Check that they are still valid, and belong to the Atlas of base_url."
	case e.StatusCode < http.StatusInternalServerError && isFromIntermediary(e):
		return "Check base_url, and whether a proxy or a firewall between this machine and Atlas has to let the request pass."
	case e.StatusCode == http.StatusForbidden:
		return strings.TrimSpace("The credentials are valid but not authorized for this request. " + f.Noun.Roles)
	case e.StatusCode == http.StatusTooManyRequests:
		if e.RetryAfter > 0 {
			return fmt.Sprintf("The rate limit of the project is used up, perhaps by other tools. Try again in %s, as Atlas asks.", e.RetryAfter)
		}
		return "The rate limit of the project is used up, perhaps by other tools. Try again in a few minutes."
	case e.StatusCode >= http.StatusInternalServerError:
		return "Atlas, or a server between this machine and Atlas, failed. Try again later; status.mongodb.com reports incidents."
	}
	return ""
}

// remedyForCredentials says which credentials got no access token, unless that is temporary.
func remedyForCredentials(e *atlas.CredentialsError) string {
	var token *atlas.TokenError
	if e.Credentials == "" || !errors.As(e.Err, &token) || token.Temporary {
		return ""
	}
	return "The provider uses " + e.Credentials + "."
}

// isFromIntermediary reports whether a server other than Atlas answered. A refusal without a body may be Atlas's own: some of its
// 401, 403 and 405 are. A redirect never is.
func isFromIntermediary(e *atlas.Error) bool {
	return !e.FromAtlas && (e.BodySnippet != "" || e.StatusCode < http.StatusBadRequest)
}
