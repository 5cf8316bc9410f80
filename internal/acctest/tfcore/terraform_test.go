package tfcore_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

func TestMain(m *testing.M) { acctest.Main(m) }

const configuration = `
variable "project_id" { type = string }

variable "cluster_name" { type = string }

variable "retention" {
  type    = number
  default = 7
}

variable "generation" {
  type    = string
  default = null
}

variable "on_expiry" {
  type    = string
  default = null
}

variable "copies" {
  type    = number
  default = 2
}

variable "check" {
  type    = bool
  default = false
}

provider "atlasbackup" {
  check_at_plan = var.check
}

resource "atlasbackup_snapshot" "counted" {
  count             = var.copies
  project_id        = var.project_id
  cluster_name      = var.cluster_name
  retention_in_days = var.retention
  description       = "number ${count.index}"

  timeouts {
    create = "1h"
  }
}

resource "atlasbackup_snapshot" "keyed" {
  for_each          = { first = "Sharded0" }
  project_id        = var.project_id
  cluster_name      = each.value
  retention_in_days = var.retention
  description       = each.key
  on_expiry         = var.on_expiry
  triggers          = var.generation == null ? null : { generation = var.generation }

  lifecycle {
    create_before_destroy = true
  }
}

data "atlasbackup_snapshots" "all" {
  project_id   = var.project_id
  cluster_name = "Idle"
}
`

// result is what a command has done.
type result struct {
	Command  string
	ExitCode int
	// Said are the plan's line and the summaries of warnings and errors.
	Said     []string
	State    []string
	Requests []string
}

var telling = regexp.MustCompile(`Plan: [^.]*\.|No changes\.|complete! Resources: [^.]*\.|(?:Warning|Error): [A-Z][a-z ]*[a-z]`)

// ofOneRun is what depends on which of several snapshots Terraform happens to take first: IDs, times and sizes.
var ofOneRun = regexp.MustCompile(`\b[0-9a-f]{24}\b|\d{4}-\d\d-\d\dT[\d:]+Z|\b\d{8,}\b`)

// script lives a life in which every kind of change comes.
func script(t *testing.T, start func(*acctest.Atlas, *testing.T, map[string]string) *acctest.Terraform) []result {
	t.Helper()
	a := acctest.NewAtlas(t)
	if err := a.AddCluster(atlassim.ClusterSpec{Name: "Idle"}); err != nil {
		t.Fatal(err)
	}
	// Completed at the first look, whichever Terraform takes first.
	a.CompleteAfter(time.Second)
	tf := start(a, t, acctest.Files(configuration))
	var results []result
	run := func(command string, options ...string) {
		t.Helper()
		arguments := append(strings.Fields(command), "-no-color")
		if command != "untaint" {
			arguments = append(arguments, "-parallelism=1")
		}
		switch strings.Fields(command)[0] {
		case "apply", "destroy":
			arguments = append(arguments, "-auto-approve")
		case "plan":
			arguments = append(arguments, "-detailed-exitcode")
		case "untaint", "import":
			arguments = strings.Fields(command)
		}
		for _, option := range options {
			arguments = append(arguments, "-var", option)
		}
		output, code := tf.Start(arguments...).Wait()
		one := result{Command: strings.Join(arguments, " "), ExitCode: code, Said: telling.FindAllString(output, -1)}
		resources := tf.Resources()
		slices.SortFunc(resources, func(a, b *acctest.Resource) int { return strings.Compare(a.Address, b.Address) })
		encoded, err := json.MarshalIndent(resources, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		one.State = strings.Split(ofOneRun.ReplaceAllString(string(encoded), "…"), "\n")
		for _, request := range a.Requests() {
			if request.Auth != "none" {
				one.Requests = append(one.Requests, request.Method+" "+ofOneRun.ReplaceAllString(request.Path, "…")+"?"+request.Query)
			}
		}
		slices.Sort(one.Requests)
		slices.Sort(one.Said)
		a.ClearRequests()
		results = append(results, one)
	}
	run("plan")
	run("apply")
	run("plan")
	run("apply", "retention=9")
	run("plan -refresh=false", "retention=9", "check=true")
	run("apply", "retention=9", "generation=1")
	run("apply", "retention=9", "generation=1", "copies=1")
	run("apply -replace=atlasbackup_snapshot.counted[0]", "retention=9", "generation=1", "copies=1")
	run(`apply -replace=atlasbackup_snapshot.keyed["first"]`, "retention=9", "generation=1", "copies=1")
	a.NextSnapshot(atlassim.Plan{Fail: true})
	run("apply", "retention=9", "generation=1")
	run("untaint atlasbackup_snapshot.counted[1]")
	run("untaint atlasbackup_snapshot.counted[1]")
	run("apply", "retention=9", "generation=1")
	a.Clock.Advance(40 * 24 * time.Hour)
	run("plan -refresh-only", "retention=9", "generation=1")
	run("apply -refresh-only", "retention=9", "generation=1")
	run("plan", "retention=9", "generation=1", "on_expiry=recreate")
	run("apply", "retention=0")
	run("plan -destroy", "retention=9", "generation=1")
	a.AddFault(atlassim.Fault{Status: 403, Times: -1})
	run("destroy", "retention=9", "generation=1")
	a.ClearFaults()
	run("destroy", "retention=9", "generation=1")
	return results
}

// TestLikeTerraform runs the same commands in process and with real Terraform: the provider is asked for the same, and what is
// said and kept is the same.
func TestLikeTerraform(t *testing.T) {
	t.Parallel()
	onTerraform := func(a *acctest.Atlas, t *testing.T, files map[string]string) *acctest.Terraform {
		return a.Terraform(t, files)
	}
	want, got := script(t, onTerraform), script(t, (*acctest.Atlas).InProcess)
	for i := range want {
		if diff := cmp.Diff(want[i], got[i]); diff != "" {
			t.Errorf("terraform %s (-Terraform +in process):\n%s", want[i].Command, diff)
		}
	}
}

// TestUnknown refuses what it does not know.
func TestUnknown(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ configuration, command string }{
		"command":   {"", "show -json"},
		"argument":  {"", "plan -out=file"},
		"plan file": {"", "apply file"},
		"block":     {"import {\n  to = a.b\n  id = \"c\"\n}\n", "plan"},
		"resource":  {"resource \"terraform_data\" \"x\" {}\n", "plan"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tf := acctest.NewAtlas(t).InProcess(t, map[string]string{"main.tf": c.configuration})
			output, code := tf.Start(strings.Fields(c.command)...).Wait()
			if code == 0 || !strings.Contains(output, "wants a real Terraform") {
				t.Errorf("exit code %d: %s", code, output)
			}
		})
	}
}
