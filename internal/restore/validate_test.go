package restore_test

import (
	"strings"
	"testing"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
)

// TestAccRestore_badInput shows one clear error for each mistake that can be seen before anything is requested.
func TestAccRestore_badInput(t *testing.T) {
	t.Parallel()
	const id = "snapshot_id = \"69ca65c03265a83afa7bbafa\""
	for name, c := range map[string]struct {
		arguments string
		sentences []string
	}{
		"another target confirmed": {
			id + "\n erase_target = \"Cluster0\"",
			[]string{"Target not confirmed", `erase_target is "Cluster0", and the target is "Target0": set erase_target = "Target0" if that cluster may be erased`},
		},
		"target not confirmed":         {id, []string{"Missing required argument", `"erase_target" is required`}},
		"target confirmed with a typo": {id + "\n erase_target = \"Target0 \"", []string{"Target not confirmed", `erase_target is "Target0 "`}},
		"no source":                    {confirmed, []string{"Missing argument", "Exactly one of snapshot_id, most_recent = true, point_in_time and oplog_ts", "none of them is set"}},
		"most_recent = false":          {confirmed + "most_recent = false", []string{"Missing argument", "none of them is set"}},
		"two sources":                  {confirmed + id + "\n most_recent = true", []string{"Conflicting arguments", "both snapshot_id and most_recent are set"}},
		"two points in time": {
			confirmed + "point_in_time = \"2026-03-30T11:00:00Z\"\n oplog_ts = 1774868400\n oplog_inc = 1",
			[]string{"Conflicting arguments", "both point_in_time and oplog_ts are set"},
		},
		"half an oplog timestamp": {confirmed + "oplog_ts = 1774868400", []string{"oplog_ts requires oplog_inc"}},
		"the other half":          {confirmed + "most_recent = true\n oplog_inc = 1", []string{"oplog_inc requires oplog_ts"}},
		"a time without a zone":   {confirmed + "point_in_time = \"2026-03-30 11:00\"", []string{"RFC 3339"}},
		"an ID that is none":      {confirmed + "snapshot_id = \"newest\"", []string{"24 hexadecimal digits"}},
		"an oplog timestamp that is no number of seconds": {
			confirmed + "oplog_ts = 4102444800000\n oplog_inc = 1", []string{"oplog_ts", "between 1 and 2147483647"},
		},
		"a timeout of zero": {confirmed + id + "\n timeouts { create = \"0s\" }", []string{"must be a duration longer than zero"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			tf := a.Terraform(t, acctest.Files(resourceBlock(a, c.arguments)))
			output := tf.Do(1, "validate", "-no-color")
			acctest.ExpectOutput(t, output, c.sentences...)
			if n := strings.Count(output, "Error: "); n != 1 {
				t.Errorf("there are %d errors:\n%s", n, output)
			}
			if len(a.Requests()) > 0 {
				t.Errorf("Atlas was asked: %v", a.RequestPaths())
			}
		})
	}
}

const (
	address    = "atlasbackup_restore.test"
	targetName = "Target0"
	confirmed  = "erase_target = \"" + targetName + "\"\n"
)

// resourceBlock is a restore of the fixture's replica set onto the target, with more arguments.
func resourceBlock(a *acctest.Atlas, arguments string) string {
	fixture := a.Fixture()
	return `
resource "atlasbackup_restore" "test" {
  project_id          = "` + fixture.ProjectID + `"
  cluster_name        = "` + fixture.ClusterName + `"
  target_cluster_name = "` + targetName + `"
  ` + arguments + `
}
`
}
