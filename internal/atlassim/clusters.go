package atlassim

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"
)

// ClusterType is the kind of a cluster, in the words of the control requests.
type ClusterType string

// The kinds of clusters.
const (
	TypeReplicaSet ClusterType = "replicaSet"
	TypeSharded    ClusterType = "sharded"
	TypeFlex       ClusterType = "flex"
	TypeServerless ClusterType = "serverless"
	// TypeFree is an M0 cluster, which has no backups.
	TypeFree ClusterType = "free"
)

var clusterTypes = []ClusterType{TypeReplicaSet, TypeSharded, TypeFlex, TypeServerless, TypeFree}

// ClusterSpec describes a cluster to AddCluster.
type ClusterSpec struct {
	Name string `json:"name"`
	// Type is TypeReplicaSet if it is empty.
	Type   ClusterType `json:"type"`
	Paused bool        `json:"paused"`
	// BackupEnabled is true if it is nil.
	BackupEnabled *bool `json:"backup_enabled"`
	// StateName is Atlas's stateName, IDLE if it is empty.
	StateName string `json:"state_name"`
	// PITEnabled turns continuous backup on.
	PITEnabled bool `json:"pit_enabled"`
	// MongoDBVersion is the simulator's own if it is empty.
	MongoDBVersion string `json:"mongodb_version"`
	// CloudProvider is AWS, AZURE or GCP, and AWS if it is empty. It stays what it was when the cluster was added.
	CloudProvider string `json:"cloud_provider"`
}

// cluster is anything that can be backed up.
type cluster struct {
	name          string
	id            string
	kind          ClusterType
	created       time.Time
	paused        bool
	backupEnabled bool
	state         string
	version       string
	cloud         string
	partID        string // the first of the IDs that its hardware has in cluster bodies
	automatic     automaticSnapshots
	pitEnabled    bool
	data          string    // what it holds, by the last of its users
	writtenAt     time.Time // when they changed it
	history       []written // what it held before, oldest first
	erasures      int       // by restores
}

// written is what a cluster held until its users wrote something else.
type written struct {
	until time.Time
	data  string
}

var clusterNamePattern = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9-]*$`)

// AddCluster creates a cluster in the fixture's project, or changes one that has the same name and kind: its snapshots and
// its ID stay.
func (s *Simulator) AddCluster(spec ClusterSpec) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	spec.Type = cmp.Or(spec.Type, TypeReplicaSet)
	switch {
	case !clusterNamePattern.MatchString(spec.Name):
		return fmt.Errorf("cluster name %q is not of letters, digits and hyphens", spec.Name)
	case !slices.Contains(clusterTypes, spec.Type):
		return fmt.Errorf("cluster type %q is none of %q", spec.Type, clusterTypes)
	case !slices.Contains([]string{"", cloudAWS, cloudAzure, cloudGCP}, spec.CloudProvider):
		return fmt.Errorf("cloud provider %q is none of AWS, AZURE, GCP", spec.CloudProvider)
	}
	if known, exists := s.clusters[spec.Name]; exists && known.kind != spec.Type {
		return fmt.Errorf("cluster %s exists and is of type %s", spec.Name, known.kind)
	}
	s.putCluster(spec, s.now())
	return nil
}

func (s *Simulator) putCluster(spec ClusterSpec, created time.Time) {
	known, exists := s.clusters[spec.Name]
	if !exists {
		known = &cluster{
			name: spec.Name, kind: spec.Type, created: created, version: "8.0.29", cloud: cmp.Or(spec.CloudProvider, cloudAWS),
			partID: s.ids.next(created), id: s.ids.next(created), data: "data of " + spec.Name,
		}
		known.automatic = newAutomaticSnapshots(s.options.Seed, spec.Name, created)
		s.clusters[spec.Name] = known
	}
	known.paused = spec.Paused
	known.backupEnabled = spec.Type != TypeFree && (spec.BackupEnabled == nil || *spec.BackupEnabled)
	known.pitEnabled = spec.PITEnabled
	known.version = cmp.Or(spec.MongoDBVersion, known.version)
	known.state = cmp.Or(spec.StateName, "IDLE")
}

// DeleteCluster takes a cluster and its snapshots away, and reports whether there was one.
func (s *Simulator) DeleteCluster(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	gone, exists := s.clusters[name]
	if !exists {
		return false
	}
	delete(s.clusters, name)
	now := s.now()
	for _, taken := range s.snapshots {
		if deletedWithCluster && taken.cluster == gone && taken.deletedAt(now).IsZero() {
			taken.deleted = now
		}
	}
	return true
}

// currentKind returns the kind that the API sees: after the sunset a serverless instance is a Flex cluster of the same name.
func (s *Simulator) currentKind(of *cluster) ClusterType {
	if of.kind == TypeServerless && s.options.Serverless != ServerlessLive {
		return TypeFlex
	}
	return of.kind
}

// findBackedUpCluster finds the cluster of the request for an endpoint of its snapshots, which free clusters do not have.
func (c *call) findBackedUpCluster() (*cluster, *apiError) {
	found, refusal := c.findCluster()
	if refusal == nil && found.kind == TypeFree {
		return nil, c.fail(cmp.Or(c.sim.behavior.FreeClusterError, freeClusterError))
	}
	return found, refusal
}

// findCluster finds the replica set, sharded cluster or free cluster of the request.
func (c *call) findCluster() (*cluster, *apiError) {
	found, exists := c.sim.clusters[c.clusterName]
	switch {
	case !exists:
		return nil, c.fail("CLUSTER_NOT_FOUND")
	case c.sim.currentKind(found) == TypeFlex:
		return nil, c.fail("CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API")
	case c.sim.currentKind(found) == TypeServerless:
		return nil, c.fail("CANNOT_USE_SERVERLESS_INSTANCE_IN_CLUSTER_API")
	}
	return found, nil
}

// clustersOfKind returns the clusters of some kinds by name.
func (s *Simulator) clustersOfKind(kinds ...ClusterType) []*cluster {
	var found []*cluster
	for _, name := range slices.Sorted(maps.Keys(s.clusters)) {
		if one := s.clusters[name]; slices.Contains(kinds, s.currentKind(one)) {
			found = append(found, one)
		}
	}
	return found
}

// getCluster serves GET /clusters/{cluster}.
func getCluster(c *call) (any, *apiError) {
	if refusal := c.checkQuery(plainQuery...); refusal != nil {
		return nil, refusal
	}
	found, refusal := c.findCluster()
	if refusal != nil {
		return nil, refusal
	}
	return c.clusterBody(found), nil
}

// listClusters serves GET /clusters, which holds neither Flex clusters nor serverless instances.
func listClusters(c *call) (any, *apiError) {
	wanted, refusal := c.pageOf("includeDeletedWithRetainedBackups")
	if refusal != nil {
		return nil, refusal
	}
	return pageBody(c, wanted, c.apiPath("clusters"), c.sim.clustersOfKind(inClusterList...), c.clusterBody), nil
}
