package snapshot_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// seeded puts a completed snapshot into Atlas that nobody's state has.
func seeded(t testing.TB, a *acctest.Atlas, seed atlassim.Seed) string {
	t.Helper()
	id, err := a.SeedSnapshot(seed)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// TestIdentity_rebuilt refreshes, plans, updates and deletes with the identities that something older sends: none at all,
// or one of which everything is null.
func TestIdentity_rebuilt(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"none", "null", "all of it null", "whole"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			s := protocol(t.Context(), t, a)
			project, cluster := a.Fixture().ProjectID, a.Fixture().ClusterName
			id := seeded(t, a, atlassim.Seed{Description: new("before the upgrade")})
			want := map[string]any{"project_id": project, "cluster_name": cluster, "snapshot_id": id}
			identity := map[string]*tfprotov6.ResourceIdentityData{
				"none":           nil,
				"null":           {IdentityData: s.dynamic(s.who, tftypes.NewValue(s.who, nil))},
				"all of it null": {IdentityData: s.object(s.who, nil)},
				"whole":          {IdentityData: s.object(s.who, want)},
			}[name]

			imported, err := s.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{
				TypeName: resourceType, ID: project + "/" + cluster + "/" + id,
			})
			s.must(err, imported.Diagnostics)
			read := s.read(imported.ImportedResources[0].State, imported.ImportedResources[0].Private, identity)
			mustBe(t, "identity after the refresh", s.identity(read.NewIdentity), want)

			config := s.with(s.kind, read.NewState, "retention_in_days", 30)
			planned := s.plan(read.NewState, config, read.Private, identity)
			mustBe(t, "planned identity", s.identity(planned.PlannedIdentity), want)

			applied, err := s.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
				TypeName: resourceType, PriorState: read.NewState, PlannedState: planned.PlannedState, Config: config,
				PlannedPrivate: planned.PlannedPrivate, PlannedIdentity: identity,
			})
			s.must(err, applied.Diagnostics)
			mustBe(t, "identity after the update", s.identity(applied.NewIdentity), want)

			nothing := s.dynamic(s.kind, tftypes.NewValue(s.kind, nil))
			deleted, err := s.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
				TypeName: resourceType, PriorState: applied.NewState, PlannedState: nothing, Config: nothing,
				PlannedPrivate: applied.Private, PlannedIdentity: identity,
			})
			s.must(err, deleted.Diagnostics)
			if left := a.Existing(); len(left) > 0 {
				t.Errorf("Atlas still has %v", left)
			}
		})
	}
}

// TestIdentity_import imports by identity, which the Terraform of most tests cannot, and refuses a bad one.
func TestIdentity_import(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	s := protocol(t.Context(), t, a)
	who := map[string]any{
		"project_id": a.Fixture().ProjectID, "cluster_name": a.Fixture().ClusterName, "snapshot_id": seeded(t, a, atlassim.Seed{}),
	}
	imported, err := s.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{
		TypeName: resourceType, Identity: &tfprotov6.ResourceIdentityData{IdentityData: s.object(s.who, who)},
	})
	s.must(err, imported.Diagnostics)
	one := imported.ImportedResources[0]
	mustBe(t, "identity after the import", s.identity(one.Identity), who)
	read := s.read(one.State, one.Private, one.Identity)
	mustBe(t, "identity after the refresh", s.identity(read.NewIdentity), who)
	mustBe(t, "status", s.plain(s.kind, read.NewState)["status"], any("completed"))

	who["snapshot_id"] = "not-an-id"
	refused, err := s.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{
		TypeName: resourceType, Identity: &tfprotov6.ResourceIdentityData{IdentityData: s.object(s.who, who)},
	})
	if err != nil {
		t.Fatal(err)
	}
	mustFail(t, refused.Diagnostics, "Invalid identity", `the snapshot_id "not-an-id" must be 24 hexadecimal digits`)
}

func mustBe[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-expected +got):\n%s", what, diff)
	}
}

// mustFail expects one error with this summary whose detail has all the sentences.
func mustFail(t *testing.T, diagnostics []*tfprotov6.Diagnostic, summary string, sentences ...string) {
	t.Helper()
	if len(diagnostics) != 1 || diagnostics[0].Severity != tfprotov6.DiagnosticSeverityError || diagnostics[0].Summary != summary {
		t.Fatalf("the diagnostics are %s, expected one error %q", said(diagnostics), summary)
	}
	mustSay(t, diagnostics[0].Detail, sentences...)
}

// said is what diagnostics say, for messages.
func said(diagnostics []*tfprotov6.Diagnostic) []string {
	all := []string{}
	for _, d := range diagnostics {
		all = append(all, d.Severity.String()+": "+d.Summary+": "+d.Detail)
	}
	return all
}
