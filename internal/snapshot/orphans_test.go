package snapshot_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// TestAccSnapshot_orphanOrNot is about the warning of a snapshot that a killed run may have left behind: what is alike and
// recent, and nothing else.
func TestAccSnapshot_orphanOrNot(t *testing.T) {
	t.Parallel()
	// What the configuration of testdata/snapshot asks for.
	alike := func() atlassim.Seed {
		return atlassim.Seed{Description: new("before the upgrade"), CreatedAt: acctest.Start, ExpiresAt: acctest.Start.Add(7 * day)}
	}
	for name, c := range map[string]struct {
		change func(*atlassim.Seed)
		later  time.Duration
		orphan bool
	}{
		"alike, completed":          {func(*atlassim.Seed) {}, 10 * time.Minute, true},
		"alike, in progress":        {func(s *atlassim.Seed) { s.Status = "inProgress" }, time.Minute, true},
		"alike, an hour ago":        {func(*atlassim.Seed) {}, 59 * time.Minute, true},
		"alike, over an hour ago":   {func(*atlassim.Seed) {}, 62 * time.Minute, false},
		"alike, but for its spaces": {func(s *atlassim.Seed) { s.Description = new("before  the\tupgrade") }, 0, true},
		"another description":       {func(s *atlassim.Seed) { s.Description = new("after the upgrade") }, 0, false},
		"no description":            {func(s *atlassim.Seed) { s.Description = nil }, 0, false},
		"another retention":         {func(s *atlassim.Seed) { s.ExpiresAt = s.ExpiresAt.Add(day) }, 0, false},
		"of the schedule":           {func(s *atlassim.Seed) { s.SnapshotType = "scheduled" }, 0, false},
		"failed":                    {func(s *atlassim.Seed) { s.Status = "failed" }, 0, false},
		"of another cluster":        {func(s *atlassim.Seed) { s.ClusterName = "Sharded0" }, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			seed := alike()
			c.change(&seed)
			id, err := a.SeedSnapshot(seed)
			if err != nil {
				t.Fatal(err)
			}
			a.Clock.Advance(c.later)
			output := terraform(t, a).Do(0, acctest.Apply...)
			if c.orphan {
				mustSay(t, output, "Warning: Snapshot of an earlier run", "terraform import <address> "+a.Fixture().ProjectID+"/"+a.Fixture().ClusterName+"/"+id)
			} else {
				mustNotSay(t, output, "Warning")
			}
			lists := 0
			for _, request := range a.Requests() {
				if request.Method == http.MethodGet && request.Auth != "none" && strings.HasSuffix(request.Path, "/backup/snapshots") {
					lists++
				}
			}
			if seed.Status != "inProgress" && lists != 1 {
				t.Errorf("the list was read %d times, expected once, as always", lists)
			}
		})
	}
}

// TestAccSnapshot_siblingsAreNoOrphans takes several alike in one apply: each finds those before it.
func TestAccSnapshot_siblingsAreNoOrphans(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	files := configuration(t)
	files["more.tf"] = "resource \"atlasbackup_snapshot\" \"more\" {\n  count = 3\n  project_id = var.project_id\n  cluster_name = var.cluster_name\n" +
		"  retention_in_days = var.retention_in_days\n  description = var.description\n}\n"
	mustNotSay(t, a.InProcess(t, files).Do(0, acctest.Apply...), "Warning")
	if all := a.Snapshots(); len(all) != 4 {
		t.Errorf("Atlas has %d snapshots, expected 4", len(all))
	}
}

// TestAccSnapshot_leftIsNoOrphan replaces a snapshot that skip_destroy leaves in Atlas: the new one finds it, alike and
// recent. It is imported, so that nothing but its letting go tells this process of it.
func TestAccSnapshot_leftIsNoOrphan(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	id, err := a.SeedSnapshot(atlassim.Seed{
		Description: new("before the upgrade"), CreatedAt: acctest.Start, ExpiresAt: acctest.Start.Add(7 * day),
	})
	if err != nil {
		t.Fatal(err)
	}
	tf := terraform(t, a)
	tf.Do(0, "import", "-no-color", address, a.Fixture().ProjectID+"/"+a.Fixture().ClusterName+"/"+id)
	leaving := append(acctest.Apply, "-var", "skip_destroy=true")
	tf.Do(0, append(leaving, "-var", `triggers={version="7"}`)...)
	mustNotSay(t, tf.Do(0, append(leaving, "-var", `triggers={version="8"}`)...), "Snapshot of an earlier run")
	if all := a.Snapshots(); len(all) != 2 {
		t.Errorf("Atlas has %d snapshots, expected 2", len(all))
	}
}
