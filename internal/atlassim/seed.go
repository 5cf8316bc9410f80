package atlassim

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Seed describes a snapshot to put into the simulator.
type Seed struct {
	// ClusterName is the fixture's replica set if it is empty.
	ClusterName string `json:"cluster_name"`
	// SnapshotType is onDemand (the default), scheduled or fallback.
	SnapshotType string `json:"snapshot_type"`
	// Status is completed if it is empty. A queued or inProgress snapshot goes on from there like any other.
	Status string `json:"status"`
	// Frozen keeps a queued or inProgress snapshot where it is, for ever.
	Frozen      bool    `json:"frozen"`
	Description *string `json:"description"`
	// CreatedAt is now if it is zero. For a snapshot that is queued or inProgress it is the time of the request.
	CreatedAt time.Time `json:"created_at"`
	// ExpiresAt is CreatedAt plus the default retention if it is zero; for Flex, eight days after.
	ExpiresAt time.Time `json:"expires_at"`
	// FrequencyType is ondemand or daily, after the type, if it is empty.
	FrequencyType    string   `json:"frequency_type"`
	MongodVersion    string   `json:"mongod_version"`
	CloudProvider    string   `json:"cloud_provider"`
	StorageSizeBytes int64    `json:"storage_size_bytes"`
	CopyRegions      []string `json:"copy_regions"`
	PolicyItems      []string `json:"policy_items"`
	MasterKeyUUID    string   `json:"master_key_uuid"`
}

// SeedSnapshot puts a snapshot into the simulator, with an ID whose time is that of the request, and returns the ID. It
// refuses an unknown cluster and an unknown snapshot type.
func (s *Simulator) SeedSnapshot(seed Seed) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seed(seed)
}

func (s *Simulator) seed(seed Seed) (string, error) {
	name := cmp.Or(seed.ClusterName, s.fixture.ClusterName)
	on, exists := s.clusters[name]
	if !exists {
		return "", fmt.Errorf("no cluster named %s", name)
	}
	seed.SnapshotType = cmp.Or(seed.SnapshotType, "onDemand")
	if !slices.Contains([]string{"onDemand", "scheduled", "fallback"}, seed.SnapshotType) {
		return "", fmt.Errorf("snapshot type %q is none of onDemand, scheduled, fallback", seed.SnapshotType)
	}
	seed.Status = cmp.Or(seed.Status, statusCompleted)
	if on.kind == TypeFree {
		return "", fmt.Errorf("cluster %s is free, and has no snapshots", name)
	}
	if kind := s.currentKind(on); kind == TypeFlex || kind == TypeServerless {
		return s.seedTenant(seed, on), nil
	}
	return s.seedDedicated(seed, on), nil
}

func (s *Simulator) seedDedicated(seed Seed, on *cluster) string {
	seeded := &snapshot{
		behavior:      &s.behavior,
		cluster:       on,
		kind:          on.kind,
		description:   seed.Description,
		snapshotType:  seed.SnapshotType,
		frequencyType: seed.FrequencyType,
		cloud:         cmp.Or(seed.CloudProvider, on.cloud),
		version:       cmp.Or(seed.MongodVersion, on.version),
		copyRegions:   append([]string{}, seed.CopyRegions...),
		policyItems:   append([]string{}, seed.PolicyItems...),
		masterKey:     seed.MasterKeyUUID,
		data:          s.dataOf(on, s.now()),
		timeline:      drawTimeline(s.random).scaledTo(s.duration),
		final:         statusCompleted,
	}
	if seeded.frequencyType == "" {
		seeded.frequencyType = map[bool]string{true: "ondemand", false: "daily"}[seed.SnapshotType == "onDemand"]
	}
	seeded.timeline.size = cmp.Or(seed.StorageSizeBytes, seeded.timeline.size)
	s.setTimes(seeded, seed)
	seeded.id = s.ids.next(seeded.requested)
	if on.kind == TypeSharded {
		seeded.members = []string{s.ids.next(seeded.requested), s.ids.next(seeded.requested)}
	}
	s.snapshots[seeded.id] = seeded
	return seeded.id
}

// setTimes sets the times of a seeded snapshot, so that it has its status now.
func (s *Simulator) setTimes(seeded *snapshot, seed Seed) {
	now := s.now().Truncate(time.Second)
	seeded.requested = seed.CreatedAt.UTC().Truncate(time.Second)
	if seed.CreatedAt.IsZero() {
		seeded.requested = now
	}
	seeded.retention = defaultRetentionDays * day
	if !seed.ExpiresAt.IsZero() {
		seeded.retention = seed.ExpiresAt.Sub(seeded.requested)
	}
	if seed.Frozen || !pending(seed.Status) {
		seeded.fixed = seed.Status
		seeded.timeline.created = 0
		seeded.expiry = seeded.requested.Add(seeded.retention)
		return
	}
	// What lies between the request and now is added to the stages still to come.
	late := max(now.Sub(seeded.requested), 0)
	if seed.Status == statusInProgress {
		late -= seeded.timeline.inProgress
	}
	seeded.timeline = seeded.timeline.delayedBy(late)
}

// delayedBy returns the same course, put off by d.
func (t timeline) delayedBy(d time.Duration) timeline {
	for _, moment := range []*time.Duration{&t.inProgress, &t.version, &t.provider, &t.created, &t.shown, &t.completed} {
		*moment += d
	}
	return t
}

// seedTenant seeds a snapshot of a Flex cluster or serverless instance; CreatedAt is its start.
func (s *Simulator) seedTenant(seed Seed, on *cluster) string {
	start := seed.CreatedAt.UTC().Truncate(time.Second)
	if seed.CreatedAt.IsZero() {
		start = s.now().Truncate(time.Second).Add(-2 * time.Minute)
	}
	seeded := &tenantSnapshot{
		id:        s.ids.next(start.Add(-3 * time.Second)),
		scheduled: start.Add(-30 * time.Second),
		start:     start,
		finish:    start.Add(75 * time.Second),
		status:    strings.ToUpper(seed.Status),
		size:      cmp.Or(seed.StorageSizeBytes, drawSize(s.random)),
		data:      s.dataOf(on, s.now()),
	}
	seeded.expiresAt = seeded.scheduled.Add(flexRetention)
	if !seed.ExpiresAt.IsZero() {
		seeded.expiresAt = seed.ExpiresAt.UTC()
	}
	on.automatic.seeded = append(on.automatic.seeded, seeded)
	return seeded.id
}
