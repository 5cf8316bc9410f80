package chaos

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"testing"
)

var (
	seed = flag.Uint64("chaos.seed", 1, "what is applied and what goes wrong")
	runs = flag.Int("chaos.runs", 200, "how many times to apply or destroy through the provider's protocol server")
)

const (
	// perWorld is how many runs a world sees: what it remembers would slow down more.
	perWorld = 100
	// networked is which share of the worlds has a network, and HTTP/2 on it.
	networked = 10
)

// TestChaos has as many worlds at a time as there are processors. Each is repeatable on its own.
func TestChaos(t *testing.T) {
	// Much is made and soon forgotten here; memory costs less than time.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	worlds := uint64((*runs + perWorld - 1) / perWorld)
	var (
		sum     tally
		mu      sync.Mutex
		next    atomic.Uint64
		working sync.WaitGroup
	)
	for range runtime.GOMAXPROCS(0) {
		working.Go(func() {
			for n := next.Add(1) - 1; n < worlds && !t.Failed(); n = next.Add(1) - 1 {
				done := live(t, n, min(perWorld, *runs-int(n)*perWorld))
				mu.Lock()
				sum.add(done)
				mu.Unlock()
			}
		})
	}
	working.Wait()
	fmt.Printf("chaos: %s seed=%d\n", &sum, *seed)
}

// live lets a world live for so many runs, with a rest now and then and at the end.
func live(t *testing.T, n uint64, runs int) tally {
	t.Helper()
	w := newWorld(t, worldSeed(*seed, n), n%networked == networked-1)
	for round := 1; w.applies+w.destroys < runs && !t.Failed(); round++ {
		w.round()
		if round%10 == 0 {
			w.rest()
		}
	}
	if !t.Failed() {
		w.rest()
	}
	return *w.count()
}

// worldSeed is the seed of a world. That of the first is the seed itself, so that one world can be repeated alone; the others
// of two seeds have nothing in common.
func worldSeed(seed, n uint64) uint64 {
	if n == 0 {
		return seed
	}
	return rand.New(rand.NewPCG(seed, n)).Uint64() >> 1
}
