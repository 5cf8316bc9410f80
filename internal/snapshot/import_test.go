package snapshot_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
)

// clusters are the variables of a replica set and of a sharded cluster.
func clusters(a *acctest.Atlas) map[string]config.Variables {
	return map[string]config.Variables{
		"replica set": {"retention_in_days": config.IntegerVariable(12)},
		"sharded": {
			"retention_in_days": config.IntegerVariable(12),
			"cluster_name":      config.StringVariable(a.Fixture().ShardedClusterName),
		},
	}
}

func TestAccSnapshot_import(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"replica set", "sharded"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			take := step(a, clusters(a)[name])
			imported := step(a, clusters(a)[name])
			imported.ResourceName, imported.ImportState, imported.ImportStateVerify = address, true, true
			imported.ImportStateVerifyIgnore = []string{"timeouts"}
			a.Test(t, take, imported)
		})
	}
}

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
		"69ca65c03265a83afa7bbafa":                               "has 1 parts separated by slashes",
		project + "/Cluster0/69ca65c03265a83afa7bbafa/":          "has 4 parts",
		"short/Cluster0/69ca65c03265a83afa7bbafa":                `project_id "short" must be 24 hexadecimal digits`,
		project + "/under_score/69ca65c03265a83afa7bbafa":        `cluster_name "under_score" must be a cluster's name`,
		project + "/Cluster0/69CA65C03265A83AFA7BBAFA":           "must be 24 hexadecimal digits in lower case",
		project + "/Cluster0/69ca65c03265a83afa7bbafa":           "Cannot import non-existent remote object",
		project + "/NoSuchCluster/69ca65c03265a83afa7bbafa":      "Cannot import non-existent remote object",
		project + "-Cluster0-69ca65c03265a83afa7bbafa-and-so-on": "A snapshot is imported as project_id/cluster_name/snapshot_id",
	} {
		tf := terraform(t, a)
		mustSay(t, tf.Do(1, "import", "-no-color", address, id), said)
		if tf.State(address) != nil {
			t.Errorf("importing %q left something in the state", id)
		}
	}
}

func TestAccSnapshot_sharded(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	take := expect(step(a, clusters(a)["sharded"]), plancheck.ResourceActionCreate)
	take.ConfigStateChecks = []statecheck.StateCheck{
		value("type", knownvalue.StringExact("shardedCluster")),
		value("status", knownvalue.StringExact("completed")),
		value("replica_set_name", knownvalue.Null()),
		value("config_server_type", knownvalue.StringExact("EMBEDDED")),
		value("snapshot_ids", knownvalue.ListSizeExact(2)),
		value("members", knownvalue.ListPartial(map[int]knownvalue.Check{0: knownvalue.ObjectExact(map[string]knownvalue.Check{
			"id":               knownvalue.StringRegexp(regexp.MustCompile(`^[a-f0-9]{24}$`)),
			"cloud_provider":   knownvalue.StringExact("AWS"),
			"replica_set_name": knownvalue.NotNull(),
		})})),
	}
	longer := config.Variables{"retention_in_days": config.IntegerVariable(30), "cluster_name": clusters(a)["sharded"]["cluster_name"]}
	refreshed := resource.TestStep{
		RefreshState: true, PreConfig: a.ClearRequests,
		Check: func(*terraformState) error { return nil },
	}
	a.Test(t, take, expect(step(a, longer), plancheck.ResourceActionUpdate), refreshed)
	if left := a.Existing(); len(left) != 0 {
		t.Errorf("destroy left %v in Atlas", left)
	}
}
