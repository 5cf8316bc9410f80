package atlassim

import (
	"cmp"
	"encoding/json"
	"time"
)

// Plan fixes the course of one on-demand snapshot.
type Plan struct {
	// Duration is how long the snapshot takes; 0 draws it from the recorded distribution.
	Duration time.Duration
	// Fail ends it as failed.
	Fail bool
	// FinalStatus is the status it ends in, known to the API or not; it wins over Fail. Empty means completed.
	FinalStatus string
}

// NextSnapshot plans the next snapshots that are taken, one plan each, in this order.
func (s *Simulator) NextSnapshot(plans ...Plan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plans = append(s.plans, plans...)
}

// CompleteAfter fixes the duration of every later snapshot that has no plan of its own; 0 goes back to drawing it.
func (s *Simulator) CompleteAfter(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.duration = max(d, 0)
}

// nextPlan takes the plan for a snapshot that is being requested.
func (s *Simulator) nextPlan() Plan {
	plan := Plan{}
	if len(s.plans) > 0 {
		plan, s.plans = s.plans[0], s.plans[1:]
	}
	plan.Duration = cmp.Or(plan.Duration, s.duration)
	if plan.Fail {
		plan.FinalStatus = cmp.Or(plan.FinalStatus, statusFailed)
	}
	plan.FinalStatus = cmp.Or(plan.FinalStatus, statusCompleted)
	return plan
}

// takeSnapshot serves POST …/snapshots.
func takeSnapshot(c *call) (any, *apiError) {
	if refusal := c.checkQuery(plainQuery...); refusal != nil {
		return nil, refusal
	}
	on, refusal := c.findBackedUpCluster()
	if refusal != nil {
		return nil, refusal
	}
	description, days, refusal := c.readSnapshotRequest()
	if refusal != nil {
		return nil, refusal
	}
	if refusal := refuseCreation(c, on); refusal != nil {
		return nil, refusal
	}
	for _, other := range c.sim.existing(on, c.now) {
		if other.snapshotType == "onDemand" && pending(other.status(c.now)) {
			return nil, c.fail("UNFINISHED_ON_DEMAND_SNAPSHOT")
		}
	}
	if c.sim.policy.on && days < c.sim.policy.minRetentionDays {
		return nil, c.fail("SNAPSHOT_RETENTION_LESS_THAN_BACKUP_COMPLIANCE_POLICY")
	}
	taken := c.sim.newSnapshot(on, c.now)
	taken.description = description
	taken.retention = time.Duration(max(days, c.sim.behavior.MinimumRetention)) * day
	taken.posted = c.now
	c.taken = taken.id
	return taken.bodyIn(c, viewAnswer), nil
}

// newSnapshot stores an on-demand snapshot that is requested now.
func (s *Simulator) newSnapshot(on *cluster, now time.Time) *snapshot {
	// Atlas's times have no fraction; cutting it off here keeps what is shown and what happens the same.
	now = now.Truncate(time.Second)
	plan := s.nextPlan()
	taken := &snapshot{
		id:            s.ids.next(now.Add(-s.behavior.IDBefore)),
		behavior:      &s.behavior,
		cluster:       on,
		kind:          on.kind,
		snapshotType:  "onDemand",
		frequencyType: "ondemand",
		cloud:         on.cloud,
		version:       on.version,
		copyRegions:   []string{},
		policyItems:   []string{},
		requested:     now,
		data:          s.dataOf(on, now),
		timeline:      drawTimeline(s.random).scaledTo(plan.Duration),
		final:         plan.FinalStatus,
	}
	if on.kind == TypeSharded {
		taken.members = []string{s.ids.next(now), s.ids.next(now)}
	}
	s.snapshots[taken.id] = taken
	return taken
}

// readSnapshotRequest reads the body of a POST. Neither attribute is required.
func (c *call) readSnapshotRequest() (description *string, days int, refusal *apiError) {
	attributes, refusal := c.readBody("description", "retentionInDays")
	if refusal != nil {
		return nil, 0, refusal
	}
	if json.Unmarshal(orNull(attributes["description"]), &description) != nil {
		return nil, 0, c.fail("INVALID_JSON")
	}
	days = defaultRetentionDays
	if raw := attributes["retentionInDays"]; !isNull(raw) {
		if days, refusal = c.readInt32(raw); refusal != nil {
			return nil, 0, refusal
		}
	}
	if days <= 0 {
		return nil, 0, c.fail("ATTRIBUTE_NEGATIVE_OR_ZERO", "attribute", "retentionInDays")
	}
	return description, days, nil
}

func orNull(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return json.RawMessage("null")
	}
	return raw
}

// listSharded serves GET …/snapshots/shardedClusters, which has no pages.
func listSharded(c *call) (any, *apiError) {
	if refusal := c.checkQuery(plainQuery...); refusal != nil {
		return nil, refusal
	}
	on, refusal := c.findBackedUpCluster()
	if refusal != nil {
		return nil, refusal
	}
	var found []*snapshot
	for _, one := range c.visibleInList(on) {
		if one.kind == TypeSharded {
			found = append(found, one)
		}
	}
	everything := page{includeCount: true, items: max(len(found), defaultItemsPerPage), number: 1}
	href := c.apiPath("clusters", on.name, "backup/snapshots/shardedClusters")
	return pageBody(c, everything, href, found, func(one *snapshot) object { return one.shardedBodyIn(c, viewList) }), nil
}

// getSharded serves GET …/snapshots/shardedCluster/{snapshot}.
func getSharded(c *call) (any, *apiError) {
	if refusal := c.checkQuery(plainQuery...); refusal != nil {
		return nil, refusal
	}
	on, refusal := c.findBackedUpCluster()
	if refusal != nil {
		return nil, refusal
	}
	found, refusal := c.snapshotRead(on)
	if refusal != nil {
		return nil, refusal
	}
	if found.kind != TypeSharded && !shardedReads {
		return nil, c.fail("SNAPSHOT_NOT_FOUND")
	}
	return found.shardedBodyIn(c, viewGet), nil
}
