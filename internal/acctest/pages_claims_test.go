package acctest

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// sources is the text of the project's files that end in suffix.
func sources(t *testing.T, suffix string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "bin" || entry.Name() == "dist" || entry.Name() == ".git") {
			return filepath.SkipDir
		}
		if !entry.IsDir() && strings.HasSuffix(name, suffix) {
			text, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			all.Write(text)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

var (
	testName   = regexp.MustCompile(`\b(?:Test|Fuzz|Benchmark)[A-Z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*\b`)
	makeTarget = regexp.MustCompile("\\bmake ([a-z][a-z-]+)\\b(?:`| +#|\n| [A-Z]+=)")
	link       = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading    = regexp.MustCompile(`(?m)^#+ +(.*)$`)
	anchor     = regexp.MustCompile(`<a id="([^"]+)">`)
)

// TestPages_testsExist looks for every test that a page names as its proof.
func TestPages_testsExist(t *testing.T) {
	code := sources(t, "_test.go")
	for _, p := range pages(t) {
		for _, name := range testName.FindAllString(p.text, -1) {
			if name != "TestAcc" && !strings.Contains(code, "func "+name+"(") && !strings.Contains(code, "func "+name+"_") {
				t.Errorf("%s names %s, and there is no such test", p.name, name)
			}
		}
	}
}

// TestPages_targetsExist looks for every make target that a page or a workflow names.
func TestPages_targetsExist(t *testing.T) {
	makefile, err := os.ReadFile(filepath.Join(root, "GNUmakefile"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range append(pages(t), page{".github/workflows", sources(t, ".yml")}) {
		for _, target := range makeTarget.FindAllStringSubmatch(p.text, -1) {
			if !strings.Contains("\n"+string(makefile), "\n"+target[1]+":") {
				t.Errorf("%s names make %s, and there is no such target", p.name, target[1])
			}
		}
	}
}

// TestPages_links follows every link that stays within the project. The registry's pages link to each other without .md.
func TestPages_links(t *testing.T) {
	const registry = "https://registry.terraform.io/providers/atlasbackup/atlasbackup/latest/"
	const repository = "https://github.com/atlasbackup/terraform-provider-atlasbackup/blob/main/"
	known := map[string]page{}
	for _, p := range pages(t) {
		known[p.name] = p
	}
	for _, p := range known {
		for _, match := range link.FindAllStringSubmatch(fence.ReplaceAllString(p.text, ""), -1) {
			target, fragment, _ := strings.Cut(match[1], "#")
			name := path.Join(path.Dir(p.name), target)
			switch {
			case strings.HasPrefix(target, registry):
				name = strings.TrimPrefix(target, registry)
			case strings.HasPrefix(target, repository):
				name = strings.TrimPrefix(target, repository)
			case strings.Contains(target, "://"), strings.HasPrefix(target, "mailto:"):
				continue
			case target == "":
				name = p.name
			}
			if _, err := os.Stat(filepath.Join(root, name)); err == nil && fragment == "" {
				continue
			}
			to, ok := known[name]
			if !ok {
				to, ok = known[name+".md"]
			}
			if !ok && name == "docs" {
				to, ok = known["docs/index.md"]
			}
			if !ok || fragment != "" && !hasAnchor(to, fragment) {
				t.Errorf("%s: the link to %s leads nowhere", p.name, match[1])
			}
		}
	}
}

// hasAnchor says that the page has a heading or an anchor of that name.
func hasAnchor(p page, name string) bool {
	for _, match := range anchor.FindAllStringSubmatch(p.text, -1) {
		if match[1] == name {
			return true
		}
	}
	for _, match := range heading.FindAllStringSubmatch(p.text, -1) {
		slug := regexp.MustCompile(`[^a-z0-9 _-]`).ReplaceAllString(strings.ToLower(match[1]), "")
		if strings.ReplaceAll(slug, " ", "-") == name {
			return true
		}
	}
	return false
}

// TestPages_everyVariable looks for every environment variable that the provider reads on the provider's page.
func TestPages_everyVariable(t *testing.T) {
	code, err := os.ReadFile(filepath.Join(root, "internal/provider/credentials.go"))
	if err != nil {
		t.Fatal(err)
	}
	index, err := os.ReadFile(filepath.Join(root, "docs/index.md"))
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`"((?:MONGODB_ATLAS|MCLI)_[A-Z_]+)"`).FindAllStringSubmatch(string(code), -1)
	if len(names) == 0 {
		t.Fatal("the provider reads no variable")
	}
	for _, name := range names {
		if !strings.Contains(string(index), "`"+name[1]+"`") {
			t.Errorf("docs/index.md does not name %s", name[1])
		}
	}
}

// TestPages_frontMatter wants on each of the registry's pages what the registry shows in its lists.
func TestPages_frontMatter(t *testing.T) {
	for _, p := range pages(t) {
		if !strings.HasPrefix(p.name, "docs/") {
			continue
		}
		front, _, found := strings.Cut(strings.TrimPrefix(p.text, "---\n"), "\n---\n")
		if !found || !strings.HasPrefix(p.text, "---\n") {
			t.Errorf("%s has no front matter", p.name)
			continue
		}
		for _, key := range []string{`page_title: "`, "description: |-\n  "} {
			if !strings.Contains(front, key) {
				t.Errorf("%s: the front matter has no %s", p.name, strings.Fields(key)[0])
			}
		}
		if strings.Contains(p.text, "{{") && !strings.Contains(p.text, "${{") {
			t.Errorf("%s has a piece of its template left", p.name)
		}
	}
}
