package restore

import (
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

// WaitSchedule returns when to poll a restore next.
func WaitSchedule(p wait.Progress) time.Duration {
	return min(max(p.Elapsed/20, 5*time.Second), time.Minute)
}
