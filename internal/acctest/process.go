package acctest

import (
	"context"
	"encoding/json"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/provider"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait/waittest"
)

// What a test process tells the one that it becomes as a provider, by the environment.
const (
	// reaperVariable is the address of the reaper of a test's provider processes.
	reaperVariable = "ATLASBACKUP_TEST_REAPER"
	// clockVariable is the address of the simulator whose clock the provider's waits move.
	clockVariable = "ATLASBACKUP_TEST_CLOCK"
)

// serveProcess does what main.go does, on a clock of its own that moves the simulator's.
func serveProcess(reaper, simulator string) {
	registerWithReaper(reaper)
	clock := waittest.NewClock(advance(simulator, 0))
	clock.OnAdvance = func(d time.Duration) { advance(simulator, d) }
	err := provider.Serve(context.Background(), Version, provider.WithClock(clock),
		provider.WithClientOptions(atlas.WithJitter(func() float64 { return 0 })))
	if err != nil {
		log.Fatal(err)
	}
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

// Intercept has every request of the provider pass through what wrap makes of the simulator.
func (a *Atlas) Intercept(t testing.TB, wrap func(simulator http.Handler) http.Handler) {
	t.Helper()
	server := httptest.NewServer(wrap(a.Simulator))
	closeWithTest(t, server)
	a.Environment["MONGODB_ATLAS_BASE_URL"] = server.URL
}

// TerraformWithProcesses is [Atlas.Terraform], but Terraform starts the provider as it does for a user: as a process of its
// own, for each command anew. Its package needs [Main]. Waiting takes no time there either.
func (a *Atlas) TerraformWithProcesses(t *testing.T, configuration map[string]string) *Terraform {
	t.Helper()
	tf := newTerraform(t, a, configuration)
	plugins := t.TempDir()
	tf.program = filepath.Join(plugins, "terraform-provider-atlasbackup")
	installSelf(t, tf.program)
	overrides := ""
	for _, address := range []string{provider.Address, openTofuAddress(provider.Address)} {
		overrides += "    " + strconv.Quote(address) + " = " + strconv.Quote(plugins) + "\n"
	}
	tf.setCLIConfig("provider_installation {\n  dev_overrides {\n" + overrides + "  }\n  direct {}\n}\n")
	tf.reaper = newProcessReaper()
	reaper := httptest.NewServer(tf.reaper)
	t.Cleanup(func() {
		tf.reaper.kill()
		reaper.Close()
	})
	tf.environment = append(tf.environment, reaperVariable+"="+reaper.URL, clockVariable+"="+a.Fixture().BaseURL)
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

// WrapProvider has Terraform start a shell script in place of the provider's program, whose path script is given.
func (tf *Terraform) WrapProvider(t *testing.T, script func(program string) string) {
	t.Helper()
	self, err := os.Executable()
	if err == nil {
		err = os.Remove(tf.program)
	}
	if err == nil {
		err = os.WriteFile(tf.program, []byte(script(self)), 0o700)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// KillProviders kills the provider processes that are running, without a chance for them to do anything about it, and
// returns how many there were.
func (tf *Terraform) KillProviders() int { return tf.reaper.kill() }

// WaitForProviders waits until no provider process is left.
func (tf *Terraform) WaitForProviders() { tf.reaper.wait() }

// SetEnvironment adds variables to the environment of later commands.
func (tf *Terraform) SetEnvironment(variables ...string) {
	tf.environment = append(tf.environment, variables...)
}
