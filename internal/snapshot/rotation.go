package snapshot

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

// A change of triggers or description rotates: a new snapshot is taken and completed before the old one is deleted, so that
// there is a completed backup at every moment. What a rotation has left to do when it ends early is kept in Terraform's
// private state, beside the old snapshot that stays in the state itself.

// rotationKey is the key of a rotation in the private state.
const rotationKey = "rotation"

// rotation is what an unfinished rotation has left to do.
type rotation struct {
	// Successor is the requested snapshot that is to take the place of the one in the state.
	Successor *successor `json:"successor,omitempty"`
	// Superseded are the IDs of snapshots that are to be deleted once the state has a completed one.
	Superseded []string `json:"superseded,omitempty"`
	// Left are the IDs of those that skip_destroy, or a refusal to delete them, has left in Atlas lately: a later rotation must
	// not take them for snapshots that a killed run has left behind.
	Left []string `json:"left,omitempty"`
}

// successor is a requested snapshot, with the arguments that it was requested for.
type successor struct {
	SnapshotID      string            `json:"snapshot_id"`
	Description     string            `json:"description,omitempty"`
	RetentionInDays int64             `json:"retention_in_days"`
	Triggers        map[string]string `json:"triggers,omitempty"`
}

func newSuccessor(id string, m *resourceModel) *successor {
	return &successor{
		SnapshotID: id, Description: m.Description.ValueString(), RetentionInDays: m.RetentionInDays.ValueInt64(),
		Triggers: triggersOf(m),
	}
}

// serves reports whether the successor is what the plan asks for. Its retention does not matter: it can be changed.
func (s *successor) serves(plan *resourceModel) bool {
	return s != nil && !plan.Description.IsUnknown() && !plan.Triggers.IsUnknown() &&
		s.Description == plan.Description.ValueString() && maps.Equal(s.Triggers, triggersOf(plan))
}

func triggersOf(m *resourceModel) map[string]string {
	triggers := map[string]string{}
	for key, value := range m.Triggers.Elements() {
		if text, ok := value.(types.String); ok {
			triggers[key] = text.ValueString()
		}
	}
	return triggers
}

// withoutUnfit is the rotation as the plan goes on with it: a successor that does not serve the plan is superseded.
func (r rotation) withoutUnfit(plan *resourceModel) rotation {
	if r.Successor == nil || r.Successor.serves(plan) {
		return r
	}
	return r.superseding()
}

// superseding is the rotation once its successor is of no use.
func (r rotation) superseding() rotation {
	if r.Successor == nil {
		return r
	}
	return rotation{Superseded: append(append([]string(nil), r.Superseded...), r.Successor.SnapshotID), Left: r.Left}
}

// snapshotIDs are those of all snapshots that the rotation knows besides the one in the state.
func (r rotation) snapshotIDs() []string { return r.superseding().Superseded }

// letGo is the rotation once snapshots of a cluster have been left in Atlas.
func (r rotation) letGo(on *cluster, ids []string) rotation {
	var lately []string
	for _, id := range append(append([]string(nil), r.Left...), ids...) {
		if on.age(&atlas.Snapshot{ID: id}) <= strayAge {
			lately = append(lately, id)
		}
	}
	r.Left = lately
	return r
}

func getRotation(ctx context.Context, private privateReader) (rotation, diag.Diagnostics) {
	var r rotation
	diags := getPrivate(ctx, private, rotationKey, &r)
	return r, diags
}

// setRotation remembers what is left to do, which may be nothing.
func setRotation(ctx context.Context, private privateWriter, r rotation) diag.Diagnostics {
	if r.Successor == nil && len(r.Superseded) == 0 && len(r.Left) == 0 {
		return private.SetKey(ctx, rotationKey, nil)
	}
	return setPrivate(ctx, private, rotationKey, r)
}

// rotates reports whether the plan asks for another snapshot than the one in the state, on the same cluster, in an update. Where
// the one in the state is of no use it is replaced, unless an earlier rotation knows others: a replacement deletes those, of which
// one may be the only backup, before it takes a new one.
func rotates(plan, state *resourceModel, left rotation) bool {
	if isUseless(plan, state) {
		return len(left.snapshotIDs()) > 0
	}
	return changes(plan, state) || left.Successor.serves(plan)
}

// changes reports whether an argument changes that rotates. The first triggers of a snapshot, such as an imported one, and the
// removal of all do not.
func changes(plan, state *resourceModel) bool {
	return !plan.Description.Equal(state.Description) || triggersChange(state.Triggers, plan.Triggers)
}

// isUseless reports whether the snapshot in the state has to make way for another: Atlas has failed it, somebody has deleted it, or it has
// expired and the configuration wants a new one then.
func isUseless(plan, state *resourceModel) bool {
	switch state.Status.ValueString() {
	case atlas.StatusFailed, statusDeleted:
		return true
	case statusExpired:
		return plan.OnExpiry.ValueString() == onExpiryRecreate
	}
	return false
}

func triggersChange(state, plan types.Map) bool {
	return !state.IsNull() && !plan.IsNull() && !state.Equal(plan)
}
