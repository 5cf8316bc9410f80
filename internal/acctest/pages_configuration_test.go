package acctest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// configuration is one that a page shows.
type configuration struct {
	page string
	line int
	text string
	body *hclsyntax.Body
}

func parseConfiguration(t *testing.T, page string, line int, text string) *configuration {
	t.Helper()
	file, diags := hclsyntax.ParseConfig([]byte(text), page, hcl.Pos{Line: line, Column: 1})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	body, ok := file.Body.(*hclsyntax.Body)
	if !ok {
		t.Fatalf("%s: the configuration's body is a %T", page, file.Body)
	}
	return &configuration{page, line, text, body}
}

func (c *configuration) where() string { return fmt.Sprintf("%s:%d", c.page, c.line) }

// isCLIConfiguration says that it is Terraform's own configuration (terraform.rc), which nothing plans.
func (c *configuration) isCLIConfiguration() bool {
	return slices.ContainsFunc(c.body.Blocks, func(b *hclsyntax.Block) bool { return b.Type == "provider_installation" })
}

// blocks calls visit for every block, those within others included.
func blocks(body *hclsyntax.Body, visit func(*hclsyntax.Block)) {
	for _, block := range body.Blocks {
		visit(block)
		blocks(block.Body, visit)
	}
}

// needs is the Terraform that the configuration needs, and whether OpenTofu has it at all.
func (c *configuration) needs() (oldest string, tofu bool) {
	oldest, tofu = "1.11", true
	blocks(c.body, func(b *hclsyntax.Block) {
		switch _, identity := b.Body.Attributes["identity"]; {
		case b.Type == "list", b.Type == "action", b.Type == "action_trigger":
			oldest, tofu = "1.14", false
		case b.Type == "import" && identity && oldest == "1.11":
			oldest = "1.12"
		}
	})
	return oldest, tofu
}

// runsOn says that terraform plan can read it. Queries are files of another kind.
func (c *configuration) runsOn(product, running string) bool {
	oldest, tofu := c.needs()
	query := slices.ContainsFunc(c.body.Blocks, func(b *hclsyntax.Block) bool { return b.Type == "list" })
	return !query && (tofu || product == "Terraform") &&
		version.Must(version.NewVersion(running)).Core().GreaterThanOrEqual(version.Must(version.NewVersion(oldest)))
}

// withoutCloud is the text without where the state is kept and which Terraform it asks for: no test signs in anywhere.
func (c *configuration) withoutCloud(t *testing.T) string {
	t.Helper()
	file, diags := hclwrite.ParseConfig([]byte(c.text), c.page, hcl.Pos{Line: c.line, Column: 1})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	for _, block := range file.Body().Blocks() {
		if block.Type() != "terraform" {
			continue
		}
		block.Body().RemoveAttribute("required_version")
		for _, inner := range block.Body().Blocks() {
			if inner.Type() == "cloud" || inner.Type() == "backend" {
				block.Body().RemoveBlock(inner)
			}
		}
	}
	return string(file.Bytes())
}

// providers are the providers in use by their local names, with their sources.
func (c *configuration) providers() map[string]string {
	sources := map[string]string{}
	blocks(c.body, func(b *hclsyntax.Block) {
		switch b.Type {
		case "provider":
			sources[b.Labels[0]] = "hashicorp/" + b.Labels[0]
		case "resource", "data", "ephemeral", "list", "action":
			name := providerOf(b.Labels[0])
			sources[name] = "hashicorp/" + name
		}
	})
	for _, reference := range c.references() {
		sources[providerOf(reference.typeName)] = "hashicorp/" + providerOf(reference.typeName)
	}
	delete(sources, "terraform") // built in
	blocks(c.body, func(b *hclsyntax.Block) {
		if b.Type != "required_providers" {
			return
		}
		for name, attribute := range b.Body.Attributes {
			value, diags := attribute.Expr.Value(nil)
			if !diags.HasErrors() && value.Type().IsObjectType() && value.Type().HasAttribute("source") {
				sources[name] = value.GetAttr("source").AsString()
			}
		}
	})
	return sources
}

// localModules are the directories of the modules that the configuration calls, which pages show out of examples/.
func (c *configuration) localModules() []string {
	var found []string
	for _, b := range c.body.Blocks {
		if source, ok := b.Body.Attributes["source"]; ok && b.Type == "module" {
			if value, diags := source.Expr.Value(nil); !diags.HasErrors() {
				found = append(found, value.AsString())
			}
		}
	}
	return found
}

func providerOf(typeName string) string {
	name, _, _ := strings.Cut(typeName, "_")
	return name
}

// reference is an attribute that an expression reads, such as mongodbatlas_advanced_cluster.main.name.
type reference struct {
	mode, typeName, name, attribute string
	// within says that the expression goes on into the attribute's value.
	within bool
}

var noResources = []string{"var", "local", "each", "count", "path", "terraform", "self", "module", "action"}

// references are what expressions read of resources, data sources and ephemeral resources. Addresses in moved, import and
// removed blocks are none.
func (c *configuration) references() []reference {
	var found []reference
	var walk func(*hclsyntax.Body)
	walk = func(body *hclsyntax.Body) {
		for _, attribute := range body.Attributes {
			for _, traversal := range hclsyntax.Variables(attribute.Expr) {
				if r, ok := referenceOf(traversal); ok {
					found = append(found, r)
				}
			}
		}
		for _, block := range body.Blocks {
			if !slices.Contains([]string{"moved", "import", "removed", "terraform", "variable"}, block.Type) {
				walk(block.Body)
			}
		}
	}
	walk(c.body)
	return found
}

func referenceOf(traversal hcl.Traversal) (reference, bool) {
	var names []string
	for _, step := range traversal {
		switch step := step.(type) {
		case hcl.TraverseRoot:
			names = append(names, step.Name)
		case hcl.TraverseAttr:
			names = append(names, step.Name)
		}
	}
	mode := "resource"
	if names[0] == "data" || names[0] == "ephemeral" {
		mode, names = names[0], names[1:]
	}
	if len(names) < 2 || slices.Contains(noResources, names[0]) || !strings.Contains(names[0], "_") {
		return reference{}, false
	}
	r := reference{mode: mode, typeName: names[0], name: names[1]}
	if len(names) > 2 {
		r.attribute = names[2]
		last, isAttribute := traversal[len(traversal)-1].(hcl.TraverseAttr)
		r.within = !isAttribute || last.Name != r.attribute
	}
	return r, true
}

// undeclaredVariables declares what an excerpt reads and leaves to its reader to declare: variables, and resources of other
// providers.
func (c *configuration) undeclaredVariables() string {
	declared, text := map[string]bool{}, strings.Builder{}
	for _, b := range c.body.Blocks {
		switch b.Type {
		case "variable":
			declared["var."+b.Labels[0]] = true
		case "resource", "data", "ephemeral":
			declared[b.Type+"."+b.Labels[0]+"."+b.Labels[1]] = true
		}
	}
	declare := func(key, declaration string) {
		if !declared[key] {
			declared[key] = true
			text.WriteString(declaration + "\n")
		}
	}
	for _, name := range c.variables() {
		declare("var."+name, fmt.Sprintf("variable %q {}", name))
	}
	for _, r := range c.references() {
		if providerOf(r.typeName) != "atlasbackup" && providerOf(r.typeName) != "terraform" {
			declare(r.mode+"."+r.typeName+"."+r.name, fmt.Sprintf("%s %q %q {}", r.mode, r.typeName, r.name))
		}
	}
	return text.String()
}

// variables are the names of those that expressions read.
func (c *configuration) variables() []string {
	var names []string
	var walk func(*hclsyntax.Body)
	walk = func(body *hclsyntax.Body) {
		for _, attribute := range body.Attributes {
			for _, traversal := range hclsyntax.Variables(attribute.Expr) {
				if traversal.RootName() == "var" && len(traversal) > 1 {
					if step, ok := traversal[1].(hcl.TraverseAttr); ok {
						names = append(names, step.Name)
					}
				}
			}
		}
		for _, block := range body.Blocks {
			walk(block.Body)
		}
	}
	walk(c.body)
	slices.Sort(names)
	return slices.Compact(names)
}

// values are the values of the variables that have no default, as a file of variables.
func (c *configuration) values(t *testing.T, fixture atlassim.Fixture) string {
	t.Helper()
	values := map[string]any{}
	for _, name := range c.variables() {
		values[name] = answer(name, fixture)
	}
	for _, b := range c.body.Blocks {
		if b.Type != "variable" {
			continue
		}
		if _, ok := b.Body.Attributes["default"]; ok {
			delete(values, b.Labels[0])
			continue
		}
		values[b.Labels[0]] = answer(b.Labels[0], fixture)
		if kind, ok := b.Body.Attributes["type"]; ok {
			switch keyword := hcl.ExprAsKeyword(kind.Expr); keyword {
			case "string":
			case "number":
				values[b.Labels[0]] = 7
			case "bool":
				values[b.Labels[0]] = false
			default:
				t.Fatalf("%s: give variable %q a default", c.where(), b.Labels[0])
			}
		}
	}
	encoded, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

// answer is a value that fits what is called name.
func answer(name string, fixture atlassim.Fixture) string {
	for _, known := range []struct{ part, value string }{
		{"client_id", fixture.ClientID},
		{"client_secret", fixture.ClientSecret},
		{"public_key", fixture.PublicKey},
		{"private_key", fixture.PrivateKey},
		{"base_url", fixture.BaseURL},
		{"project", fixture.ProjectID},
		{"cluster", "production"},
		{"instance", fixture.ServerlessInstanceName},
	} {
		if strings.Contains(name, known.part) {
			return known.value
		}
	}
	return map[string]string{"id": fixture.ProjectID, "name": "production"}[name]
}
