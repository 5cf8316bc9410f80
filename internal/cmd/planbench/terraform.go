package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// gracePeriod is how long Terraform has to end after an interrupt.
const gracePeriod = 30 * time.Second

// cost is what a command took.
type cost struct {
	wall time.Duration
	// cpu is that of the command and of every process that it started and waited for, which Terraform does with providers.
	cpu time.Duration
}

// cpuMeasured reports whether this system includes the children of a process, as getrusage does.
var cpuMeasured = runtime.GOOS == "linux" || runtime.GOOS == "darwin"

// workspace is a folder that Terraform runs in.
type workspace struct {
	terraform, directory string
	environment          []string
}

// workspace creates a workspace for a configuration. Its Terraform takes the provider from where it was built.
func (b *bench) workspace(configuration string, environment ...string) (*workspace, error) {
	directory, err := os.MkdirTemp(b.directory, "workspace-")
	if err != nil {
		return nil, err
	}
	provider, err := filepath.Abs(filepath.Dir(b.provider))
	if err != nil {
		return nil, err
	}
	w := &workspace{terraform: b.terraform, directory: directory}
	w.environment = append(withoutSettings(os.Environ()), "TF_CLI_CONFIG_FILE="+filepath.Join(directory, "cli.tfrc"),
		"TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1")
	w.environment = append(w.environment, environment...)
	return w, errors.Join(w.write("cli.tfrc", cliConfiguration(provider)), w.write("main.tf", configuration))
}

// withoutSettings removes variables that would change Terraform (log level, arguments, data folder) or direct the provider to a real
// Atlas.
func withoutSettings(environment []string) []string {
	var rest []string
	for _, variable := range environment {
		if !strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "MONGODB_ATLAS_") && !strings.HasPrefix(variable, "MCLI_") {
			rest = append(rest, variable)
		}
	}
	return rest
}

func (w *workspace) write(name, text string) error {
	return os.WriteFile(filepath.Join(w.directory, name), []byte(text), 0o600)
}

func (w *workspace) remove(name string) error { return os.Remove(filepath.Join(w.directory, name)) }

// plan fails unless there is nothing to change.
func (w *workspace) plan(ctx context.Context) (cost, error) {
	took, err := w.run(ctx, "plan", "-detailed-exitcode", "-no-color")
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 2 {
		return took, fmt.Errorf("the plan is not empty: %w", err)
	}
	return took, err
}

func (w *workspace) run(ctx context.Context, args ...string) (cost, error) {
	var output bytes.Buffer
	command := exec.CommandContext(ctx, w.terraform, args...)
	command.Dir, command.Env, command.Stdout, command.Stderr = w.directory, w.environment, &output, &output
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = gracePeriod
	start := time.Now()
	err := command.Run()
	took := cost{wall: time.Since(start)}
	if state := command.ProcessState; state != nil {
		took.cpu = state.UserTime() + state.SystemTime()
	}
	if err != nil {
		return took, fmt.Errorf("terraform %s: %w\n%s", strings.Join(args, " "), err, end(output.String()))
	}
	return took, nil
}

// end returns the end of a command's output, which says why it failed.
func end(output string) string {
	const enough = 4000
	if len(output) > enough {
		output = "…" + strings.ToValidUTF8(output[len(output)-enough:], "")
	}
	return output
}
