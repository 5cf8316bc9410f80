package atlassim

import (
	"slices"
	"strings"
	"time"
)

// The statuses of snapshots of clusters.
const (
	statusQueued     = "queued"
	statusInProgress = "inProgress"
	statusCompleted  = "completed"
	statusFailed     = "failed"
)

// snapshot is one that was taken or seeded. What it looks like depends only on the time: nothing runs in the background.
type snapshot struct {
	id            string
	cluster       *cluster
	kind          ClusterType
	description   *string
	snapshotType  string
	frequencyType string
	cloud         string
	version       string
	copyRegions   []string
	policyItems   []string
	masterKey     string
	members       []string // ids of the parts of a sharded snapshot

	requested time.Time
	retention time.Duration
	timeline  timeline
	final     string    // status at the end of the timeline
	fixed     string    // status of a seeded snapshot that never moves; empty for the others
	expiry    time.Time // set by a PATCH or a seed; zero while retention rules
	deleted   time.Time

	data      string    // what the cluster held
	behavior  *Behavior // the simulator's
	posted    time.Time // when its POST came; zero for a seeded one, which no lag keeps back
	patched   time.Time // when the last PATCH came
	unpatched time.Time // the expiry before that
	reads     int       // how often it was shown since it was completed
}

func pending(status string) bool { return status == statusQueued || status == statusInProgress }

// status returns the stage that the API shows at now.
func (s *snapshot) status(now time.Time) string {
	elapsed := now.Sub(s.requested)
	switch {
	case s.fixed != "":
		return s.fixed
	case elapsed < s.timeline.inProgress:
		return statusQueued
	case elapsed < s.timeline.completed:
		return statusInProgress
	}
	return s.final
}

// createdAt returns when the copy was taken, which is neither the request nor the completion.
func (s *snapshot) createdAt() time.Time { return s.requested.Add(s.timeline.created) }

// expiresAt returns the request plus the retention, until the completion rewrites it to the completion plus the retention.
func (s *snapshot) expiresAt(now time.Time) time.Time {
	switch {
	case !s.expiry.IsZero():
		return s.roundExpiry(s.expiry)
	case s.status(now) == statusCompleted:
		return s.roundExpiry(s.completedAt().Add(s.retention - s.behavior.ExpiryBefore))
	}
	return s.roundExpiry(s.requested.Add(s.retention - s.behavior.ExpiryBefore))
}

func (s *snapshot) completedAt() time.Time { return s.requested.Add(s.timeline.completed) }

// roundExpiry rounds an expiry as Behavior.ExpiryRounding says.
func (s *snapshot) roundExpiry(expiry time.Time) time.Time {
	if down := expiry.Truncate(s.behavior.ExpiryRounding); down.Before(expiry) && s.behavior.ExpiryRounding > 0 {
		return down.Add(s.behavior.ExpiryRounding)
	}
	return expiry
}

// deletedAt returns when the snapshot ceased to exist, by a DELETE or by its expiry; zero while it exists. One that is still
// being taken does not expire.
func (s *snapshot) deletedAt(now time.Time) time.Time {
	if !s.deleted.IsZero() {
		return s.deleted
	}
	if expiry := s.expiresAt(now); !pending(s.status(now)) && !now.Before(expiry) {
		return expiry
	}
	return time.Time{}
}

// visibleFields reports which fields the API shows at now.
func (s *snapshot) visibleFields(now time.Time) (version, provider, created, size bool) {
	if s.fixed != "" {
		known := s.fixed != statusQueued
		done := !pending(s.fixed)
		return known, known, done, done
	}
	elapsed := now.Sub(s.requested)
	version = elapsed >= s.timeline.version
	provider = elapsed >= s.timeline.provider
	created = elapsed >= s.timeline.shown
	size = elapsed >= s.timeline.completed || (created && s.timeline.sizeEarly)
	return version, provider, created, size
}

// body returns the snapshot as the plain endpoints show it. What is not known yet has no key at all.
func (s *snapshot) body(c *call) object {
	status := s.status(c.now)
	body := object{
		"expiresAt":        timestamp(s.expiresAt(c.now)),
		"frequencyType":    s.frequencyType,
		"id":               s.id,
		"links":            s.links(c),
		"policyItems":      slices.Clone(s.policyItems),
		"snapshotType":     s.snapshotType,
		"status":           status,
		"storageSizeBytes": int64(0),
	}
	if s.description != nil {
		body["description"] = *s.description
	}
	if s.masterKey != "" {
		body["masterKeyUUID"] = s.masterKey
	}
	version, provider, created, size := s.visibleFields(c.now)
	if version {
		body["mongodVersion"] = s.version
	}
	if created {
		body["createdAt"] = timestamp(s.createdAt())
	}
	if size {
		body["storageSizeBytes"] = s.timeline.size
	}
	if s.kind == TypeSharded {
		body["type"] = "shardedCluster"
	} else {
		body["type"] = "replicaSet"
		body["replicaSetName"] = s.cluster.name
		body["copyRegions"] = slices.Clone(s.copyRegions)
		if provider {
			body["cloudProvider"] = s.cloud
		}
	}
	if status == statusFailed {
		failedFields(body)
	}
	return body
}

// links name the snapshot and its cluster.
func (s *snapshot) links(c *call) []object {
	home := c.apiPath("clusters", s.cluster.name)
	return []object{link("self", home+"/backup/snapshots/"+s.id), link("https://cloud.mongodb.com/cluster", home)}
}

// shardedBody returns the snapshot as the endpoints for sharded clusters show it: with its parts, once they are there.
func (s *snapshot) shardedBody(c *call) object {
	body := s.body(c)
	if s.kind != TypeSharded {
		return body
	}
	body["configServerType"] = configServerType
	members, ids := []object{}, []string{}
	if _, provider, _, _ := s.visibleFields(c.now); provider {
		ids = slices.Clone(s.members)
		for i, name := range shardedMembers(s.cluster.name) {
			members = append(members, object{"cloudProvider": s.cloud, "id": s.members[i], "replicaSetName": name})
		}
	}
	body["members"], body["snapshotIds"] = members, ids
	return body
}

// newestFirst orders snapshots by the time of the request.
func newestFirst(a, b *snapshot) int {
	if order := b.requested.Compare(a.requested); order != 0 {
		return order
	}
	return strings.Compare(b.id, a.id)
}
