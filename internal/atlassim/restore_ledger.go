package atlassim

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

// Restore is a restore job that was requested, for tests that look behind the API.
type Restore struct {
	ID            string
	DeliveryType  string
	SourceCluster string
	// TargetCluster is "" for a download.
	TargetCluster string
	SnapshotID    string
	// Status is inProgress, completed, failed or cancelled.
	Status      string
	RequestedAt time.Time
	// FinishedAt is zero until the end.
	FinishedAt time.Time
	// HeldBefore is what the target held before it was erased, and HoldsAfter what the restore brings; "" until it is completed.
	HeldBefore, HoldsAfter string
}

// Restores returns every restore job that was ever requested, oldest first, those too that the API no longer shows.
func (s *Simulator) Restores() []Restore {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	jobs := slices.SortedFunc(maps.Values(s.restores), func(a, b *restoreJob) int { return newerRestoreFirst(b, a) })
	list := make([]Restore, 0, len(jobs))
	for _, job := range jobs {
		entry := Restore{
			ID: job.id, DeliveryType: job.delivery, SourceCluster: job.source.name, Status: job.status(now),
			RequestedAt: job.requested, FinishedAt: job.finishedAt(now), HeldBefore: job.held,
		}
		if job.target != nil {
			entry.TargetCluster = job.target.name
		}
		if job.snapshot != nil {
			entry.SnapshotID = job.snapshot.id
		}
		if job.tenant != nil {
			entry.SnapshotID = job.tenant.id
		}
		if entry.Status == statusCompleted {
			entry.HoldsAfter = job.brings
		}
		list = append(list, entry)
	}
	return list
}

// SeedRestore puts a completed restore of a snapshot onto a cluster into the simulator, requested an hour ago, and returns its ID.
func (s *Simulator) SeedRestore(snapshotID, targetCluster string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	job := s.restoreOf(snapshotID)
	target, exists := s.clusters[targetCluster]
	if job == nil || !exists {
		return "", fmt.Errorf("no snapshot %s or no cluster named %s", snapshotID, targetCluster)
	}
	job.target, job.behavior, job.requested = target, &s.behavior, s.now().Add(-time.Hour).Truncate(time.Second)
	plans := s.restorePlans
	s.restorePlans = nil
	s.startRestore(job)
	s.restorePlans = plans
	return job.id, nil
}

// restoreOf returns a restore of a snapshot without a target, or nil if there is no such snapshot. Of Flex clusters only seeded ones count.
func (s *Simulator) restoreOf(snapshotID string) *restoreJob {
	if taken, known := s.snapshots[snapshotID]; known {
		return &restoreJob{delivery: deliveryAutomated, source: taken.cluster, snapshot: taken, brings: taken.data}
	}
	for _, of := range s.clustersOfKind(TypeFlex) {
		for _, taken := range of.automatic.seeded {
			if taken.id == snapshotID {
				return &restoreJob{delivery: deliveryFlexRestore, source: of, tenant: taken, brings: taken.data}
			}
		}
	}
	return nil
}

// Erasures returns how often restores have erased a cluster.
func (s *Simulator) Erasures(clusterName string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if of, exists := s.clusters[clusterName]; exists {
		return of.erasures
	}
	return 0
}

// Data returns a fingerprint of what a cluster holds: "" if it is erased.
func (s *Simulator) Data(clusterName string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if of, exists := s.clusters[clusterName]; exists {
		return s.dataOf(of, s.now())
	}
	return ""
}

// SetData changes what a cluster holds, as its users do.
func (s *Simulator) SetData(clusterName, data string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	of, exists := s.clusters[clusterName]
	if !exists {
		return fmt.Errorf("no cluster named %s", clusterName)
	}
	of.history = append(of.history, written{s.now(), s.dataOf(of, s.now())})
	of.data, of.writtenAt = data, s.now().Truncate(time.Second)
	return nil
}

// controlRestores answers GET /_sim/restores.
func (s *Simulator) controlRestores(*http.Request, []byte) (any, error) {
	restores := []object{}
	for _, job := range s.Restores() {
		entry := object{
			"id": job.ID, "delivery_type": job.DeliveryType, "source_cluster_name": job.SourceCluster, "target_cluster_name": job.TargetCluster,
			"snapshot_id": job.SnapshotID, "status": job.Status, "requested_at": timestamp(job.RequestedAt),
			"held_before": job.HeldBefore, "holds_after": job.HoldsAfter,
		}
		if !job.FinishedAt.IsZero() {
			entry["finished_at"] = timestamp(job.FinishedAt)
		}
		restores = append(restores, entry)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	clusters := []object{}
	for _, of := range s.clustersOfKind(TypeReplicaSet, TypeSharded, TypeFlex) {
		clusters = append(clusters, object{"name": of.name, "data": s.dataOf(of, s.now()), "erasures": of.erasures})
	}
	return object{"restores": restores, "clusters": clusters}, nil
}

func (s *Simulator) controlData(_ *http.Request, body []byte) (any, error) {
	var change struct {
		ClusterName string `json:"cluster_name"`
		Data        string `json:"data"`
	}
	if err := readControl(body, &change); err != nil {
		return nil, err
	}
	return nil, s.SetData(change.ClusterName, change.Data)
}

func (s *Simulator) controlRestorePlan(_ *http.Request, body []byte) (any, error) {
	var plan struct {
		DurationSeconds float64 `json:"duration_seconds"`
		Fail            bool    `json:"fail"`
	}
	if err := readControl(body, &plan); err != nil {
		return nil, err
	}
	s.NextRestore(RestorePlan{seconds(plan.DurationSeconds), plan.Fail})
	return nil, nil
}
