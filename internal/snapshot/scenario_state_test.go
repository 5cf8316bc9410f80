package snapshot_test

import (
	"fmt"
	"maps"
	"regexp"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
)

// attributeNames has the attribute for each key of a snapshot in Atlas's answers. Links have none.
var attributeNames = map[string]string{
	"id": "snapshot_id", "status": "status", "type": "type", "snapshotType": "snapshot_type", "description": "description",
	"frequencyType": "frequency_type", "createdAt": "created_at", "expiresAt": "expires_at", "mongodVersion": "mongod_version",
	"storageSizeBytes": "storage_size_bytes", "cloudProvider": "cloud_provider", "replicaSetName": "replica_set_name",
	"copyRegions": "copy_regions", "policyItems": "policy_items", "masterKeyUUID": "master_key_uuid",
	"configServerType": "config_server_type", "snapshotIds": "snapshot_ids", "members": "members", "links": "",
}

var (
	cloudProvider = knownvalue.StringRegexp(regexp.MustCompile(`^(AWS|AZURE|GCP)$`))
	someText      = knownvalue.StringRegexp(regexp.MustCompile(`.`))
	positive      = knownvalue.Int64Func(func(n int64) error {
		if n <= 0 {
			return fmt.Errorf("expected more than 0, got %d", n)
		}
		return nil
	})
)

// completedSnapshot has what any Atlas says of the snapshot of a scenario.
var completedSnapshot = acctest.Checks{
	"snapshot_id": acctest.ObjectID, "status": knownvalue.StringExact("completed"), "snapshot_type": knownvalue.StringExact("onDemand"),
	"frequency_type": knownvalue.StringExact("ondemand"), "created_at": acctest.RFC3339, "expires_at": acctest.RFC3339,
	"mongod_version": acctest.MongoDBVersion, "storage_size_bytes": positive, "policy_items": knownvalue.ListSizeExact(0),
}

// completedOf has what any Atlas says of a snapshot in which only the kinds of clusters differ.
var completedOf = map[string]acctest.Checks{
	"replicaSet": {
		"type": knownvalue.StringExact("replicaSet"), "cloud_provider": cloudProvider, "replica_set_name": someText,
		"copy_regions": knownvalue.ListSizeExact(0), "config_server_type": knownvalue.Null(), "snapshot_ids": knownvalue.Null(),
		"members": knownvalue.Null(),
	},
	"shardedCluster": {
		"type": knownvalue.StringExact("shardedCluster"), "cloud_provider": knownvalue.Null(), "replica_set_name": knownvalue.Null(),
		"config_server_type": someText, "snapshot_ids": knownvalue.ListPartial(map[int]knownvalue.Check{0: acctest.ObjectID, 1: acctest.ObjectID}),
		"members": knownvalue.ListPartial(map[int]knownvalue.Check{0: member, 1: member}),
	},
}

var member = knownvalue.ObjectExact(acctest.Checks{"id": acctest.ObjectID, "cloud_provider": cloudProvider, "replica_set_name": someText})

// completed is a step that applies testdata/snapshot with these variables, which has to plan this action. It checks the completed
// snapshot after the apply and after a refresh.
func completed(s *acctest.Scenario, kind string, variables config.Variables, action plancheck.ResourceActionType) resource.TestStep {
	applied := expect(step(s, having(variables)), action)
	for _, check := range completedChecks(s, kind, variables) {
		applied.ConfigStateChecks = append(applied.ConfigStateChecks, acctest.ExpectObject(address, check))
	}
	applied.ConfigPlanChecks.PostApplyPostRefresh = append(applied.ConfigPlanChecks.PostApplyPostRefresh, unchanged(s, kind, variables)...)
	return applied
}

// unchanged are the plan checks of a completed snapshot that Terraform has read and leaves as it is.
func unchanged(s *acctest.Scenario, kind string, variables config.Variables) []plancheck.PlanCheck {
	all := []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}
	for _, check := range completedChecks(s, kind, variables) {
		all = append(all, plancheck.ExpectKnownValue(address, tfjsonpath.Path{}, check))
	}
	return all
}

// completedChecks are the checks of a completed snapshot of this type: every attribute is what the configuration says, else what
// Atlas has said, which has the form that any Atlas gives it.
func completedChecks(s *acctest.Scenario, kind string, variables config.Variables) []knownvalue.Check {
	configured := acctest.Checks{
		"retention_in_days": knownvalue.Int64Exact(7), "triggers": knownvalue.Null(), "skip_destroy": knownvalue.Bool(false),
		"on_expiry": knownvalue.StringExact("keep"), "allow_immediate_expiry": knownvalue.Null(), "timeouts": knownvalue.Null(),
	}
	for name, variable := range s.Variables(having(variables)) {
		if name == "create_timeout" {
			configured["timeouts"] = knownvalue.ObjectExact(acctest.Checks{
				"create": acctest.Exactly(variable), "update": knownvalue.Null(), "delete": knownvalue.Null(),
			})
			continue
		}
		configured[name] = acctest.Exactly(variable)
	}
	every := acctest.EveryAttribute(func(attributes map[string]any) acctest.Checks {
		want := s.Answer(attributes["snapshot_id"]).Checks(attributeNames)
		maps.Copy(want, configured)
		want["id"] = knownvalue.StringExact(fmt.Sprintf("%v/%v/%v", attributes["project_id"], attributes["cluster_name"], attributes["snapshot_id"]))
		return want
	})
	return []knownvalue.Check{every, knownvalue.ObjectPartial(completedSnapshot), knownvalue.ObjectPartial(completedOf[kind]), retained{}}
}

// retained checks that the snapshot expires retention_in_days after its creation, give or take the time that Atlas needs to
// complete it.
type retained struct{}

func (retained) String() string { return "expires_at after retention_in_days" }

func (retained) CheckValue(value any) error {
	attributes, _ := value.(map[string]any)
	created, createdErr := time.Parse(time.RFC3339, fmt.Sprint(attributes["created_at"]))
	expires, expiresErr := time.Parse(time.RFC3339, fmt.Sprint(attributes["expires_at"]))
	days, daysErr := time.ParseDuration(fmt.Sprint(attributes["retention_in_days"]) + "h")
	if createdErr != nil || expiresErr != nil || daysErr != nil {
		return fmt.Errorf("%v, %v or %v is missing", attributes["created_at"], attributes["expires_at"], attributes["retention_in_days"])
	}
	if late := expires.Sub(created) - 24*days; late.Abs() > 3*time.Hour {
		return fmt.Errorf("the snapshot expires %s after its retention", late)
	}
	return nil
}
