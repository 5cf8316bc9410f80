//go:build unix

package main

import (
	"os"
	"os/exec"
	"syscall"
)

// detach puts a child out of reach of the terminal's Ctrl-C: it comes to the demo alone, which ends its children in the
// right order, with one signal each (Terraform takes a second one as an order to drop everything).
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

func interrupt(process *os.Process) error {
	return process.Signal(os.Interrupt)
}
