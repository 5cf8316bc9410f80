package flexrestore_test

import (
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// TestAccFlexRestore_replaced replaces a restore whose create has timed out, once there is a newer snapshot: it continues with the same job,
// and only another value of triggers restores again.
func TestAccFlexRestore_replaced(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		trigger  string
		later    time.Duration
		restores int
	}{
		"while it runs":                  {"1", 0, 1},
		"after its end":                  {"1", 12 * time.Hour, 1},
		"by triggers, while it runs":     {"2", 0, 2},
		"by triggers, after its end":     {"2", 12 * time.Hour, 2},
		"days after its end":             {"1", 5 * 24 * time.Hour, 1},
		"by triggers, days after it":     {"2", 5 * 24 * time.Hour, 2},
		"when its snapshot is long gone": {"1", 30 * 24 * time.Hour, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newRestore(t)
			s.NextRestore(atlassim.RestorePlan{Duration: 2 * time.Hour})
			s.configure("most_recent = true\n triggers = { n = \"1\" }\n timeouts { create = \"1h\" }")
			s.tf.Do(1, acctest.Apply...)
			s.Clock.Advance(c.later)
			if _, err := s.SeedSnapshot(atlassim.Seed{ClusterName: s.Fixture().FlexClusterName}); err != nil {
				t.Fatal(err)
			}
			s.configure("most_recent = true\n triggers = { n = \"" + c.trigger + "\" }")
			s.tf.Do(0, acctest.Apply...)
			s.settled(t, c.restores)
			last := s.Restores()[c.restores-1]
			s.tf.ExpectValues(address, map[string]any{"restore_job_id": last.ID, "status": "COMPLETED"})
		})
	}
}
