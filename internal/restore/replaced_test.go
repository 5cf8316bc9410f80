package restore_test

import (
	"strings"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// timedOut is a restore whose create has timed out, so that Terraform replaces it, while Atlas goes on for so long.
func timedOut(t *testing.T, arguments string) *restoreTest {
	t.Helper()
	s := newRestore(t)
	s.NextRestore(atlassim.RestorePlan{Duration: 10 * time.Hour})
	s.configure(strings.ReplaceAll(arguments, "SNAPSHOT", s.fromSnapshot()) + "\n timeouts { create = \"1h\" }")
	acctest.ExpectOutput(t, s.tf.Do(1, acctest.Apply...), "Atlas had not completed restore job")
	s.configure(strings.ReplaceAll(arguments, "SNAPSHOT", s.fromSnapshot()))
	return s
}

// TestAccRestore_replaced replaces a restore whose create has timed out, after much has changed: it continues with the same job, and
// only another value of triggers restores again.
func TestAccRestore_replaced(t *testing.T) {
	t.Parallel()
	newer := func(t *testing.T, s *restoreTest) string {
		t.Helper()
		return s.Seed(t, atlassim.Seed{ExpiresAt: acctest.Start.AddDate(0, 0, 30)}, 0)
	}
	for name, c := range map[string]struct {
		arguments string
		change    func(*testing.T, *restoreTest)
	}{
		"nothing":                  {"SNAPSHOT", func(*testing.T, *restoreTest) {}},
		"a newer snapshot":         {"most_recent = true", func(t *testing.T, s *restoreTest) { t.Helper(); newer(t, s) }},
		"another snapshot_id":      {"SNAPSHOT", func(t *testing.T, s *restoreTest) { t.Helper(); s.configure("snapshot_id = \"" + newer(t, s) + "\"") }},
		"the snapshot has expired": {"SNAPSHOT", func(_ *testing.T, s *restoreTest) { s.Clock.Advance(60 * 24 * time.Hour) }},
		"the target is paused": {"SNAPSHOT", func(t *testing.T, s *restoreTest) {
			t.Helper()
			target(atlassim.ClusterSpec{Name: targetName, Paused: true})(t, s)
		}},
		"first triggers": {"SNAPSHOT", func(_ *testing.T, s *restoreTest) { s.configure(s.fromSnapshot() + "triggers = { n = \"1\" }") }},
	} {
		for when, later := range map[string]time.Duration{"while it runs": 0, "after its end": 12 * time.Hour} {
			t.Run(name+"/"+when, func(t *testing.T) {
				t.Parallel()
				s := timedOut(t, c.arguments)
				s.Clock.Advance(later)
				c.change(t, s)
				acctest.ExpectOutput(t, s.tf.Do(0, acctest.Apply...), "Warning: Restore continued: "+s.Restores()[0].ID)
				s.expect(t, 1, s.restored)
				s.settled(t, 1)
				s.tf.ExpectValues(address, map[string]any{"restore_job_id": s.Restores()[0].ID, "status": "completed", "restored_snapshot_id": s.snapshot})
			})
		}
	}
}

// TestAccRestore_replacedByTriggers waits for the job of the replaced restore, and then restores as triggers ask.
func TestAccRestore_replacedByTriggers(t *testing.T) {
	t.Parallel()
	for when, later := range map[string]time.Duration{"while it runs": 0, "after its end": 12 * time.Hour} {
		t.Run(when, func(t *testing.T) {
			t.Parallel()
			s := timedOut(t, "SNAPSHOT triggers = { n = \"1\" }")
			s.Clock.Advance(later)
			s.configure(s.fromSnapshot() + "triggers = { n = \"2\" }")
			s.tf.Do(0, acctest.Apply...)
			s.expect(t, 2, s.restored)
			s.settled(t, 2)
			s.tf.ExpectValues(address, map[string]any{"restore_job_id": s.Restores()[1].ID, "status": "completed"})
		})
	}
}

// TestAccRestore_replacedByTriggersTimesOut keeps what triggers ask for until the job of the replaced restore has ended.
func TestAccRestore_replacedByTriggersTimesOut(t *testing.T) {
	t.Parallel()
	s := timedOut(t, "SNAPSHOT triggers = { n = \"1\" }")
	again := s.fromSnapshot() + "triggers = { n = \"2\" }"
	s.tf = s.continueWithTerraform(t, acctest.Files(resourceBlock(s.Atlas, confirmed+again+"\n timeouts { create = \"1h\" }")))
	output := s.tf.Do(1, acctest.Apply...)
	acctest.ExpectOutput(t, output, "The restore that triggers asks for was not requested")
	if strings.Contains(output, "inconsistent") {
		t.Errorf("Terraform finds a bug:\n%s", output)
	}
	if kept := s.tf.State(address); kept == nil || kept.Values["restore_job_id"] != s.Restores()[0].ID {
		t.Fatalf("the state has %+v", kept)
	}
	s.configure(again)
	s.tf.Do(0, acctest.Apply...)
	s.expect(t, 2, s.restored)
	s.settled(t, 2)
}

// TestAccRestore_replacedBesideAnother gives the job to one resource: another one with the same source and target restores itself.
func TestAccRestore_replacedBesideAnother(t *testing.T) {
	t.Parallel()
	s := timedOut(t, "SNAPSHOT")
	s.Clock.Advance(12 * time.Hour)
	block := resourceBlock(s.Atlas, confirmed+s.fromSnapshot())
	s.tf.Write("main.tf", block)
	s.tf.Do(0, acctest.Apply...)
	s.expect(t, 1, s.restored)
	s.tf.Write("main.tf", block+strings.Replace(block, `"test"`, `"other"`, 1))
	s.tf.Do(0, acctest.Apply...)
	s.expect(t, 2, s.restored)
	s.settled(t, 2)
}

// TestAccRestore_sameMoment takes a point in time in another zone for the same.
func TestAccRestore_sameMoment(t *testing.T) {
	t.Parallel()
	s := newRestore(t)
	if err := s.AddCluster(atlassim.ClusterSpec{Name: s.Fixture().ClusterName, PITEnabled: true}); err != nil {
		t.Fatal(err)
	}
	s.configure("point_in_time = \"2026-03-30T11:00:00Z\"")
	s.tf.Do(0, acctest.Apply...)
	s.configure("point_in_time = \"2026-03-30T13:00:00+02:00\"")
	if output := s.tf.Do(0, acctest.Apply...); strings.Contains(output, "Nothing is restored") {
		t.Errorf("the same moment is another one:\n%s", output)
	}
	s.settled(t, 1)
}
