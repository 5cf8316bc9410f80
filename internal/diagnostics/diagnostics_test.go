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

var failure = diagnostics.Failure{
	Summary: "Unable to create snapshot",
	About:   `cluster "Cluster0" of project b0123456789abcdef012345b`,
	Object:  path.Root("restore_job_id"),
	Noun: diagnostics.Noun{
		Name: "restore job", Project: path.Root("project_id"), Cluster: path.Root("cluster_name"), Roles: "Restoring needs the role Owner.",
		Causes: map[string]diagnostics.Cause{
			atlas.CodeFlexInClusterAPI:  {Remedy: "Set cluster_name to something else."},
			"BAD_DAYS":                  {Argument: path.Root("days"), Remedy: "Set days."},
			"BAD_DAYS_TOO":              {Argument: path.Root("days")},
			atlas.CodeBackupJobNotFound: {Remedy: "This goes before what is known for every noun."},
		},
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
			404, atlas.CodeClusterNotFound, "No cluster named Cluster0 exists in group b0123456789abcdef012345b.", "cluster_name", "404 Not Found",
			"Check cluster_name (it is case sensitive) and that the cluster is in this project.",
		},
		{
			404, atlas.CodeGroupNotFound, "No group with ID b0123456789abcdef012345b exists.", "project_id", "404 Not Found",
			"Check project_id, and that the API key or service account is invited to that project. " +
				"If the project has been deleted, remove its resources from the state with terraform state rm.",
		},
		{
			404, atlas.CodeBackupConfigNotFound, "No backup configuration exists for cluster x in group y.", "cluster_name", "404 Not Found",
			"The cluster has no Cloud Backup. Turn it on (backup_enabled = true in mongodbatlas_advanced_cluster), then apply again.",
		},
		{
			403, atlas.CodeNotOnAccessList, "IP address 192.0.2.1 is not allowed to access this resource.", "", "403 Forbidden",
			"Add the address of this machine (of the HCP Terraform agent, of the CI runner) to the access list of the API key or service account.",
		},
		{
			403, atlas.CodeRequiresAccessList, "This resource requires access through an access list of ip ranges.", "", "403 Forbidden",
			"Give the API key or service account an access list with the address of this machine.",
		},
		{
			403, atlas.CodeResourcePolicy, "The request violates a resource policy of the organization.", "", "403 Forbidden",
			"A resource policy of the Atlas organization forbids the request, whatever the role. Ask an Organization Owner for the policy, and change " +
				"the configuration to comply with it, or have the policy changed.",
		},
		{400, atlas.CodeDeletionRequested, "The cluster Cluster0 has already been requested for deletion.", "cluster_name", "400 Bad Request", deleting},
		{404, "INVALID_GROUP_ID", "An invalid group ID x was specified.", "project_id", "404 Not Found", ""},
		{
			401, "USER_UNAUTHORIZED", "You are not authorized for this resource.", "", "401 Unauthorized",
			"Atlas does not accept the credentials. Check that they are still valid, and belong to the Atlas of base_url.",
		},
		{
			403, "USER_CANNOT_ACCESS_GROUP", "No access.", "", "403 Forbidden",
			"The credentials are valid but not authorized for this request. Restoring needs the role Owner.",
		},
		{
			429, "RATE_LIMITED", "Limited.", "", "429 Too Many Requests",
			"The rate limit of the project is used up, perhaps by other tools. Try again in a few minutes.",
		},
		{
			500, "UNEXPECTED_ERROR", "Unexpected error.", "", "500 Internal Server Error",
			"Atlas, or a server between this machine and Atlas, failed. Try again later; status.mongodb.com reports incidents.",
		},
		{409, "NEVER_HEARD_OF", "Conflict...", "", "409 Conflict", ""},
		{400, atlas.CodeFlexInClusterAPI, "Flex.", "cluster_name", "400 Bad Request", "Set cluster_name to something else."},
		{400, atlas.CodeNonFlexInFlexAPI, "Not Flex.", "cluster_name", "400 Bad Request", ""},
		{400, atlas.CodeServerlessInClusterAPI, "Serverless.", "cluster_name", "400 Bad Request", ""},
		{400, atlas.CodeClusterInServerlessAPI, "Cluster.", "cluster_name", "400 Bad Request", ""},
		{400, atlas.CodeProviderNotSupported, "No backups.", "cluster_name", "400 Bad Request", ""},
		{400, atlas.CodeIncorrectEndpoint, "No backups here.", "cluster_name", "400 Bad Request", ""},
		{400, "BAD_DAYS", "Bad days.", "days", "400 Bad Request", "Set days."},
		{400, "BAD_DAYS_TOO", "Bad days.", "days", "400 Bad Request", ""},
		{400, atlas.CodeBackupJobNotFound, "No backups.", "cluster_name", "400 Bad Request", "This goes before what is known for every noun."},
		{404, "RESTORE_JOB_NOT_FOUND", "No such job.", "restore_job_id", "404 Not Found", ""},
		{409, atlas.CodePausedCluster, "Cannot update cluster Cluster0 while it is paused or being paused.", "cluster_name", "409 Conflict", paused},
		{400, "CLUSTER_PAUSED_CANNOT_RESTORE", "Cluster is paused.", "cluster_name", "400 Bad Request", paused},
	} {
		t.Run(tt.code, func(t *testing.T) {
			text := said(strings.TrimRight(tt.detail, "."), tt.code, tt.text)
			if tt.remedy != "" {
				text += "\n\n" + tt.remedy
			}
			expectError(t, diagnostics.FromError(failure, refusal(tt.status, tt.code, tt.detail)), tt.blamed, text)
		})
	}
}

const (
	paused   = "The cluster is paused. Resume it (paused = false in mongodbatlas_advanced_cluster), wait until its state is IDLE, then apply again."
	updating = "Atlas is changing the cluster. Wait until its state is IDLE, then apply again. If the same configuration changes the cluster, " +
		"add depends_on, so that the resource waits for that change."
	deleting = "Atlas is deleting the cluster, and its snapshots with it unless they are retained. Remove the resource from the configuration; " +
		"terraform state rm makes Terraform forget it without a request."
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
		expectError(t, diagnostics.FromError(failure, refusal(400, atlas.CodeGeneral, detail)), blamed, text)
	}
}

// Where no argument is known the error is at none.
func TestFromError_noArguments(t *testing.T) {
	f := failure
	f.Object, f.Noun = path.Empty(), diagnostics.Noun{}
	for _, code := range []string{atlas.CodeClusterNotFound, atlas.CodeGroupNotFound, atlas.CodeSnapshotNotFound, atlas.CodeRetentionInvalid} {
		if d := diagnostics.FromError(f, refusal(404, code, "")); at(d) != "" {
			t.Errorf("%s is at %q", code, at(d))
		}
	}
}

// A remedy calls the arguments by the names that they have where the error came from.
func TestFromError_remedyNamesTheArgument(t *testing.T) {
	f := failure
	f.Noun.Cluster = path.Root("instance_name")
	d := diagnostics.FromError(f, refusal(404, atlas.CodeClusterNotFound, "x"))
	if at(d) != "instance_name" || !strings.Contains(d.Detail(), "Check instance_name (it is case sensitive)") {
		t.Errorf("at %q: %s", at(d), d.Detail())
	}
}

func TestFromError_answers(t *testing.T) {
	const about = "cluster \"Cluster0\" of project b0123456789abcdef012345b"
	const foreign = "A server other than Atlas rejected the request about " + about
	const proxy = "Check base_url, and whether a proxy or a firewall between this machine and Atlas has to let the request pass."
	const failed = "Atlas, or a server between this machine and Atlas, failed. Try again later; status.mongodb.com reports incidents."
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
				"\n\nThe rate limit of the project is used up, perhaps by other tools. Try again in 1m30s, as Atlas asks.",
		},
		// Atlas's own 401 and 403 may come without a body.
		"403 without a body": {
			&atlas.Error{StatusCode: 403, Request: request},
			"Atlas refused the request about " + about + ".\n\nStatus: 403 Forbidden\nRequest: " + request +
				"\n\nThe credentials are valid but not authorized for this request. Restoring needs the role Owner.",
		},
		// A firewall's page says nothing of roles.
		"403 page": {
			&atlas.Error{StatusCode: 403, Request: request, BodySnippet: "<h1>Blocked</h1>"},
			foreign + ".\n\nStatus: 403 Forbidden\nRequest: " + request + "\nAnswer: <h1>Blocked</h1>\n\n" + proxy,
		},
		"404 page": {
			&atlas.Error{StatusCode: 404, Request: request, BodySnippet: "<h1>Nothing here</h1>"},
			foreign + ".\n\nStatus: 404 Not Found\nRequest: " + request + "\nAnswer: <h1>Nothing here</h1>\n\n" + proxy,
		},
		"407": {
			&atlas.Error{StatusCode: 407, Request: request, BodySnippet: "<h1>Proxy</h1>"},
			foreign + ".\n\nStatus: 407 Proxy Authentication Required\nRequest: " + request + "\nAnswer: <h1>Proxy</h1>\n\n" + proxy,
		},
		"502 page": {
			&atlas.Error{StatusCode: 502, Request: request, BodySnippet: "<h1>Bad</h1>"},
			foreign + ".\n\nStatus: 502 Bad Gateway\nRequest: " + request + "\nAnswer: <h1>Bad</h1>\n\n" + failed,
		},
		"redirect": {
			&atlas.Error{StatusCode: 302, Request: request, Detail: "The answer is a redirect to login.example.com, and redirects are not followed."},
			foreign + ": The answer is a redirect to login.example.com, and redirects are not followed.\n\nStatus: 302 Found\nRequest: " + request + "\n\n" + proxy,
		},
		"answer that cannot be read": {
			&atlas.AnswerError{Request: request, StatusCode: 200, BodySnippet: "<html>", Err: errors.New("the answer is no JSON.")},
			"Atlas sent an unusable answer to the request about " + about + ": the answer is no JSON.\n\nRequest: " + request +
				"\nAnswer: <html>\n\nCheck base_url and any proxy between this machine and Atlas, then try again.",
		},
		"empty answer": {
			&atlas.AnswerError{Request: request, StatusCode: 200, Err: errors.New("unexpected end of JSON input")},
			"Atlas sent an unusable answer to the request about " + about + ": unexpected end of JSON input.\n\nRequest: " + request +
				"\n\nCheck base_url and any proxy between this machine and Atlas, then try again.",
		},
		"no answer": {
			&atlas.ConnectionError{Request: request, Err: errors.New("dial tcp: lookup cloud.mongodb.com.: no such host.")},
			"Atlas did not answer the request about " + about + ": dial tcp: lookup cloud.mongodb.com.: no such host.\n\nRequest: " + request +
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
			fmt.Errorf("GET /x: %w", wait.ErrTimeout), "Timed out before Atlas completed the request about " + about + ".",
		},
		"interrupted": {
			fmt.Errorf("GET /x: %w", context.Canceled), "The run was interrupted during the request about " + about + ".",
		},
		"anything else": {errors.New("something broke."), "The operation on " + about + " failed: something broke."},
	} {
		t.Run(name, func(t *testing.T) {
			expectError(t, diagnostics.FromError(failure, tt.err), "", tt.want)
		})
	}
}

// A refusal says which credentials were refused, where the client knows.
func TestFromError_namesCredentials(t *testing.T) {
	err := &atlas.Error{
		StatusCode: 401, Code: "X", Detail: "You are not authorized for this resource.", Request: request, FromAtlas: true,
		Credentials: "an API key (public_key from X, private_key from the provider block)",
	}
	expectError(t, diagnostics.FromError(failure, err), "", said("You are not authorized for this resource", "X", "401 Unauthorized")+
		"\n\nAtlas does not accept the credentials: an API key (public_key from X, private_key from the provider block). "+
		"Check that they are the intended ones, are still valid, and belong to the Atlas of base_url.")
}

// What the caller knows to do comes after what is known of the error.
func TestFromError_remediesOfTheCaller(t *testing.T) {
	d := diagnostics.FromError(failure, refusal(500, "X", "Broken"), "No snapshot was taken.", "Apply again.")
	expectError(t, d, "", said("Broken", "X", "500 Internal Server Error")+
		"\n\nAtlas, or a server between this machine and Atlas, failed. Try again later; status.mongodb.com reports incidents.\nNo snapshot was taken.\nApply again.")
	d = diagnostics.FromError(failure, errors.New("x"), "Apply again.")
	expectError(t, d, "", "The operation on cluster \"Cluster0\" of project b0123456789abcdef012345b failed: x.\n\nApply again.")
}

func TestWarning(t *testing.T) {
	located := diagnostics.FromError(failure, refusal(404, atlas.CodeGroupNotFound, "x"))
	for name, d := range map[string]diag.Diagnostic{"with a path": located, "without": diagnostics.FromError(failure, errors.New("x"))} {
		w := diagnostics.Warning(d)
		if w.Severity() != diag.SeverityWarning || w.Summary() != d.Summary() || w.Detail() != d.Detail() || at(w) != at(d) {
			t.Errorf("%s: %s at %q: %s: %s", name, w.Severity(), at(w), w.Summary(), w.Detail())
		}
	}
}
