package snapshot_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// imports are import blocks of snapshots, by their import ids.
func imports(a *acctest.Atlas, cluster string, ids ...string) string {
	var text strings.Builder
	for i, id := range ids {
		fmt.Fprintf(&text, "import {\n  to = atlasbackup_snapshot.s%d\n  id = \"%s/%s/%s\"\n}\n", i, a.Fixture().ProjectID, cluster, id)
	}
	return text.String()
}

const versions = "terraform {\n  required_providers {\n    atlasbackup = { source = \"atlasbackup/atlasbackup\" }\n  }\n}\n"

// TestAccSnapshot_generatedConfiguration has Terraform write the configuration of snapshots that exist: as it is written,
// it imports them and changes nothing.
func TestAccSnapshot_generatedConfiguration(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	sharded := a.Fixture().ShardedClusterName
	ids := []string{
		seeded(t, a, atlassim.Seed{Description: new("before the upgrade"), ExpiresAt: acctest.Start.AddDate(0, 0, 9)}),
		seeded(t, a, atlassim.Seed{SnapshotType: "scheduled", PolicyItems: []string{"697a86e03265a83afa7bbaf1"}}),
		seeded(t, a, atlassim.Seed{Description: new("a \"quote\", a ${reference} and a\nline"), MasterKeyUUID: "a-key"}),
	}
	tf := a.Terraform(t, map[string]string{
		"versions.tf": versions, "import.tf": imports(a, a.Fixture().ClusterName, ids...),
		"sharded.tf": strings.ReplaceAll(imports(a, sharded, seeded(t, a, atlassim.Seed{ClusterName: sharded})), ".s0", ".sharded"),
	})
	mustSay(t, tf.Do(0, "plan", "-no-color", "-generate-config-out=generated.tf"), "Plan: 4 to import, 0 to add, 0 to change, 0 to destroy.")
	written, err := os.ReadFile(filepath.Join(tf.Directory(), "generated.tf"))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("Terraform wrote\n%s", written)
	mustSay(t, tf.Do(0, acctest.Apply...), "4 imported, 0 added, 0 changed, 0 destroyed")
	tf.Do(0, acctest.Plan...)
	if writes := count(a, "POST") + count(a, "PATCH") + count(a, "DELETE"); writes > 0 {
		t.Errorf("%d requests changed something", writes)
	}
}

// TestAccSnapshot_identity imports by identity and finds it in the state.
func TestAccSnapshot_identity(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	take := step(a, nil)
	take.ConfigStateChecks = []statecheck.StateCheck{statecheck.ExpectIdentityValueMatchesState(address, tfjsonpath.New("snapshot_id"))}
	imported := step(a, nil)
	imported.ResourceName, imported.ImportState = address, true
	imported.ImportStateKind = resource.ImportBlockWithResourceIdentity
	imported.ImportPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionNoop)}
	resource.Test(t, resource.TestCase{
		IsUnitTest:               true,
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		ProtoV6ProviderFactories: a.Providers(),
		Steps:                    []resource.TestStep{take, imported},
	})
}
