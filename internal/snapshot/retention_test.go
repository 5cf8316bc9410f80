package snapshot

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

var taken = time.Date(2026, time.August, 10, 3, 28, 8, 0, time.UTC)

func expiring(after time.Duration) *atlas.Snapshot {
	expiresAt := taken.Add(after)
	return &atlas.Snapshot{ID: "6a7944f22c88faeba59d3572", CreatedAt: &taken, ExpiresAt: &expiresAt}
}

func TestRetentionOf(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for name, c := range map[string]struct {
		after time.Duration
		want  int64
	}{
		"recorded: 73 s after the completion of one day": {day + 73*time.Second, 1},
		"counted from createdAt":                         {7 * day, 7},
		"a second short":                                 {7*day - time.Second, 7},
		"completed 14 hours after it was taken":          {day + 14*time.Hour, 1},
		"somebody keeps it ten days and a half":          {10*day + 12*time.Hour, 10},
		"about to expire":                                {time.Minute, 1},
		"already past":                                   {-time.Hour, 1},
	} {
		if got := retentionOf(expiring(c.after)); got != c.want {
			t.Errorf("%s: %d days, expected %d", name, got, c.want)
		}
	}
	pending := expiring(30 * 24 * time.Hour)
	pending.CreatedAt = nil
	requested := pending.RequestedAt().Add(3 * day)
	pending.ExpiresAt = &requested
	if got := retentionOf(pending); got != 3 {
		t.Errorf("before the snapshot is taken: %d days after the request, expected 3", got)
	}
}

func TestRefreshRetention(t *testing.T) {
	t.Parallel()
	s := expiring(30 * 24 * time.Hour)
	for name, c := range map[string]struct {
		applied types.Int64
		last    seen
		want    int64
	}{
		"as applied, whatever it derives to": {types.Int64Value(7), seen{*s.ExpiresAt}, 7},
		"somebody moved the expiry":          {types.Int64Value(7), seen{s.ExpiresAt.Add(time.Hour)}, 30},
		"nothing remembered":                 {types.Int64Value(7), seen{}, 7},
		"imported":                           {types.Int64Null(), seen{}, 30},
	} {
		if got := refreshRetention(c.applied, c.last, s); got.ValueInt64() != c.want {
			t.Errorf("%s: %d days, expected %d", name, got.ValueInt64(), c.want)
		}
	}
	if got := refreshRetention(types.Int64Value(7), seen{taken}, &atlas.Snapshot{}); got.ValueInt64() != 7 {
		t.Errorf("without an expiry: %d days, expected 7", got.ValueInt64())
	}
}
