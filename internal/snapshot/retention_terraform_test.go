package snapshot_test

import (
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// TestAccSnapshot_retentionSettles changes the retention of a snapshot whatever Atlas then makes of the expiry: one PATCH, and
// nothing left to plan, now and later.
func TestAccSnapshot_retentionSettles(t *testing.T) {
	t.Parallel()
	for name, behave := range map[string]func(*atlassim.Behavior){
		"as assumed":                        func(*atlassim.Behavior) {},
		"a read lags behind the change":     func(b *atlassim.Behavior) { b.PatchLag = 2 * time.Minute },
		"the expiry moves by a second":      func(b *atlassim.Behavior) { b.ExpiryJitter = time.Second },
		"the expiry is rounded to the hour": func(b *atlassim.Behavior) { b.ExpiryRounding = time.Hour },
		"the expiry is rounded to the day":  func(b *atlassim.Behavior) { b.ExpiryRounding = day },
		"counted from the request":          func(b *atlassim.Behavior) { b.PatchFrom = "request" },
		"counted from the completion":       func(b *atlassim.Behavior) { b.PatchFrom = "completion" },
		"counted from the change":           func(b *atlassim.Behavior) { b.PatchFrom = "patch" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			a.SetBehavior(behave)
			tf := terraform(t, a)
			tf.Do(0, acctest.Apply...)
			a.Clock.Advance(3 * day)
			a.ClearRequests()
			longer := with(acctest.Apply, "retention_in_days=30")
			tf.Do(0, longer...)
			for _, later := range []time.Duration{0, 5 * time.Minute, time.Hour} {
				a.Clock.Advance(later)
				tf.Do(0, with(acctest.Plan, "retention_in_days=30")...)
			}
			if patched := count(a, "PATCH"); patched != 1 {
				t.Errorf("%d retentions were changed, expected 1", patched)
			}
			if posts := count(a, "POST"); posts != 0 {
				t.Errorf("%d snapshots were requested, expected none", posts)
			}
		})
	}
}

// TestAccSnapshot_retentionWaits has Atlas refuse a new retention because it is not done with a snapshot that it calls
// completed.
func TestAccSnapshot_retentionWaits(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	tf := terraform(t, a)
	tf.Do(0, acctest.Apply...)
	a.AddFault(at(thePatch, atlassim.Fault{ErrorCode: "CANNOT_MODIFY_IN_PROGRESS_SNAPSHOT_RETENTION", Times: 3}))
	tf.Do(0, retain30...)
	tf.Do(0, with(acctest.Plan, "retention_in_days=30")...)
}
