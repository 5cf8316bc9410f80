package serverlesssnapshot_test

import (
	"slices"
	"testing"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

const sunset = "Atlas closed its serverless API in January 2026"

func TestAccServerlessSnapshotsDataSource_emptyList(t *testing.T) {
	t.Parallel()
	const empty = `{"links":[],"results":[],"totalCount":0}`
	t.Run("Flex has them", func(t *testing.T) {
		t.Parallel()
		a := acctest.NewAtlas(t, gone)
		a.AddFault(atlassim.Fault{Path: "/serverless/", Status: 200, Body: empty, Times: -1})
		tf := a.Configuration(t, allSnapshots("Serverless0"))
		tf.Do(0, acctest.Apply...)
		a.ExpectRequests(t, serverlessList, flexList)
		tf.ExpectValues(allAddress, map[string]any{"served_by": "flex"})
		if n := len(tf.Results(allAddress)); n != 8 {
			t.Errorf("%d results, expected the eight of Flex", n)
		}
	})
	t.Run("Flex has none either", func(t *testing.T) {
		t.Parallel()
		a := acctest.NewAtlas(t, gone)
		if err := a.AddCluster(atlassim.ClusterSpec{Name: "Fresh", Type: atlassim.TypeServerless}); err != nil {
			t.Fatal(err)
		}
		a.AddFault(atlassim.Fault{Path: "/serverless/", Status: 200, Body: empty, Times: -1})
		tf := a.Configuration(t, allSnapshots("Fresh"))
		tf.Do(0, acctest.Apply...)
		tf.ExpectValues(allAddress, map[string]any{"served_by": "flex", "results": []any{}})
	})
	t.Run("Flex does not know the name", func(t *testing.T) {
		t.Parallel()
		a := acctest.NewAtlas(t, gone)
		a.AddFault(atlassim.Fault{Path: "/serverless/", Status: 200, Body: empty, Times: -1})
		a.Configuration(t, allSnapshots("Nowhere")).ExpectPlanError(
			"instance_name", "The serverless endpoint: Atlas lists none", "The Flex endpoint: Atlas refused", "Error code: CLUSTER_NOT_FOUND",
			"Check instance_name", sunset)
	})
}

// TestAccServerlessSnapshotDataSource_bothRefuse has neither endpoint know what was asked for: one error that has both answers.
func TestAccServerlessSnapshotDataSource_bothRefuse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		configuration string
		change        func(*atlassim.Options)
		said          []string
	}{
		"snapshot that is not there": {
			oneSnapshot("Serverless0", some), gone,
			[]string{"snapshot_id = ", "Error code: VERSION_GONE", "Status: 410 Gone", "Error code: SNAPSHOT_NOT_FOUND", "Check snapshot_id"},
		},
		"snapshot that is not there, before the sunset": {
			oneSnapshot("Serverless0", some), live,
			[]string{"Error code: SNAPSHOT_NOT_FOUND", "Error code: CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API"},
		},
		"unknown instance": {
			oneSnapshot("Nowhere", some), gone,
			[]string{"instance_name = ", "Error code: VERSION_GONE", "Error code: CLUSTER_NOT_FOUND", "Check instance_name"},
		},
		"dedicated cluster": {
			oneSnapshot("Cluster0", some), gone,
			[]string{"instance_name = ", "Error code: CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API", "with the data source atlasbackup_snapshots"},
		},
		"dedicated cluster, all": {
			allSnapshots("Cluster0"), gone,
			[]string{"Unable to read snapshots", "instance_name = ", "Error code: CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t, c.change)
			a.Configuration(t, c.configuration).ExpectPlanError(append(slices.Clone(c.said),
				"Neither of the two Atlas endpoints that may have", "The serverless endpoint: Atlas refused", "The Flex endpoint: Atlas refused", sunset)...)
		})
	}
}

// TestAccServerlessSnapshotDataSource_noFallback has the serverless endpoint refuse in ways that say nothing of the sunset:
// they are errors as they are, and Flex is not asked.
func TestAccServerlessSnapshotDataSource_noFallback(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault atlassim.Fault
		said  []string
	}{
		"401":         {atlassim.Fault{Status: 401}, []string{"Status: 401 Unauthorized", "Atlas does not accept the credentials"}},
		"access list": {atlassim.Fault{ErrorCode: "IP_ADDRESS_NOT_ON_ACCESS_LIST"}, []string{"Error code: IP_ADDRESS_NOT_ON_ACCESS_LIST"}},
		"429":         {atlassim.Fault{Status: 429, RetryAfter: seconds(3600)}, []string{"rate limit", "Status: 429 Too Many Requests"}},
		"500":         {atlassim.Fault{Status: 500}, []string{"Status: 500 Internal Server Error"}},
		"a wrong form": {
			atlassim.Fault{Status: 200, Body: `{"hello":"world"}`}, []string{"unusable answer"},
		},
	} {
		for of, configuration := range map[string]string{"one": oneSnapshot("Serverless0", some), "all": allSnapshots("Serverless0")} {
			t.Run(name+", "+of, func(t *testing.T) {
				t.Parallel()
				a := acctest.NewAtlas(t, gone)
				fault := c.fault
				fault.Path, fault.Times = "/serverless/", -1
				a.AddFault(fault)
				a.Configuration(t, configuration).ExpectPlanError(c.said...)
				if asked := a.RequestPaths(); slices.Contains(asked, flexOne) || slices.Contains(asked, flexList) {
					t.Errorf("Flex was asked: %v", asked)
				}
			})
		}
	}
}

// TestAccServerlessSnapshotDataSource_fallback has the serverless endpoint refuse in every way in which it may say that it
// serves nobody any more: Flex answers.
func TestAccServerlessSnapshotDataSource_fallback(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]atlassim.Fault{
		"400":                 {ErrorCode: "CANNOT_USE_CLUSTER_IN_SERVERLESS_INSTANCE_API"},
		"400 of another form": {Status: 400},
		"403":                 {Status: 403},
		"404":                 {ErrorCode: "SERVERLESS_INSTANCE_NOT_FOUND"},
		"405":                 {Status: 405},
		"406":                 {ErrorCode: "INVALID_VERSION_DATE"},
		"406 without a body":  {Status: 406},
		"410":                 {ErrorCode: "VERSION_GONE"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t, gone)
			fault.Path, fault.Times = "/serverless/", -1
			a.AddFault(fault)
			tf := a.Configuration(t, allSnapshots("Serverless0"))
			tf.Do(0, acctest.Apply...)
			tf.ExpectValues(allAddress, map[string]any{"served_by": "flex"})
			results := tf.Results(allAddress)
			if len(results) != 8 {
				t.Fatalf("%d results, expected the eight of Flex", len(results))
			}
			id, _ := results[0]["snapshot_id"].(string)
			one := a.Configuration(t, oneSnapshot("Serverless0", id))
			one.Do(0, acctest.Apply...)
			one.ExpectValues(oneAddress, map[string]any{"served_by": "flex", "snapshot_id": id})
		})
	}
}

// TestAccServerlessSnapshotDataSource_flexRefuses has Flex refuse what the credentials may not do: that is said too.
func TestAccServerlessSnapshotDataSource_flexRefuses(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t, gone)
	a.AddFault(atlassim.Fault{Path: "/flexClusters/", Status: 403, Times: -1})
	a.Configuration(t, oneSnapshot("Serverless0", some)).ExpectPlanError("Error code: VERSION_GONE", "Status: 403 Forbidden", "Project Read Only", sunset)
}

func TestAccServerlessSnapshotDataSource_badInput(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		configuration string
		said          []string
	}{
		"malformed snapshot id":   {oneSnapshot("Serverless0", "latest"), []string{"snapshot_id", "must be 24 hexadecimal digits"}},
		"no snapshot id":          {block("atlasbackup_serverless_snapshot", "Serverless0", ""), []string{`The argument "snapshot_id" is required`}},
		"malformed instance name": {allSnapshots("a b"), []string{"instance_name", "must be a cluster's name"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t, gone)
			a.Configuration(t, c.configuration).ExpectPlanError(c.said...)
			a.ExpectRequests(t)
		})
	}
}

func seconds(n int) *int { return &n }
