package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	address = "registry.terraform.io/atlasbackup/atlasbackup"

	// Terraform waits for what it has begun when it is told to stop: the provider saves the snapshot and gives up the wait.
	graceful = 30 * time.Second
)

// terraform runs Terraform in a folder of its own, with the provider that was built here.
type terraform struct {
	program, dir string
	environment  []string
}

// event is one line of Terraform's -json output. Fields that a type of event does not have are empty.
type event struct {
	Type       string `json:"type"`
	Message    string `json:"@message"`
	Diagnostic struct {
		Severity, Summary, Detail string
	} `json:"diagnostic"`
	Outputs map[string]struct {
		Value any `json:"value"`
	} `json:"outputs"`
}

func newTerraform(dir string, opts options, atlas target) (*terraform, error) {
	provider, err := filepath.Abs(opts.provider)
	if err != nil {
		return nil, err
	}
	if err := os.CopyFS(filepath.Join(dir, "configuration"), os.DirFS(opts.configuration)); err != nil {
		return nil, err
	}
	// JSON strings are HCL strings here: a path on Windows has its backslashes escaped.
	config := filepath.Join(dir, "terraform.rc")
	text := fmt.Sprintf("disable_checkpoint = true\nprovider_installation {\n  dev_overrides {\n    %q = %q\n  }\n  direct {}\n}\n", address, provider)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, err
	}

	tf := &terraform{program: opts.terraform, dir: filepath.Join(dir, "configuration")}
	for _, variable := range os.Environ() {
		// The user's own settings of Terraform, and on a simulated Atlas the keys to the real one, have no business here.
		name, _, _ := strings.Cut(variable, "=")
		ours := strings.HasPrefix(name, "MONGODB_ATLAS_") || strings.HasPrefix(name, "MCLI_")
		if strings.HasPrefix(name, "TF_") || (ours && !opts.live) {
			continue
		}
		tf.environment = append(tf.environment, variable)
	}
	tf.environment = append(tf.environment,
		"TF_CLI_CONFIG_FILE="+config,
		"TF_IN_AUTOMATION=1",
		"TF_INPUT=0",
		"TF_VAR_project_id="+atlas.projectID,
		"TF_VAR_cluster_name="+atlas.clusterName,
	)
	tf.environment = append(tf.environment, atlas.environment...)
	return tf, nil
}

// run runs one command with -json and the retention given, prints what it has to say, and returns the outputs. code is
// Terraform's exit code; it is an error only where it is none of the accepted ones.
func (tf *terraform) run(ctx context.Context, days int, command string, args ...string) (outputs map[string]string, code int, err error) {
	args = append([]string{command, "-json", "-no-color", "-var", "retention_in_days=" + strconv.Itoa(days)}, args...)
	cmd := exec.CommandContext(ctx, tf.program, args...)
	cmd.Dir, cmd.Env, cmd.Stderr = tf.dir, tf.environment, os.Stderr
	detach(cmd)
	cmd.Cancel = func() error { return interrupt(cmd.Process) }
	cmd.WaitDelay = graceful
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, 0, err
	}
	if err := cmd.Start(); err != nil {
		return nil, 0, fmt.Errorf("start Terraform: %w", err)
	}

	outputs = map[string]string{}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			printLine("%s", lines.Text())
			continue
		}
		for name, output := range e.Outputs {
			if output.Value != nil {
				outputs[name] = fmt.Sprint(output.Value)
			}
		}
		tell(e)
	}
	err = errors.Join(lines.Err(), cmd.Wait())
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return outputs, 0, fmt.Errorf("interrupted during terraform %s", command)
	case errors.As(err, &exit) && command == "plan" && exit.ExitCode() == 2:
		return outputs, 2, nil
	case err != nil:
		return outputs, 0, fmt.Errorf("terraform %s: %w", command, err)
	}
	return outputs, 0, nil
}

// tell prints an event, if a person wants to see it.
func tell(e event) {
	switch e.Type {
	case "planned_change", "apply_start", "apply_progress", "apply_complete", "apply_errored", "change_summary":
		printLine("terraform: %s", e.Message)
	case "diagnostic":
		if strings.Contains(e.Diagnostic.Summary, "development overrides") {
			return
		}
		printLine("terraform: %s: %s", e.Diagnostic.Severity, e.Diagnostic.Summary)
		for line := range strings.Lines(e.Diagnostic.Detail) {
			printLine("  %s", strings.TrimRight(line, "\n"))
		}
	}
}

// resources counts the resources in the state.
func (tf *terraform) resources() (int, error) {
	content, err := os.ReadFile(filepath.Join(tf.dir, "terraform.tfstate"))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	var state struct {
		Resources []json.RawMessage `json:"resources"`
	}
	if err := json.Unmarshal(content, &state); err != nil {
		return 0, err
	}
	return len(state.Resources), nil
}
