package restore_test

import (
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// always is how often a fault strikes that does not pass.
const always = -1

var (
	thePost  = atlassim.Fault{Method: "POST", Path: "/backup/restoreJobs"}
	theList  = atlassim.Fault{Method: "GET", Path: "/backup/restoreJobs?"}
	theReads = atlassim.Fault{Method: "GET", Path: "/backup/restoreJobs/"}
)

// at is a fault that strikes a part of the API.
func at(part, how atlassim.Fault) atlassim.Fault {
	how.Method, how.Path, how.Skip = part.Method, part.Path, part.Skip
	return how
}

// refusal is a restore that cannot be: the error names what is wrong, and nothing is erased.
type refusal struct {
	arguments string
	// argument is where the error points to.
	argument  string
	prepare   func(*testing.T, *restoreTest) string
	sentences []string
	// onlyAtlasKnows reports whether the provider cannot know before it asks for the restore.
	onlyAtlasKnows bool
}

var refusals = map[string]refusal{
	"snapshot of another cluster": {
		argument: "snapshot_id",
		prepare: func(t *testing.T, s *restoreTest) string {
			t.Helper()
			return "snapshot_id = \"" + s.Seed(t, atlassim.Seed{ClusterName: targetName, ExpiresAt: acctest.Start.AddDate(0, 0, 30)}, time.Hour) + "\""
		},
		sentences: []string{"No snapshot with ID", "it must be a snapshot of cluster_name that has not expired"},
	},
	"unknown snapshot": {
		argument: "snapshot_id", arguments: "snapshot_id = \"69ca65c03265a83afa7bbafa\"", sentences: []string{"Error code: SNAPSHOT_NOT_FOUND"},
	},
	"failed snapshot": {
		argument: "snapshot_id", prepare: seeded(atlassim.Seed{Status: "failed"}), sentences: []string{"Atlas failed it, so it contains no data"},
	},
	"snapshot in progress": {
		argument: "snapshot_id", prepare: seeded(atlassim.Seed{Status: "inProgress", Frozen: true}),
		sentences: []string{`its status is "inProgress"`, "Wait until it is completed"},
	},
	"snapshot about to expire": {
		argument: "snapshot_id", prepare: seeded(atlassim.Seed{ExpiresAt: acctest.Start.Add(59 * time.Minute)}),
		sentences: []string{"it expires at 2026-03-30T12:59:00Z", "Extend its retention"},
	},
	"snapshot of a newer version": {
		argument: "target_cluster_name", prepare: seeded(atlassim.Seed{MongodVersion: "8.2.1"}),
		sentences: []string{"it runs MongoDB 8.0.29, and the backup is of 8.2.1"},
	},
	"no snapshot at all": {
		argument: "most_recent", prepare: func(_ *testing.T, s *restoreTest) string {
			s.Clock.Advance(60 * 24 * time.Hour)
			return "most_recent = true"
		},
		sentences: []string{"no completed snapshot that is kept for another hour"},
	},
	"target paused": {
		argument: "target_cluster_name", prepare: target(atlassim.ClusterSpec{Name: targetName, Paused: true}), sentences: []string{"it is paused. Resume it"},
	},
	"target of another topology": {
		argument: "target_cluster_name", prepare: func(t *testing.T, s *restoreTest) string {
			t.Helper()
			s.DeleteCluster(targetName)
			return target(atlassim.ClusterSpec{Name: targetName, Type: atlassim.TypeSharded})(t, s)
		},
		sentences: []string{"the backup is of a replica set, and the target is a sharded cluster"},
	},
	"free target": {
		argument: "target_cluster_name", prepare: func(t *testing.T, s *restoreTest) string {
			t.Helper()
			s.DeleteCluster(targetName)
			return target(atlassim.ClusterSpec{Name: targetName, Type: atlassim.TypeFree})(t, s)
		},
		sentences: []string{"it is a free cluster"},
	},
	"Flex target": {
		argument: "target_cluster_name", prepare: func(t *testing.T, s *restoreTest) string {
			t.Helper()
			s.DeleteCluster(targetName)
			return target(atlassim.ClusterSpec{Name: targetName, Type: atlassim.TypeFlex})(t, s)
		},
		sentences: []string{"Error code: CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API"},
	},
	"unknown target": {
		argument: "target_cluster_name", prepare: func(_ *testing.T, s *restoreTest) string {
			s.DeleteCluster(targetName)
			return s.fromSnapshot()
		},
		sentences: []string{"Error code: CLUSTER_NOT_FOUND", "No cluster named " + targetName},
	},
	"unknown target project": {
		argument: "target_project_id", prepare: func(_ *testing.T, s *restoreTest) string {
			return s.fromSnapshot() + "target_project_id = \"69ca65c03265a83afa7bbafa\""
		},
		sentences: []string{"Error code: GROUP_NOT_FOUND"},
	},
	"source cluster unknown": {
		argument: "cluster_name", prepare: func(_ *testing.T, s *restoreTest) string {
			s.DeleteCluster(s.Fixture().ClusterName)
			return s.fromSnapshot()
		},
		sentences: []string{"Error code: CLUSTER_NOT_FOUND"},
	},
	"point in time without continuous backup": {
		argument: "point_in_time", arguments: "point_in_time = \"2026-03-30T11:00:00Z\"", sentences: []string{"has no continuous backup", "pit_enabled = true"},
	},
	"point in time in the future": {
		argument: "point_in_time", arguments: "point_in_time = \"2026-03-30T13:00:00Z\"", sentences: []string{"is in the future"},
	},
	"point in time outside the window": {
		argument: "point_in_time", onlyAtlasKnows: true, prepare: func(t *testing.T, s *restoreTest) string {
			t.Helper()
			if err := s.AddCluster(atlassim.ClusterSpec{Name: s.Fixture().ClusterName, PITEnabled: true}); err != nil {
				t.Fatal(err)
			}
			return "point_in_time = \"2026-03-01T00:00:00Z\""
		},
		sentences: []string{"Error code: INVALID_PIT_RESTORE_TIME", "must be in the restore window"},
	},
	"no role": {
		argument: "", onlyAtlasKnows: true, prepare: struckBy(at(thePost, atlassim.Fault{ErrorCode: "CANNOT_RESTORE_TO_TARGET", Times: always})),
		sentences: []string{"Error code: CANNOT_RESTORE_TO_TARGET", "Project Backup Recovery Operator"},
	},
	"no role to restore": {
		argument: "", onlyAtlasKnows: true, prepare: struckBy(at(thePost, atlassim.Fault{ErrorCode: "USER_CANNOT_ACCESS_GROUP", Status: 403, Times: always})),
		sentences: []string{"Status: 403", "Project Backup Recovery Operator"},
	},
}

func seeded(seed atlassim.Seed) func(*testing.T, *restoreTest) string {
	return func(t *testing.T, s *restoreTest) string {
		t.Helper()
		if seed.ExpiresAt.IsZero() {
			seed.ExpiresAt = acctest.Start.AddDate(0, 0, 30)
		}
		return "snapshot_id = \"" + s.Seed(t, seed, time.Hour) + "\""
	}
}

func target(spec atlassim.ClusterSpec) func(*testing.T, *restoreTest) string {
	return func(t *testing.T, s *restoreTest) string {
		t.Helper()
		if err := s.AddCluster(spec); err != nil {
			t.Fatal(err)
		}
		return s.fromSnapshot()
	}
}

func struckBy(fault atlassim.Fault) func(*testing.T, *restoreTest) string {
	return func(_ *testing.T, s *restoreTest) string {
		s.AddFault(fault)
		return s.fromSnapshot()
	}
}

// TestAccRestore_refusals shows what is wrong with a restore before anything is erased, also in the plan, with check_at_plan.
func TestAccRestore_refusals(t *testing.T) {
	t.Parallel()
	for name, c := range refusals {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newRestore(t)
			arguments := c.arguments
			if c.prepare != nil {
				arguments = c.prepare(t, s)
			}
			s.tf = s.Terraform(t, acctest.Files(resourceBlock(s.Atlas, confirmed+arguments)))
			sentences := c.sentences
			if c.argument != "" {
				sentences = append(sentences, "on main.tf", c.argument+" ")
			}
			s.expectRefusal(t, "Unable to restore", c.onlyAtlasKnows, sentences, acctest.Apply...)
			if c.onlyAtlasKnows {
				return
			}
			s.tf = s.Configuration(t, resourceBlock(s.Atlas, confirmed+arguments))
			s.tf.Write("provider.tf", "provider \"atlasbackup\" {\n  check_at_plan = true\n}\n")
			s.expectRefusal(t, "Unable to plan restore", false, append(sentences, "check_at_plan = true"), acctest.Plan...)
		})
	}
}

func (s *restoreTest) expectRefusal(t *testing.T, summary string, isSent bool, sentences []string, command ...string) {
	t.Helper()
	s.ClearRequests()
	output := s.tf.Do(1, command...)
	acctest.ExpectOutput(t, output, append([]string{"Error: " + summary}, sentences...)...)
	for _, request := range s.Requests() {
		if request.Method == "POST" && !isSent {
			t.Errorf("the restore was requested: %+v", request)
		}
	}
	if len(s.Restores()) > 0 || s.tf.State(address) != nil {
		t.Errorf("there are restores %+v, and the state has %+v", s.Restores(), s.tf.State(address))
	}
}

// TestAccRestore_ontoTheSource warns, and restores.
func TestAccRestore_ontoTheSource(t *testing.T) {
	t.Parallel()
	s := newRestore(t)
	s.tf.Write("main.tf", "resource \"atlasbackup_restore\" \"test\" {\n  project_id = \""+s.Fixture().ProjectID+"\"\n  cluster_name = \"Cluster0\"\n"+
		"  target_cluster_name = \"Cluster0\"\n  erase_target = \"Cluster0\"\n  "+s.fromSnapshot()+"}\n")
	acctest.ExpectOutput(t, s.tf.Do(0, acctest.Apply...), "Warning: Restore onto the source cluster: Cluster0")
	if got := s.Data("Cluster0"); got != s.restored {
		t.Errorf("the cluster holds %q", got)
	}
	s.settled(t, 0)
}

// TestAccRestore_pointInTime restores both kinds, whatever Atlas shows of them.
func TestAccRestore_pointInTime(t *testing.T) {
	t.Parallel()
	for name, arguments := range map[string]string{
		"time": "point_in_time = \"2026-03-30T11:00:00Z\"", "oplog": "oplog_ts = 1774868400\n oplog_inc = 3",
	} {
		for _, hidden := range []bool{false, true} {
			s := newRestore(t)
			if err := s.AddCluster(atlassim.ClusterSpec{Name: s.Fixture().ClusterName, PITEnabled: true}); err != nil {
				t.Fatal(err)
			}
			s.SetBehavior(func(b *atlassim.Behavior) { b.PointInTimeHidden = hidden })
			// The answer is lost: the job is recognised by what Atlas shows of it.
			s.AddFault(at(thePost, atlassim.Fault{Reset: atlassim.ResetAfter}))
			s.configure(arguments)
			s.tf.Do(0, acctest.Apply...)
			s.settled(t, 1)
			if restores := s.Restores(); len(restores) != 1 || restores[0].DeliveryType != "pointInTime" {
				t.Errorf("%s: the restores are %+v", name, restores)
			}
			if age := s.values()["data_age_seconds"]; !hidden && age != float64(3600) && age != float64(3601) && age != float64(3602) && age != float64(3603) {
				t.Errorf("%s: the data was %v s old", name, age)
			}
		}
	}
}

// TestAccRestore_sharded restores a sharded cluster's snapshot onto a sharded cluster, and onto no replica set.
func TestAccRestore_sharded(t *testing.T) {
	t.Parallel()
	s := newRestore(t)
	source := s.Fixture().ShardedClusterName
	id := s.Seed(t, atlassim.Seed{ClusterName: source, ExpiresAt: acctest.Start.AddDate(0, 0, 30)}, time.Hour)
	onto := func(target string) string {
		return "resource \"atlasbackup_restore\" \"test\" {\n  project_id = \"" + s.Fixture().ProjectID + "\"\n  cluster_name = \"" + source + "\"\n" +
			"  snapshot_id = \"" + id + "\"\n  target_cluster_name = \"" + target + "\"\n  erase_target = \"" + target + "\"\n}\n"
	}
	s.tf.Write("main.tf", onto(targetName))
	s.expectRefusal(t, "Unable to restore", false, []string{"the backup is of a sharded cluster, and the target is a replica set"}, acctest.Apply...)
	if err := s.AddCluster(atlassim.ClusterSpec{Name: "Wide", Type: atlassim.TypeSharded}); err != nil {
		t.Fatal(err)
	}
	s.tf.Write("main.tf", onto("Wide"))
	s.tf.Do(0, acctest.Apply...)
	if got := s.Data("Wide"); got != "data of "+source || s.Erasures("Wide") != 1 {
		t.Errorf("the target holds %q after %d erasures", got, s.Erasures("Wide"))
	}
	s.settled(t, 0)
}
