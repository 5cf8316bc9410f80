package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/provider"
)

// exitVariable has this program be a Terraform that prints its arguments and ends with an exit code.
const exitVariable = "PLANBENCH_TEST_EXIT"

// TestMain lets this program be what planbench runs: under the provider's name it is the provider.
func TestMain(m *testing.M) {
	if strings.HasPrefix(filepath.Base(os.Args[0]), "terraform-provider-") {
		if err := providerserver.Serve(context.Background(), provider.New("test"), providerserver.ServeOpts{Address: provider.Address}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if code, err := strconv.Atoi(os.Getenv(exitVariable)); err == nil {
		fmt.Println(strings.Join(os.Args[1:], " "))
		os.Exit(code)
	}
	os.Exit(m.Run())
}

// self puts this program under the provider's name.
func self(t *testing.T) string {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "terraform-provider-atlasbackup")
	if runtime.GOOS != "windows" {
		if err := os.Symlink(program, name); err != nil {
			t.Fatal(err)
		}
		return name
	}
	content, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	name += ".exe"
	if err := os.WriteFile(name, content, 0o700); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestRun measures with real Terraform, the simulator as it is built, and the provider. That it ends well says that the plans
// were empty.
func TestRun(t *testing.T) {
	terraform := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if terraform == "" {
		var err error
		if terraform, err = exec.LookPath("terraform"); err != nil {
			t.Fatal("no terraform on PATH: run the tests with make test, which fetches it")
		}
	}
	simulator := filepath.Join(t.TempDir(), "atlassim.exe")
	if output, err := exec.CommandContext(t.Context(), "go", "build", "-o", simulator, "../atlassim").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	// What would change the runs stays out of them.
	t.Setenv("TF_CLI_ARGS_plan", "-destroy")
	t.Setenv("MONGODB_ATLAS_ACCESS_TOKEN", "wrong")
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	t.Setenv("TMP", temporary)

	var out bytes.Buffer
	args := []string{"-terraform", terraform, "-simulator", simulator, "-provider", self(t), "-n", "2", "-repeat", "1", "-plans", "2", "-latency", "1ms"}
	if err := run(t.Context(), args, &out, io.Discard); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	const s, cpu = `\d+\.\d\ds`, `(\d+\.\d\ds|"not measured")`
	const costs = `requests=[1-9]\d* cpu=` + cpu + ` floor_cpu=` + cpu + ` wall=` + s + ` floor_wall=` + s + `\n`
	if want := regexp.MustCompile(`^plan: n=2 ` + costs + `plan: n=10 ` + costs + `plan: n=2 clusters=2 ` + costs +
		`plans: runs=2 n=10 limited=0 wall=` + s + `\nschema: wall=` + s + ` floor_wall=` + s + `\nbinary: size=\d+\.\dMB\n$`); !want.MatchString(out.String()) {
		t.Errorf("it printed\n%s", out.String())
	}
	left, err := filepath.Glob(filepath.Join(temporary, "atlasbackup-planbench-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("it has left %q, %v", left, err)
	}
}

func TestRun_refusals(t *testing.T) {
	built := "-provider p -simulator s "
	for _, args := range []string{
		"", "-provider p", "-simulator s", built + "stray", built + "-n 0", built + "-repeat 0", built + "-plans -1", built + "-latency -1s",
		built + "-latency 100", "-provider p -simulator no/such/program",
	} {
		var out bytes.Buffer
		if err := run(t.Context(), strings.Fields(args), &out, io.Discard); err == nil || out.Len() > 0 {
			t.Errorf("%s: error %v, printed %q", args, err, out.String())
		}
	}
}
