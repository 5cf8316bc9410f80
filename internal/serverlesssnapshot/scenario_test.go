package serverlesssnapshot_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// The tests of this file have one body for every mode: see acctest.Scenario.

func TestAccServerlessSnapshot_reads(t *testing.T) {
	t.Run("since the sunset", func(t *testing.T) {
		s := acctest.NewScenario(t, acctest.Serverless)
		readBothWays(t, s, "flex", func() []acctest.Checks {
			var all []acctest.Checks
			for _, answer := range slices.Backward(s.Answers()) { // Flex lists the oldest first
				answer["status"] = statuses[answer["status"]]
				all = append(all, answer.Checks(flexNames))
			}
			return all
		})
	})
	t.Run("before the sunset", func(t *testing.T) {
		before := acctest.Simulated(func(o *atlassim.Options) { o.Serverless = atlassim.ServerlessLive })
		s := acctest.NewScenario(t, before)
		readBothWays(t, s, "serverless", func() []acctest.Checks {
			var all []acctest.Checks
			for _, answer := range s.Answers() {
				all = append(all, answer.Checks(serverlessNames))
			}
			return all
		})
	})
}

// statuses are those of Flex in serverless words.
var statuses = map[any]string{"PENDING": "queued", "QUEUED": "queued", "RUNNING": "inProgress", "COMPLETED": "completed", "FAILED": "failed"}

// The attributes for the keys of a snapshot in the answers of both endpoints.
var (
	serverlessNames = map[string]string{
		"id": "snapshot_id", "status": "status", "snapshotType": "snapshot_type", "frequencyType": "frequency_type", "createdAt": "created_at",
		"expiresAt": "expires_at", "mongodVersion": "mongod_version", "serverlessInstanceName": "serverless_instance_name",
		"storageSizeBytes": "storage_size_bytes", "links": "",
	}
	flexNames = map[string]string{
		"id": "snapshot_id", "status": "status", "startTime": "created_at", "expiration": "expires_at", "mongoDBVersion": "mongod_version",
		"finishTime": "", "scheduledTime": "",
		// What Flex does not say is null.
		"snapshotType": "snapshot_type", "frequencyType": "frequency_type", "serverlessInstanceName": "serverless_instance_name",
		"storageSizeBytes": "storage_size_bytes",
	}
)

// readBothWays reads all snapshots of the instance and the newest by its id: every attribute is what Atlas has said, newest first.
func readBothWays(t *testing.T, s *acctest.Scenario, servedBy string, newestFirst func() []acctest.Checks) {
	t.Helper()
	common := acctest.Checks{
		"project_id": knownvalue.StringExact(s.ProjectID), "instance_name": knownvalue.StringExact(s.ServerlessInstanceName),
		"served_by": knownvalue.StringExact(servedBy),
	}
	all := acctest.EveryAttribute(func(map[string]any) acctest.Checks {
		var results []knownvalue.Check
		for _, one := range newestFirst() {
			results = append(results, knownvalue.ObjectExact(one))
		}
		want := maps.Clone(common)
		want["results"] = knownvalue.ListExact(results)
		return want
	})
	newest := acctest.EveryAttribute(func(map[string]any) acctest.Checks {
		want := newestFirst()[0]
		maps.Copy(want, common)
		return want
	})
	s.Test(t, resource.TestStep{
		ConfigDirectory: config.StaticDirectory("testdata/reads"),
		ConfigVariables: config.Variables{
			"project_id": config.StringVariable(s.ProjectID), "instance_name": config.StringVariable(s.ServerlessInstanceName),
		},
		ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		ConfigStateChecks: []statecheck.StateCheck{
			acctest.ExpectObject("data.atlasbackup_serverless_snapshots.all", all),
			acctest.ExpectObject("data.atlasbackup_serverless_snapshot.by_id", newest),
			acctest.ExpectObject("data.atlasbackup_serverless_snapshot.by_id", knownvalue.ObjectPartial(acctest.Checks{
				"snapshot_id": acctest.ObjectID,
				"status":      knownvalue.StringExact("completed"),
				"created_at":  acctest.RFC3339, "expires_at": acctest.RFC3339,
				"mongod_version": acctest.MongoDBVersion,
			})),
		},
	})
}
