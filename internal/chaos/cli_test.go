package chaos

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/zclconf/go-cty/cty"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest/tfcore"
)

var cliRuns = flag.Int("chaos.terraform", 4, "how many times to apply or destroy with real Terraform")

const configuration = `
terraform {
  required_providers {
    atlasbackup = { source = "atlasbackup/atlasbackup" }
  }
}

variable "project_id" {}
variable "cluster_name" {}

variable "snapshots" {
  type = map(object({
    cluster = string, description = string, retention = number, generation = string, on_expiry = string, skip_destroy = bool
  }))
}

resource "atlasbackup_snapshot" "test" {
  for_each = var.snapshots

  project_id        = var.project_id
  cluster_name      = each.value.cluster
  description       = each.value.description
  retention_in_days = each.value.retention
  triggers          = { generation = each.value.generation }
  on_expiry         = each.value.on_expiry
  skip_destroy      = each.value.skip_destroy
}
`

// cli is a user with real Terraform.
type cli struct {
	*terraform
	tf *acctest.Terraform
	// way is what the requests of its provider pass through.
	way *way
}

// way is a way to a simulator on which something happens to a run while a request is on it.
type way struct {
	simulator http.Handler

	mu     sync.Mutex
	left   int // requests until then; below zero nothing happens
	happen func()
}

func (w *way) ServeHTTP(answer http.ResponseWriter, request *http.Request) {
	if happen := w.next(); happen != nil {
		happen()
	}
	w.simulator.ServeHTTP(answer, request)
}

// next is what happens with this request; nil is nothing.
func (w *way) next() func() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.left--
	if w.left != 0 {
		return nil
	}
	return w.happen
}

func (w *way) arm(left int, happen func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.left, w.happen = left, happen
}

func newCLI(user *terraform, tf *acctest.Terraform, on *way) *cli {
	c := &cli{user, tf, on}
	user.adopt = func(t *testing.T, i int, id string) error {
		t.Helper()
		output, code := tf.Start("import", "-no-color", fmt.Sprintf("atlasbackup_snapshot.test[%q]", fmt.Sprint(i)), id).Wait()
		tf.WaitForProviders()
		if code != 0 {
			return errors.New(output)
		}
		c.read(t)
		return nil
	}
	return c
}

// write writes the wishes where Terraform finds them.
func (c *cli) write(t *testing.T) {
	t.Helper()
	snapshots := map[string]any{}
	for i, w := range c.wishes {
		if !w.present {
			continue
		}
		one := map[string]any{
			"cluster": w.cluster, "description": w.description, "retention": w.retention, "generation": fmt.Sprint(w.generation),
			"skip_destroy": w.skipDestroy, "on_expiry": nil,
		}
		if w.onExpiry != "" {
			one["on_expiry"] = w.onExpiry
		}
		snapshots[fmt.Sprint(i)] = one
	}
	encoded, err := json.Marshal(map[string]any{"snapshots": snapshots})
	if err != nil {
		t.Fatal(err)
	}
	c.tf.Write("snapshots.auto.tfvars.json", string(encoded))
}

// read reads the state file.
func (c *cli) read(t *testing.T) {
	t.Helper()
	clear(c.state)
	clear(c.deposed)
	text, err := os.ReadFile(filepath.Join(c.tf.Directory(), "terraform.tfstate"))
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	var state struct {
		Resources []struct {
			Instances []struct {
				Key        string         `json:"index_key"`
				Status     string         `json:"status"`
				Deposed    string         `json:"deposed"`
				Private    []byte         `json:"private"`
				Attributes map[string]any `json:"attributes"`
			} `json:"instances"`
		} `json:"resources"`
	}
	if err := json.Unmarshal(text, &state); err != nil {
		t.Fatal(err)
	}
	for _, resource := range state.Resources {
		for _, instance := range resource.Instances {
			i, err := strconv.Atoi(instance.Key)
			if err != nil {
				i = resources + len(c.state) // of a configuration with names of its own
			}
			o := &tfcore.Object{Private: instance.Private, Tainted: instance.Status == "tainted"}
			texts := map[string]cty.Value{}
			for name, value := range instance.Attributes {
				if text, ok := value.(string); ok {
					texts[name] = cty.StringVal(text)
				}
			}
			o.Value = cty.ObjectVal(texts)
			if instance.Deposed != "" {
				c.deposed[i] = o
				continue
			}
			c.state[i] = o
		}
	}
}

var severity = regexp.MustCompile(`(?:Warning|Error): `)

// listen takes in what Terraform has printed.
func (c *cli) listen(output string) {
	c.notes = []string{output}
	for i, w := range c.wishes {
		if strings.Contains(output, mayHaveTaken) {
			c.heard.unsure[w.description] = true
		}
		if strings.Contains(output, "Snapshot is older than its new retention") {
			c.wishes[i].retention += 30
		}
	}
	for _, part := range severity.Split(output, -1)[1:] {
		// A summary has no mark at its end here: its beginning will do.
		c.hear(&tfprotov6.Diagnostic{Summary: part[:min(len(part), 40)], Detail: part})
	}
}

// start starts a command. Terraform and its provider get a signal together, as timeout, systemd and most runners send it, while
// the nth request is on its way; 0 is never.
func (c *cli) start(t *testing.T, n int, signal syscall.Signal, command ...string) *acctest.Run {
	t.Helper()
	started := make(chan *acctest.Run, 1)
	c.way.arm(n, func() {
		run := <-started
		if err := run.SignalGroup(signal); err != nil {
			t.Errorf("%s: %v", signal, err)
		}
		// The request goes on once Terraform has understood.
		run.WaitForOutput("Interrupt received")
		c.mu.Lock()
		defer c.mu.Unlock()
		c.interrupted++
	})
	run := c.tf.Start(command...)
	started <- run
	return run
}

// end waits for a command, and takes in what it has said and done. No provider outlives it.
func (c *cli) end(t *testing.T, run *acctest.Run) int {
	t.Helper()
	output, code := run.Wait()
	c.tf.WaitForProviders()
	c.listen(output)
	c.read(t)
	return code
}

// TestChaos_terraform is the same with real Terraform, two of them at a time, each of which starts its provider as a process.
func TestChaos_terraform(t *testing.T) {
	w := newWorld(t, *seed+1, true)
	var users []*cli
	for _, user := range w.users {
		on := &way{}
		user.atlas.Intercept(t, func(simulator http.Handler) http.Handler {
			on.simulator = simulator
			return on
		})
		users = append(users, newCLI(user, user.atlas.TerraformWithProcesses(t, map[string]string{"main.tf": configuration}), on))
	}
	for w.applies+w.destroys < *cliRuns && !t.Failed() {
		w.cliRound(users)
	}
	if !t.Failed() {
		w.cliRest(users)
	}
	fmt.Printf("chaos with terraform: %s seed=%d\n", w.count(), *seed)
}

// cliRound is round with real Terraform.
func (w *world) cliRound(users []*cli) {
	destroy := make([]bool, len(users))
	for i, user := range users {
		user.reconsider()
		clear(user.replace)
		user.write(w.t)
		destroy[i] = w.chance.IntN(6) == 0
	}
	before := w.look(destroy)
	w.injectFaults()
	var running []*acctest.Run
	for i, user := range users {
		n, signal := 0, pick(w.chance, syscall.SIGTERM, syscall.SIGINT)
		if w.chance.IntN(3) == 0 && runtime.GOOS != "windows" {
			n = 1 + w.chance.IntN(40)
			w.events++
		}
		command := acctest.Apply
		if destroy[i] {
			command = acctest.Destroy
			w.destroys++
		} else {
			w.applies++
		}
		running = append(running, user.start(w.t, n, signal, command...))
	}
	for i, run := range running {
		users[i].end(w.t, run)
	}
	w.calm()
	w.audit(before)
}

// cliRest is rest with real Terraform.
func (w *world) cliRest(users []*cli) {
	for _, user := range users {
		code := 1
		for try := 0; try < 8 && code != 0; try++ {
			user.write(w.t)
			before := w.look(make([]bool, len(users)))
			w.applies++
			code = user.end(w.t, user.start(w.t, 0, 0, acctest.Apply...))
			w.audit(before)
			w.atlas.Clock.Advance(time.Hour)
		}
		if code != 0 {
			w.errorf("with nothing wrong terraform apply ends with %d", code)
		}
		if code := user.end(w.t, user.start(w.t, 0, 0, acctest.Plan...)); code != 0 {
			w.errorf("after a rest terraform plan -detailed-exitcode ends with %d", code)
		}
	}
}
