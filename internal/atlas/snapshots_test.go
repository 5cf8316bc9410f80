package atlas

import (
	"testing"
	"time"
)

// A status that nobody knows is no reason to stop waiting.
func TestSnapshot_settled(t *testing.T) {
	for status, settled := range map[string]bool{
		StatusQueued: false, StatusInProgress: false, StatusCompleted: true, StatusFailed: true,
		"": false, "thinking": false, "COMPLETED": false,
	} {
		s := &Snapshot{Status: status}
		if s.Settled() != settled || s.Pending() == settled {
			t.Errorf("%q: settled = %t, pending = %t", status, s.Settled(), s.Pending())
		}
	}
}

func TestSnapshot_moments(t *testing.T) {
	requested := time.Date(2026, 8, 10, 3, 26, 42, 0, time.UTC)
	s := &Snapshot{ID: wireSnapshot}
	if !s.RequestedAt().Equal(requested) || !s.TakenAt().Equal(requested) {
		t.Errorf("requested at %s, taken at %s, want %s", s.RequestedAt(), s.TakenAt(), requested)
	}
	created := requested.Add(86 * time.Second)
	s.CreatedAt = &created
	if !s.RequestedAt().Equal(requested) || !s.TakenAt().Equal(created) {
		t.Errorf("requested at %s, taken at %s, want %s", s.RequestedAt(), s.TakenAt(), created)
	}
}
