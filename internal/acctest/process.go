package acctest

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/provider"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait/waittest"
)

// What a test process tells the one that it becomes as a provider, by the environment.
const (
	// leashVariable is the address of the leash that holds every provider process of a test.
	leashVariable = "ATLASBACKUP_TEST_LEASH"
	// clockVariable is the address of the simulator whose clock the provider's waits move.
	clockVariable = "ATLASBACKUP_TEST_CLOCK"
)

// Main is TestMain for every package with acceptance tests. It names what the mode lacks before anything starts, keeps tests
// that need no Atlas from the network, runs the sweepers where -sweep asks for them, and lets Terraform start the provider as a
// process: the test binary itself is the provider then.
func Main(m *testing.M) {
	if address := os.Getenv(leashVariable); address != "" {
		serveProcess(address, os.Getenv(clockVariable))
		return
	}
	runTests(m)
}

// serveProcess does what main.go does, on a clock of its own that moves the simulator's.
func serveProcess(leashed, simulator string) {
	takeLeash(leashed)
	clock := waittest.NewClock(advance(simulator, 0))
	clock.OnAdvance = func(d time.Duration) { advance(simulator, d) }
	err := provider.Serve(context.Background(), Version, provider.WithClock(clock),
		provider.WithClientOptions(atlas.WithJitter(func() float64 { return 0 })))
	if err != nil {
		log.Fatal(err)
	}
}

// takeLeash returns once the test knows of this process, which from then on ends at once when the test wants it dead, or is
// dead itself.
func takeLeash(leashed string) {
	held := make(chan struct{})
	go func() {
		request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, leashed, nil)
		if err != nil {
			log.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			log.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		close(held)
		_, _ = io.Copy(io.Discard, response.Body)
		if self, err := os.FindProcess(os.Getpid()); err == nil {
			_ = self.Kill()
		}
	}()
	<-held
}

// advance moves the simulator's clock and returns where it stands.
func advance(simulator string, d time.Duration) time.Time {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, simulator+"/_sim/advance",
		strings.NewReader(`{"seconds":`+strconv.FormatFloat(d.Seconds(), 'f', -1, 64)+`}`))
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var answer struct {
		Now time.Time `json:"now"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		log.Fatal(err)
	}
	return answer.Now
}

// leash holds provider processes: each keeps a request open for as long as it lives, and kills itself when that ends. A
// process id would be the wrong thing to keep: it may belong to somebody else by the time it is used.
type leash struct {
	mu    sync.Mutex
	held  map[chan struct{}]bool
	freed *sync.Cond
}

func newLeash() *leash {
	l := &leash{held: map[chan struct{}]bool{}}
	l.freed = sync.NewCond(&l.mu)
	return l
}

func (l *leash) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	end := make(chan struct{})
	l.mu.Lock()
	l.held[end] = true
	l.mu.Unlock()
	w.WriteHeader(http.StatusOK)
	_ = http.NewResponseController(w).Flush()
	select {
	case <-end:
	case <-r.Context().Done():
	}
	l.mu.Lock()
	delete(l.held, end)
	l.freed.Broadcast()
	l.mu.Unlock()
}

// kill ends every process that is held and says how many there were.
func (l *leash) kill() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for end, alive := range l.held {
		if alive {
			l.held[end] = false
			close(end)
			n++
		}
	}
	return n
}

// wait waits until every process has ended.
func (l *leash) wait() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.held) > 0 {
		l.freed.Wait()
	}
}

// Through has every request of the provider pass through what wrap makes of the simulator.
func (a *Atlas) Through(t testing.TB, wrap func(simulator http.Handler) http.Handler) {
	t.Helper()
	server := httptest.NewServer(wrap(a.Simulator))
	t.Cleanup(server.Close)
	a.Environment["MONGODB_ATLAS_BASE_URL"] = server.URL
}

// TerraformWithProcesses is [Atlas.Terraform], but Terraform starts the provider as it does for a user: as a process of its
// own, for each command anew. Its package needs [Main]. Waiting takes no time there either.
func (a *Atlas) TerraformWithProcesses(t *testing.T, configuration map[string]string) *Terraform {
	t.Helper()
	tf := newTerraform(t, a, configuration)
	plugins := t.TempDir()
	installSelf(t, filepath.Join(plugins, "terraform-provider-atlasbackup"))
	overrides := ""
	for _, address := range []string{provider.Address, inOpenTofu(provider.Address)} {
		overrides += "    " + strconv.Quote(address) + " = " + strconv.Quote(plugins) + "\n"
	}
	tf.setCLIConfig("provider_installation {\n  dev_overrides {\n" + overrides + "  }\n  direct {}\n}\n")
	tf.leash = newLeash()
	leashed := httptest.NewServer(tf.leash)
	t.Cleanup(func() {
		tf.leash.kill()
		leashed.Close()
	})
	tf.environment = append(tf.environment, leashVariable+"="+leashed.URL, clockVariable+"="+a.Fixture().BaseURL)
	for name, value := range a.Environment {
		tf.environment = append(tf.environment, name+"="+value)
	}
	return tf
}

// installSelf puts this very program under another name.
func installSelf(t *testing.T, name string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" {
		if err := os.Symlink(self, name); err != nil {
			t.Fatal(err)
		}
		return
	}
	program, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name+".exe", program, 0o700); err != nil {
		t.Fatal(err)
	}
}

// KillProviders kills the provider processes that are running, without a chance for them to do anything about it, and
// returns how many there were.
func (tf *Terraform) KillProviders() int { return tf.leash.kill() }

// ProvidersEnd waits until no provider process is left.
func (tf *Terraform) ProvidersEnd() { tf.leash.wait() }

// SetEnvironment adds variables to the environment of later commands.
func (tf *Terraform) SetEnvironment(variables ...string) {
	tf.environment = append(tf.environment, variables...)
}
