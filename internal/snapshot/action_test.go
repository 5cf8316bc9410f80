package snapshot_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// actions are the provider's actions as Terraform calls them.
func (s *server) actions() tfprotov6.ActionServer {
	s.t.Helper()
	actions, ok := s.ProviderServer.(tfprotov6.ActionServer)
	if !ok {
		s.t.Fatal("the provider serves no actions")
	}
	return actions
}

// taking is the configuration of an action that takes a snapshot of the test's cluster.
func (s *server) taking(a *acctest.Atlas, arguments map[string]any) *tfprotov6.DynamicValue {
	s.t.Helper()
	all := map[string]any{
		"project_id": a.Fixture().ProjectID, "cluster_name": a.Fixture().ClusterName, "retention_in_days": 7, "description": "before the upgrade",
	}
	for name, value := range arguments {
		all[name] = value
	}
	return s.object(s.schemas.ActionSchemas[actionType].Schema.ValueType(), all)
}

// invoke runs the action to its end: what it said, and what came of it. heard, where set, is called for each message.
func (s *server) invoke(config *tfprotov6.DynamicValue, heard func(string)) ([]string, []*tfprotov6.Diagnostic) {
	s.t.Helper()
	stream, err := s.actions().InvokeAction(s.ctx, &tfprotov6.InvokeActionRequest{ActionType: actionType, Config: config})
	if err != nil {
		s.t.Fatal(err)
	}
	var messages []string
	var diagnostics []*tfprotov6.Diagnostic
	completed := 0
	for event := range stream.Events {
		switch event := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			messages = append(messages, event.Message)
			if heard != nil {
				heard(event.Message)
			}
		case tfprotov6.CompletedInvokeActionEventType:
			completed++
			diagnostics = event.Diagnostics
		}
	}
	if completed != 1 {
		s.t.Errorf("the action completed %d times", completed)
	}
	return messages, diagnostics
}

func TestAction_takes(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	s := protocol(t.Context(), t, a)
	messages, diagnostics := s.invoke(s.taking(a, nil), nil)
	s.must(nil, diagnostics)
	existing := a.Existing()
	if len(existing) != 1 || existing[0].Status != "completed" || count(a, "POST") != 1 {
		t.Fatalf("Atlas has %v after %d requests for one, expected one completed", existing, count(a, "POST"))
	}
	t.Logf("the action says:\n%s", strings.Join(messages, "\n"))
	for i, pattern := range map[int]string{
		0:                 `^Atlas takes snapshot ` + existing[0].ID + ` of cluster "Cluster0" of project `,
		1:                 `^queued$`,
		2:                 `^in progress, \d+(m\d+)?s$`,
		len(messages) - 1: `^completed, \d+\.\d [kMGT]B, expires 2026-04-06T12:\d\d:\d\dZ$`,
	} {
		if !regexp.MustCompile(pattern).MatchString(messages[i]) {
			t.Errorf("message %d is %q, expected %s", i, messages[i], pattern)
		}
	}
	minutes := int(a.Clock.Now().Sub(acctest.Start) / time.Minute)
	if n := len(messages); n > 4+minutes {
		t.Errorf("%d messages in %d minutes, expected one for each status and one a minute", n, minutes)
	}
}

// TestAction_waitsItsTurn meets somebody else's snapshot: it waits for that one first, and says so.
func TestAction_waitsItsTurn(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	s := protocol(t.Context(), t, a)
	other := seeded(t, a, atlassim.Seed{Status: "inProgress", Description: new("somebody else's")})
	messages, diagnostics := s.invoke(s.taking(a, nil), nil)
	s.must(nil, diagnostics)
	if !strings.HasPrefix(messages[0], "waiting for on-demand snapshot "+other+": in progress, ") {
		t.Errorf("the first message is %q", messages[0])
	}
	if posts := count(a, "POST"); posts != 1 || len(a.Existing()) != 2 {
		t.Errorf("%d requests for a snapshot and %d snapshots, expected 1 and 2", posts, len(a.Existing()))
	}
}

// TestAction_once takes one snapshot however Atlas's answers come.
func TestAction_once(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]atlassim.Fault{
		"reset after the work":  {Method: "POST", Reset: atlassim.ResetAfter},
		"reset before the work": {Method: "POST", Reset: atlassim.ResetBefore},
		"500 after the work":    {Method: "POST", Status: 500, After: true},
		"throttled":             {Method: "POST", Status: 429, RetryAfter: new(3), Times: 3},
		"came in between":       {Method: "POST", ErrorCode: "UNFINISHED_ON_DEMAND_SNAPSHOT", Times: 2},
		"polls fail":            {Method: "GET", Path: "/backup/snapshots/", Status: 503, Times: 12},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			s := protocol(t.Context(), t, a)
			a.AddFault(fault)
			_, diagnostics := s.invoke(s.taking(a, nil), nil)
			s.must(nil, diagnostics)
			if all := a.Snapshots(); len(all) != 1 || all[0].Status != "completed" {
				t.Errorf("Atlas has had %v, expected one completed", all)
			}
		})
	}
}

// TestAction_fails is an error whenever there is no completed snapshot in the end: what was to come after it must not.
func TestAction_fails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		arguments map[string]any
		setUp     func(*acctest.Atlas)
		sentences []string
	}{
		"snapshot failed": {
			setUp: failNext, sentences: []string{"Atlas failed snapshot", `its status is "failed"`, "Apply again"},
		},
		"too slow": {
			arguments: map[string]any{"timeout": "20s"},
			sentences: []string{"had not completed snapshot", "after 20s", "Atlas continues with it", "Allow more time with timeout"},
		},
		"turn does not come": {
			arguments: map[string]any{"timeout": "30m"},
			setUp: func(a *acctest.Atlas) {
				_, _ = a.SeedSnapshot(atlassim.Seed{Status: "queued", Frozen: true})
			},
			sentences: []string{"still busy with another on-demand snapshot", "after 30m0s", "No snapshot was taken", "more time with timeout."},
		},
		"unknown cluster": {
			arguments: map[string]any{"cluster_name": "Nowhere"}, sentences: []string{"Error code: CLUSTER_NOT_FOUND", "No snapshot was taken"},
		},
		"Flex cluster": {
			arguments: map[string]any{"cluster_name": "Flex0"}, sentences: []string{"Flex clusters have no on-demand snapshots"},
		},
		"lost for good": {
			setUp: func(a *acctest.Atlas) {
				a.AddFault(atlassim.Fault{Method: "POST", Reset: atlassim.ResetBefore, Times: -1})
			},
			sentences: []string{"may or may not have taken", "it is this snapshot", "apply again"},
		},
		"deleted meanwhile": {
			setUp: func(a *acctest.Atlas) {
				a.AddFault(atlassim.Fault{Method: "GET", Path: "/backup/snapshots/", ErrorCode: "CLUSTER_NOT_FOUND", Times: -1, Skip: 2})
				a.AddFault(atlassim.Fault{Method: "GET", Path: "/backup/snapshots?", ErrorCode: "CLUSTER_NOT_FOUND", Times: -1, Skip: 1})
			},
			sentences: []string{"Somebody deleted the snapshot", "Apply again to take another"},
		},
		"refused while waiting": {
			setUp: func(a *acctest.Atlas) {
				a.AddFault(atlassim.Fault{Method: "GET", Path: "/backup/snapshots/", Status: 401, Times: -1, Skip: 2})
			},
			sentences: []string{"Status: 401 Unauthorized", "The snapshot exists", "Atlas continues with it"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			s := protocol(t.Context(), t, a)
			if c.setUp != nil {
				c.setUp(a)
			}
			_, diagnostics := s.invoke(s.taking(a, c.arguments), nil)
			mustFail(t, diagnostics, "Unable to take snapshot", c.sentences...)
		})
	}
}

// TestAction_cancelled ends the run in both ways that Terraform has, while Atlas is busy with the snapshot and before it
// was asked for one.
func TestAction_cancelled(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*server, context.CancelFunc){
		"call cancelled": func(_ *server, cancel context.CancelFunc) { cancel() },
		"provider stopped": func(s *server, _ context.CancelFunc) {
			if _, err := s.StopProvider(context.Background(), &tfprotov6.StopProviderRequest{}); err != nil {
				s.t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			s := protocol(ctx, t, a)
			_, diagnostics := s.invoke(s.taking(a, nil), func(message string) {
				if strings.HasPrefix(message, "in progress") {
					a.Clock.Hold(func(ctx context.Context, _ time.Duration) { <-ctx.Done() })
					end(s, cancel)
				}
			})
			existing := a.Existing()
			if len(existing) != 1 {
				t.Fatalf("Atlas has %v, expected the snapshot", existing)
			}
			mustFail(t, diagnostics, "Unable to take snapshot", "The run was interrupted while Atlas was busy with snapshot "+existing[0].ID,
				`its status was "inProgress"`, "Atlas continues with it, and deletes it when its retention ends")

			// The cluster's turn is free again.
			a.Clock.Hold(nil)
			again := protocol(t.Context(), t, a)
			_, diagnostics = again.invoke(again.taking(a, nil), nil)
			again.must(nil, diagnostics)
		})
	}
	t.Run("before the request", func(t *testing.T) {
		t.Parallel()
		a := acctest.NewAtlas(t)
		ctx, cancel := context.WithCancel(t.Context())
		s := protocol(ctx, t, a)
		cancel()
		_, diagnostics := s.invoke(s.taking(a, nil), nil)
		mustFail(t, diagnostics, "Unable to take snapshot", "interrupted before Atlas was asked", "No snapshot was taken")
		if posts := count(a, "POST"); posts > 0 {
			t.Errorf("%d requests for a snapshot, expected none", posts)
		}
	})
}

// TestAction_nobodyListens leaves the stream after the first message, as a Terraform that dies does: the turn is given back.
func TestAction_nobodyListens(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	ctx, cancel := context.WithCancel(t.Context())
	s := protocol(ctx, t, a)
	stream, err := s.actions().InvokeAction(ctx, &tfprotov6.InvokeActionRequest{ActionType: actionType, Config: s.taking(a, nil)})
	if err != nil {
		t.Fatal(err)
	}
	for range stream.Events {
		break
	}
	cancel()
	again := protocol(t.Context(), t, a)
	_, diagnostics := again.invoke(again.taking(a, nil), nil)
	again.must(nil, diagnostics)
}

func TestAction_validates(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	s := protocol(t.Context(), t, a)
	for _, c := range []struct {
		argument string
		value    any
		said     string
	}{
		{"project_id", "short", "must be 24 hexadecimal digits"},
		{"cluster_name", "a/b", "must be a cluster's name"},
		{"retention_in_days", 0, "must be between 1 and 36500, got: 0"},
		{"retention_in_days", 36501, "must be between 1 and 36500, got: 36501"},
		{"retention_in_days", 1.5, "retention_in_days must be a whole number, got: 1.5."},
		{"description", "", "length must be at least 1"},
		{"timeout", "soon", `timeout must be a duration longer than zero, with units, such as "45s", "90m" or "1h30m", got: "soon".`},
		{"timeout", "90", `got: "90".`},
		{"timeout", "0s", `timeout must be a duration longer than zero`},
		{"timeout", "-1h", `got: "-1h".`},
		{"timeout", "90m", ""},
	} {
		validated, err := s.actions().ValidateActionConfig(s.ctx, &tfprotov6.ValidateActionConfigRequest{
			ActionType: actionType, Config: s.taking(a, map[string]any{c.argument: c.value}),
		})
		if err != nil {
			t.Fatal(err)
		}
		mustBlame(t, validated.Diagnostics, tftypes.NewAttributePath().WithAttributeName(c.argument), c.said)
	}
	planned, err := s.actions().PlanAction(s.ctx, &tfprotov6.PlanActionRequest{ActionType: actionType, Config: s.taking(a, nil)})
	if err != nil {
		t.Fatal(err)
	}
	s.must(nil, planned.Diagnostics)
	if requests := a.Requests(); len(requests) > 0 {
		t.Errorf("validating and planning sent %v", requests)
	}
}
