//go:build unix

package provider

import (
	"context"
	"os"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

// parentCheck is how often to check that Terraform still runs.
const parentCheck = time.Second

// parentExited returns a channel that is closed when the parent process ends: this process then has another parent.
func parentExited(ctx context.Context) <-chan struct{} {
	ended := make(chan struct{})
	parent := os.Getppid()
	go func() {
		for os.Getppid() == parent {
			if wait.System().Sleep(ctx, parentCheck) != nil {
				return
			}
		}
		close(ended)
	}()
	return ended
}
