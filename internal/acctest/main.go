package acctest

import (
	"fmt"
	"os"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

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
	w, err := raiseWall()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	resource.TestMain(walled{m, w})
}

// walled is a test run that fails if anything wanted out.
type walled struct {
	*testing.M
	wall *wall
}

func (r walled) Run() int {
	code := r.M.Run()
	fmt.Print(report())
	if n := r.wall.refused.Load(); n > 0 {
		fmt.Fprintf(os.Stderr, "acctest: %d connections beyond this machine were refused\n", n)
		return max(code, 1)
	}
	return code
}
