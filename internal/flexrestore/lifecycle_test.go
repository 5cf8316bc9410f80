package flexrestore_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

const (
	address    = "atlasbackup_flex_restore.test"
	targetName = "Flex1"
)

// restoreTest is a working directory with one restore of a snapshot of the Flex cluster onto another one.
type restoreTest struct {
	*acctest.Atlas
	tf *acctest.Terraform
	// snapshot is what is restored, and restored what it brings.
	snapshot, restored string
}

// newRestore seeds a snapshot, and has the source and the target hold something else since.
func newRestore(t *testing.T) *restoreTest {
	t.Helper()
	s := &restoreTest{Atlas: acctest.NewAtlas(t)}
	if err := s.AddCluster(atlassim.ClusterSpec{Name: targetName, Type: atlassim.TypeFlex}); err != nil {
		t.Fatal(err)
	}
	source := s.Fixture().FlexClusterName
	s.restored = s.Data(source)
	s.snapshot = s.Seed(t, atlassim.Seed{ClusterName: source}, time.Hour)
	s.lose(t)
	s.tf = s.Configuration(t, s.block(s.fromSnapshot()))
	return s
}

// lose has users write something else to both clusters.
func (s *restoreTest) lose(t *testing.T) {
	t.Helper()
	for _, name := range []string{s.Fixture().FlexClusterName, targetName} {
		if err := s.SetData(name, "something else"); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *restoreTest) fromSnapshot() string { return "snapshot_id = \"" + s.snapshot + "\"\n" }

// block is a restore with more arguments.
func (s *restoreTest) block(arguments string) string {
	return `
resource "atlasbackup_flex_restore" "test" {
  project_id          = "` + s.Fixture().ProjectID + `"
  cluster_name        = "` + s.Fixture().FlexClusterName + `"
  target_cluster_name = "` + targetName + `"
  erase_target        = "` + targetName + `"
  ` + arguments + `
}
`
}

func (s *restoreTest) configure(arguments string) { s.tf.Write("main.tf", s.block(arguments)) }

// expect checks how often the target was erased, and what it holds.
func (s *restoreTest) expect(t *testing.T, erasures int, data string) {
	t.Helper()
	if got := s.Erasures(targetName); got != erasures {
		t.Errorf("the target was erased %d times, expected %d: %+v", got, erasures, s.Restores())
	}
	if got := s.Data(targetName); got != data {
		t.Errorf("the target holds %q, expected %q", got, data)
	}
}

// settled checks that there is nothing to do, and that nothing is erased.
func (s *restoreTest) settled(t *testing.T, erasures int) {
	t.Helper()
	if output := s.tf.Do(0, acctest.Plan...); strings.Contains(output, "Warning") {
		t.Errorf("a plan without changes warns:\n%s", output)
	}
	if got := s.Erasures(targetName); got != erasures {
		t.Errorf("the target was erased %d times, expected %d: %+v", got, erasures, s.Restores())
	}
}

// TestAccFlexRestore_lifecycle restores once, and again only when a value of triggers changes.
func TestAccFlexRestore_lifecycle(t *testing.T) {
	t.Parallel()
	s := newRestore(t)
	s.NextRestore(atlassim.RestorePlan{Duration: 59 * time.Second})
	s.configure(s.fromSnapshot() + "triggers = { week = \"1\" }")
	s.tf.Do(0, acctest.Apply...)
	s.expect(t, 1, s.restored)
	s.settled(t, 1)
	job, fixture, got := s.Restores()[0], s.Fixture(), s.tf.Values(address)
	delete(got, "timeouts")
	taken := acctest.Start.Add(-time.Hour + 75*time.Second)
	want := map[string]any{
		"id": fixture.ProjectID + "/" + fixture.FlexClusterName + "/" + job.ID, "restore_job_id": job.ID, "status": "COMPLETED",
		"project_id": fixture.ProjectID, "cluster_name": fixture.FlexClusterName, "snapshot_id": s.snapshot, "most_recent": nil,
		"target_cluster_name": targetName, "target_project_id": fixture.ProjectID, "erase_target": targetName,
		"allow_repeat": nil, "triggers": map[string]any{"week": "1"}, "restored_snapshot_id": s.snapshot, "snapshot_created_at": taken.Format(time.RFC3339),
		"requested_at": job.RequestedAt.Format(time.RFC3339), "finished_at": job.FinishedAt.Format(time.RFC3339),
		"duration_seconds": float64(59), "data_age_seconds": job.RequestedAt.Sub(taken).Seconds(),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the state (-expected +got):\n%s", diff)
	}

	s.lose(t)
	s.configure(s.fromSnapshot() + "triggers = { week = \"2\" }")
	acctest.ExpectOutput(t, s.tf.Do(0, acctest.Apply...), "Warning: Target will be erased again: "+targetName)
	s.expect(t, 2, s.restored)
	s.settled(t, 2)

	// Another source, or other triggers than before where there were none, restore nothing.
	s.lose(t)
	s.configure("most_recent = true\n triggers = { week = \"2\" }")
	acctest.ExpectOutput(t, s.tf.Do(0, acctest.Apply...), "Warning: Nothing is restored: ")
	s.expect(t, 2, "something else")
	s.settled(t, 2)

	id, _ := s.tf.Values(address)["id"].(string)
	s.tf.Do(0, acctest.Destroy...)
	s.configure(s.fromSnapshot())
	s.tf.Do(0, "import", "-no-color", address, id)
	s.settled(t, 2)
	s.expect(t, 2, "something else")
}

// TestAccFlexRestore_mostRecent restores the snapshot that is the newest when it restores.
func TestAccFlexRestore_mostRecent(t *testing.T) {
	t.Parallel()
	s := newRestore(t)
	s.Seed(t, atlassim.Seed{ClusterName: s.Fixture().FlexClusterName, Status: "failed"}, 30*time.Minute)
	s.configure("most_recent = true")
	s.tf.Do(0, acctest.Apply...)
	s.settled(t, 1)
	s.tf.ExpectValues(address, map[string]any{"restored_snapshot_id": s.snapshot, "snapshot_id": nil, "status": "COMPLETED"})
}

// TestAccFlexRestore_refused requests nothing where nothing can be restored.
func TestAccFlexRestore_refused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ old, replaced, sentence string }{
		"target not there":     {`"` + targetName + `"`, `"Flex9"`, "CLUSTER_NOT_FOUND"},
		"target sharded":       {`"` + targetName + `"`, `"Sharded0"`, "it is a sharded cluster"},
		"target not confirmed": {`erase_target        = "` + targetName + `"`, `erase_target = "Flex0"`, "Target not confirmed"},
		"source not Flex":      {`"Flex0"`, `"Cluster0"`, "Dedicated clusters are restored with the resource atlasbackup_restore"},
		"snapshot not there":   {"snapshot_id = \"", "snapshot_id = \"69ca65c03265a83afa7bbafa\" #", "SNAPSHOT_NOT_FOUND"},
		"no source":            {"snapshot_id", "# snapshot_id", "Exactly one of snapshot_id and most_recent = true"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newRestore(t)
			s.tf.Write("main.tf", strings.ReplaceAll(s.block(s.fromSnapshot()), c.old, c.replaced))
			acctest.ExpectOutput(t, s.tf.Do(1, acctest.Apply...), c.sentence)
			s.expect(t, 0, "something else")
			if len(s.Restores()) > 0 {
				t.Errorf("the restores are %+v", s.Restores())
			}
		})
	}
}

// TestAccFlexRestoreJobs reads one job and all jobs.
func TestAccFlexRestoreJobs(t *testing.T) {
	t.Parallel()
	s := newRestore(t)
	s.configure(s.fromSnapshot() + "triggers = { week = \"1\" }")
	s.tf.Do(0, acctest.Apply...)
	s.configure(s.fromSnapshot() + "triggers = { week = \"2\" }")
	s.tf.Do(0, acctest.Apply...)
	first, second := s.Restores()[0], s.Restores()[1]
	of := "  project_id = \"" + s.Fixture().ProjectID + "\"\n  cluster_name = \"" + s.Fixture().FlexClusterName + "\"\n"
	for _, order := range []string{"", atlassim.ListOldest} {
		s.SetBehavior(func(b *atlassim.Behavior) { b.ListOrder = order })
		tf := s.Configuration(t, "data \"atlasbackup_flex_restore_jobs\" \"all\" {\n"+of+"}\ndata \"atlasbackup_flex_restore_jobs\" \"after\" {\n"+of+
			"  requested_after = \""+first.RequestedAt.Format(time.RFC3339)+"\"\n}\ndata \"atlasbackup_flex_restore_job\" \"newest\" {\n"+of+
			"  most_recent = true\n}\ndata \"atlasbackup_flex_restore_job\" \"first\" {\n"+of+"  restore_job_id = \""+first.ID+"\"\n}\n")
		tf.Do(0, acctest.Apply...)
		tf.ExpectResults("data.atlasbackup_flex_restore_jobs.all", "restore_job_id", second.ID, first.ID)
		tf.ExpectResults("data.atlasbackup_flex_restore_jobs.after", "restore_job_id", second.ID)
		tf.ExpectValues("data.atlasbackup_flex_restore_job.newest", map[string]any{"restore_job_id": second.ID, "status": "COMPLETED"})
		tf.ExpectValues("data.atlasbackup_flex_restore_job.first", map[string]any{"restore_job_id": first.ID, "delivery_type": "RESTORE"})
	}
}
