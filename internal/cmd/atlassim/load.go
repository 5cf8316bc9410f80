package main

import (
	"errors"
	"flag"
	"fmt"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

const (
	// seededRetention is long enough for no seeded snapshot to expire during a measurement.
	seededRetention = 365 * 24 * time.Hour
	// seededInterval is the time between the snapshots of one cluster, which Atlas takes one after the other.
	seededInterval = time.Minute
	// seededDescription is the same for all, so that one configuration with count describes them.
	seededDescription = "seeded"
)

// load is what the simulator starts with, and how slowly it answers.
type load struct {
	latency             time.Duration
	clusters, snapshots int
}

func (l *load) register(flags *flag.FlagSet) {
	flags.DurationVar(&l.latency, "latency", 0, "how much longer every answer of the API takes, such as 100ms")
	flags.IntVar(&l.clusters, "clusters", 1, "the `number` of replica sets: Cluster0, Cluster1 and so on")
	flags.IntVar(&l.snapshots, "snapshots", 0, "the `number` of completed on-demand snapshots of each replica set")
}

func (l *load) check() error {
	switch {
	case l.latency < 0:
		return errors.New("-latency must not be below 0")
	case l.clusters < 1:
		return errors.New("-clusters must be 1 or more")
	case l.snapshots < 0:
		return errors.New("-snapshots must not be below 0")
	}
	return nil
}

// fill adds the clusters and snapshots. The last snapshot of each cluster was taken just now.
func (l *load) fill(simulator *atlassim.Simulator) error {
	now := simulator.Now()
	for i := range l.clusters {
		name := fmt.Sprintf("Cluster%d", i)
		if name != simulator.Fixture().ClusterName {
			if err := simulator.AddCluster(atlassim.ClusterSpec{Name: name}); err != nil {
				return err
			}
		}
		for age := l.snapshots - 1; age >= 0; age-- {
			description, created := seededDescription, now.Add(-time.Duration(age)*seededInterval)
			if _, err := simulator.SeedSnapshot(atlassim.Seed{
				ClusterName: name, Description: &description, CreatedAt: created, ExpiresAt: created.Add(seededRetention),
			}); err != nil {
				return err
			}
		}
	}
	return nil
}
