package acctest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// Configuration is [Atlas.InProcess] with one file, see [Files].
func (a *Atlas) Configuration(t *testing.T, text string) *Terraform {
	t.Helper()
	return a.InProcess(t, Files(text))
}

// Files are a configuration in one file, which need not say where the provider comes from.
func Files(text string) map[string]string {
	return map[string]string{
		"main.tf":     text,
		"versions.tf": "terraform {\n  required_providers {\n    atlasbackup = { source = \"atlasbackup/atlasbackup\" }\n  }\n}\n",
	}
}

// DataSourceConfiguration returns a configuration with one data source called test, in the project of this Atlas. where is the
// argument that names the cluster or the instance.
func DataSourceConfiguration(of, where, name, arguments string) string {
	return fmt.Sprintf(`
variable "project_id" { type = string }

data %q "test" {
  project_id = var.project_id
  %s = %q
  %s
}
`, of, where, name, arguments)
}

// Seed puts a snapshot into Atlas that was asked for so long before [Start], and returns its id.
func (a *Atlas) Seed(t testing.TB, what atlassim.Seed, ago time.Duration) string {
	t.Helper()
	what.CreatedAt = Start.Add(-ago)
	id, err := a.SeedSnapshot(what)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// RequestPaths returns the requests that Atlas has been sent since the log was cleared, challenges aside, sorted: the method, the
// path below the project with {id} in the place of a snapshot's, and the number of the page where that is not the first.
func (a *Atlas) RequestPaths() []string {
	var asked []string
	for _, request := range a.Requests() {
		if request.Auth == "none" {
			continue
		}
		_, path, _ := strings.Cut(request.Path, a.Fixture().ProjectID+"/")
		line := request.Method + " " + snapshotInPath.ReplaceAllString(path, "/{id}")
		if _, number, ok := strings.Cut(request.Query, "pageNum="); ok && number != "1" {
			line += " page " + number
		}
		asked = append(asked, line)
	}
	slices.Sort(asked)
	return asked
}

var snapshotInPath = regexp.MustCompile(`/[0-9a-f]{24}$`)

// ExpectRequests compares [Atlas.RequestPaths] with want, in any order: Terraform reads several data sources at once.
func (a *Atlas) ExpectRequests(t *testing.T, want ...string) {
	t.Helper()
	want = slices.Sorted(slices.Values(want))
	if diff := cmp.Diff(want, a.RequestPaths()); diff != "" {
		t.Errorf("the requests differ (-expected +got):\n%s", diff)
	}
}

// ExpectOutput fails the test where output lacks one of sentences.
func ExpectOutput(t *testing.T, output string, sentences ...string) {
	t.Helper()
	for _, sentence := range sentences {
		if !strings.Contains(output, sentence) {
			t.Errorf("Terraform does not say %q:\n%s", sentence, output)
		}
	}
}

// ExpectPlanError runs terraform plan, which has to end with one error that says every sentence.
func (tf *Terraform) ExpectPlanError(sentences ...string) {
	tf.t.Helper()
	output := tf.Do(1, "plan", "-no-color")
	ExpectOutput(tf.t, output, sentences...)
	if n := len(errorSummary.FindAllString(output, -1)); n != 1 {
		tf.t.Errorf("Terraform shows %d errors, expected one:\n%s", n, output)
	}
}

// errorSummary is how Terraform begins an error. A detail may have "Error: " too.
var errorSummary = regexp.MustCompile(`Error: [A-Z]`)

// Values returns the attributes of what the state has at address. It has to be there.
func (tf *Terraform) Values(address string) map[string]any {
	tf.t.Helper()
	state := tf.State(address)
	if state == nil {
		tf.t.Fatalf("the state has no %s", address)
	}
	return state.Values
}

// ExpectValues compares those attributes at address that want has.
func (tf *Terraform) ExpectValues(address string, want map[string]any) {
	tf.t.Helper()
	got := maps.Clone(tf.Values(address))
	maps.DeleteFunc(got, func(name string, _ any) bool { _, wanted := want[name]; return !wanted })
	if diff := cmp.Diff(want, got); diff != "" {
		tf.t.Errorf("%s differs (-expected +got):\n%s", address, diff)
	}
}

// Results returns the elements of the attribute results at address.
func (tf *Terraform) Results(address string) []map[string]any {
	tf.t.Helper()
	elements, _ := tf.Values(address)["results"].([]any)
	results := []map[string]any{}
	for _, element := range elements {
		attributes, _ := element.(map[string]any)
		results = append(results, attributes)
	}
	return results
}

// Result returns one of [Terraform.Results].
func (tf *Terraform) Result(address string, index int) map[string]any {
	tf.t.Helper()
	results := tf.Results(address)
	if index >= len(results) {
		tf.t.Fatalf("%s has %d results", address, len(results))
	}
	return results[index]
}

// ExpectResults compares one attribute of all results at address.
func (tf *Terraform) ExpectResults(address, attribute string, want ...any) {
	tf.t.Helper()
	var got []any
	for _, result := range tf.Results(address) {
		got = append(got, result[attribute])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		tf.t.Errorf("%s of the results of %s differs (-expected +got):\n%s", attribute, address, diff)
	}
}
