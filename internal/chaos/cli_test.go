package chaos

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
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
  type = map(object({ cluster = string, description = string, retention = number, generation = string }))
}

resource "atlasbackup_snapshot" "test" {
  for_each = var.snapshots

  project_id        = var.project_id
  cluster_name      = each.value.cluster
  description       = each.value.description
  retention_in_days = each.value.retention
  triggers          = { generation = each.value.generation }
}
`

// cli is a user with real Terraform.
type cli struct {
	*terraform
	tf *acctest.Terraform
}

// write writes the wishes where Terraform finds them.
func (c *cli) write(t *testing.T) {
	t.Helper()
	snapshots := map[string]any{}
	for i, w := range c.wishes {
		if w.present {
			snapshots[fmt.Sprint(i)] = map[string]any{
				"cluster": w.cluster, "description": w.description, "retention": w.retention, "generation": fmt.Sprint(w.generation),
			}
		}
	}
	encoded, err := json.Marshal(map[string]any{"snapshots": snapshots})
	if err != nil {
		t.Fatal(err)
	}
	c.tf.Write("snapshots.auto.tfvars.json", string(encoded))
}

// known are the ids of the snapshots in the state file.
func (c *cli) known(t *testing.T) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(c.tf.Directory(), "terraform.tfstate"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	var state struct {
		Resources []struct {
			Instances []struct {
				Attributes struct {
					SnapshotID string `json:"snapshot_id"`
				} `json:"attributes"`
			} `json:"instances"`
		} `json:"resources"`
	}
	if err := json.Unmarshal(text, &state); err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, resource := range state.Resources {
		for _, instance := range resource.Instances {
			ids[instance.Attributes.SnapshotID] = true
		}
	}
	return ids
}

// TestChaos_terraform is the same with real Terraform, two of them at a time.
func TestChaos_terraform(t *testing.T) {
	w := newWorld(t, *seed+1)
	var users []*cli
	for _, user := range w.users {
		users = append(users, &cli{user, user.atlas.Terraform(t, map[string]string{"main.tf": configuration})})
	}
	for w.applies+w.destroys < *cliRuns && !t.Failed() {
		for _, user := range users {
			user.reconsider()
			user.write(t)
		}
		w.mischief(w.users)
		var running []*acctest.Run
		for range users {
			command := acctest.Apply
			if w.chance.IntN(6) == 0 {
				command = acctest.Destroy
				w.destroys++
			} else {
				w.applies++
			}
			running = append(running, users[len(running)].tf.Start(command...))
		}
		said := ""
		for _, run := range running {
			output, _ := run.Wait()
			said += output
		}
		w.calm()
		w.auditFiles(users, said)
	}
	var sum tally
	sum.add(w)
	fmt.Printf("chaos with terraform: %s seed=%d\n", &sum, *seed)
}

// auditFiles is audit for state files.
func (w *world) auditFiles(users []*cli, said string) {
	known, by := map[string]bool{}, map[string]int{}
	for _, user := range users {
		for id := range user.known(w.t) {
			if known[id] {
				w.duplicates++
				w.t.Errorf("snapshot %s is in two states", id)
			}
			known[id] = true
		}
	}
	for _, s := range w.atlas.Existing() {
		switch {
		case w.others[s.ID]:
			continue
		case known[s.ID]:
		case strings.Contains(said, "may or may not have taken a snapshot"):
			// The user deletes it, as the error advises who finds one that nobody wants.
			w.adopted++
			w.others[s.ID] = true
			continue
		default:
			w.orphans++
			w.t.Errorf("no state has snapshot %s (%s, %q, %s); seed %d, run %d\n%s", s.ID, s.ClusterName, s.Description, s.Status, *seed, w.applies+w.destroys, said)
		}
		if by[s.Description]++; by[s.Description] > 1 {
			w.duplicates++
			w.t.Errorf("Atlas has %d snapshots %q", by[s.Description], s.Description)
		}
	}
}
