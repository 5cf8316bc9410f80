//go:build unix

package main

import (
	"os"
	"os/exec"
	"syscall"
)

// detach shields a child from the terminal's Ctrl-C. Only the demo receives it, and ends its children in the right order with one
// signal each: Terraform takes a second one as an order to stop immediately.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

func interrupt(process *os.Process) error {
	return process.Signal(os.Interrupt)
}
