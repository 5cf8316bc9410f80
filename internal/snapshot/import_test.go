package snapshot_test

import (
	"strings"
	"testing"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
)

// TestAccSnapshot_importedPlansEmpty imports into a new state, with and without triggers in the configuration.
func TestAccSnapshot_importedPlansEmpty(t *testing.T) {
	t.Parallel()
	for name, exitCode := range map[string]int{"": 0, `triggers={version="8"}`: 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			tf := terraform(t, a)
			tf.Do(0, append(acctest.Apply, "-var", "retention_in_days=45")...)
			id, _ := tf.State(address).Values["id"].(string)

			fresh := terraform(t, a)
			arguments := []string{"-no-color", "-var", "retention_in_days=45"}
			if name != "" {
				arguments = append(arguments, "-var", name)
			}
			fresh.Do(0, append(append([]string{"import"}, arguments...), address, id)...)
			plan := fresh.Do(exitCode, append([]string{"plan", "-detailed-exitcode"}, arguments...)...)
			// Triggers that an imported snapshot has not had yet are no reason to take it again.
			mustNotSay(t, plan, "must be replaced")
		})
	}
}

func TestAccSnapshot_importRefused(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	project := a.Fixture().ProjectID
	for id, said := range map[string]string{
		"":                         "the import ID is empty",
		"69ca65c03265a83afa7bbafa": "has 1 part separated by slashes",
		project + "-My-Cluster-69ca65c03265a83afa7bbafa":         "import it as " + project + "/My-Cluster/69ca65c03265a83afa7bbafa",
		project + "/Cluster0/69ca65c03265a83afa7bbafa/":          "has 4 parts",
		"short/Cluster0/69ca65c03265a83afa7bbafa":                `project_id "short" must be 24 hexadecimal digits`,
		project + "/under_score/69ca65c03265a83afa7bbafa":        `cluster_name "under_score" must be a cluster's name`,
		project + "/Cluster0/69CA65C03265A83AFA7BBAFA":           "must be 24 hexadecimal digits in lower case",
		project + "/Cluster0/69ca65c03265a83afa7bbafa":           "Cannot import non-existent remote object",
		project + "/NoSuchCluster/69ca65c03265a83afa7bbafa":      "Cannot import non-existent remote object",
		project + "-Cluster0-69ca65c03265a83afa7bbafa-and-so-on": "A snapshot is imported as project_id/cluster_name/snapshot_id",
	} {
		tf := terraform(t, a)
		output := tf.Do(1, "import", "-no-color", address, id)
		mustSay(t, output, said)
		mustNotSay(t, output, "error in the provider")
		if n := strings.Count(output, "Error: "); n != 1 {
			t.Errorf("importing %q shows %d errors, expected one:\n%s", id, n, output)
		}
		if tf.State(address) != nil {
			t.Errorf("importing %q left something in the state", id)
		}
	}
}
