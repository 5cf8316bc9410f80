package acctest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// root is the project's directory, from here.
const root = "../.."

// page is a page that users read: one of the registry's, or one of the project's own.
type page struct {
	name, text string
}

// pages are all of them. Those of docs/ are what "make generate" has made of schema, templates and examples.
func pages(t *testing.T) []page {
	t.Helper()
	var all []page
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			name, err := filepath.Rel(root, file)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, page{filepath.ToSlash(name), strings.ReplaceAll(string(text), "\r\n", "\n")})
		}
	}
	return all
}

var fence = regexp.MustCompile("(?ms)^[ ]*```([a-z]*)\n(.*?)^[ ]*```$")

// configurations are the page's blocks of Terraform's language.
func (p page) configurations(t *testing.T) []*configuration {
	t.Helper()
	var found []*configuration
	for _, at := range fence.FindAllStringSubmatchIndex(p.text, -1) {
		language, text := p.text[at[2]:at[3]], p.text[at[4]:at[5]]
		if slices.Contains([]string{"terraform", "hcl", "tf"}, language) {
			found = append(found, parseConfiguration(t, p.name, 1+strings.Count(p.text[:at[4]], "\n"), text))
		}
	}
	return found
}

// TestAccPages_configurations plans every configuration that a page shows, with fake providers in the place of others.
// What this Terraform is too old for is held against the provider's schema instead.
func TestAccPages_configurations(t *testing.T) {
	t.Parallel()
	product, version := cliVersion(t)
	planned := 0
	for _, p := range pages(t) {
		for _, c := range p.configurations(t) {
			if c.isCLIConfiguration() {
				continue
			}
			planned++
			t.Run(c.where(), func(t *testing.T) {
				t.Parallel()
				a := newPageAtlas(t, c)
				if !c.runsOn(product, version) {
					a.check(t, c)
					return
				}
				a.plan(t, c)
			})
		}
	}
	if planned == 0 {
		t.Error("no page shows a configuration")
	}
}

var (
	hexID          = regexp.MustCompile(`\b[0-9a-f]{24}\b`)
	snapshotIDText = regexp.MustCompile(`(\bsnapshot_id\s*=\s*")[0-9a-f]{24}`)
	importIDText   = regexp.MustCompile(`(/[A-Za-z0-9-]+/)[0-9a-f]{24}`)
	clusterText    = regexp.MustCompile(`(?m)^\s*(?:cluster_name|name|instance_name)\s*=\s*"([A-Za-z0-9-]+)"|/([A-Za-z0-9-]+)/[0-9a-f]{24}`)
	targetText     = regexp.MustCompile(`\btarget_cluster_name\s*=\s*"([A-Za-z0-9-]+)"`)
	jobIDText      = regexp.MustCompile(`(\brestore_job_id\s*=\s*")[0-9a-f]{24}`)
	flexText       = regexp.MustCompile(`(?s)"atlasbackup_flex_[a-z_]+".*?\bcluster_name\s*=\s*"([A-Za-z0-9-]+)"`)
)

// pageAtlas is an Atlas that has what a page's configuration speaks of.
type pageAtlas struct {
	*Atlas
	snapshotID string
	// jobID is a restore of the snapshot, if the configuration speaks of restores; imported the ID that it imports.
	jobID, imported string
}

func newPageAtlas(t *testing.T, c *configuration) *pageAtlas {
	t.Helper()
	// Serverless as it was, so that its data sources find something to read.
	a := &pageAtlas{Atlas: NewAtlas(t, func(o *atlassim.Options) { o.Serverless = atlassim.ServerlessLive })}
	fixture := a.Fixture()
	restored := "production"
	kinds := map[string]atlassim.ClusterType{fixture.ClusterName: "", "production": atlassim.TypeReplicaSet}
	for _, match := range clusterText.FindAllStringSubmatch(c.text, -1) {
		kinds[match[1]+match[2]] = atlassim.TypeReplicaSet
	}
	for _, match := range flexText.FindAllStringSubmatch(c.text, -1) {
		kinds[match[1]] = atlassim.TypeFlex
		if strings.Contains(c.text, "atlasbackup_flex_restore") {
			restored = match[1]
		}
	}
	for _, match := range regexp.MustCompile(`instance_name\s*=\s*"([A-Za-z0-9-]+)"`).FindAllStringSubmatch(c.text, -1) {
		kinds[match[1]] = atlassim.TypeServerless
	}
	for name, kind := range kinds {
		if kind != "" {
			if err := a.AddCluster(atlassim.ClusterSpec{Name: name, Type: kind}); err != nil {
				t.Fatal(err)
			}
		}
		description := "before the upgrade"
		id, err := a.SeedSnapshot(atlassim.Seed{ClusterName: name, Description: &description, CreatedAt: a.Clock.Now().Add(-time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		if name == restored || a.snapshotID == "" {
			a.snapshotID = id
		}
	}
	a.seedRestores(t, c)
	return a
}

// seedRestores adds the targets of restores, and a restore onto each.
func (a *pageAtlas) seedRestores(t *testing.T, c *configuration) {
	t.Helper()
	a.imported = a.snapshotID
	kind := atlassim.TypeReplicaSet
	if strings.Contains(c.text, "atlasbackup_flex_restore") {
		kind = atlassim.TypeFlex
	}
	for _, match := range targetText.FindAllStringSubmatch(c.text, -1) {
		if err := a.AddCluster(atlassim.ClusterSpec{Name: match[1], Type: kind}); err != nil {
			t.Fatal(err)
		}
		id, err := a.SeedRestore(a.snapshotID, match[1])
		if err != nil {
			t.Fatal(err)
		}
		a.jobID = id
	}
	if strings.Contains(c.text, "to = atlasbackup_restore.") || strings.Contains(c.text, "to = atlasbackup_flex_restore.") {
		a.imported = a.jobID
	}
}

// adapt puts the ids of this Atlas in the place of the page's.
func (a *pageAtlas) adapt(text string) string {
	const snapshot, imported, job = "\x00", "\x01", "\x02"
	text = snapshotIDText.ReplaceAllString(text, "${1}"+snapshot)
	text = importIDText.ReplaceAllString(text, "${1}"+imported)
	text = jobIDText.ReplaceAllString(text, "${1}"+job)
	text = hexID.ReplaceAllString(text, a.Fixture().ProjectID)
	return strings.NewReplacer(snapshot, a.snapshotID, imported, a.imported, job, a.jobID).Replace(text)
}

// plan plans the configuration with real Terraform.
func (a *pageAtlas) plan(t *testing.T, c *configuration) {
	t.Helper()
	directory := t.TempDir()
	files := map[string]string{
		"page.tf":               a.adapt(c.withoutCloud(t)),
		"undeclared.tf":         c.undeclaredVariables(),
		"page.auto.tfvars.json": c.values(t, a.Fixture()),
		"cli.tfrc":              "",
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(directory, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	environment := append(withoutTerraform(os.Environ()), "TF_REATTACH_PROVIDERS="+a.providers(t, c),
		"TF_CLI_CONFIG_FILE="+filepath.Join(directory, "cli.tfrc"), "CHECKPOINT_DISABLE=1")
	run := func(arguments ...string) {
		command := exec.CommandContext(t.Context(), terraformBinary(t), arguments...)
		command.Dir, command.Env = directory, environment
		if output, err := command.CombinedOutput(); err != nil {
			t.Errorf("terraform %s: %v\n%s\nThe configuration:\n%s", arguments[0], err, output, files["page.tf"])
		}
	}
	if modules := c.localModules(); len(modules) > 0 {
		for _, module := range modules {
			if err := os.CopyFS(filepath.Join(directory, module), os.DirFS(filepath.Join(root, "examples", module))); err != nil {
				t.Fatal(err)
			}
		}
		run("get", "-no-color")
	}
	run("plan", "-input=false", "-no-color", "-lock=false")
}

// providers serves this provider and fakes of all others that the configuration names, and tells Terraform where.
func (a *pageAtlas) providers(t *testing.T, c *configuration) string {
	t.Helper()
	reattach := map[string]any{}
	for name, source := range c.providers() {
		factory := func() tfprotov6.ProviderServer { return newFakeProvider(name, c, a.Fixture()) }
		if name == "atlasbackup" {
			factory = func() tfprotov6.ProviderServer { return providerserver.NewProtocol6(a.NewProvider())() }
		}
		served := serve(t, factory)
		for _, host := range []string{"registry.terraform.io/", "registry.opentofu.org/"} {
			reattach[host+source] = map[string]any{
				"Protocol": served.Protocol, "ProtocolVersion": served.ProtocolVersion, "Pid": served.Pid, "Test": true,
				"Addr": map[string]string{"Network": served.Addr.Network(), "String": served.Addr.String()},
			}
		}
	}
	encoded, err := json.Marshal(reattach)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

// cliVersion is the name and the version of the program that the tests run.
func cliVersion(t *testing.T) (product, version string) {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), terraformBinary(t), "version").Output()
	if err != nil {
		t.Fatal(err)
	}
	product, version, found := strings.Cut(strings.SplitN(string(output), "\n", 2)[0], " v")
	if !found {
		t.Fatalf("no version: %s", output)
	}
	return product, version
}
