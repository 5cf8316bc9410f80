package flexrestore_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
)

// TestAccFlexRestore_upgrade plans and applies states that Terraform and the first version of this resource have written. Whatever the code
// has become: never a restore, never a replacement. A new version adds its own states and keeps these.
func TestAccFlexRestore_upgrade(t *testing.T) {
	t.Parallel()
	states, err := filepath.Glob("testdata/states/*.json")
	if err != nil || len(states) < 4 {
		t.Fatalf("only %d states: %v", len(states), err)
	}
	for _, file := range states {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newRestore(t)
			state, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			arguments := map[string]string{
				"imported": s.fromSnapshot(), "in-progress": s.fromSnapshot() + "triggers = { week = \"2\" }",
			}[name]
			if arguments == "" {
				arguments = s.fromSnapshot() + "triggers = { week = \"1\" }"
			}
			files := acctest.Files(s.block(arguments))
			files["terraform.tfstate"] = strings.NewReplacer("PROJECT", s.Fixture().ProjectID, "SNAPSHOT", s.snapshot).Replace(string(state))
			s.tf = s.Terraform(t, files)
			// Long after the restores.
			s.Clock.Advance(400 * 24 * time.Hour)
			before := s.tf.Values(address)
			output := s.tf.Do(0, acctest.Apply...)
			for _, word := range []string{"must be replaced", "will be destroyed", "will be created"} {
				if strings.Contains(output, word) {
					t.Errorf("%s:\n%s", word, output)
				}
			}
			s.tf.Do(0, acctest.Plan...)
			if restores := s.Restores(); len(restores) > 0 {
				t.Errorf("it restored: %+v", restores)
			}
			if name == "in-progress" {
				// The simulator has no such job.
				before["status"] = "unknown"
			}
			if diff := cmp.Diff(before, s.tf.Values(address)); diff != "" {
				t.Errorf("the state has changed:\n%s", diff)
			}
		})
	}
}
