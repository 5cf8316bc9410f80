package serverlesssnapshot

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

func TestServerlessStatus(t *testing.T) {
	t.Parallel()
	for flex, want := range map[string]string{
		"PENDING": "queued", "QUEUED": "queued", "RUNNING": "inProgress", "COMPLETED": "completed", "FAILED": "failed", "INVENTED": "INVENTED",
	} {
		if got := serverlessStatus(flex); got != want {
			t.Errorf("%s becomes %q, expected %q", flex, got, want)
		}
	}
}

// TestFromFlex takes over what Flex says and invents nothing.
func TestFromFlex(t *testing.T) {
	t.Parallel()
	started, expires, version := time.Date(2026, time.March, 30, 5, 0, 32, 0, time.UTC), time.Date(2026, time.April, 7, 5, 0, 0, 0, time.UTC), "8.0.29"
	finished := started.Add(75 * time.Second)
	got := fromFlex(&atlas.FlexSnapshot{
		ID: "6a6f78e0cab84da5c4476b25", Status: "FAILED", ScheduledAt: &started, StartedAt: &started, FinishedAt: &finished,
		ExpiresAt: &expires, MongodVersion: &version,
	})
	want := &atlas.ServerlessSnapshot{
		ID: "6a6f78e0cab84da5c4476b25", Status: "failed", CreatedAt: &started, ExpiresAt: &expires, MongodVersion: &version,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what Flex says becomes (-expected +got):\n%s", diff)
	}
	if diff := cmp.Diff(&atlas.ServerlessSnapshot{ID: "6a6f78e0cab84da5c4476b25", Status: "queued"},
		fromFlex(&atlas.FlexSnapshot{ID: "6a6f78e0cab84da5c4476b25", Status: "PENDING"})); diff != "" {
		t.Errorf("what Flex does not say becomes (-expected +got):\n%s", diff)
	}
}
