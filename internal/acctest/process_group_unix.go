//go:build unix

package acctest

import (
	"errors"
	"os/exec"
	"syscall"
)

// inOwnGroup gives a command a process group of its own, which everything that it starts belongs to.
func inOwnGroup(command *exec.Cmd) { command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// SignalGroup sends a signal to the command and to every process that it has started, as systemd, timeout and most CI
// runners do. The provider has to be a process: see [Atlas.TerraformWithProcesses].
func (r *Run) SignalGroup(signal syscall.Signal) error {
	if r.command == nil || r.command.SysProcAttr == nil {
		return errors.New("the command shares the process group of the test")
	}
	return syscall.Kill(-r.command.Process.Pid, signal)
}
