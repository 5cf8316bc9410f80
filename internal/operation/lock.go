package operation

import (
	"context"
	"sync"

	"golang.org/x/sync/semaphore"
)

// locks and ownIDs are shared by every provider configuration of the process: aliases may reach the same cluster.
var (
	locks  sync.Map // of *semaphore.Weighted by key
	ownIDs sync.Map // of struct{} by ownID
)

type ownID struct{ key, id string }

// lock waits until no other operation holds the lock of key, first come, first served. If ctx ends first, the error is its cause.
func lock(ctx context.Context, key string) (unlock func(), err error) {
	held, _ := locks.LoadOrStore(key, semaphore.NewWeighted(1))
	sem, _ := held.(*semaphore.Weighted)
	if sem.Acquire(ctx, 1) != nil {
		return nil, context.Cause(ctx)
	}
	if ctx.Err() != nil {
		sem.Release(1)
		return nil, context.Cause(ctx)
	}
	return func() { sem.Release(1) }, nil
}

// MarkOwn records that a state or a run of this process has or had the value with this ID: no operation on key adopts it, or takes
// it for an orphan of an earlier run.
func MarkOwn(key, id string) { ownIDs.Store(ownID{key, id}, struct{}{}) }

// IsOwn reports whether [MarkOwn] was called for the ID.
func IsOwn(key, id string) bool {
	_, ok := ownIDs.Load(ownID{key, id})
	return ok
}
