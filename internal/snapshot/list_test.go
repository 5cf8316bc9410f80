package snapshot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// listing is a list block of the test's cluster.
func (s *server) listing(a *acctest.Atlas, arguments map[string]any) *tfprotov6.DynamicValue {
	s.t.Helper()
	all := map[string]any{"project_id": a.Fixture().ProjectID, "cluster_name": a.Fixture().ClusterName}
	for name, value := range arguments {
		all[name] = value
	}
	return s.object(s.schemas.ListResourceSchemas[resourceType].ValueType(), all)
}

// list runs a list block to its end, as terraform query does.
func (s *server) list(request tfprotov6.ListResourceRequest) []tfprotov6.ListResourceResult {
	s.t.Helper()
	lists, ok := s.ProviderServer.(tfprotov6.ListResourceServer)
	if !ok {
		s.t.Fatal("the provider serves no lists")
	}
	request.TypeName = resourceType
	stream, err := lists.ListResource(s.ctx, &request)
	if err != nil {
		s.t.Fatal(err)
	}
	var results []tfprotov6.ListResourceResult
	for result := range stream.Results {
		results = append(results, result)
	}
	return results
}

func names(results []tfprotov6.ListResourceResult) []string {
	all := []string{}
	for _, result := range results {
		all = append(all, result.DisplayName)
	}
	return all
}

// seedThree puts three snapshots into Atlas, a day apart, and returns their ids, newest first.
func seedThree(t *testing.T, a *acctest.Atlas) []string {
	t.Helper()
	day := func(n int) time.Time { return time.Date(2026, time.March, n, 3, 28, 0, 0, time.UTC) }
	return []string{
		seeded(t, a, atlassim.Seed{CreatedAt: day(29), ExpiresAt: day(29).AddDate(0, 0, 9), Description: new("before the upgrade")}),
		seeded(t, a, atlassim.Seed{CreatedAt: day(28), SnapshotType: "scheduled"}),
		seeded(t, a, atlassim.Seed{CreatedAt: day(27), Status: "failed", Description: new("a try")}),
	}
}

func TestList_all(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	s := protocol(t.Context(), t, a)
	ids := seedThree(t, a)
	results := s.list(tfprotov6.ListResourceRequest{Config: s.listing(a, nil)})
	mustBe(t, "display names", names(results), []string{
		"Cluster0 2026-03-29 03:28 UTC, on demand, before the upgrade (completed)",
		"Cluster0 2026-03-28 03:28 UTC, scheduled (completed)",
		"Cluster0 2026-03-27 03:28 UTC, on demand, a try (failed)",
	})
	for i, result := range results {
		s.must(nil, result.Diagnostics)
		mustBe(t, "identity", s.identity(result.Identity), map[string]any{
			"project_id": a.Fixture().ProjectID, "cluster_name": a.Fixture().ClusterName, "snapshot_id": ids[i],
		})
		if result.Resource != nil {
			t.Errorf("result %d has a resource that nobody asked for", i)
		}
	}
}

// TestList_resource asks for whole resources: each is what an import of the same snapshot reads, and its arguments plan empty.
func TestList_resource(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"replica set", "sharded"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			cluster := a.Fixture().ClusterName
			if name == "sharded" {
				cluster = a.Fixture().ShardedClusterName
			}
			for range 3 {
				seeded(t, a, atlassim.Seed{ClusterName: cluster, Description: new("before the upgrade")})
			}
			s := protocol(t.Context(), t, a)
			results := s.list(tfprotov6.ListResourceRequest{
				Config: s.listing(a, map[string]any{"cluster_name": cluster}), IncludeResource: true,
			})
			if len(results) != 3 {
				t.Fatalf("%d results, expected 3", len(results))
			}
			if sent := count(a, "GET"); sent > 2 {
				t.Errorf("the list took %d requests, expected 2 at the most", sent)
			}
			for _, result := range results {
				s.must(nil, result.Diagnostics)
				listed := s.plain(s.kind, result.Resource)
				imported, err := s.ImportResourceState(s.ctx, &tfprotov6.ImportResourceStateRequest{TypeName: resourceType, Identity: result.Identity})
				s.must(err, imported.Diagnostics)
				read := s.read(imported.ImportedResources[0].State, imported.ImportedResources[0].Private, result.Identity)
				mustBe(t, "resource", listed, s.plain(s.kind, read.NewState))
				planned := s.plan(read.NewState, result.Resource, read.Private, read.NewIdentity)
				mustBe(t, "plan", s.plain(s.kind, planned.PlannedState), s.plain(s.kind, read.NewState))
			}
		})
	}
}

func TestList_filters(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	s := protocol(t.Context(), t, a)
	seedThree(t, a)
	for name, c := range map[string]struct {
		arguments map[string]any
		days      string
	}{
		"none":           {nil, "29 28 27"},
		"type":           {map[string]any{"snapshot_type": "scheduled"}, "28"},
		"status":         {map[string]any{"status": "failed"}, "27"},
		"description":    {map[string]any{"description": "before the upgrade"}, "29"},
		"created before": {map[string]any{"created_before": "2026-03-28T03:28:00Z"}, "27"},
		"created after":  {map[string]any{"created_after": "2026-03-28T04:28:00+02:00"}, "29 28"},
		"several":        {map[string]any{"snapshot_type": "onDemand", "status": "completed"}, "29"},
		"no match":       {map[string]any{"status": "queued"}, ""},
	} {
		days := []string{}
		for _, name := range names(s.list(tfprotov6.ListResourceRequest{Config: s.listing(a, c.arguments)})) {
			days = append(days, name[len("Cluster0 2026-03-"):][:2])
		}
		if got := strings.Join(days, " "); got != c.days {
			t.Errorf("%s: listed those of March %q, expected %q", name, got, c.days)
		}
	}
}

// TestList_pages lists more than a page holds: every page where all are wanted, and none more than the limit needs.
func TestList_pages(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	s := protocol(t.Context(), t, a)
	for i := range 1201 {
		seeded(t, a, atlassim.Seed{CreatedAt: acctest.Start.Add(-time.Duration(i) * time.Hour), ExpiresAt: acctest.Start.AddDate(1, 0, 0)})
	}
	for _, c := range []struct{ limit, results, requests int }{{0, 1201, 3}, {100, 100, 1}, {500, 500, 1}, {501, 501, 2}, {2000, 1201, 3}} {
		a.ClearRequests()
		results := s.list(tfprotov6.ListResourceRequest{Config: s.listing(a, nil), Limit: int64(c.limit)})
		if requests := count(a, "GET"); len(results) != c.results || requests != c.requests {
			t.Errorf("limit %d: %d results in %d requests, expected %d in %d", c.limit, len(results), requests, c.results, c.requests)
		}
	}
}

// TestList_faults breaks off with what went wrong, after the results so far.
func TestList_faults(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	s := protocol(t.Context(), t, a)
	unknown := s.list(tfprotov6.ListResourceRequest{Config: s.listing(a, map[string]any{"cluster_name": "Nowhere"})})
	mustFail(t, unknown[0].Diagnostics, "Unable to list snapshots", "Error code: CLUSTER_NOT_FOUND", `cluster "Nowhere"`)

	for i := range 501 {
		seeded(t, a, atlassim.Seed{CreatedAt: acctest.Start.Add(-time.Duration(i) * time.Hour), ExpiresAt: acctest.Start.AddDate(1, 0, 0)})
	}
	a.AddFault(atlassim.Fault{Method: "GET", Path: "/backup/snapshots", Skip: 1, Status: 403, ErrorCode: "USER_UNAUTHORIZED", Times: -1})
	results := s.list(tfprotov6.ListResourceRequest{Config: s.listing(a, nil)})
	if len(results) != 501 {
		t.Fatalf("%d results, expected the 500 of the first page and the error", len(results))
	}
	mustFail(t, results[500].Diagnostics, "Unable to list snapshots", "Status: 403")
}

func TestList_validates(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	s := protocol(t.Context(), t, a)
	lists, ok := s.ProviderServer.(tfprotov6.ListResourceServer)
	if !ok {
		t.Fatal("the provider serves no lists")
	}
	for sentence, arguments := range map[string]map[string]any{
		"must be 24 hexadecimal digits":                 {"project_id": "short"},
		"must be a cluster's name":                      {"cluster_name": "a/b"},
		`value must be one of: ["queued" "inProgress"`:  {"status": "done"},
		`value must be one of: ["onDemand" "scheduled"`: {"snapshot_type": "daily"},
		`created_before must be a date and time of RFC 3339, such as 2026-03-30T00:00:00Z, got: "yesterday".`: {"created_before": "yesterday"},
		"Add a time of day. 2026-01-01T00:00:00Z is the beginning of that day in UTC.":                        {"created_after": "2026-01-01"},
		"created_after (2026-03-02T00:00:00Z) must be before created_before (2026-03-01T00:00:00Z)": {
			"created_after": "2026-03-02T00:00:00Z", "created_before": "2026-03-01T00:00:00Z",
		},
		"": nil,
	} {
		validated, err := lists.ValidateListResourceConfig(s.ctx, &tfprotov6.ValidateListResourceConfigRequest{
			TypeName: resourceType, Config: s.listing(a, arguments),
		})
		if err != nil {
			t.Fatal(err)
		}
		all := strings.Join(said(validated.Diagnostics), "\n")
		if sentence == "" && all != "" || !strings.Contains(all, sentence) {
			t.Errorf("%v: the diagnostics are %q, expected %q", arguments, all, sentence)
		}
	}
	if requests := a.Requests(); len(requests) > 0 {
		t.Errorf("validation sent %v", requests)
	}
}
