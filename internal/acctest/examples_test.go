package acctest

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAccExamples_planned plans every configuration below examples/ as it stands there. Most are shown on a page too, but
// no page has to be generated for an example to be tried.
func TestAccExamples_planned(t *testing.T) {
	t.Parallel()
	product, version := cliVersion(t)
	var files []string
	err := filepath.WalkDir(filepath.Join(root, "examples"), func(file string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(file, ".tf") || strings.HasSuffix(file, ".tfquery.hcl") {
			files = append(files, file)
		}
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples (%v)", err)
	}
	for _, file := range files {
		name, err := filepath.Rel(root, file)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(filepath.ToSlash(name), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			c := parseConfiguration(t, name, 1, string(text))
			a := newPageAtlas(t, c)
			if !c.runsOn(product, version) {
				a.check(t, c)
				return
			}
			a.plan(t, c)
		})
	}
}
