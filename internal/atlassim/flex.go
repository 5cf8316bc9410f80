package atlassim

import (
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"time"
)

const (
	flexRetention = 8 * day // from the scheduled time, exactly, in every recording
	flexKept      = 8
)

var (
	flexStartAfter  = []point{{0, 2}, {.05, 12}, {.50, 32}, {.95, 40}, {1, 139}}
	flexFinishAfter = []point{{0, 70}, {.50, 74.5}, {.95, 100}, {1, 154}}
	// An ID is older than the start in every recording: by seconds as a rule, and never older than the scheduled time.
	flexIDBefore = []point{{0, 1}, {.50, 3}, {.95, 7}, {1, 122}}
)

// tenantSnapshot is an automatic snapshot of a Flex cluster or serverless instance.
type tenantSnapshot struct {
	id                                  string
	scheduled, start, finish, expiresAt time.Time
	status                              string // at the end
	size                                int64
	data                                string // what a seeded one holds
}

// automaticSnapshots are the daily snapshots of a Flex cluster. They are worked out from the time when they are asked for,
// each from its own number, so that nothing has to be kept and any day can be looked at.
type automaticSnapshots struct {
	seed   uint64
	born   time.Time
	failed int // the number of the one that fails
	seeded []*tenantSnapshot
}

func newAutomaticSnapshots(seed int64, name string, born time.Time) automaticSnapshots {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(name)) // a hash takes everything
	return automaticSnapshots{
		seed: uint64(seed) ^ hash.Sum64(), born: born.Truncate(time.Second),
		failed: int(fixtureAge/day) - 4,
	}
}

// number returns one day's snapshot; the first comes a day after the cluster.
func (a *automaticSnapshots) number(n int) *tenantSnapshot {
	random := rand.New(rand.NewPCG(a.seed, uint64(n)))
	scheduled := a.born.Add(time.Duration(n) * day)
	start := scheduled.Add(seconds(quantile(flexStartAfter, random.Float64()))).Truncate(time.Second)
	one := &tenantSnapshot{
		scheduled: scheduled,
		start:     start,
		finish:    start.Add(seconds(quantile(flexFinishAfter, random.Float64()))).Truncate(time.Second),
		expiresAt: scheduled.Add(flexRetention),
		status:    "COMPLETED",
		size:      drawSize(random) / 10 / pageSize * pageSize,
	}
	if n == a.failed {
		one.status = "FAILED"
	}
	source := newIDSource(random)
	made := start.Add(-seconds(quantile(flexIDBefore, random.Float64())))
	if made.Before(scheduled) {
		made = scheduled
	}
	one.id = source.next(made)
	return one
}

// at returns the snapshots that exist at now, oldest first.
func (a *automaticSnapshots) at(now time.Time) []*tenantSnapshot {
	var found []*tenantSnapshot
	today := int(now.Sub(a.born) / day)
	for n := max(1, today-flexKept); n <= today; n++ {
		if one := a.number(n); one.exists(now) {
			found = append(found, one)
		}
	}
	if len(found) > flexKept {
		found = found[len(found)-flexKept:]
	}
	for _, one := range a.seeded {
		if one.exists(now) {
			found = append(found, one)
		}
	}
	slices.SortStableFunc(found, func(x, y *tenantSnapshot) int { return x.scheduled.Compare(y.scheduled) })
	return found
}

func (t *tenantSnapshot) exists(now time.Time) bool {
	_, visible := flexStatus(now, t.start, t.finish)
	return visible && now.Before(t.expiresAt)
}

// statusAt returns the status at now: the one it ends in once it has ended.
func (t *tenantSnapshot) statusAt(now time.Time) string {
	if status, _ := flexStatus(now, t.start, t.finish); status != "COMPLETED" {
		return status
	}
	return t.status
}

func (t *tenantSnapshot) flexBody(of *cluster, now time.Time) object {
	body := object{
		"expiration":     timestamp(t.expiresAt),
		"id":             t.id,
		"mongoDBVersion": of.version,
		"scheduledTime":  timestamp(t.scheduled),
		"startTime":      timestamp(t.start),
		"status":         t.statusAt(now),
	}
	if !now.Before(t.finish) {
		body["finishTime"] = timestamp(t.finish)
	}
	return body
}

// flexCluster finds the Flex cluster of the request.
func (c *call) flexCluster() (*cluster, *apiError) {
	found, exists := c.sim.clusters[c.clusterName]
	switch {
	case !exists:
		return nil, c.fail("CLUSTER_NOT_FOUND")
	case c.sim.currentKind(found) != TypeFlex:
		return nil, c.fail("CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API")
	}
	return found, nil
}

// listFlexSnapshots serves GET /flexClusters/{cluster}/backup/snapshots, oldest first.
func listFlexSnapshots(c *call) (any, *apiError) {
	wanted, refusal := c.pageOf()
	if refusal != nil {
		return nil, refusal
	}
	on, refusal := c.flexCluster()
	if refusal != nil {
		return nil, refusal
	}
	href := c.apiPath("flexClusters", on.name, "backup/snapshots")
	return pageBody(c, wanted, href, inListOrder(c, on.automatic.at(c.now), (*tenantSnapshot).key), func(one *tenantSnapshot) object {
		return c.replaceFields(one.flexBody(on, c.now))
	}), nil
}

// getFlexSnapshot serves GET /flexClusters/{cluster}/backup/snapshots/{snapshot}.
func getFlexSnapshot(c *call) (any, *apiError) {
	if refusal := c.checkQuery(plainQuery...); refusal != nil {
		return nil, refusal
	}
	on, refusal := c.flexCluster()
	if refusal != nil {
		return nil, refusal
	}
	found, refusal := c.tenantSnapshot(on)
	if refusal != nil {
		return nil, refusal
	}
	return c.replaceFields(found.flexBody(on, c.now)), nil
}

// tenantSnapshot finds the automatic snapshot of the request.
func (c *call) tenantSnapshot(on *cluster) (*tenantSnapshot, *apiError) {
	if !objectID.MatchString(c.snapshotID) {
		return nil, c.fail("INVALID_SNAPSHOT_ID")
	}
	for _, one := range on.automatic.at(c.now) {
		if one.id == c.snapshotID {
			return one, nil
		}
	}
	return nil, c.fail("SNAPSHOT_NOT_FOUND")
}

// listFlexClusters serves GET /flexClusters.
func listFlexClusters(c *call) (any, *apiError) {
	wanted, refusal := c.pageOf()
	if refusal != nil {
		return nil, refusal
	}
	return pageBody(c, wanted, c.apiPath("flexClusters"), c.sim.clustersOfKind(TypeFlex), c.flexClusterBody), nil
}

// getFlexCluster serves GET /flexClusters/{cluster}.
func getFlexCluster(c *call) (any, *apiError) {
	if refusal := c.checkQuery(plainQuery...); refusal != nil {
		return nil, refusal
	}
	on, refusal := c.flexCluster()
	if refusal != nil {
		return nil, refusal
	}
	return c.flexClusterBody(on), nil
}

func (c *call) flexClusterBody(of *cluster) object {
	return object{
		"backupSettings":    object{"enabled": of.backupEnabled},
		"clusterType":       "REPLICASET",
		"connectionStrings": connectionStrings(of),
		"createDate":        timestamp(of.created),
		"groupId":           c.group,
		"id":                of.id,
		"mongoDBVersion":    of.version,
		"name":              of.name,
		"providerSettings": object{
			"backingProviderName": of.cloud, "diskSizeGB": flexDiskSize, "providerName": "FLEX",
			"regionName": region(of),
		},
		"stateName":                    c.sim.stateOf(of, c.now),
		"tags":                         []string{},
		"terminationProtectionEnabled": false,
		"versionReleaseSystem":         "LTS",
	}
}
