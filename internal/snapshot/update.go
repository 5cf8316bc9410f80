package snapshot

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/operation"
)

// Update rotates the snapshot, or resumes an interrupted wait and changes the retention. Other arguments that can change in place
// only concern the provider and need no request.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	unfinished, diags := getRotation(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	timeout, diags := framework.Timeout(plan.Timeouts, "update", defaultTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := r.client.Clock().WithTimeout(ctx, timeout)
	defer cancel()
	// A value that was unknown may need a rotation that the plan did not show: the next plan does.
	rotate := plan.SnapshotID.IsUnknown() && needsRotation(&plan, &state, unfinished)
	unfinished = unfinished.forPlan(&plan)
	if rotate {
		unfinished = r.rotate(ctx, &plan, &state, unfinished, timeout, resp)
	} else {
		r.updateInPlace(ctx, &plan, &state, timeout, resp)
	}
	if unfinished.Successor == nil && !resp.Diagnostics.HasError() {
		var diags diag.Diagnostics
		unfinished, diags = r.deleteSuperseded(ctx, &plan, unfinished)
		resp.Diagnostics.Append(diags...)
	}
	resp.Diagnostics.Append(setRotation(ctx, resp.Private, unfinished)...)
}

func saveUpdate(ctx context.Context, resp *resource.UpdateResponse, m *resourceModel) diag.Diagnostics {
	diags := resp.State.Set(ctx, m)
	return append(diags, setIdentity(ctx, resp.Identity, m)...)
}

// updateInPlace resumes the wait for the snapshot in the state if Atlas has not completed it, and changes its retention.
func (r *Resource) updateInPlace(ctx context.Context, plan, state *resourceModel, timeout time.Duration, resp *resource.UpdateResponse) {
	on, id := r.clusterOf(plan), state.SnapshotID.ValueString()
	moved, gone := !plan.RetentionInDays.Equal(state.RetentionInDays), isGoneStatus(state.Status.ValueString())
	updated := *plan
	// The computed attributes keep their values until Atlas returns others.
	updated.snapshotModel, updated.ID, updated.RetentionInDays = state.snapshotModel, state.ID, state.RetentionInDays
	updated.Description = plan.Description
	defer func() { resp.Diagnostics.Append(saveUpdate(ctx, resp, &updated)...) }()
	op := failure(unableToUpdate, on.snapshot(id))

	if state.pending() {
		resumed := on.resume(ctx, id)
		if resumed.Value != nil {
			updated.setSnapshot(resumed.Value)
			resp.Diagnostics.Append(setLastApplied(ctx, resp.Private, resumed.Value)...)
		}
		resumed.ID, resumed.Status = id, updated.Status.ValueString()
		switch {
		case resumed.Outcome == operation.Completed:
		case moved && resumed.Outcome == operation.Interrupted:
			resp.Diagnostics.Append(diagnostics.FromError(op, resumed.Err, "The retention has not been changed. Apply again."))
			return
		default:
			resp.Diagnostics.Append(on.notCreated(op.Summary, timeout, resumed))
			return
		}
		final, diags := r.readCompleted(ctx, on, resumed.Value)
		resp.Diagnostics.Append(diags...)
		updated.setSnapshot(final)
		resp.Diagnostics.Append(setLastApplied(ctx, resp.Private, final)...)
	}
	if moved && !gone {
		expiresAt, err := on.changeRetention(ctx, id, plan.RetentionInDays.ValueInt64(), timeOf(updated.ExpiresAt.ValueString()))
		if err != nil {
			resp.Diagnostics.Append(diagnostics.FromError(op, err, retentionRemedy(err)))
			return
		}
		// The plan showed no other change. The next refresh finds any, such as a copy to another region.
		resp.Diagnostics.Append(setRetentionChange(ctx, resp.Private, timeOf(updated.ExpiresAt.ValueString()), expiresAt, r.client.ServerNow())...)
		updated.ExpiresAt = framework.TimeOrNull(expiresAt)
	}
	updated.RetentionInDays = plan.RetentionInDays
}

// changeRetention changes the retention of a snapshot to days and returns the new expiry, nil if Atlas does not return one. before
// is the old expiry. Atlas refuses while the snapshot is in progress; then changeRetention waits.
func (c *cluster) changeRetention(ctx context.Context, id string, days int64, before *time.Time) (*time.Time, error) {
	for {
		written := c.writing()
		changed, err := c.client.UpdateRetention(ctx, c.projectID, c.name, id, days)
		written()
		switch {
		case err == nil && changed.ExpiresAt != nil && (before == nil || !isNear(*changed.ExpiresAt, *before)):
			return changed.ExpiresAt, nil
		case err == nil:
			// The answer does not show the change: a read may. If that fails, the next refresh finds it.
			if read, err := c.client.GetSnapshot(ctx, c.projectID, c.name, id); err == nil {
				changed = read
			}
			return changed.ExpiresAt, nil
		case !atlas.IsError(err, atlas.CodeModifyInProgress):
			return nil, err
		}
		tflog.Info(ctx, "Waiting for the snapshot to complete before its retention can be changed", map[string]any{"snapshot_id": id})
		if err := c.resume(ctx, id).Err; err != nil {
			return nil, err
		}
		if err := c.client.Clock().Sleep(ctx, operation.RefusedPause); err != nil {
			return nil, err
		}
	}
}

// retentionRemedy says what is known of the retention after a change failed.
func retentionRemedy(err error) string {
	if atlas.IsLost(err) {
		return "Atlas may or may not have changed the retention. Apply again: repeating the request is safe."
	}
	return "The snapshot keeps the retention that it had."
}

// Atlas returns when a snapshot expires but not its retention, and does not document from when it counts. So the private state keeps the
// expires_at that the last apply led to. As long as Atlas returns the same, the retention is what was applied; otherwise it is derived.

const (
	// lastAppliedKey is the key of a [lastApplied] in the private state.
	lastAppliedKey = "retention"
	// expiryTolerance is how far Atlas may move an expiry without a change of the retention: retentions are whole days, and IDs,
	// dates and expiries of one snapshot were recorded to differ by a second.
	expiryTolerance = time.Hour
	// retentionLag is how long reads may return the old expiry after a change of the retention. Nothing is documented; snapshots are
	// created within minutes.
	retentionLag = 10 * time.Minute
)

// lastApplied is the expiry that the last apply led to.
type lastApplied struct {
	ExpiresAt time.Time `json:"expires_at"`
	// Replaced is the expiry before the last change of the retention, at ChangedAt by Atlas's clock. Both are zero if nothing was
	// changed. If Atlas did not return the new expiry, ExpiresAt is zero.
	Replaced  time.Time `json:"replaced,omitzero"`
	ChangedAt time.Time `json:"changed_at,omitzero"`
}

func (l lastApplied) isZero() bool { return l.ExpiresAt.IsZero() }

// isAwaitingChange reports whether it is too early to take the expiry that Atlas shows for the applied one.
func (l lastApplied) isAwaitingChange(now time.Time) bool {
	return l.isZero() && now.Before(l.ChangedAt.Add(retentionLag))
}

// matches reports whether an expiry that Atlas shows at now is the applied one, or still the one before it.
func (l lastApplied) matches(expiresAt, now time.Time) bool {
	return isNear(expiresAt, l.ExpiresAt) || l.isStale(expiresAt, now)
}

// isStale reports whether a read does not show the last change of the retention yet.
func (l lastApplied) isStale(expiresAt, now time.Time) bool {
	return !l.Replaced.IsZero() && !isNear(expiresAt, l.ExpiresAt) && isNear(expiresAt, l.Replaced) && now.Before(l.ChangedAt.Add(retentionLag))
}

// isNear reports whether two expiries differ by no more than the tolerance.
func isNear(a, b time.Time) bool {
	return !a.Before(b.Add(-expiryTolerance)) && !a.After(b.Add(expiryTolerance))
}

type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// getPrivate decodes a key of the private state into value, which stays as it is if the key is not set.
func getPrivate(ctx context.Context, private privateReader, key string, value any) diag.Diagnostics {
	encoded, diags := private.GetKey(ctx, key)
	if len(encoded) == 0 || diags.HasError() {
		return diags
	}
	if err := json.Unmarshal(encoded, value); err != nil {
		diags.AddError("Unable to read private state", "The private state of the snapshot is damaged: "+err.Error()+".")
	}
	return diags
}

func setPrivate(ctx context.Context, private privateWriter, key string, value any) diag.Diagnostics {
	encoded, err := json.Marshal(value)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Unable to write private state", err.Error())}
	}
	return private.SetKey(ctx, key, encoded)
}

func getLastApplied(ctx context.Context, private privateReader) (lastApplied, diag.Diagnostics) {
	var last lastApplied
	diags := getPrivate(ctx, private, lastAppliedKey, &last)
	return last, diags
}

func setLastApplied(ctx context.Context, private privateWriter, s *atlas.Snapshot) diag.Diagnostics {
	if s.ExpiresAt == nil {
		return nil
	}
	return setPrivate(ctx, private, lastAppliedKey, lastApplied{ExpiresAt: s.ExpiresAt.UTC()})
}

// setRetentionChange saves that a change of the retention moved the expiry at now.
func setRetentionChange(ctx context.Context, private privateWriter, from, to *time.Time, now time.Time) diag.Diagnostics {
	last := lastApplied{ChangedAt: now.UTC()}
	if from != nil {
		last.Replaced = from.UTC()
	}
	if to != nil && (from == nil || !isNear(*to, *from)) {
		last.ExpiresAt = to.UTC()
	}
	return setPrivate(ctx, private, lastAppliedKey, last)
}

// refreshRetention returns retention_in_days after a refresh at now: the applied value, unless the expiry was moved since or nothing
// was applied (an import).
func refreshRetention(applied types.Int64, last lastApplied, s *atlas.Snapshot, now time.Time) types.Int64 {
	if s.ExpiresAt == nil || (!applied.IsNull() && (last.isZero() || last.matches(*s.ExpiresAt, now))) {
		return applied
	}
	return types.Int64Value(retentionOf(s))
}

// retentionTolerance is how much a derived retention may lack of a whole day.
const retentionTolerance = 6 * time.Hour

// retentionOf derives the retention from the expiry. Atlas counts it from the completion, whose time it does not return: minutes
// after createdAt as a rule, hours for terabytes. So anything beyond whole days is not part of the retention.
func retentionOf(s *atlas.Snapshot) int64 {
	from := s.RequestedAt()
	if s.CreatedAt != nil {
		from = *s.CreatedAt
	}
	// In seconds: an expiry may lie further away than the 292 years of a time.Duration.
	seconds := s.ExpiresAt.Unix() - from.Unix() + int64(retentionTolerance/time.Second)
	return max(seconds/int64(24*time.Hour/time.Second), 1)
}
