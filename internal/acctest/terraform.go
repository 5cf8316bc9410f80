package acctest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	fwprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest/tfcore"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/provider"
)

// Terraform is a working directory with real Terraform, for what plugin-testing has no step for: signals, untaint, the
// state after an error.
type Terraform struct {
	t           *testing.T
	binary      string
	directory   string
	environment []string
	// reaper ends the provider's processes where Terraform starts any.
	reaper *processReaper
	// core runs the commands where no process does.
	core *tfcore.CLI
	// program is the path of the program that Terraform starts as the provider where it starts one.
	program string
}

// Terraform serves the provider from this process, on the clock of its Atlas, and writes configuration, one file name to
// its text, into a new working directory. beside are other providers to serve, by the addresses that Terraform knows them
// under.
func (a *Atlas) Terraform(t *testing.T, configuration map[string]string, beside ...map[string]func() fwprovider.Provider) *Terraform {
	t.Helper()
	tf := newTerraform(t, a, configuration)
	tf.setCLIConfig("")
	providers := map[string]func() fwprovider.Provider{provider.Address: a.NewProvider}
	for _, more := range beside {
		maps.Copy(providers, more)
	}
	attached := map[string]any{}
	for address, newProvider := range providers {
		reattach := serve(t, func() tfprotov6.ProviderServer { return providerserver.NewProtocol6(newProvider())() })
		// OpenTofu takes an address without a host for one of its own registry.
		for _, name := range []string{address, openTofuAddress(address)} {
			attached[name] = map[string]any{
				"Protocol": reattach.Protocol, "ProtocolVersion": reattach.ProtocolVersion, "Pid": reattach.Pid, "Test": true,
				"Addr": map[string]string{"Network": reattach.Addr.Network(), "String": reattach.Addr.String()},
			}
		}
	}
	encoded, err := json.Marshal(attached)
	if err != nil {
		t.Fatal(err)
	}
	tf.environment = append(tf.environment, "TF_REATTACH_PROVIDERS="+string(encoded))
	return tf
}

// InProcess is [Atlas.Terraform] without processes: the commands run in this one, by the rules of Terraform Core, in a hundredth of
// the time. A configuration or a command that it does not know fails the test.
func (a *Atlas) InProcess(t *testing.T, configuration map[string]string) *Terraform {
	t.Helper()
	tf := newDirectory(t, a, configuration)
	served, err := tfcore.NewProvider(t.Context(), a.NewProvider())
	if err != nil {
		t.Fatal(err)
	}
	tf.core = &tfcore.CLI{Directory: tf.directory, Provider: served, Address: provider.Address}
	return tf
}

// openTofuAddress is the address of a provider as OpenTofu completes it.
func openTofuAddress(address string) string {
	return strings.Replace(address, "registry.terraform.io/", "registry.opentofu.org/", 1)
}

// newTerraform is a working directory that has no provider yet.
func newTerraform(t *testing.T, a *Atlas, configuration map[string]string) *Terraform {
	t.Helper()
	tf := newDirectory(t, a, configuration)
	tf.binary = terraformBinary(t)
	return tf
}

// newDirectory is a working directory with nothing to run in it yet.
func newDirectory(t *testing.T, a *Atlas, configuration map[string]string) *Terraform {
	t.Helper()
	tf := &Terraform{t: t, directory: t.TempDir()}
	for name, text := range configuration {
		tf.Write(name, text)
	}
	fixture := a.Fixture()
	tf.environment = append(withoutTerraform(os.Environ()), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0",
		"TF_VAR_project_id="+fixture.ProjectID, "TF_VAR_cluster_name="+fixture.ClusterName)
	return tf
}

// setCLIConfig writes Terraform's own configuration.
func (tf *Terraform) setCLIConfig(text string) {
	tf.t.Helper()
	tf.Write("cli.tfrc", text)
	tf.environment = append(tf.environment, "TF_CLI_CONFIG_FILE="+filepath.Join(tf.directory, "cli.tfrc"))
}

// Directory is where the commands run.
func (tf *Terraform) Directory() string { return tf.directory }

// Write writes a file of the configuration.
func (tf *Terraform) Write(name, text string) {
	tf.t.Helper()
	if err := os.WriteFile(filepath.Join(tf.directory, name), []byte(text), 0o600); err != nil {
		tf.t.Fatal(err)
	}
}

// withoutTerraform keeps the settings of whoever runs the tests out of them.
func withoutTerraform(environment []string) []string {
	var rest []string
	for _, entry := range environment {
		if !strings.HasPrefix(entry, "TF_") && !strings.HasPrefix(entry, "MONGODB_ATLAS_") && !strings.HasPrefix(entry, "MCLI_") {
			rest = append(rest, entry)
		}
	}
	return rest
}

func terraformBinary(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("TF_ACC_TERRAFORM_PATH"); path != "" {
		return path
	}
	path, err := exec.LookPath("terraform")
	if err != nil {
		t.Fatal("no terraform on PATH: run the tests with make test, which fetches it")
	}
	return path
}

// serve runs a plugin server that Terraform attaches to, until the test ends.
func serve(t *testing.T, factory func() tfprotov6.ProviderServer) *plugin.ReattachConfig {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	reattached, closed := make(chan *plugin.ReattachConfig), make(chan struct{})
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := tf6server.Serve(provider.Address, factory,
			tf6server.WithDebug(ctx, reattached, closed), tf6server.WithLoggingSink(t), tf6server.WithGoPluginLogger(hclog.NewNullLogger()), tf6server.WithoutLogStderrOverride()); err != nil {
			t.Errorf("serving the provider: %v", err)
		}
	})
	t.Cleanup(func() {
		cancel()
		<-closed
		serving.Wait()
	})
	return <-reattached
}

// Run is a terraform command that may be under way.
type Run struct {
	// command is nil where no process runs it: then stop interrupts it.
	command *exec.Cmd
	stop    context.CancelFunc
	output  commandOutput
	ended   chan struct{}
	code    int
}

// Start starts a terraform command.
func (tf *Terraform) Start(arguments ...string) *Run {
	tf.t.Helper()
	run := &Run{ended: make(chan struct{})}
	run.output.changed = sync.NewCond(&run.output.mu)
	if tf.core != nil {
		run.startInProcess(tf.t.Context(), tf, arguments)
		return run
	}
	run.command = exec.CommandContext(tf.t.Context(), tf.binary, arguments...)
	run.command.Dir, run.command.Env = tf.directory, tf.environment
	run.command.Stdout, run.command.Stderr = &run.output, &run.output
	run.command.WaitDelay = 10 * time.Second
	if tf.reaper != nil {
		inOwnGroup(run.command)
	}
	if err := run.command.Start(); err != nil {
		tf.t.Fatal(err)
	}
	go func() {
		// The exit code says it all, and the output says why.
		_ = run.command.Wait()
		run.end(run.command.ProcessState.ExitCode())
	}()
	return run
}

func (r *Run) startInProcess(ctx context.Context, tf *Terraform, arguments []string) {
	interrupted, interrupt := context.WithCancel(ctx)
	r.stop = interrupt
	environment := slices.Clone(tf.environment)
	go func() {
		defer interrupt()
		r.end(tf.core.Run(ctx, &r.output, environment, interrupted.Done(), arguments...))
	}()
}

func (r *Run) end(code int) {
	r.code = code
	r.output.end()
	close(r.ended)
}

// Signal sends the command a signal, as Ctrl-C does.
func (r *Run) Signal(signal os.Signal) error {
	if r.command == nil {
		r.stop()
		return nil
	}
	return r.command.Process.Signal(signal)
}

// Ended is closed once the command has ended.
func (r *Run) Ended() <-chan struct{} { return r.ended }

// WaitForOutput waits until the command has printed a sentence or has ended.
func (r *Run) WaitForOutput(sentence string) { r.output.wait(sentence) }

// Wait waits for the command and returns what it printed, wrapped lines joined, and its exit code.
func (r *Run) Wait() (string, int) {
	<-r.ended
	return unwrap(r.output.String()), r.code
}

// commandOutput is what a command prints, to be read while it prints.
type commandOutput struct {
	mu      sync.Mutex
	changed *sync.Cond
	buffer  bytes.Buffer
	ended   bool
}

func (t *commandOutput) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	defer t.changed.Broadcast()
	return t.buffer.Write(p)
}

func (t *commandOutput) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buffer.String()
}

func (t *commandOutput) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
	t.changed.Broadcast()
}

func (t *commandOutput) wait(sentence string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for !t.ended && !strings.Contains(t.buffer.String(), sentence) {
		t.changed.Wait()
	}
}

// unwrap takes Terraform's frames and line breaks out of its messages, so that a test can look for sentences.
func unwrap(output string) string {
	var lines []string
	for line := range strings.Lines(output) {
		lines = append(lines, strings.TrimSpace(strings.Trim(strings.TrimSpace(line), "│╷╵")))
	}
	return strings.Join(lines, " ")
}

// Do runs a terraform command and fails the test unless it ends with this exit code.
func (tf *Terraform) Do(exitCode int, arguments ...string) string {
	tf.t.Helper()
	output, code := tf.Start(arguments...).Wait()
	if code != exitCode {
		tf.t.Fatalf("terraform %s: exit code %d, expected %d:\n%s", strings.Join(arguments, " "), code, exitCode, output)
	}
	return output
}

// Apply, Plan and the like without colour and questions.
var (
	Apply   = []string{"apply", "-auto-approve", "-no-color"}
	Destroy = []string{"destroy", "-auto-approve", "-no-color"}
	// Plan exits with 0 where there is nothing to do and with 2 where there is.
	Plan = []string{"plan", "-detailed-exitcode", "-no-color"}
)

// Resource is an instance of a resource or a data source in the state.
type Resource struct {
	Address string
	Tainted bool
	Values  map[string]any
}

// Resources are all that the state file has, but for deposed objects. It reads the file itself: a command more for each look would
// take its time.
func (tf *Terraform) Resources() []*Resource {
	tf.t.Helper()
	text, err := os.ReadFile(filepath.Join(tf.directory, "terraform.tfstate"))
	if errors.Is(err, os.ErrNotExist) || err == nil && len(text) == 0 {
		// A Terraform that was killed may have left an empty file.
		return nil
	}
	var state struct {
		Resources []struct {
			Mode, Type, Name string
			Instances        []struct {
				Key        any            `json:"index_key"`
				Status     string         `json:"status"`
				Deposed    string         `json:"deposed"`
				Attributes map[string]any `json:"attributes"`
			}
		}
	}
	if err == nil {
		err = json.Unmarshal(text, &state)
	}
	if err != nil {
		tf.t.Fatal(err)
	}
	var all []*Resource
	for _, resource := range state.Resources {
		for _, one := range resource.Instances {
			address := resource.Type + "." + resource.Name
			if resource.Mode == "data" {
				address = "data." + address
			}
			switch key := one.Key.(type) {
			case string:
				address += "[" + strconv.Quote(key) + "]"
			case float64:
				address += "[" + strconv.FormatFloat(key, 'f', -1, 64) + "]"
			}
			if one.Deposed == "" {
				all = append(all, &Resource{Address: address, Tainted: one.Status == "tainted", Values: one.Attributes})
			}
		}
	}
	return all
}

// State is what the state file has at address.
func (tf *Terraform) State(address string) *Resource {
	tf.t.Helper()
	for _, resource := range tf.Resources() {
		if resource.Address == address {
			return resource
		}
	}
	return nil
}
