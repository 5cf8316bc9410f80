package acctest

import (
	"os"
	"path/filepath"
	"testing"
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
