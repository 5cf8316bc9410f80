package snapshot

import (
	"context"
	"fmt"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

// Configuration is what the provider configures its resources with.
type Configuration struct {
	client *atlas.Client
	checks *clusterChecks
}

// NewConfiguration makes the configuration of resources that use client. checkAtPlan has their plans read the cluster that a
// snapshot is to be taken of.
func NewConfiguration(client *atlas.Client, checkAtPlan bool) *Configuration {
	configuration := &Configuration{client: client}
	if checkAtPlan {
		configuration.checks = &clusterChecks{reads: map[string]*clusterRead{}}
	}
	return configuration
}

// configurationOf is what the provider gives; nothing where the provider has not been configured yet.
func configurationOf(providerData any) (Configuration, diag.Diagnostics) {
	if providerData == nil {
		return Configuration{}, nil
	}
	configuration, ok := providerData.(*Configuration)
	if !ok {
		return Configuration{}, diag.Diagnostics{diag.NewErrorDiagnostic("Unable to configure resource", fmt.Sprintf(
			"The provider gave %T in the place of its configuration. This is a bug of the provider.", providerData))}
	}
	return *configuration, nil
}

// clusterChecks has what was read of clusters for the plans of one run: all resources of a cluster share one read.
type clusterChecks struct {
	mu    sync.Mutex
	reads map[string]*clusterRead
}

// clusterRead is one read of a cluster.
type clusterRead struct {
	done  chan struct{}
	found *atlas.Cluster
	err   error
}

// read reads a cluster, or waits for the read that another resource has begun. Nobody shares a read that its own caller has
// given up: whoever waited for it reads again.
func (c *clusterChecks) read(ctx context.Context, on *cluster) (*atlas.Cluster, error) {
	for {
		c.mu.Lock()
		shared, begun := c.reads[on.key()]
		if !begun {
			shared = &clusterRead{done: make(chan struct{})}
			c.reads[on.key()] = shared
		}
		c.mu.Unlock()
		if !begun {
			shared.found, shared.err = on.client.GetCluster(ctx, on.projectID, on.name)
			if ctx.Err() != nil {
				c.forget(on)
			}
			close(shared.done)
			return shared.found, shared.err
		}
		select {
		case <-shared.done:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		if !c.forgotten(on, shared) {
			return shared.found, shared.err
		}
	}
}

func (c *clusterChecks) forget(on *cluster) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.reads, on.key())
}

func (c *clusterChecks) forgotten(on *cluster, read *clusterRead) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reads[on.key()] != read
}
