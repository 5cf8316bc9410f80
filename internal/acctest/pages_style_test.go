package acctest

import (
	"path"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// registryColumns is how many characters of code fit into a page of the registry, which is 740 px wide: longer lines are cut
// off until the reader scrolls.
const registryColumns = 84

// TestPages_codeFits wants code to fit into the registry's pages.
func TestPages_codeFits(t *testing.T) {
	for _, p := range pages(t) {
		for _, at := range fence.FindAllStringSubmatchIndex(p.text, -1) {
			for number, line := range strings.Split(p.text[at[4]:at[5]], "\n") {
				if width := utf8.RuneCountInString(line); width > registryColumns {
					t.Errorf("%s:%d: %d characters of code: %s", p.name, 1+strings.Count(p.text[:at[4]], "\n")+number, width, line)
				}
			}
		}
	}
}

// TestPages_pinVersions wants every example that requires a provider to say which versions of it.
func TestPages_pinVersions(t *testing.T) {
	pinned := 0
	for _, p := range pages(t) {
		for _, c := range p.configurations(t) {
			blocks(c.body, func(b *hclsyntax.Block) {
				if b.Type != "required_providers" {
					return
				}
				for name, attribute := range b.Body.Attributes {
					value, diags := attribute.Expr.Value(nil)
					if diags.HasErrors() || !value.Type().IsObjectType() || !value.Type().HasAttribute("version") {
						t.Errorf("%s: provider %s has no version", attribute.SrcRange, name)
						continue
					}
					pinned++
				}
			})
		}
	}
	if pinned == 0 {
		t.Error("no page requires a provider")
	}
}

// TestPages_referProjects wants configurations to refer to a project rather than to repeat an ID that nobody has.
func TestPages_referProjects(t *testing.T) {
	for _, p := range pages(t) {
		for _, c := range p.configurations(t) {
			blocks(c.body, func(b *hclsyntax.Block) {
				attribute, ok := b.Body.Attributes["project_id"]
				if !ok {
					return
				}
				if _, diags := attribute.Expr.Value(nil); !diags.HasErrors() {
					t.Errorf("%s: project_id is no reference", attribute.SrcRange)
				}
			})
		}
	}
}

// TestPages_openings wants the pages to open as those of the registry do.
func TestPages_openings(t *testing.T) {
	openings := map[string][]string{
		"data-sources": {"Provides details about "}, "actions": {"Takes ", "Restores "}, "list-resources": {"Lists "}, "resources": {"Manages ", "Restores "},
	}
	for _, p := range pages(t) {
		allowed, ok := openings[path.Base(path.Dir(p.name))]
		if !ok {
			continue
		}
		_, body, _ := strings.Cut(p.text, "\n---\n\n# ")
		_, text, _ := strings.Cut(body, "\n\n")
		if !slices.ContainsFunc(allowed, func(opening string) bool { return strings.HasPrefix(text, opening) }) {
			t.Errorf("%s opens with none of %q", p.name, allowed)
		}
	}
}
