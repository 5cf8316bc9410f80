//go:build unix

package provider

import (
	"context"
	"os"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

// parentCheck is how often to look whether Terraform is still there.
const parentCheck = time.Second

// parentExited is closed once the process that started this one has ended: another process is the parent from then on.
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
