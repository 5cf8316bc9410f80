package acctest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// sampleConfiguration is what the resource's page has planned where it shows output of Terraform.
const sampleConfiguration = `variable "project_id" {}

variable "release" {
  default = "1.4.0"
}

resource "atlasbackup_snapshot" "before_release" {
  project_id        = var.project_id
  cluster_name      = "production"
  description       = "before a release"
  retention_in_days = 14

  triggers = {
    release = var.release
  }
}

output "snapshot_id" {
  value = atlasbackup_snapshot.before_release.snapshot_id
}
`

var (
	sampleBlock = regexp.MustCompile("(?ms)^```text\n(.*?)^```$")
	sampleTime  = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`)
	sampleLine  = regexp.MustCompile(`line \d+|\d+: resource`)
)

// normalized is output without line breaks and what differs from run to run.
func normalized(output string) string {
	output = sampleLine.ReplaceAllString(output, "LINE")
	output = sampleTime.ReplaceAllString(hexID.ReplaceAllString(output, "ID"), "TIME")
	return strings.Join(strings.Fields(output), " ")
}

// TestAccPages_samples runs what the resource's page shows the output of: Terraform prints each line of a sample, in that
// order. A line of dots stands for what the page leaves out.
func TestAccPages_samples(t *testing.T) {
	t.Parallel()
	a := NewAtlas(t)
	if err := a.AddCluster(atlassim.ClusterSpec{Name: "production", Type: atlassim.TypeReplicaSet}); err != nil {
		t.Fatal(err)
	}
	provider, err := os.ReadFile(filepath.Join(root, "examples", "provider", "provider.tf"))
	if err != nil {
		t.Fatal(err)
	}
	tf := a.Terraform(t, map[string]string{"provider.tf": string(provider), "main.tf": sampleConfiguration})
	tf.Do(0, Apply...)
	plan := []string{"plan", "-input=false", "-no-color", "-detailed-exitcode"}
	outputs := []string{
		normalized(tf.Do(2, append(plan, "-var", "release=1.5.0")...)),
		normalized(tf.Do(2, append(plan, "-destroy")...)),
	}

	text, err := os.ReadFile(filepath.Join(root, "docs", "resources", "snapshot.md"))
	if err != nil {
		t.Fatal(err)
	}
	samples := sampleBlock.FindAllStringSubmatch(string(text), -1)
	if len(samples) != len(outputs) {
		t.Fatalf("the page has %d samples, expected %d", len(samples), len(outputs))
	}
	for i, sample := range samples {
		rest := outputs[i]
		for line := range strings.Lines(sample[1]) {
			if strings.TrimSpace(line) == "..." {
				continue
			}
			_, after, found := strings.Cut(rest, normalized(line))
			if !found {
				t.Errorf("sample %d: Terraform does not print %q there, but\n%s", i+1, normalized(line), rest)
				break
			}
			rest = after
		}
	}
}
