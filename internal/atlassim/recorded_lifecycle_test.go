package atlassim_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// recordedPause is how often the recorder looked.
const recordedPause = 4 * time.Second

// rareStages is a stage that one of 311 snapshots had, see the facts about Atlas; its recording is not among the samples.
var rareStages = []string{
	"inProgress 0 cloudProvider copyRegions createdAt description expiresAt frequencyType id links mongodVersion policyItems " +
		"replicaSetName snapshotType status storageSizeBytes type",
}

// recordedLifecycles returns the stages of each recorded snapshot, in order, by its conversation.
func recordedLifecycles(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, one := range readRecordings(t) {
		name := one.Conversation()
		switch {
		case !strings.HasPrefix(name, "snapshot-lifecycle/") || one.isList():
		case one.Status == http.StatusNoContent:
			all[name] = append(all[name], "deleted")
		default:
			all[name] = append(all[name], stage(one.decoded(t)))
		}
	}
	for name, stages := range all {
		all[name] = slices.Compact(stages)
	}
	return all
}

// simulatedLifecycle takes a snapshot, looks at it as the recorder did, and deletes it.
func simulatedLifecycle(t *testing.T, seed int64, pause time.Duration) []string {
	t.Helper()
	b := newHarness(t, atlassim.Options{Seed: seed})
	taken := b.take(`{"description":"test-snapshot","retentionInDays":1}`)
	path := b.snapshots(text(taken, "id"))
	stages := []string{stage(taken)}
	for text(taken, "status") != "completed" {
		b.advance(pause)
		taken = decode(t, b.get(path))
		stages = append(stages, stage(taken))
	}
	expectStatus(t, b.api(http.MethodDelete, path, version2023, ""), http.StatusNoContent)
	expectStatus(t, b.get(path), http.StatusNotFound)
	return slices.Compact(append(stages, "deleted"))
}

// TestRecordedLifecycles compares the stages of simulated snapshots with those of the recorded ones: every recorded lifecycle
// occurs, and none that could not be recorded.
func TestRecordedLifecycles(t *testing.T) {
	recorded := recordedLifecycles(t)
	const seeds = 300
	simulated := map[string]int{}
	for seed := range int64(seeds) {
		simulated[strings.Join(simulatedLifecycle(t, seed, recordedPause), " | ")]++
	}
	matched := 0
	for name, stages := range recorded {
		times := simulated[strings.Join(stages, " | ")]
		t.Logf("%-56s %d stages, in the same order in %4d of %d simulated snapshots", name, len(stages), times, seeds)
		if times == 0 {
			t.Errorf("%s: no simulated snapshot goes through\n  %s", name, strings.Join(stages, "\n  "))
			continue
		}
		matched++
	}
	t.Logf("%d of %d recorded lifecycles occur in the simulator, stage by stage", matched, len(recorded))

	// Every stage that a simulated snapshot has was recorded, and in no other order.
	longest := map[string]int{}
	for _, one := range rareStages {
		longest[one] = 6
	}
	for _, stages := range recorded {
		for i, one := range stages {
			longest[one] = max(longest[one], i)
		}
	}
	for joined, times := range simulated {
		last := -1
		for _, one := range strings.Split(joined, " | ") {
			at, known := longest[one]
			if !known || at < last {
				t.Errorf("%d simulated snapshots have a stage that none recorded has, or has there: %s", times, one)
			}
			last = at
		}
	}
}
