//go:build !unix

package acctest

import (
	"errors"
	"os/exec"
	"syscall"
)

// inOwnGroup does nothing: there are no process groups here.
func inOwnGroup(*exec.Cmd) {}

// SignalGroup sends nothing: there are no process groups here.
func (r *Run) SignalGroup(syscall.Signal) error { return errors.ErrUnsupported }
