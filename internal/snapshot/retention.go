package snapshot

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

// Atlas never tells the retention of a snapshot, only when it expires, and does not document from when it counts. So the
// resource remembers, in Terraform's private state, the expires_at that its last apply led to. As long as Atlas shows the
// same one, the retention is what was applied; only when Atlas shows another is it derived.

const seenKey = "retention"

// seen is the expiry that the last apply led to.
type seen struct {
	ExpiresAt time.Time `json:"expires_at"`
}

func (s seen) isZero() bool { return s.ExpiresAt.IsZero() }

type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

func getSeen(ctx context.Context, private privateReader) (seen, diag.Diagnostics) {
	var s seen
	value, diags := private.GetKey(ctx, seenKey)
	if len(value) == 0 || diags.HasError() {
		return s, diags
	}
	if err := json.Unmarshal(value, &s); err != nil {
		diags.AddError("Unable to read private state", "The private state of the snapshot is damaged: "+err.Error()+".")
	}
	return s, diags
}

func setSeen(ctx context.Context, private privateWriter, s *atlas.Snapshot) diag.Diagnostics {
	if s.ExpiresAt == nil {
		return nil
	}
	value, err := json.Marshal(seen{ExpiresAt: s.ExpiresAt.UTC()})
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Unable to write private state", err.Error())}
	}
	return private.SetKey(ctx, seenKey, value)
}

// refreshRetention is retention_in_days after a refresh: what was applied, unless somebody moved the expiry since, or there
// was no apply (an import).
func refreshRetention(applied types.Int64, last seen, s *atlas.Snapshot) types.Int64 {
	if s.ExpiresAt == nil || (!applied.IsNull() && (last.isZero() || last.ExpiresAt.Equal(*s.ExpiresAt))) {
		return applied
	}
	return types.Int64Value(retentionOf(s))
}

// slack is what a derived retention may lack of a whole day.
const slack = 6 * time.Hour

// retentionOf derives the retention from the expiry. Atlas counts it from the completion, of which it keeps no record: some
// time after createdAt, minutes as a rule and hours for terabytes. So what goes beyond whole days is not the retention's.
func retentionOf(s *atlas.Snapshot) int64 {
	from := s.RequestedAt()
	if s.CreatedAt != nil {
		from = *s.CreatedAt
	}
	return max(int64((s.ExpiresAt.Sub(from)+slack)/(24*time.Hour)), 1)
}
