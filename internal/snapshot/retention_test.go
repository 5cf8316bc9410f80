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
	// 292 years is as far as a time.Duration reaches.
	for years, want := range map[int]int64{293: 107015, 7900: 2885415} {
		distant := expiring(0)
		expiresAt := taken.AddDate(years, 0, 0)
		distant.ExpiresAt = &expiresAt
		if got := retentionOf(distant); got != want {
			t.Errorf("%d years: %d days, expected %d", years, got, want)
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
	const day = 24 * time.Hour
	s := expiring(30 * day)
	at := func(after time.Duration) time.Time { return s.ExpiresAt.Add(after) }
	now := taken.Add(day)
	changed := func(ago time.Duration) lastApplied {
		return lastApplied{ExpiresAt: at(60 * day), Replaced: at(0), ChangedAt: now.Add(-ago)}
	}
	for name, c := range map[string]struct {
		applied types.Int64
		last    lastApplied
		want    int64
	}{
		"as applied, whatever it derives to":       {types.Int64Value(7), lastApplied{ExpiresAt: at(0)}, 7},
		"Atlas moved the expiry by a second":       {types.Int64Value(7), lastApplied{ExpiresAt: at(-time.Second)}, 7},
		"Atlas rounded the expiry up to the hour":  {types.Int64Value(7), lastApplied{ExpiresAt: at(-59 * time.Minute)}, 7},
		"somebody moved the expiry":                {types.Int64Value(7), lastApplied{ExpiresAt: at(2 * time.Hour)}, 30},
		"nothing remembered":                       {types.Int64Value(7), lastApplied{}, 7},
		"imported":                                 {types.Int64Null(), lastApplied{}, 30},
		"changed just now, not shown yet":          {types.Int64Value(90), changed(time.Minute), 90},
		"changed long ago, and shown as before it": {types.Int64Value(90), changed(time.Hour), 30},
	} {
		if got := refreshRetention(c.applied, c.last, s, now); got.ValueInt64() != c.want {
			t.Errorf("%s: %d days, expected %d", name, got.ValueInt64(), c.want)
		}
	}
	if got := refreshRetention(types.Int64Value(7), lastApplied{ExpiresAt: taken}, &atlas.Snapshot{}, now); got.ValueInt64() != 7 {
		t.Errorf("without an expiry: %d days, expected 7", got.ValueInt64())
	}
}

// TestRetentionOf_farAway derives what lies beyond the 292 years of a time.Duration.
func TestRetentionOf_farAway(t *testing.T) {
	t.Parallel()
	s := expiring(0)
	far := s.CreatedAt.AddDate(0, 0, 200_000)
	s.ExpiresAt = &far
	if got := retentionOf(s); got != 200_000 {
		t.Errorf("%d days, expected 200000", got)
	}
}
