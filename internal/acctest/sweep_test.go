package acctest

import (
	"strings"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/provider"
)

func TestSweep(t *testing.T) {
	t.Parallel()
	a := NewAtlas(t)
	old, young := Start.Add(-4*time.Hour), Start.Add(-time.Hour)
	seed := func(description, kind, status string, at time.Time) string {
		id, err := a.SeedSnapshot(atlassim.Seed{
			Description: &description, SnapshotType: kind, Status: status, CreatedAt: at, ExpiresAt: Start.Add(48 * time.Hour), Frozen: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	gone := map[string]bool{
		seed(DescriptionPrefix+": left behind", "onDemand", "completed", old): true,
		seed(DescriptionPrefix+": failed", "onDemand", "failed", old):         true,
	}
	for _, left := range []string{
		seed(DescriptionPrefix+": running", "onDemand", "completed", young),
		seed(DescriptionPrefix+": stuck", "onDemand", "inProgress", old),
		seed(DescriptionPrefix+" by the schedule", "scheduled", "completed", old),
		seed("not an "+DescriptionPrefix, "onDemand", "completed", old),
		seed("before the upgrade", "onDemand", "completed", old),
		seed("", "onDemand", "completed", old),
	} {
		gone[left] = false
	}
	environment := a.Environment
	client, err := provider.ClientFromEnvironment(func(name string) string { return environment[name] }, a.Clock, hermeticOptions()...)
	if err != nil {
		t.Fatal(err)
	}
	report, err := sweep(t.Context(), client, a.Fixture().ProjectID, a.Fixture().ClusterName)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range a.Snapshots() {
		if deleted := !s.DeletedAt.IsZero(); deleted != gone[s.ID] {
			t.Errorf("%q, %s: deleted is %t, expected %t", s.Description, s.Status, deleted, gone[s.ID])
		}
	}
	for said, times := range map[string]int{
		"Cluster0: deleted ": 2, "its test may still be running": 1, "Atlas is still taking it (inProgress)": 1,
		"Cluster0: left 4 snapshots that no test has taken": 1,
	} {
		if got := strings.Count(report, said); got != times {
			t.Errorf("the report says %q %d times, expected %d:\n%s", said, got, times, report)
		}
	}
}
