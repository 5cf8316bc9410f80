package attribute

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

const durationRule = `must be a duration longer than zero, with units, such as "45s", "90m" or "1h30m"`

// ParseDuration reads how long the argument at a path allows something to take: otherwise where that says nothing (yet).
func ParseDuration(at path.Path, value types.String, otherwise time.Duration) (time.Duration, diag.Diagnostics) {
	text := value.ValueString()
	if value.IsNull() || value.IsUnknown() {
		return otherwise, nil
	}
	duration, err := time.ParseDuration(text)
	if err != nil || duration <= 0 {
		return otherwise, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, "Invalid duration", fmt.Sprintf("%s %s, got: %q.", at, durationRule, text))}
	}
	return duration, nil
}

// Duration validates how long something may take.
func Duration() []validator.String { return []validator.String{durationValidator{}} }

type durationValidator struct{}

func (durationValidator) Description(context.Context) string { return durationRule }

func (v durationValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (durationValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	_, diags := ParseDuration(req.Path, req.ConfigValue, 0)
	resp.Diagnostics.Append(diags...)
}
