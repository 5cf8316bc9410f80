package snapshot

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/operation"
)

const (
	// listLifetime is how long a list is used: as long as a refresh of a few hundred resources takes.
	listLifetime = 10 * time.Second
	// listPage is the number of snapshots on a page. A list is read for as many pages as there are readers: then it costs no more
	// than a request each.
	listPage = 500
)

// reader shares what is read of a cluster's snapshots between concurrent reads. The first read is a single one; as soon as another
// follows, one list serves all. What the list does not have is read on its own. Errors and cancelled reads are not shared, and a
// list from before the end of a write or wait of this process serves no read after it.
type reader struct {
	mu sync.Mutex
	// writes counts the starts and ends of this process's writes to the cluster.
	writes int
	// lastSingleRead is when the last single read began; zero after a write.
	lastSingleRead time.Time
	list           *sharedList
}

// sharedList is a list of the cluster's snapshots, as far as it was read.
type sharedList struct {
	began  time.Time
	writes int
	// readers counts the reads that wait for the list.
	readers atomic.Int64
	// done is closed when the list has been read; the fields below are written before.
	done       chan struct{}
	all        []*atlas.Snapshot
	byID       map[string]*atlas.Snapshot
	unreadable []error
	// complete reports whether all has every readable snapshot.
	complete bool

	// sharded has the snapshots with their members, read when the first is needed by the holder of shardedLock.
	shardedLock chan struct{}
	sharded     map[string]*atlas.Snapshot
}

// readerKey identifies a reader. Provider aliases may see different things, so each has its own.
type readerKey struct {
	client                 *atlas.Client
	projectID, clusterName string
}

var readers sync.Map

func (c *cluster) reader() *reader {
	r, _ := readers.LoadOrStore(readerKey{c.client, c.projectID, c.name}, &reader{})
	shared, _ := r.(*reader)
	return shared
}

// writing discards every list, now at the start of a write and again when the returned function is called at its end.
func (c *cluster) writing() (end func()) {
	c.forgetLists()
	return c.forgetLists
}

// forgetLists discards what was read of the cluster, through any client.
func (c *cluster) forgetLists() {
	readers.Range(func(key, value any) bool {
		of, _ := key.(readerKey)
		r, ok := value.(*reader)
		if ok && of.projectID == c.projectID && of.clusterName == c.name && of.client.BaseURL() == c.client.BaseURL() {
			r.forget()
		}
		return true
	})
}

func (r *reader) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.writes++
	r.list, r.lastSingleRead = nil, time.Time{}
}

// sharedRead is a snapshot and what a list said of it. Without a list it is neither listed nor unlisted.
type sharedRead struct {
	*atlas.Snapshot
	// listed reports whether the snapshot is from a list, unlisted whether a list should have had it and did not, see
	// [sharedList.provesMissing].
	listed, unlisted bool
}

// get reads a snapshot, with members.
func (r *reader) get(ctx context.Context, c *cluster, id string) (sharedRead, error) {
	var got sharedRead
	list, mustRead := r.join(c, false)
	if list != nil {
		if err := list.await(ctx, c, r, mustRead); err != nil {
			return got, err
		}
		current := r.isCurrent(list)
		// A snapshot in progress changes at any moment: a list from some seconds ago is too old.
		if listed, ok := list.byID[id]; ok && current && listed.Settled() {
			snapshot := *listed
			s, err := list.withMembers(ctx, c, &snapshot)
			return sharedRead{Snapshot: s, listed: true}, err
		}
		got.unlisted = current && list.provesMissing(id)
	}
	s, err := c.read(ctx, id)
	got.Snapshot = s
	return got, err
}

// all returns a complete list of the cluster's snapshots, with the errors of those that cannot be read.
func (r *reader) all(ctx context.Context, c *cluster) (*sharedList, error) {
	list, mustRead := r.join(c, true)
	if mustRead {
		defer close(list.done)
		err := list.read(ctx, c, true)
		if err != nil {
			r.drop(list)
		}
		return list, err
	}
	if err := list.await(ctx, c, r, false); err != nil {
		return nil, err
	}
	if list.complete && r.isCurrent(list) {
		return list, nil
	}
	own := newSharedList(c)
	return own, own.read(ctx, c, true)
}

// join returns the list that serves a read, and whether the caller has to read it; no list means a single read.
func (r *reader) join(c *cluster, whole bool) (list *sharedList, mustRead bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := c.client.Clock().Now()
	if l := r.list; l == nil || l.writes != r.writes || now.Sub(l.began) >= listLifetime {
		if !whole && now.Sub(r.lastSingleRead) >= listLifetime {
			r.lastSingleRead = now
			return nil, false
		}
		r.list = newSharedList(c)
		r.list.writes = r.writes
		mustRead = true
	}
	r.list.readers.Add(1)
	return r.list, mustRead
}

func newSharedList(c *cluster) *sharedList {
	return &sharedList{
		began: c.client.Clock().Now(), done: make(chan struct{}), byID: map[string]*atlas.Snapshot{}, shardedLock: make(chan struct{}, 1),
	}
}

// isCurrent reports whether nothing was written since the list was begun.
func (r *reader) isCurrent(l *sharedList) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return l.writes == r.writes
}

// await waits until the list has been read, by the caller if mustRead. Its error is the end of ctx: any other error of the list is
// ignored, and each snapshot is read on its own.
func (l *sharedList) await(ctx context.Context, c *cluster, r *reader, mustRead bool) error {
	if !mustRead {
		select {
		case <-l.done:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	defer close(l.done)
	err := l.read(ctx, c, false)
	if err == nil {
		return nil
	}
	tflog.Debug(ctx, "Unable to list snapshots; each is read on its own", map[string]any{"cluster_name": c.name, "error": atlas.LogSafe(err)})
	if ctx.Err() != nil {
		r.drop(l)
		return context.Cause(ctx)
	}
	return nil
}

// drop discards a list whose reader was cancelled: the next read begins another.
func (r *reader) drop(l *sharedList) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.list == l {
		r.list = nil
	}
}

// read reads the list as far as it is worth it, or completely.
func (l *sharedList) read(ctx context.Context, c *cluster, whole bool) error {
	unreadable := func(err error) { l.unreadable = append(l.unreadable, err) }
	for s, err := range atlas.Readable(c.client.ListSnapshots(ctx, c.projectID, c.name), unreadable) {
		if err != nil {
			return err
		}
		if !whole && int64(len(l.all)) >= listPage*l.readers.Load() {
			return nil
		}
		l.all = append(l.all, s)
		l.byID[s.ID] = s
	}
	l.complete = true
	return nil
}

// provesMissing reports whether the list should have a snapshot and does not: it is complete, and has one that was requested so much
// later that even a stale list would show both. The IDs are compared with each other and no clock: they come from the same one.
func (l *sharedList) provesMissing(id string) bool {
	if _, ok := l.byID[id]; ok || !l.complete {
		return false
	}
	shown := (&atlas.Snapshot{ID: id}).RequestedAt().Add(operation.ReadLag)
	return slices.ContainsFunc(l.all, func(s *atlas.Snapshot) bool { return !s.RequestedAt().Before(shown) })
}

// withMembers adds the members of a sharded cluster's snapshot: from one list of all, or else with a request of its own.
func (l *sharedList) withMembers(ctx context.Context, c *cluster, s *atlas.Snapshot) (*atlas.Snapshot, error) {
	if s.Type != atlas.TypeSharded {
		return s, nil
	}
	select {
	case l.shardedLock <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	err := l.readSharded(ctx, c)
	with, ok := l.sharded[s.ID]
	<-l.shardedLock
	if err != nil {
		return nil, err
	}
	if !ok {
		return c.withMembers(ctx, s)
	}
	s.AddMembers(with)
	return s, nil
}

// readSharded reads the list of sharded snapshots, once. Its error is the end of ctx; after any other error each snapshot is read on
// its own.
func (l *sharedList) readSharded(ctx context.Context, c *cluster) error {
	if l.sharded != nil {
		return nil
	}
	sharded, err := c.listSharded(ctx)
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	l.sharded = sharded
	return nil
}
