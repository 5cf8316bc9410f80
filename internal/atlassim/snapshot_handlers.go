package atlassim

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"time"
)

const day = 24 * time.Hour

// compliancePolicy is the part of a Backup Compliance Policy that concerns snapshots.
type compliancePolicy struct {
	on               bool
	minRetentionDays int
}

// SetCompliancePolicy turns a Backup Compliance Policy on or off: with one, snapshots cannot be deleted, their retention
// cannot be shortened, and none can be taken with less than minRetentionDays.
func (s *Simulator) SetCompliancePolicy(on bool, minRetentionDays int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.policy = compliancePolicy{on, minRetentionDays}
}

// existing returns the snapshots of a cluster that exist, newest first.
func (s *Simulator) existing(of *cluster, now time.Time) []*snapshot {
	found := []*snapshot{}
	for _, one := range s.snapshots {
		if one.cluster == of && one.deletedAt(now).IsZero() {
			found = append(found, one)
		}
	}
	slices.SortFunc(found, newestFirst)
	return found
}

// snapshotOf finds the snapshot of the request on a cluster.
func (c *call) snapshotOf(on *cluster) (*snapshot, *apiError) {
	if !objectID.MatchString(c.snapshotID) {
		return nil, c.fail("INVALID_SNAPSHOT_ID")
	}
	found, exists := c.sim.snapshots[c.snapshotID]
	if !exists || found.cluster != on || !found.deletedAt(c.now).IsZero() {
		return nil, c.fail("SNAPSHOT_NOT_FOUND")
	}
	return found, nil
}

// snapshotRead finds the snapshot of a GET, which may know more or less than there is.
func (c *call) snapshotRead(on *cluster) (*snapshot, *apiError) {
	if !objectID.MatchString(c.snapshotID) {
		return nil, c.fail("INVALID_SNAPSHOT_ID")
	}
	found, exists := c.sim.snapshots[c.snapshotID]
	if !exists || found.cluster != on || !c.visibleToGet(found) {
		return nil, c.fail("SNAPSHOT_NOT_FOUND")
	}
	return found, nil
}

// isMember reports whether the ID of the request names a part of a sharded snapshot.
func (c *call) isMember(on *cluster) bool {
	return slices.ContainsFunc(c.sim.existing(on, c.now), func(whole *snapshot) bool {
		return slices.Contains(whole.members, c.snapshotID)
	})
}

// listSnapshots serves GET …/snapshots.
func listSnapshots(c *call) (any, *apiError) {
	wanted, refusal := c.pageOf("pointInTimeUtcSeconds", "oplogTs", "oplogInc")
	if refusal != nil {
		return nil, refusal
	}
	on, refusal := c.findBackedUpCluster()
	if refusal != nil {
		return nil, refusal
	}
	found, refusal := c.closestToPointInTime(c.visibleInList(on))
	if refusal != nil {
		return nil, refusal
	}
	href := c.apiPath("clusters", on.name, "backup/snapshots")
	return pageBody(c, wanted, href, found, func(one *snapshot) object { return one.bodyIn(c, viewList) }), nil
}

// closestToPointInTime keeps, if a point in time is asked for, only the last snapshot taken before it.
func (c *call) closestToPointInTime(found []*snapshot) ([]*snapshot, *apiError) {
	query := c.request.URL.Query()
	name := "pointInTimeUtcSeconds"
	if query.Has("oplogTs") || query.Has("oplogInc") {
		if query.Has(name) || !query.Has("oplogTs") || !query.Has("oplogInc") {
			return nil, c.fail("INVALID_QUERY_PARAMETER", "parameter", "oplogTs")
		}
		name = "oplogTs"
	}
	if !query.Has(name) {
		return found, nil
	}
	wanted, err := strconv.ParseInt(query.Get(name), 10, 64)
	if err != nil {
		return nil, c.fail("INVALID_QUERY_PARAMETER", "parameter", name)
	}
	var best []*snapshot
	for _, one := range found {
		taken := one.status(c.now) == statusCompleted && one.createdAt().Unix() < wanted
		if taken && (len(best) == 0 || one.createdAt().After(best[0].createdAt())) {
			best = []*snapshot{one}
		}
	}
	return best, nil
}

// getSnapshot serves GET …/snapshots/{snapshot}.
func getSnapshot(c *call) (any, *apiError) {
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
	return found.bodyIn(c, viewGet), nil
}

// deleteSnapshot serves DELETE on the plain and on the sharded path.
func deleteSnapshot(c *call) (any, *apiError) {
	if refusal := c.checkQuery(plainQuery...); refusal != nil {
		return nil, refusal
	}
	on, refusal := c.findBackedUpCluster()
	if refusal != nil {
		return nil, refusal
	}
	if c.isMember(on) {
		return nil, c.fail("CANNOT_DELETE_FROM_CLUSTER_SNAPSHOT")
	}
	found, refusal := c.snapshotOf(on)
	switch {
	case refusal != nil:
		return nil, refusal
	case refusesDeletion(found.status(c.now)):
		return nil, c.fail("CANNOT_DELETE_IN_PROGRESS_SNAPSHOT")
	case c.sim.policy.on:
		return nil, c.fail("CANNOT_DELETE_SNAPSHOT_WITH_BACKUP_COMPLIANCE_POLICY")
	}
	found.deleted = c.now
	return nil, nil
}

// patchSnapshot serves PATCH …/snapshots/{snapshot}: a new retention.
func patchSnapshot(c *call) (any, *apiError) {
	if refusal := c.checkQuery(plainQuery...); refusal != nil {
		return nil, refusal
	}
	on, refusal := c.findBackedUpCluster()
	if refusal != nil {
		return nil, refusal
	}
	unit, value, refusal := c.readRetention()
	if refusal != nil {
		return nil, refusal
	}
	if c.isMember(on) {
		return nil, c.fail("CANNOT_MODIFY_CLUSTER_SNAPSHOT")
	}
	found, refusal := c.snapshotOf(on)
	if refusal != nil {
		return nil, refusal
	}
	if pending(found.status(c.now)) {
		return nil, c.fail("CANNOT_MODIFY_IN_PROGRESS_SNAPSHOT_RETENTION")
	}
	from := found.patchBase(c.now)
	expiry, known := patchedExpiry(from, unit, value)
	if least := from.AddDate(0, 0, c.sim.behavior.MinimumRetention); known && value > 0 && expiry.Before(least) {
		expiry = least
	}
	switch {
	case !known:
		return nil, c.fail("INVALID_ENUM_VALUE", "value", unit)
	case value <= 0:
		return nil, c.fail("BACKUP_SNAPSHOT_RETENTION_VALUE_INVALID")
	case c.sim.policy.on && expiry.Before(found.expiresAt(c.now)):
		return nil, c.fail("CANNOT_DECREASE_SNAPSHOT_RETENTION_WITH_BACKUP_COMPLIANCE_POLICY")
	}
	found.patched, found.unpatched = c.now, found.expiresAt(c.now)
	found.expiry = expiry
	return found.bodyIn(c, viewAnswer), nil
}

// readRetention reads the body of a PATCH.
func (c *call) readRetention() (unit string, value int, refusal *apiError) {
	attributes, refusal := c.readBody("retentionUnit", "retentionValue")
	if refusal != nil {
		return "", 0, refusal
	}
	for _, name := range []string{"retentionUnit", "retentionValue"} {
		if isNull(attributes[name]) {
			return "", 0, c.fail("MISSING_ATTRIBUTE", "attribute", name)
		}
	}
	number, refusal := c.readInt32(attributes["retentionValue"])
	if refusal != nil {
		return "", 0, refusal
	}
	if json.Unmarshal(attributes["retentionUnit"], &unit) != nil {
		return "", 0, c.fail("INVALID_JSON")
	}
	return unit, number, nil
}

var plainJSON = regexp.MustCompile(`^application/json\b`)

// readBody reads the attributes of a request body, which must be an object.
func (c *call) readBody(known ...string) (map[string]json.RawMessage, *apiError) {
	if !acceptsContentType(c.request.Header.Get("Content-Type")) {
		return nil, c.fail("UNSUPPORTED_MEDIA_TYPE")
	}
	if !json.Valid(c.body) {
		return nil, c.fail("MALFORMED_JSON")
	}
	var attributes map[string]json.RawMessage
	if json.Unmarshal(c.body, &attributes) != nil || attributes == nil {
		return nil, c.fail("INVALID_JSON")
	}
	for name := range attributes {
		if strictBody && name != "links" && !slices.Contains(known, name) {
			return nil, c.fail("INVALID_ATTRIBUTE", "attribute", name)
		}
	}
	return attributes, nil
}

func (c *call) readInt32(raw json.RawMessage) (int, *apiError) {
	var number int32
	if json.Unmarshal(raw, &number) != nil {
		return 0, c.fail("INVALID_JSON")
	}
	return int(number), nil
}

func isNull(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }
