//go:build !unix

package main

import (
	"os"
	"os/exec"
)

// detach does nothing: here the terminal's Ctrl-C reaches the children by itself.
func detach(*exec.Cmd) {}

// interrupt does nothing, for the same reason; a child that does not end is killed later.
func interrupt(*os.Process) error { return nil }
