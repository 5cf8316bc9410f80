package chaos

import (
	"encoding/json"
	"math/rand/v2"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// pick is one of several, each as likely as the others.
func pick[T any](chance *rand.Rand, from ...T) T { return from[chance.IntN(len(from))] }

// newBehavior is what the Atlas of a world does otherwise than most of the recordings show, from its beginning to its end.
func newBehavior(chance *rand.Rand) atlassim.Behavior {
	return atlassim.Behavior{
		IDBefore:               pick(chance, 0, 0, time.Second, -time.Second),
		NoDate:                 pick(chance, false, false, false, true),
		DateOffset:             pick(chance, 0, 0, time.Second, -time.Second),
		ClockOffset:            pick(chance, 0, 0, 0, 5*time.Hour, -5*time.Hour),
		ExpiryBefore:           pick(chance, 0, time.Second),
		ExpiryRounding:         pick(chance, 0, 0, time.Minute, time.Hour, 24*time.Hour),
		MinimumRetention:       pick(chance, 0, 0, 0, 3),
		PatchFrom:              pick(chance, "", atlassim.PatchFromRequest, atlassim.PatchFromCompletion, atlassim.PatchFromPatch),
		Descriptions:           pick(chance, "", "", atlassim.DescriptionsEscaped, atlassim.DescriptionsTruncated, atlassim.DescriptionsCollapsed, atlassim.DescriptionsAbsent),
		DescriptionsInListOnly: pick(chance, false, true),
		ListOrder:              pick(chance, "", "", atlassim.ListOldest, atlassim.ListShuffled),
		NoResults:              pick(chance, false, true),
		Gzip:                   pick(chance, false, true),
	}
}

// oddFields are fields of a snapshot, all of them optional, in forms that nobody expects.
var oddFields = []map[string]json.RawMessage{
	{"policyItems": json.RawMessage(`[{"id":"x"}]`)},
	{"storageSizeBytes": json.RawMessage(`"1.5E9"`)},
	{"storageSizeBytes": json.RawMessage(`1.5E9`)},
	{"createdAt": json.RawMessage(`"2026-08-10 03:28:00"`)},
	{"mongodVersion": json.RawMessage(`8`)},
	{"copyRegions": json.RawMessage(`"US_EAST_1"`)},
	{"links": json.RawMessage(`{}`), "masterKeyUUID": json.RawMessage(`[]`), "replicaSetName": json.RawMessage(`null`)},
}

// odd has Atlas lag, waver and write oddly for a round.
func (w *world) odd() {
	within := func(oneIn int, longest time.Duration) time.Duration {
		if w.chance.IntN(oneIn) > 0 {
			return 0
		}
		return time.Duration(w.chance.Int64N(int64(longest)))
	}
	w.atlas.SetBehavior(func(b *atlassim.Behavior) {
		b.ListLag, b.GetLag = within(4, 4*time.Minute), within(5, time.Minute)
		b.DeletedInListFor, b.DeletedReadableFor = within(5, 2*time.Minute), within(5, 2*time.Minute)
		b.PatchLag = within(4, 5*time.Minute)
		b.ExpiryJitter = within(4, 2*time.Second).Truncate(time.Second)
		if w.chance.IntN(4) == 0 {
			b.SnapshotFields = pick(w.chance, oddFields...)
		}
	})
}
