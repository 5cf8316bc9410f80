package acctest

import (
	"fmt"
	"os"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

// Main is TestMain for every package with acceptance tests. It names what the mode lacks before anything starts, keeps tests
// that need no Atlas from the network, runs the sweepers where -sweep asks for them, and lets Terraform start the provider as a
// process: the test binary itself is the provider then.
func Main(m *testing.M) {
	if reaper := os.Getenv(reaperVariable); reaper != "" {
		serveProcess(reaper, os.Getenv(clockVariable))
		return
	}
	runTests(m)
}

// runTests runs the tests of a package, or its sweepers where -sweep asks for them. It refuses to start in a mode that lacks
// something, and keeps tests that need no Atlas from the network.
func runTests(m *testing.M) {
	if err := checkEnvironment(os.Getenv); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if usesAtlas(CurrentMode(), os.Getenv) {
		resource.TestMain(m)
		return
	}
	guard, err := startNetworkGuard()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	resource.TestMain(guardedRun{m, guard})
}

// guardedRun is a test run that fails if it tried to leave this machine.
type guardedRun struct {
	*testing.M
	guard *networkGuard
}

func (r guardedRun) Run() int {
	code := r.M.Run()
	if n := r.guard.refused.Load(); n > 0 {
		fmt.Fprintf(os.Stderr, "acctest: %d connections beyond this machine were refused\n", n)
		return max(code, 1)
	}
	return code
}
