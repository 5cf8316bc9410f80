package snapshot_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

const membersUnread = "Warning: Unable to read members of snapshot"

// members are the attributes that only the endpoints for sharded clusters tell.
func members(tf *acctest.Terraform) map[string]any {
	values := map[string]any{}
	for _, name := range []string{"members", "snapshot_ids", "config_server_type"} {
		values[name] = tf.State(address).Values[name]
	}
	return values
}

// shardedTerraform is a working directory whose configuration takes snapshots of the sharded cluster.
func shardedTerraform(t *testing.T, a *acctest.Atlas) *acctest.Terraform {
	t.Helper()
	files := configuration(t)
	maps.Copy(files, shardedCluster)
	return a.InProcess(t, files)
}

// TestAccSnapshot_membersAreKept has the endpoint of the members fail from some moment on: whatever Terraform does then, the
// state keeps what it knows of them.
func TestAccSnapshot_membersAreKept(t *testing.T) {
	t.Parallel()
	for name, command := range map[string][]string{
		"a refresh":       append(acctest.Apply, "-refresh-only"),
		"a new retention": retain30,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			tf := shardedTerraform(t, a)
			tf.Do(0, acctest.Apply...)
			known := members(tf)
			if list, ok := known["members"].([]any); !ok || len(list) == 0 || known["config_server_type"] == nil {
				t.Fatalf("the state has no members at first: %v", known)
			}
			a.AddFault(at(theSharded, atlassim.Fault{Status: 405, Times: always}))
			mustSay(t, tf.Do(0, command...), membersUnread, "405 Method Not Allowed", "The state keeps their last known values")
			if diff := cmp.Diff(known, members(tf)); diff != "" {
				t.Errorf("the members in the state (-before +after):\n%s", diff)
			}
		})
	}
}

// TestAccSnapshot_membersComeLater takes a snapshot while the members cannot be read: the next plan that can read them fills
// them in, and plans nothing else.
func TestAccSnapshot_membersComeLater(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	tf := shardedTerraform(t, a)
	a.AddFault(at(theSharded, atlassim.Fault{ErrorCode: noSnapshot, Times: always}))
	mustSay(t, tf.Do(0, acctest.Apply...), membersUnread)
	if known := members(tf); known["members"] != nil || known["snapshot_ids"] != nil || known["config_server_type"] != nil {
		t.Errorf("the state has %v, expected nothing", known)
	}
	mustSay(t, tf.Do(0, acctest.Plan...), membersUnread)
	a.ClearFaults()
	mustNotSay(t, tf.Do(0, append(acctest.Apply, "-refresh-only")...), "Warning: ")
	if list, ok := members(tf)["members"].([]any); !ok || len(list) == 0 {
		t.Errorf("the state has %v, expected members", members(tf))
	}
	tf.Do(0, acctest.Plan...)
}

// TestAccSnapshot_plainEndpointFailsToo has the credentials refused everywhere: that is no matter of the members.
func TestAccSnapshot_plainEndpointFailsToo(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]atlassim.Fault{
		"401":   at(theReads, atlassim.Fault{Status: 401, Times: always}),
		"reset": at(theReads, atlassim.Fault{Reset: atlassim.ResetBefore, Times: always}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			tf := shardedTerraform(t, a)
			tf.Do(0, acctest.Apply...)
			a.AddFault(fault)
			output := tf.Do(1, acctest.Plan...)
			mustSay(t, output, "Error: Unable to read snapshot")
			mustNotSay(t, output, membersUnread)
		})
	}
}

// TestAccSnapshotDataSources_membersUnread reads everything but the members where only these cannot be read.
func TestAccSnapshotDataSources_membersUnread(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]atlassim.Fault{
		"404": {Method: "GET", Path: "/snapshots/shardedCluster", ErrorCode: noSnapshot, Times: always},
		"405": {Method: "GET", Path: "/snapshots/shardedCluster", Status: 405, Times: always},
		"500": {Method: "GET", Path: "/snapshots/shardedCluster", Status: 500, Times: always},
		"403": {Method: "GET", Path: "/snapshots/shardedCluster", Status: 403, Times: always},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			sharded := a.Fixture().ShardedClusterName
			id := seeded(t, a, atlassim.Seed{ClusterName: sharded})
			seeded(t, a, atlassim.Seed{ClusterName: sharded, Status: "failed"})
			a.AddFault(fault)
			for _, arguments := range []string{`snapshot_id = "` + id + `"`, "most_recent = true"} {
				tf := a.Configuration(t, dataBlock("atlasbackup_snapshot", sharded, arguments))
				mustSay(t, tf.Do(0, acctest.Apply...), membersUnread, "They are null here")
				tf.ExpectValues(oneAddress, map[string]any{"snapshot_id": id, "status": "completed", "members": nil})
			}
			tf := a.Configuration(t, dataBlock("atlasbackup_snapshots", sharded, ""))
			output := tf.Do(0, acctest.Apply...)
			mustSay(t, output, "Warning: Unable to read members of snapshots", "They are null here")
			if n := len(tf.Results(allAddress)); n != 2 {
				t.Errorf("%d results, expected 2", n)
			}
		})
	}
}

// TestList_membersUnread lists everything for terraform query, with one warning.
func TestList_membersUnread(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	sharded := a.Fixture().ShardedClusterName
	for range 3 {
		seeded(t, a, atlassim.Seed{ClusterName: sharded})
	}
	a.AddFault(atlassim.Fault{Method: "GET", Path: "/snapshots/shardedClusters", Status: 500, Times: always})
	s := protocol(t.Context(), t, a)
	results := s.list(tfprotov6.ListResourceRequest{Config: s.listing(a, map[string]any{"cluster_name": sharded}), IncludeResource: true})
	warnings := 0
	for _, result := range results {
		for _, d := range result.Diagnostics {
			if warnings++; d.Severity != tfprotov6.DiagnosticSeverityWarning || !strings.Contains(d.Summary, "Unable to read members") {
				t.Errorf("%s: %s", d.Severity, d.Summary)
			}
		}
		if result.Resource == nil {
			t.Error("a result without its resource")
		}
	}
	if len(results) != 3 || warnings != 1 {
		t.Errorf("%d results with %d warnings, expected 3 with 1", len(results), warnings)
	}
}
