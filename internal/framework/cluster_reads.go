package framework

import (
	"context"
	"sync"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

// ClusterReads reads each cluster once per run.
type ClusterReads struct {
	client *atlas.Client
	mu     sync.Mutex
	reads  map[string]*clusterRead
}

type clusterRead struct {
	done      chan struct{}
	cancelled bool
	cluster   *atlas.Cluster
	err       error
}

// NewClusterReads returns reads through client.
func NewClusterReads(client *atlas.Client) *ClusterReads {
	return &ClusterReads{client: client, reads: map[string]*clusterRead{}}
}

// Get returns a cluster. It reads it, or waits for the read of another caller; if that is cancelled, one of the waiting callers
// reads again.
func (r *ClusterReads) Get(ctx context.Context, projectID, name string) (*atlas.Cluster, error) {
	key := projectID + "/" + name
	for {
		r.mu.Lock()
		read, begun := r.reads[key]
		if !begun {
			read = &clusterRead{done: make(chan struct{})}
			r.reads[key] = read
		}
		r.mu.Unlock()
		if !begun {
			read.cluster, read.err = r.client.GetCluster(ctx, projectID, name)
			if read.cancelled = ctx.Err() != nil; read.cancelled {
				r.mu.Lock()
				delete(r.reads, key)
				r.mu.Unlock()
			}
			close(read.done)
			return read.cluster, read.err
		}
		select {
		case <-read.done:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		if !read.cancelled {
			return read.cluster, read.err
		}
	}
}
