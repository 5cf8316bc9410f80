package diagnostics_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
)

func reading(name string) diagnostics.Failure {
	return diagnostics.Failure{
		Summary: "Unable to read snapshot", About: `snapshot 5f of instance "orders"`,
		Object: path.Root("snapshot_id"),
		Noun: diagnostics.Noun{
			Name: "snapshot", Project: path.Root("project_id"), Cluster: path.Root(name),
			Causes: map[string]diagnostics.Cause{atlas.CodeSnapshotNotFound: {Remedy: diagnostics.CheckID("snapshot_id", "snapshot")}},
		},
	}
}

// expect compares a diagnostic whole, and the attribute that it is at: empty for none.
func expect(t *testing.T, got diag.Diagnostic, at, detail string) {
	t.Helper()
	where := ""
	if with, ok := got.(diag.DiagnosticWithPath); ok {
		where = with.Path().String()
	}
	if got.Summary() != "Unable to read snapshot" || where != at || got.Detail() != detail {
		t.Errorf("the diagnostic is %q at %q:\n%s\nexpected it at %q:\n%s", got.Summary(), where, got.Detail(), at, detail)
	}
}

func TestFromAnswers(t *testing.T) {
	t.Parallel()
	missing := &atlas.Error{
		StatusCode: 404, FromAtlas: true, Code: atlas.CodeSnapshotNotFound, Detail: "No snapshot.", Request: "GET /one",
	}
	other := *missing
	other.Request = "GET /other"
	got := diagnostics.FromAnswers(reading("instance_name"), [2]diagnostics.Answer{
		{Endpoint: "The serverless endpoint", Err: missing}, {Endpoint: "The Flex endpoint", Err: &other},
	}, "There was a sunset.")
	expect(t, got, "snapshot_id", strings.Join([]string{
		`Neither of the two Atlas endpoints that may have snapshot 5f of instance "orders" returned data.`, "",
		"The serverless endpoint: Atlas refused the request about it: No snapshot.",
		"Error code: SNAPSHOT_NOT_FOUND", "Status: 404 Not Found", "Request: GET /one", "",
		"The Flex endpoint: Atlas refused the request about it: No snapshot.",
		"Error code: SNAPSHOT_NOT_FOUND", "Status: 404 Not Found", "Request: GET /other", "",
		"Check snapshot_id: the snapshot may have expired or been deleted, or be of another cluster.",
		"There was a sunset.",
	}, "\n"))
}

func TestFromAnswers_emptyList(t *testing.T) {
	t.Parallel()
	got := diagnostics.FromAnswers(reading("instance_name"), [2]diagnostics.Answer{
		{Endpoint: "The serverless endpoint", Text: "lists none"},
		{Endpoint: "The Flex endpoint", Err: errors.New("something else")},
	})
	expect(t, got, "", strings.Join([]string{
		`Neither of the two Atlas endpoints that may have snapshot 5f of instance "orders" returned data.`, "",
		"The serverless endpoint: Atlas lists none.", "",
		"The Flex endpoint: The operation on it failed: something else.",
	}, "\n"))
}

func TestNothingFound(t *testing.T) {
	t.Parallel()
	f := reading("cluster_name")
	f.About = `cluster "Cluster0"`
	at := path.Root("most_recent")
	for name, c := range map[string]struct {
		search diagnostics.Search
		want   string
	}{
		"none there": {diagnostics.Search{}, "There is no completed snapshot of cluster \"Cluster0\".\n\n" +
			"Number of snapshots looked at: 0. Skipped because unfinished: 0."},
		"unfinished": {diagnostics.Search{Seen: 3, Unfinished: 2}, "There is no completed snapshot of cluster \"Cluster0\".\n\n" +
			"Number of snapshots looked at: 3. Skipped because unfinished: 2.\n\n" +
			"Try again when Atlas has completed the one in progress."},
		"filtered": {diagnostics.Search{Conditions: []string{"is blue", "is new"}, Filters: "color and age", Seen: 9, Failed: 1}, "There is no completed snapshot of cluster " +
			"\"Cluster0\" that is blue and is new.\n\nNumber of snapshots looked at: 9. Skipped because unfinished: 0. Skipped because failed: 1.\n\n" +
			"Check the filters: a match has to meet all of color and age."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expect(t, diagnostics.NothingFound(f, at, c.search), "most_recent", c.want)
		})
	}
}

// TestFromError_argument says which argument an answer is about.
func TestFromError_argument(t *testing.T) {
	t.Parallel()
	for code, at := range map[string]string{
		atlas.CodeClusterNotFound: "instance_name", atlas.CodeNonFlexInFlexAPI: "instance_name", atlas.CodeServerlessNotFound: "instance_name",
		atlas.CodeClusterInServerlessAPI: "instance_name", atlas.CodeGroupNotFound: "project_id", atlas.CodeSnapshotNotFound: "snapshot_id",
		"INVALID_SNAPSHOT_ID": "snapshot_id", "TENANT_SNAPSHOT_NOT_FOUND": "snapshot_id", "": "snapshot_id",
	} {
		got := diagnostics.FromError(reading("instance_name"), &atlas.Error{StatusCode: 404, FromAtlas: true, Code: code})
		with, ok := got.(diag.DiagnosticWithPath)
		if !ok || with.Path().String() != at {
			t.Errorf("%q is an error at %v, expected %s", code, got, at)
		}
		if strings.Contains(got.Detail(), "cluster_name") {
			t.Errorf("%q is said of cluster_name, which is no argument here: %s", code, got.Detail())
		}
	}
	for _, status := range []int{401, 403, 404, 410, 429, 500} {
		got := diagnostics.FromError(reading("instance_name"), &atlas.Error{StatusCode: status, BodySnippet: "<html>"})
		if with, ok := got.(diag.DiagnosticWithPath); ok {
			t.Errorf("a %d of something else is an error at %s, expected none", status, with.Path())
		}
	}
}
