package snapshot_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// create applies a new snapshot of the test's cluster.
func (s *server) create(a *acctest.Atlas) {
	s.t.Helper()
	config := s.object(s.kind, map[string]any{
		"project_id": a.Fixture().ProjectID, "cluster_name": a.Fixture().ClusterName, "retention_in_days": 7, "description": "before the upgrade",
	})
	nothing := s.dynamic(s.kind, tftypes.NewValue(s.kind, nil))
	planned := s.plan(nothing, config, nil, nil)
	applied, err := s.ApplyResourceChange(s.ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: resourceType, PriorState: nothing, PlannedState: planned.PlannedState, Config: config, PlannedPrivate: planned.PlannedPrivate,
	})
	s.must(err, applied.Diagnostics)
}

// logged is what TF_LOG=INFO shows of a run.
func logged(t *testing.T, run func(context.Context)) []map[string]any {
	t.Helper()
	var log bytes.Buffer
	run(tflogtest.RootLogger(t.Context(), &log))
	lines, err := tflogtest.MultilineJSONDecode(&log)
	if err != nil {
		t.Fatal(err)
	}
	var shown []map[string]any
	for _, line := range lines {
		if line["@level"] != "debug" && line["@level"] != "trace" {
			shown = append(shown, line)
		}
	}
	return shown
}

// messages are the texts of log lines, without a level where that is INFO.
func messages(t *testing.T, lines []map[string]any) []string {
	t.Helper()
	var all []string
	for _, line := range lines {
		message, ok := line["@message"].(string)
		if !ok {
			t.Fatalf("a line without a message: %v", line)
		}
		if line["@level"] != "info" {
			message = fmt.Sprintf("%s: %s", line["@level"], message)
		}
		all = append(all, message)
	}
	return all
}

// mustMatch compares texts with patterns, one for each. "ID" in a pattern is any snapshot's ID.
func mustMatch(t *testing.T, texts, patterns []string) {
	t.Helper()
	t.Logf("the log says:\n%s", strings.Join(texts, "\n"))
	for i, pattern := range patterns {
		pattern = "^" + strings.ReplaceAll(pattern, "ID", "[0-9a-f]{24}") + "$"
		if i >= len(texts) || !regexp.MustCompile(pattern).MatchString(texts[i]) {
			t.Errorf("line %d is not as %s", i, pattern)
		}
	}
	if len(texts) > len(patterns) {
		t.Errorf("%d lines, expected %d", len(texts), len(patterns))
	}
}

// minutes are patterns of the line that comes once a minute.
func minutes(status string, from, to int) []string {
	var all []string
	for minute := from; minute <= to; minute++ {
		all = append(all, fmt.Sprintf(`Waiting for snapshot ID of cluster "Cluster0": %s, %dm\d+s elapsed`, status, minute))
	}
	return all
}

// TestProgress_log waits six minutes: a line at once, one for each status and one a minute, each with what a person wants to
// know in its text, and nothing of what Atlas answered beside it.
func TestProgress_log(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	a.CompleteAfter(6*time.Minute + 20*time.Second)
	shown := logged(t, func(ctx context.Context) { protocol(ctx, t, a).create(a) })
	want := []string{
		`Waiting for snapshot ID of cluster "Cluster0": queued, 0s elapsed`,
		`Waiting for snapshot ID of cluster "Cluster0": in progress, \d+s elapsed`,
	}
	want = append(want, minutes("in progress", 1, 6)...)
	mustMatch(t, messages(t, shown), append(want, `Snapshot ID of cluster "Cluster0": completed, 6m\d+s elapsed`))
	for _, line := range shown {
		for key := range line {
			switch key {
			case "@level", "@message", "@module", "snapshot_id", "cluster_name", "status", "waited_seconds":
			default:
				t.Errorf("%q says %s = %v", line["@message"], key, line[key])
			}
		}
	}
}

// TestProgress_ofAnother tells of somebody else's snapshot that is waited for first, as of that one.
func TestProgress_ofAnother(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	other := seeded(t, a, atlassim.Seed{Status: "inProgress", Description: new("somebody else's")})
	// The first look at it fails.
	a.AddFault(atlassim.Fault{Method: "GET", Path: "/backup/snapshots/" + other, Status: 503, Times: 5})
	texts := strings.Join(messages(t, logged(t, func(ctx context.Context) { protocol(ctx, t, a).create(a) })), "\n")
	for _, status := range []string{"no answer yet", "in progress"} {
		if !strings.Contains(texts, `Waiting for another snapshot, `+other+`, of cluster "Cluster0": `+status+`, `) {
			t.Errorf("the log does not say that the other snapshot is %s:\n%s", status, texts)
		}
	}
}

// TestProgress_faults has Atlas fail for a while. Some looks that fail are nobody's concern; what lasts is said once. No
// answer's body is shown.
func TestProgress_faults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		skip, failures int
		warnings       []string
	}{
		"one look":       {3, 5, nil},
		"a few":          {3, 40, nil},
		"from the start": {0, 20, nil},
		"it lasts":       {3, 200, []string{`warn: No usable answer about snapshot ID of cluster "Cluster0" for \d+m\d*s`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			a.AddFault(atlassim.Fault{Method: "GET", Path: "/backup/snapshots/", Status: 503, Body: `{"secret":"of a proxy"}`, Skip: c.skip, Times: c.failures})
			shown := logged(t, func(ctx context.Context) { protocol(ctx, t, a).create(a) })
			var warnings []string
			for _, text := range messages(t, shown) {
				if !strings.HasPrefix(text, "Waiting for") && !strings.HasPrefix(text, "Snapshot") {
					warnings = append(warnings, text)
				}
			}
			mustMatch(t, warnings, c.warnings)
			last := 0
			for _, line := range shown {
				text, err := json.Marshal(line)
				if err != nil || strings.Contains(string(text), "of a proxy") || strings.Contains(string(text), a.Fixture().PrivateKey) {
					t.Errorf("the log says %s (%v)", text, err)
				}
				// The line that comes once a minute comes while Atlas fails, too.
				if waited, ok := line["waited_seconds"].(float64); ok {
					if int(waited)-last > 150 {
						t.Errorf("nothing was said for %d s", int(waited)-last)
					}
					last = int(waited)
				}
			}
		})
	}
}

// TestUserAgent tells Atlas which version of the provider calls, from which Terraform.
func TestUserAgent(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	protocol(t.Context(), t, a).create(a)
	for _, request := range a.Requests() {
		if want := "terraform-provider-atlasbackup/" + acctest.Version + " Terraform/1.14.0"; request.UserAgent != want {
			t.Fatalf("%s %s came from %q, expected %q", request.Method, request.Path, request.UserAgent, want)
		}
	}
}
