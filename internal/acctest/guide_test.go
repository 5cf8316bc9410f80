package acctest

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// TestAccGuide_terraformTest runs the module that the guide on testing shows, with its tests, as the guide says.
func TestAccGuide_terraformTest(t *testing.T) {
	t.Parallel()
	a := NewAtlas(t)
	example := filepath.Join(root, "examples", "guides", "testing")
	read := func(name string) string {
		content, err := os.ReadFile(filepath.Join(example, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	tf := a.Terraform(t, map[string]string{"main.tf": read("main.tf")})
	if err := os.Mkdir(filepath.Join(tf.Directory(), "tests"), 0o700); err != nil {
		t.Fatal(err)
	}
	tf.Write("tests/release.tftest.hcl", read("tests/release.tftest.hcl"))
	output := tf.Do(0, "test", "-no-color")
	t.Log(output)
	if taken, left := len(a.Snapshots()), len(a.Existing()); taken != 2 || left != 0 {
		t.Errorf("the module's tests took %d snapshots and left %d, expected 2 and none:\n%s", taken, left, output)
	}
}

// TestAccGuide_drill runs the restore drill that the guide on drills shows, with its tests, on a cluster with a snapshot.
func TestAccGuide_drill(t *testing.T) {
	t.Parallel()
	a := NewAtlas(t)
	a.Seed(t, atlassim.Seed{ExpiresAt: Start.AddDate(0, 0, 30)}, 12*time.Hour)
	drill := filepath.Join(root, "examples", "guides", "drill")
	read := func(name string) string {
		content, err := os.ReadFile(filepath.Join(drill, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	tf := a.Terraform(t, map[string]string{"main.tf": read("main.tf")})
	if err := os.Mkdir(filepath.Join(tf.Directory(), "tests"), 0o700); err != nil {
		t.Fatal(err)
	}
	tf.Write("tests/drill.tftest.hcl", read("tests/drill.tftest.hcl"))
	target := a.Fixture().TargetClusterName
	tf.SetEnvironment("TF_VAR_drill_cluster_name=" + target)
	t.Log(tf.Do(0, "test", "-no-color"))
	if restores := a.Restores(); len(restores) != 2 || a.Erasures(target) != 2 {
		t.Errorf("the drills restored %+v", restores)
	}
	for command, warning := range map[string]string{"2026-W50": "", "2026-W51": "The restore took more than 30 minutes."} {
		if warning != "" {
			a.NextRestore(atlassim.RestorePlan{Duration: time.Hour})
		}
		output := tf.Do(0, append(Apply, "-var", "week="+command)...)
		if warning != "" {
			ExpectOutput(t, output, warning)
		}
	}
}
