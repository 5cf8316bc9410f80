package atlassim

import (
	"slices"
	"time"
)

// Snapshot is a snapshot that was taken or seeded, for tests that look behind the API.
type Snapshot struct {
	ID           string
	ClusterName  string
	SnapshotType string
	Status       string
	Description  string
	RequestedAt  time.Time
	ExpiresAt    time.Time
	// DeletedAt is when it was deleted or expired; zero while it exists.
	DeletedAt time.Time
}

// Snapshots returns every snapshot of a dedicated cluster that ever existed, oldest first. What Flex clusters do daily by
// themselves is not in it: nobody can leave those behind.
func (s *Simulator) Snapshots() []Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	list := []Snapshot{}
	for _, one := range s.allSnapshots() {
		entry := Snapshot{
			ID: one.id, ClusterName: one.cluster.name, SnapshotType: one.snapshotType, Status: one.status(now),
			RequestedAt: one.requested, ExpiresAt: one.expiresAt(now), DeletedAt: one.deletedAt(now),
		}
		if one.description != nil {
			entry.Description = *one.description
		}
		list = append(list, entry)
	}
	return list
}

func (s *Simulator) allSnapshots() []*snapshot {
	var all []*snapshot
	for _, one := range s.snapshots {
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b *snapshot) int { return newestFirst(b, a) })
	return all
}

// inventory returns what GET /_sim/snapshots answers: the API's own JSON with the cluster's name and the time of the end.
func (s *Simulator) inventory(c *call, automatic bool) []object {
	list := []object{}
	for _, one := range s.allSnapshots() {
		list = append(list, one.inventoryBody(c))
	}
	for _, on := range s.clustersOfKind(TypeFlex, TypeServerless) {
		shown := on.automatic.seeded
		if automatic {
			shown = on.automatic.at(c.now)
		}
		for _, one := range shown {
			list = append(list, s.tenantInventoryBody(c, on, one))
		}
	}
	return list
}

func (s *snapshot) inventoryBody(c *call) object {
	body := s.body(c)
	body["clusterName"] = s.cluster.name
	if gone := s.deletedAt(c.now); !gone.IsZero() {
		body["deletedAt"] = timestamp(gone)
	}
	return body
}

func (s *Simulator) tenantInventoryBody(c *call, on *cluster, one *tenantSnapshot) object {
	body := one.flexBody(on, c.now)
	if s.currentKind(on) == TypeServerless {
		body = one.serverlessBody(c, on)
	}
	body["clusterName"] = on.name
	if !c.now.Before(one.expiresAt) {
		body["deletedAt"] = timestamp(one.expiresAt)
	}
	return body
}
