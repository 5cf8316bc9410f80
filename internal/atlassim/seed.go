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

// SeedSnapshot puts a snapshot into the simulator, with an id whose time is that of the request, and returns the id. It
// refuses an unknown cluster and an unknown snapshot type.
func (s *Simulator) SeedSnapshot(seed Seed) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.plant(seed)
}

func (s *Simulator) plant(seed Seed) (string, error) {
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
	if kind := s.kindNow(on); kind == TypeFlex || kind == TypeServerless {
		return s.plantTenant(seed, on), nil
	}
	return s.plantDedicated(seed, on), nil
}

func (s *Simulator) plantDedicated(seed Seed, on *cluster) string {
	planted := &snapshot{
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
		timeline:      drawTimeline(s.chance).lasting(s.duration),
		final:         statusCompleted,
	}
	if planted.frequencyType == "" {
		planted.frequencyType = map[bool]string{true: "ondemand", false: "daily"}[seed.SnapshotType == "onDemand"]
	}
	planted.timeline.size = cmp.Or(seed.StorageSizeBytes, planted.timeline.size)
	s.place(planted, seed)
	planted.id = s.ids.next(planted.requested)
	if on.kind == TypeSharded {
		planted.members = []string{s.ids.next(planted.requested), s.ids.next(planted.requested)}
	}
	s.snapshots[planted.id] = planted
	return planted.id
}

// place sets the times of a seeded snapshot, so that it has its status now.
func (s *Simulator) place(planted *snapshot, seed Seed) {
	now := s.now().Truncate(time.Second)
	planted.requested = seed.CreatedAt.UTC().Truncate(time.Second)
	if seed.CreatedAt.IsZero() {
		planted.requested = now
	}
	planted.retention = defaultRetentionDays * day
	if !seed.ExpiresAt.IsZero() {
		planted.retention = seed.ExpiresAt.Sub(planted.requested)
	}
	if seed.Frozen || !pending(seed.Status) {
		planted.fixed = seed.Status
		planted.timeline.created = 0
		planted.expiry = planted.requested.Add(planted.retention)
		return
	}
	// What lies between the request and now is added to the stages still to come.
	late := max(now.Sub(planted.requested), 0)
	if seed.Status == statusInProgress {
		late -= planted.timeline.inProgress
	}
	planted.timeline = planted.timeline.later(late)
}

// later returns the same course, put off by d.
func (t timeline) later(d time.Duration) timeline {
	for _, moment := range []*time.Duration{&t.inProgress, &t.version, &t.provider, &t.created, &t.shown, &t.completed} {
		*moment += d
	}
	return t
}

// plantTenant seeds a snapshot of a Flex cluster or serverless instance; CreatedAt is its start.
func (s *Simulator) plantTenant(seed Seed, on *cluster) string {
	start := seed.CreatedAt.UTC().Truncate(time.Second)
	if seed.CreatedAt.IsZero() {
		start = s.now().Truncate(time.Second).Add(-2 * time.Minute)
	}
	planted := &tenantSnapshot{
		id:        s.ids.next(start.Add(-3 * time.Second)),
		scheduled: start.Add(-30 * time.Second),
		start:     start,
		finish:    start.Add(75 * time.Second),
		status:    strings.ToUpper(seed.Status),
		size:      cmp.Or(seed.StorageSizeBytes, drawSize(s.chance)),
	}
	planted.expiresAt = planted.scheduled.Add(flexRetention)
	if !seed.ExpiresAt.IsZero() {
		planted.expiresAt = seed.ExpiresAt.UTC()
	}
	on.automatic.seeded = append(on.automatic.seeded, planted)
	return planted.id
}
