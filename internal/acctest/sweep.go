package acctest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/provider"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

// sweepAge is how old a test's snapshot must be before it counts as left behind: no test runs that long.
const sweepAge = 3 * time.Hour

// AddSweeper has "make sweep" delete what interrupted tests have left on the clusters that the environment names.
func AddSweeper() {
	resource.AddTestSweepers("atlasbackup_snapshot", &resource.Sweeper{Name: "atlasbackup_snapshot", F: func(string) error {
		if mode := CurrentMode(); mode != Live {
			return fmt.Errorf("the sweeper wants %s=live, not %s", ModeVariable, mode)
		}
		client, err := provider.ClientFromEnvironment(os.Getenv, wait.System())
		if err != nil {
			return err
		}
		ctx := context.Background()
		defer func() { _ = client.Close(ctx) }()
		names := liveNames(os.Getenv)
		for _, cluster := range []string{names.ClusterName, names.ShardedClusterName} {
			if cluster == "" {
				continue
			}
			report, err := sweep(ctx, client, names.ProjectID, cluster)
			fmt.Print(report)
			if err != nil {
				return err
			}
		}
		return nil
	}})
}

// sweep deletes the tests' old snapshots of a cluster and says what it has done and what it has left alone, and why.
func sweep(ctx context.Context, client *atlas.Client, projectID, cluster string) (string, error) {
	var report strings.Builder
	var failures []error
	others := 0
	for s, err := range client.ListSnapshots(ctx, projectID, cluster) {
		if err != nil {
			return report.String(), fmt.Errorf("listing the snapshots of %s: %w", cluster, err)
		}
		switch reason := keepReason(s, client.ServerNow()); {
		case !isTestSnapshot(s):
			others++
		case reason != "":
			fmt.Fprintf(&report, "%s: left %s: %s\n", cluster, s.ID, reason)
		default:
			if err := client.DeleteSnapshot(ctx, projectID, cluster, s.ID); err != nil && !atlas.IsNotFound(err) {
				failures = append(failures, fmt.Errorf("deleting %s of %s: %w", s.ID, cluster, err))
				continue
			}
			fmt.Fprintf(&report, "%s: deleted %s, %q\n", cluster, s.ID, *s.Description)
		}
	}
	fmt.Fprintf(&report, "%s: left %d snapshots that no test has taken\n", cluster, others)
	return report.String(), errors.Join(failures...)
}

// isTestSnapshot reports whether a test has taken the snapshot.
func isTestSnapshot(s *atlas.Snapshot) bool {
	return s.SnapshotType == atlas.SnapshotTypeOnDemand && s.Description != nil && strings.HasPrefix(*s.Description, DescriptionPrefix)
}

// keepReason returns why a test's snapshot is left alone, or nothing where it may be deleted.
func keepReason(s *atlas.Snapshot, now time.Time) string {
	switch age := now.Sub(s.RequestedAt()).Round(time.Minute); {
	case age < sweepAge:
		return fmt.Sprintf("it is %s old, its test may still be running", age)
	case s.Pending():
		return "Atlas is still taking it (" + s.Status + ")"
	}
	return ""
}
