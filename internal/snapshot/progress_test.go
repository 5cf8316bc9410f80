package snapshot_test

import (
	"bytes"
	"context"
	"encoding/json"
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
		// The module that reads timeouts has a line of its own.
		message, _ := line["@message"].(string)
		if line["@level"] != "debug" && line["@level"] != "trace" && !strings.HasSuffix(message, "using provided default") {
			shown = append(shown, line)
		}
	}
	return shown
}

// TestProgress_log waits a quarter of an hour: a line for each status and one a minute, with what a person wants to know and
// nothing of what Atlas answered.
func TestProgress_log(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	a.CompleteAfter(15 * time.Minute)
	shown := logged(t, func(ctx context.Context) { protocol(ctx, t, a).create(a) })
	messages := map[string]int{}
	for _, line := range shown {
		message, ok := line["@message"].(string)
		if !ok {
			t.Fatalf("a line without a message: %v", line)
		}
		messages[message]++
		for key := range line {
			switch key {
			case "@level", "@message", "@module", "snapshot_id", "cluster_name", "status", "elapsed":
			default:
				t.Errorf("%q says %s = %v", message, key, line[key])
			}
		}
	}
	t.Logf("the log says %v", messages)
	for message, want := range map[string][2]int{
		"snapshot requested": {1, 1}, "snapshot is queued": {1, 1}, "snapshot is in progress": {10, 16}, "snapshot is completed": {1, 1},
	} {
		if n := messages[message]; n < want[0] || n > want[1] {
			t.Errorf("%q came %d times, expected %d to %d", message, n, want[0], want[1])
		}
	}
	if len(messages) != 4 {
		t.Errorf("the log says %v, expected four things", messages)
	}
}

// TestProgress_faults logs one warning for errors in a row, and no answer's body.
func TestProgress_faults(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	a.AddFault(atlassim.Fault{Method: "GET", Path: "/backup/snapshots/", Status: 503, Body: `{"secret":"of a proxy"}`, Times: 40})
	shown := logged(t, func(ctx context.Context) { protocol(ctx, t, a).create(a) })
	warnings := 0
	for _, line := range shown {
		if line["@level"] == "warn" {
			warnings++
		}
		text, err := json.Marshal(line)
		if err != nil || strings.Contains(string(text), "of a proxy") || strings.Contains(string(text), a.Fixture().PrivateKey) {
			t.Errorf("the log says %s (%v)", text, err)
		}
	}
	if warnings != 1 {
		t.Errorf("%d warnings, expected one: %v", warnings, shown)
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
