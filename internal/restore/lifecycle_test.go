package restore_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// restoreTest is a working directory with one restore of a snapshot onto the target.
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
	s.restored = s.Data(s.Fixture().ClusterName)
	s.snapshot = s.Seed(t, atlassim.Seed{ExpiresAt: acctest.Start.AddDate(0, 0, 30)}, 24*time.Hour)
	s.lose(t)
	s.tf = s.Configuration(t, resourceBlock(s.Atlas, confirmed+s.fromSnapshot()))
	return s
}

// lose has users write something else to both clusters.
func (s *restoreTest) lose(t *testing.T) {
	t.Helper()
	for _, name := range []string{s.Fixture().ClusterName, targetName} {
		if err := s.SetData(name, "something else"); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *restoreTest) fromSnapshot() string { return "snapshot_id = \"" + s.snapshot + "\"\n" }

// configure changes the arguments of the restore.
func (s *restoreTest) configure(arguments string) {
	s.tf.Write("main.tf", resourceBlock(s.Atlas, confirmed+arguments))
}

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

// settled checks that there is nothing to do, and that this takes no request that writes.
func (s *restoreTest) settled(t *testing.T, erasures int) {
	t.Helper()
	output := s.tf.Do(0, acctest.Plan...)
	if strings.Contains(output, "Warning") {
		t.Errorf("a plan without changes warns:\n%s", output)
	}
	if got := s.Erasures(targetName); got != erasures {
		t.Errorf("the target was erased %d times, expected %d: %+v", got, erasures, s.Restores())
	}
}

func (s *restoreTest) values() map[string]any { return s.tf.Values(address) }

// TestAccRestore_lifecycle restores once, and again only when a value of triggers changes.
func TestAccRestore_lifecycle(t *testing.T) {
	t.Parallel()
	s := newRestore(t)
	s.NextRestore(atlassim.RestorePlan{Duration: 230 * time.Second})
	s.configure(s.fromSnapshot() + "triggers = { week = \"1\" }")
	s.tf.Do(0, acctest.Apply...)
	s.expect(t, 1, s.restored)
	s.settled(t, 1)
	job := s.Restores()[0]
	fixture := s.Fixture()
	got := s.values()
	delete(got, "timeouts")
	want := map[string]any{
		"id": fixture.ProjectID + "/" + fixture.ClusterName + "/" + job.ID, "restore_job_id": job.ID, "status": "completed",
		"project_id": fixture.ProjectID, "cluster_name": fixture.ClusterName, "snapshot_id": s.snapshot, "most_recent": nil,
		"point_in_time": nil, "oplog_ts": nil, "oplog_inc": nil, "target_cluster_name": targetName, "target_project_id": fixture.ProjectID,
		"erase_target": targetName, "allow_repeat": nil, "triggers": map[string]any{"week": "1"}, "restored_snapshot_id": s.snapshot,
		"snapshot_created_at": "2026-03-29T12:00:00Z", "requested_at": job.RequestedAt.Format(time.RFC3339),
		"finished_at": job.FinishedAt.Format(time.RFC3339), "duration_seconds": float64(230),
		"data_age_seconds": job.RequestedAt.Sub(acctest.Start.Add(-24 * time.Hour)).Seconds(),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the state (-expected +got):\n%s", diff)
	}

	s.lose(t)
	s.configure(s.fromSnapshot() + "triggers = { week = \"2\" }")
	output := s.tf.Do(0, acctest.Apply...)
	acctest.ExpectOutput(t, output, "Warning: Target will be erased again: "+targetName)
	s.expect(t, 2, s.restored)
	s.settled(t, 2)
	if s.values()["restore_job_id"] == job.ID {
		t.Error("the state has the old job")
	}

	// Removing and adding triggers restores nothing.
	s.lose(t)
	for _, triggers := range []string{"", "triggers = { week = \"3\" }"} {
		s.configure(s.fromSnapshot() + triggers)
		s.tf.Do(0, acctest.Apply...)
		s.expect(t, 2, "something else")
		s.settled(t, 2)
	}

	// Atlas keeps what was restored when the resource is destroyed.
	s.ClearRequests()
	s.tf.Do(0, acctest.Destroy...)
	s.expect(t, 2, "something else")
	s.ExpectRequests(t)
}

// TestAccRestore_nothingElseRestores changes everything but triggers: nothing is restored, and the plan says so.
func TestAccRestore_nothingElseRestores(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*testing.T, *restoreTest) string{
		"another snapshot": func(t *testing.T, s *restoreTest) string {
			t.Helper()
			return "snapshot_id = \"" + s.Seed(t, atlassim.Seed{ExpiresAt: acctest.Start.AddDate(0, 0, 30)}, time.Hour) + "\"\n"
		},
		"the newest snapshot": func(*testing.T, *restoreTest) string { return "most_recent = true" },
		"a point in time":     func(*testing.T, *restoreTest) string { return "point_in_time = \"2026-03-30T11:00:00Z\"" },
		"an oplog timestamp":  func(*testing.T, *restoreTest) string { return "oplog_ts = 1774868400\n oplog_inc = 1" },
		"another project": func(_ *testing.T, s *restoreTest) string {
			return s.fromSnapshot() + "target_project_id = \"69ca65c03265a83afa7bbafa\""
		},
		"a snapshot not there":  func(*testing.T, *restoreTest) string { return "snapshot_id = \"69ca65c03265a83afa7bbafa\"" },
		"a snapshot to be made": func(_ *testing.T, s *restoreTest) string { return snapshotToBeMade(s) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newRestore(t)
			s.tf.Do(0, acctest.Apply...)
			first := s.values()["restore_job_id"]
			s.lose(t)
			arguments := change(t, s)
			block, other, _ := strings.Cut(arguments, "---")
			files := acctest.Files(resourceBlock(s.Atlas, confirmed+block) + other)
			s.tf.Write("main.tf", files["main.tf"])
			if other != "" {
				s.tf = s.continueWithTerraform(t, files)
			}
			output := s.tf.Do(0, acctest.Apply...)
			acctest.ExpectOutput(t, output, "Warning: Nothing is restored: ", "To restore, change a value of triggers")
			s.expect(t, 1, "something else")
			s.settled(t, 1)
			if s.values()["restore_job_id"] != first {
				t.Error("the state has another job")
			}
		})
	}
}

// snapshotToBeMade is a snapshot that the same apply takes, so that its ID is not known in the plan.
func snapshotToBeMade(s *restoreTest) string {
	return "snapshot_id = atlasbackup_snapshot.new.snapshot_id\n---\nresource \"atlasbackup_snapshot\" \"new\" {\n  project_id = \"" + s.Fixture().ProjectID +
		"\"\n  cluster_name = \"" + s.Fixture().ClusterName + "\"\n  retention_in_days = 1\n}\n"
}

// TestAccRestore_mostRecent restores the snapshot that is the newest when it restores.
func TestAccRestore_mostRecent(t *testing.T) {
	t.Parallel()
	s := newRestore(t)
	newest := s.Seed(t, atlassim.Seed{ExpiresAt: acctest.Start.AddDate(0, 0, 30)}, time.Hour)
	s.Seed(t, atlassim.Seed{ExpiresAt: acctest.Start.AddDate(0, 0, 30), Status: "failed"}, 30*time.Minute)
	s.Seed(t, atlassim.Seed{ExpiresAt: acctest.Start.Add(40 * time.Minute)}, 20*time.Minute)
	s.Seed(t, atlassim.Seed{ExpiresAt: acctest.Start.AddDate(0, 0, 30), Status: "inProgress", Frozen: true}, time.Minute)
	s.configure("most_recent = true\n triggers = { week = \"1\" }")
	s.tf.Do(0, acctest.Apply...)
	s.settled(t, 1)
	s.tf.ExpectValues(address, map[string]any{"restored_snapshot_id": newest, "snapshot_id": nil, "status": "completed"})

	// A newer one changes nothing by itself.
	newer := s.Seed(t, atlassim.Seed{ExpiresAt: acctest.Start.AddDate(0, 0, 30)}, -10*time.Minute)
	s.settled(t, 1)
	s.configure("most_recent = true\n triggers = { week = \"2\" }")
	s.tf.Do(0, acctest.Apply...)
	s.settled(t, 2)
	s.tf.ExpectValues(address, map[string]any{"restored_snapshot_id": newer})
}

// TestAccRestore_import plans nothing with the arguments that led to the job.
func TestAccRestore_import(t *testing.T) {
	t.Parallel()
	s := newRestore(t)
	s.tf.Do(0, acctest.Apply...)
	id, _ := s.values()["id"].(string)
	s.tf.Do(0, acctest.Destroy...)
	for wrong, sentence := range map[string]string{
		s.Fixture().ProjectID + "/Cluster0":                      "project_id/cluster_name/restore_job_id",
		id[:len(id)-4] + "0000":                                  "under the cluster that the backup is of",
		strings.Replace(id, "/Cluster0/", "/"+targetName+"/", 1): "under the cluster that the backup is of",
	} {
		acctest.ExpectOutput(t, s.tf.Do(1, "import", "-no-color", address, wrong), sentence)
	}
	s.tf.Do(0, "import", "-no-color", address, id)
	s.settled(t, 1)
	s.tf.ExpectValues(address, map[string]any{"status": "completed", "snapshot_id": s.snapshot, "erase_target": targetName})

	// The first triggers of an imported restore are recorded only.
	s.configure(s.fromSnapshot() + "triggers = { week = \"1\" }")
	s.tf.Do(0, acctest.Apply...)
	s.settled(t, 1)
}

// TestAccRestore_forgotten has Atlas forget the job, its snapshot and its cluster: the state keeps the restore as it was.
func TestAccRestore_forgotten(t *testing.T) {
	t.Parallel()
	for name, forget := range map[string]func(*restoreTest){
		"job purged": func(s *restoreTest) {
			s.SetBehavior(func(b *atlassim.Behavior) { b.RestorePurgedAfter = time.Minute })
		},
		"snapshot expired":          func(*restoreTest) {},
		"cluster of source deleted": func(s *restoreTest) { s.DeleteCluster(s.Fixture().ClusterName) },
		"target deleted":            func(s *restoreTest) { s.DeleteCluster(targetName) },
		"credentials refused": func(s *restoreTest) {
			s.AddFault(atlassim.Fault{Status: 401, Times: -1})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newRestore(t)
			s.tf.Do(0, acctest.Apply...)
			before := s.values()
			forget(s)
			s.Clock.Advance(60 * 24 * time.Hour)
			s.tf.Do(0, acctest.Plan...)
			s.tf.Do(0, acctest.Apply...)
			if diff := cmp.Diff(before, s.values()); diff != "" {
				t.Errorf("the state has changed:\n%s", diff)
			}
			if len(s.Restores()) != 1 {
				t.Errorf("the restores are %+v", s.Restores())
			}
		})
	}
}

// continueWithTerraform has real Terraform continue with the state, for configurations that the in-process one does not read.
func (s *restoreTest) continueWithTerraform(t *testing.T, files map[string]string) *acctest.Terraform {
	t.Helper()
	state, err := os.ReadFile(filepath.Join(s.tf.Directory(), "terraform.tfstate"))
	if err != nil {
		t.Fatal(err)
	}
	files["terraform.tfstate"] = string(state)
	return s.Terraform(t, files)
}
