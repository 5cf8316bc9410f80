package diagnostics_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

var operation = diagnostics.Operation{
	Summary: "Unable to create snapshot",
	About:   `cluster "Cluster0" of project b0123456789abcdef012345b`,
	Arguments: diagnostics.Arguments{
		Project: path.Root("project_id"), Cluster: path.Root("cluster_name"), Snapshot: path.Root("snapshot_id"), Retention: path.Root("retention_in_days"),
	},
}

const request = "POST /api/atlas/v2/groups/b0123456789abcdef012345b/clusters/Cluster0/backup/snapshots"

// refusal is an answer with the code of an Atlas error.
func refusal(status int, code, detail string) error {
	return fmt.Errorf("wrapped: %w", &atlas.Error{StatusCode: status, Code: code, Detail: detail, Reason: "Reason", Request: request, FromAtlas: true})
}

// said is the detail of a refusal by Atlas, without a remedy.
func said(detail, code, status string) string {
	return "Atlas refused the request about cluster \"Cluster0\" of project b0123456789abcdef012345b: " + detail + ".\n\n" +
		"Error code: " + code + "\nStatus: " + status + "\nRequest: " + request
}

func at(d diag.Diagnostic) string {
	if located, ok := d.(diag.DiagnosticWithPath); ok {
		return located.Path().String()
	}
	return ""
}

func expectError(t *testing.T, d diag.Diagnostic, blamed, detail string) {
	t.Helper()
	if d.Severity() != diag.SeverityError || d.Summary() != "Unable to create snapshot" || at(d) != blamed {
		t.Errorf("%s %q at %q, want an error at %q", d.Severity(), d.Summary(), at(d), blamed)
	}
	if diff := cmp.Diff(detail, d.Detail()); diff != "" {
		t.Errorf("detail (-want +got):\n%s", diff)
	}
	if strings.Contains(d.Detail(), "..") || strings.Contains(d.Detail(), ". .") {
		t.Errorf("two full stops in:\n%s", d.Detail())
	}
}

func TestFromError_codes(t *testing.T) {
	for _, tt := range []struct {
		status               int
		code, detail         string
		blamed, text, remedy string
	}{
		{
			400, atlas.CodeFlexInClusterAPI, "Flex cluster Cluster0 cannot be used in the Cluster API.", "cluster_name", "400 Bad Request",
			"Flex clusters have no on-demand snapshots: Atlas takes one a day by itself and keeps the last eight. Read them with the data source " +
				"atlasbackup_flex_snapshots, or move to a dedicated cluster (M10 or larger).",
		},
		{
			400, atlas.CodeNonFlexInFlexAPI, "Cannot use non-flex cluster Cluster0 in the flex API.", "cluster_name", "400 Bad Request",
			"This is no Flex cluster. Read its snapshots with the data source atlasbackup_snapshots.",
		},
		{
			400, atlas.CodeServerlessInClusterAPI, "Serverless.", "cluster_name", "400 Bad Request",
			"This is a serverless instance. Read its snapshots with the data source atlasbackup_serverless_snapshots.",
		},
		{
			400, atlas.CodeClusterInServerlessAPI, "Cluster.", "cluster_name", "400 Bad Request",
			"This is a cluster. Read its snapshots with the data source atlasbackup_snapshots.",
		},
		{
			404, atlas.CodeClusterNotFound, "No cluster named Cluster0 exists in group b0123456789abcdef012345b.", "cluster_name", "404 Not Found",
			"Check cluster_name (it is case sensitive) and that the cluster is in this project.",
		},
		{
			404, atlas.CodeGroupNotFound, "No group with ID b0123456789abcdef012345b exists.", "project_id", "404 Not Found",
			"Check project_id, and that the API key or service account is invited to that project. " +
				"If the project has been deleted, terraform state rm makes Terraform forget its snapshots.",
		},
		{
			404, atlas.CodeSnapshotNotFound, "No snapshot with ID x exists for cluster Cluster0.", "snapshot_id", "404 Not Found",
			"Check snapshot_id: the snapshot may have expired or been deleted, or be of another cluster.",
		},
		{
			404, atlas.CodeBackupConfigNotFound, "No backup configuration exists for cluster x in group y.", "cluster_name", "404 Not Found",
			"The cluster has no Cloud Backup. Turn it on (backup_enabled = true in mongodbatlas_advanced_cluster), then apply again.",
		},
		{
			400, atlas.CodeBackupJobNotFound, "Backups are not enabled for this cluster.", "cluster_name", "400 Bad Request",
			"The cluster has no Cloud Backup. Turn it on (backup_enabled = true in mongodbatlas_advanced_cluster), then apply again.",
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
			"A Backup Compliance Policy lets nobody shorten the retention of a snapshot. Put retention_in_days back.",
		},
		{
			400, atlas.CodeTooShortForCompliance, "You can't create a snapshot.", "retention_in_days", "400 Bad Request",
			"The project's Backup Compliance Policy asks for a longer retention. Raise retention_in_days.",
		},
		{400, atlas.CodeRetentionInvalid, "Retention value of snapshot is invalid.", "retention_in_days", "400 Bad Request", ""},
		{400, atlas.CodeNegativeOrZero, "The attribute retentionInDays cannot be negative or zero.", "retention_in_days", "400 Bad Request", ""},
		{
			403, atlas.CodeNotOnAccessList, "IP address 192.0.2.1 is not allowed to access this resource.", "", "403 Forbidden",
			"Add the address of this machine (of the HCP Terraform agent, of the CI runner) to the access list of the API key or service account.",
		},
		{
			403, atlas.CodeRequiresAccessList, "This resource requires access through an access list of ip ranges.", "", "403 Forbidden",
			"Give the API key or service account an access list with the address of this machine.",
		},
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
			"Atlas does not change the retention of a sharded cluster's snapshot, or of one shard's part of it. " + keepLonger,
		},
		{
			403, atlas.CodeModifySnapshot, "The snapshot x cannot be modified.", "retention_in_days", "403 Forbidden",
			"Atlas does not change the retention of this snapshot. " + keepLonger,
		},
		{
			403, atlas.CodeResourcePolicy, "The request violates a resource policy of the organization.", "", "403 Forbidden",
			"A resource policy of the Atlas organization forbids the request, whatever the role. Ask an Organization Owner for the policy, and change " +
				"the configuration to comply with it, or have the policy changed.",
		},
		{400, atlas.CodeProviderNotSupported, "Provider snapshot backups are not supported for this type of provider.", "cluster_name", "400 Bad Request", noBackup},
		{400, atlas.CodeIncorrectEndpoint, "The backup API endpoint is incorrect.", "cluster_name", "400 Bad Request", noBackup},
		{409, atlas.CodePausedCluster, "Cannot update cluster Cluster0 while it is paused or being paused.", "cluster_name", "409 Conflict", paused},
		{400, "CLUSTER_PAUSED_CANNOT_RESTORE", "Cluster is paused.", "cluster_name", "400 Bad Request", paused},
		{400, atlas.CodeDeletionRequested, "The cluster Cluster0 has already been requested for deletion.", "cluster_name", "400 Bad Request", deleting},
		{404, "INVALID_GROUP_ID", "An invalid group ID x was specified.", "project_id", "404 Not Found", ""},
		{404, "INVALID_SNAPSHOT_ID", "An invalid snapshot ID x was specified.", "snapshot_id", "404 Not Found", ""},
		{
			401, "USER_UNAUTHORIZED", "You are not authorized for this resource.", "", "401 Unauthorized",
			"Atlas does not accept the credentials. Check that they are still valid, and belong to the Atlas of base_url.",
		},
		{
			403, "USER_CANNOT_ACCESS_GROUP", "No access.", "", "403 Forbidden",
			"The credentials are good but may not do this. Taking a snapshot needs the role Project Backup Creator, changing or deleting one Project " +
				"Backup Manager, reading Project Read Only (or a role that includes them).",
		},
		{
			429, "RATE_LIMITED", "Limited.", "", "429 Too Many Requests",
			"The rate limit of the project is used up, perhaps by other tools. Try again in a few minutes.",
		},
		{
			500, "UNEXPECTED_ERROR", "Unexpected error.", "", "500 Internal Server Error",
			"Atlas or something before it failed. Try again; status.mongodb.com tells of incidents.",
		},
		{409, "NEVER_HEARD_OF", "Conflict...", "", "409 Conflict", ""},
	} {
		t.Run(tt.code, func(t *testing.T) {
			text := said(strings.TrimRight(tt.detail, "."), tt.code, tt.text)
			if tt.remedy != "" {
				text += "\n\n" + tt.remedy
			}
			expectError(t, diagnostics.FromError(operation, refusal(tt.status, tt.code, tt.detail)), tt.blamed, text)
		})
	}
}

const (
	keepLonger = "Put retention_in_days back. To keep the data longer, change triggers, so that a new snapshot is taken with the longer retention."
	noBackup   = "This cluster has no on-demand snapshots: a free cluster (M0) has no snapshots at all, and those of a Flex cluster are read with the " +
		"data source atlasbackup_flex_snapshots. Set cluster_name to a dedicated cluster (M10 or larger), or upgrade this one."
	paused = "The cluster is paused. Atlas takes no snapshots of it until it is resumed; those that exist remain until they expire. Resume it " +
		"(paused = false in mongodbatlas_advanced_cluster), wait until its state is IDLE, then apply again."
	updating = "Atlas is changing the cluster. Wait until its state is IDLE, then apply again. If the same configuration changes the cluster, " +
		"add depends_on, so that the one waits for the other."
	deleting = "Atlas is deleting the cluster, and its snapshots with it unless they are retained. Remove the resource from the configuration; " +
		"terraform state rm makes Terraform forget a snapshot without a request."
)

// What has no code of its own says in its text what the cluster is busy with.
func TestFromError_generalErrors(t *testing.T) {
	for detail, remedy := range map[string]string{
		"Reason: This cluster is currently being deleted, cannot update.": deleting,
		"Reason: The cluster is scheduled to be deleted.":                 deleting,
		"Reason: This cluster is currently being updated.":                updating,
		"Reason: This cluster is currently being created, cannot update.": updating,
		"Reason: Something else.":                                         "",
	} {
		blamed := "cluster_name"
		text := said(strings.TrimRight(detail, "."), atlas.CodeGeneral, "400 Bad Request")
		if text += "\n\n" + remedy; remedy == "" {
			blamed, text = "", strings.TrimRight(text, "\n")
		}
		expectError(t, diagnostics.FromError(operation, refusal(400, atlas.CodeGeneral, detail)), blamed, text)
	}
}

// Where the operation knows no argument, nothing is blamed.
func TestFromError_nothingToBlame(t *testing.T) {
	op := operation
	op.Arguments = diagnostics.Arguments{}
	for _, code := range []string{atlas.CodeClusterNotFound, atlas.CodeGroupNotFound, atlas.CodeSnapshotNotFound, atlas.CodeRetentionInvalid} {
		if d := diagnostics.FromError(op, refusal(404, code, "")); at(d) != "" {
			t.Errorf("%s is at %q", code, at(d))
		}
	}
}

// A remedy calls the arguments by the names that they have where the error came from.
func TestFromError_remedyNamesTheArgument(t *testing.T) {
	op := operation
	op.Arguments.Cluster = path.Root("instance_name")
	d := diagnostics.FromError(op, refusal(404, atlas.CodeClusterNotFound, "x"))
	if at(d) != "instance_name" || !strings.Contains(d.Detail(), "Check instance_name (it is case sensitive)") {
		t.Errorf("at %q: %s", at(d), d.Detail())
	}
}

func TestFromError_answers(t *testing.T) {
	const about = "cluster \"Cluster0\" of project b0123456789abcdef012345b"
	const foreign = "What answered at base_url (its answer is not of Atlas's form) refused the request about " + about
	const proxy = "Check base_url, and whether a proxy or a firewall between this machine and Atlas has to let the request pass."
	const failed = "Atlas or something before it failed. Try again; status.mongodb.com tells of incidents."
	for name, tt := range map[string]struct {
		err  error
		want string
	}{
		"reason in place of a detail": {
			&atlas.Error{StatusCode: 409, Code: "X", Reason: "Conflict", Request: request, FromAtlas: true},
			"Atlas refused the request about " + about + ": Conflict.\n\nError code: X\nStatus: 409 Conflict\nRequest: " + request,
		},
		"fields": {
			&atlas.Error{
				StatusCode: 400, Detail: "Validation errors.", Request: request, FromAtlas: true,
				Fields: []atlas.FieldError{{Description: "must be more", Field: "a"}, {Description: "must be less", Field: "b"}},
			},
			"Atlas refused the request about " + about + ": Validation errors.\n\nStatus: 400 Bad Request\nRequest: " + request +
				"\nField a: must be more\nField b: must be less",
		},
		"limit with a pause": {
			&atlas.Error{StatusCode: 429, Request: request, RetryAfter: 90 * time.Second},
			"Atlas refused the request about " + about + ".\n\nStatus: 429 Too Many Requests\nRequest: " + request +
				"\n\nAtlas asks to wait 1m30s: the rate limit is used up, perhaps by other tools of the project. Try again then.",
		},
		// Atlas's own 401 and 403 may come without a body.
		"403 without a body": {
			&atlas.Error{StatusCode: 403, Request: request},
			"Atlas refused the request about " + about + ".\n\nStatus: 403 Forbidden\nRequest: " + request +
				"\n\nThe credentials are good but may not do this. Taking a snapshot needs the role Project Backup Creator, changing or deleting one " +
				"Project Backup Manager, reading Project Read Only (or a role that includes them).",
		},
		// A firewall's page says nothing of roles.
		"403 page": {
			&atlas.Error{StatusCode: 403, Request: request, Excerpt: "<h1>Blocked</h1>"},
			foreign + ".\n\nStatus: 403 Forbidden\nRequest: " + request + "\nAnswer: <h1>Blocked</h1>\n\n" + proxy,
		},
		"404 page": {
			&atlas.Error{StatusCode: 404, Request: request, Excerpt: "<h1>Nothing here</h1>"},
			foreign + ".\n\nStatus: 404 Not Found\nRequest: " + request + "\nAnswer: <h1>Nothing here</h1>\n\n" + proxy,
		},
		"407": {
			&atlas.Error{StatusCode: 407, Request: request, Excerpt: "<h1>Proxy</h1>"},
			foreign + ".\n\nStatus: 407 Proxy Authentication Required\nRequest: " + request + "\nAnswer: <h1>Proxy</h1>\n\n" + proxy,
		},
		"502 page": {
			&atlas.Error{StatusCode: 502, Request: request, Excerpt: "<h1>Bad</h1>"},
			foreign + ".\n\nStatus: 502 Bad Gateway\nRequest: " + request + "\nAnswer: <h1>Bad</h1>\n\n" + failed,
		},
		"redirect": {
			&atlas.Error{StatusCode: 302, Request: request, Detail: "The answer is a redirect to login.example.com, and redirects are not followed."},
			foreign + ": The answer is a redirect to login.example.com, and redirects are not followed.\n\nStatus: 302 Found\nRequest: " + request + "\n\n" + proxy,
		},
		"answer that cannot be read": {
			&atlas.AnswerError{Request: request, StatusCode: 200, Excerpt: "<html>", Err: errors.New("the answer is no JSON.")},
			"Atlas's answer about " + about + " cannot be used: the answer is no JSON.\n\nRequest: " + request +
				"\nIt begins with: <html>\n\nCheck base_url and any proxy between this machine and Atlas, then try again.",
		},
		"empty answer": {
			&atlas.AnswerError{Request: request, StatusCode: 200, Err: errors.New("unexpected end of JSON input")},
			"Atlas's answer about " + about + " cannot be used: unexpected end of JSON input.\n\nRequest: " + request +
				"\n\nCheck base_url and any proxy between this machine and Atlas, then try again.",
		},
		"no answer": {
			&atlas.ConnectionError{Request: request, Err: errors.New("dial tcp: lookup cloud.mongodb.com.: no such host.")},
			"Atlas gave no answer about " + about + ": dial tcp: lookup cloud.mongodb.com.: no such host.\n\nRequest: " + request +
				"\n\nCheck that this machine can reach Atlas (base_url, proxy, firewall), then try again.",
		},
		"credentials not known": {
			&atlas.CredentialsError{Request: request, Err: fmt.Errorf("%w: client_id depends on something that is applied first", atlas.ErrCredentialsUnknown)},
			"The request about " + about + " was not sent: the provider's credentials are not known yet: client_id depends on something that is " +
				"applied first.\n\nRequest: " + request,
		},
		"no token": {
			&atlas.CredentialsError{Request: request, Err: &atlas.TokenError{Reason: "Atlas refused the service account (HTTP 401)"}},
			"The request about " + about + " was not sent: Atlas refused the service account (HTTP 401).\n\nRequest: " + request,
		},
		"no token for a known account": {
			&atlas.CredentialsError{
				Request: request, Err: &atlas.TokenError{Reason: "Atlas refused the service account (HTTP 401)"}, Credentials: "a service account (client_id from X)",
			},
			"The request about " + about + " was not sent: Atlas refused the service account (HTTP 401).\n\nRequest: " + request +
				"\n\nThe provider uses a service account (client_id from X).",
		},
		"no token for now": {
			&atlas.CredentialsError{Request: request, Err: &atlas.TokenError{Reason: "Atlas limits tokens", Temporary: true}, Credentials: "a service account"},
			"The request about " + about + " was not sent: Atlas limits tokens.\n\nRequest: " + request,
		},
		"challenge": {
			&atlas.CredentialsError{Request: request, Err: &atlas.ChallengeError{Reason: "has no nonce"}},
			"The request about " + about + " was not sent: the digest challenge of the server has no nonce.\n\nRequest: " + request,
		},
		"out of time": {
			fmt.Errorf("GET /x: %w", wait.ErrTimeout), "The time allowed was up before Atlas was done with " + about + ".",
		},
		"interrupted": {
			fmt.Errorf("GET /x: %w", context.Canceled), "The run was interrupted while it dealt with " + about + ".",
		},
		"anything else": {errors.New("something broke."), "It concerns " + about + ": something broke."},
	} {
		t.Run(name, func(t *testing.T) {
			expectError(t, diagnostics.FromError(operation, tt.err), "", tt.want)
		})
	}
}

// A refusal says which credentials were refused, where the client knows.
func TestFromError_namesCredentials(t *testing.T) {
	err := &atlas.Error{
		StatusCode: 401, Code: "X", Detail: "You are not authorized for this resource.", Request: request, FromAtlas: true,
		Credentials: "an API key (public_key from X, private_key from the provider block)",
	}
	expectError(t, diagnostics.FromError(operation, err), "", said("You are not authorized for this resource", "X", "401 Unauthorized")+
		"\n\nAtlas does not accept the credentials: an API key (public_key from X, private_key from the provider block). "+
		"Check that they are the ones that you mean, are still valid, and belong to the Atlas of base_url.")
}

// What the caller knows to do comes after what is known of the error.
func TestFromError_remediesOfTheCaller(t *testing.T) {
	d := diagnostics.FromError(operation, refusal(500, "X", "Broken"), "No snapshot was taken.", "Apply again.")
	expectError(t, d, "", said("Broken", "X", "500 Internal Server Error")+
		"\n\nAtlas or something before it failed. Try again; status.mongodb.com tells of incidents.\nNo snapshot was taken.\nApply again.")
	d = diagnostics.FromError(operation, errors.New("x"), "Apply again.")
	expectError(t, d, "", "It concerns cluster \"Cluster0\" of project b0123456789abcdef012345b: x.\n\nApply again.")
}

func TestWarning(t *testing.T) {
	located := diagnostics.FromError(operation, refusal(404, atlas.CodeGroupNotFound, "x"))
	for name, d := range map[string]diag.Diagnostic{"with a path": located, "without": diagnostics.FromError(operation, errors.New("x"))} {
		w := diagnostics.Warning(d)
		if w.Severity() != diag.SeverityWarning || w.Summary() != d.Summary() || w.Detail() != d.Detail() || at(w) != at(d) {
			t.Errorf("%s: %s at %q: %s: %s", name, w.Severity(), at(w), w.Summary(), w.Detail())
		}
	}
}
