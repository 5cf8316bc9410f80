//go:build !unix

package provider

import (
	"context"
	"os"
)

// parentExited returns a channel that is closed when the parent process ends.
func parentExited(context.Context) <-chan struct{} {
	ended := make(chan struct{})
	parent, err := os.FindProcess(os.Getppid())
	if err != nil {
		// Unknown, so the provider runs until Terraform stops it.
		return ended
	}
	go func() {
		// Windows lets any process be waited for.
		if _, err := parent.Wait(); err == nil {
			close(ended)
		}
	}()
	return ended
}
