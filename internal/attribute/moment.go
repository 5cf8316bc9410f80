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

const momentRule = "must be a date and time of RFC 3339, such as 2026-03-30T00:00:00Z"

// ParseMoment reads the date and time that the argument at a path says. It is zero where that says nothing (yet).
func ParseMoment(at path.Path, value types.String) (time.Time, diag.Diagnostics) {
	text := value.ValueString()
	if value.IsNull() || value.IsUnknown() {
		return time.Time{}, nil
	}
	moment, err := time.Parse(time.RFC3339, text)
	if err == nil {
		return moment, nil
	}
	detail := fmt.Sprintf("%s %s, got: %q.", at, momentRule, text)
	if _, err := time.Parse(time.DateOnly, text); err == nil {
		detail += fmt.Sprintf("\n\nAdd a time of day. %sT00:00:00Z is the beginning of that day in UTC.", text)
	}
	return time.Time{}, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, "Invalid time", detail)}
}

// Moment validates a date and time.
func Moment() []validator.String { return []validator.String{momentValidator{}} }

type momentValidator struct{}

func (momentValidator) Description(context.Context) string { return momentRule }

func (v momentValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (momentValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	_, diags := ParseMoment(req.Path, req.ConfigValue)
	resp.Diagnostics.Append(diags...)
}
