package acctest

import (
	"context"
	"io"
	"log"
	"net/http"
	"os"
	"sync"
)

// processReaper ends provider processes: each keeps a request open for as long as it lives, and kills itself when that ends. A
// process id would be the wrong thing to keep: it may belong to somebody else by the time it is used.
type processReaper struct {
	mu        sync.Mutex
	processes map[chan struct{}]bool
	ended     *sync.Cond
}

func newProcessReaper() *processReaper {
	r := &processReaper{processes: map[chan struct{}]bool{}}
	r.ended = sync.NewCond(&r.mu)
	return r
}

func (r *processReaper) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	end := make(chan struct{})
	r.mu.Lock()
	r.processes[end] = true
	r.mu.Unlock()
	w.WriteHeader(http.StatusOK)
	_ = http.NewResponseController(w).Flush()
	select {
	case <-end:
	case <-request.Context().Done():
	}
	r.mu.Lock()
	delete(r.processes, end)
	r.ended.Broadcast()
	r.mu.Unlock()
}

// kill ends every process that is registered and returns their number.
func (r *processReaper) kill() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for end, alive := range r.processes {
		if alive {
			r.processes[end] = false
			close(end)
			n++
		}
	}
	return n
}

// wait waits until every process has ended.
func (r *processReaper) wait() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.processes) > 0 {
		r.ended.Wait()
	}
}

// registerWithReaper returns once the test knows of this process, which from then on ends at once when the test wants it dead,
// or is dead itself.
func registerWithReaper(reaper string) {
	registered := make(chan struct{})
	go func() {
		request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, reaper, nil)
		if err != nil {
			log.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			log.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		close(registered)
		_, _ = io.Copy(io.Discard, response.Body)
		if self, err := os.FindProcess(os.Getpid()); err == nil {
			_ = self.Kill()
		}
	}()
	<-registered
}
