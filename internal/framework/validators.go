package framework

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// What validators ask for, as the rest of a sentence about the value.
const (
	objectIDRule    = "must be 24 hexadecimal digits in lower case, as Atlas shows them"
	clusterNameRule = "must be a cluster's name: letters, digits and hyphens, beginning with a letter or digit"
	durationRule    = `must be a duration longer than zero, with units, such as "45s", "90m" or "1h30m"`
	timeRule        = "must be a date and time of RFC 3339, such as 2026-03-30T00:00:00Z"
)

// The API's own patterns.
var (
	objectIDPattern    = regexp.MustCompile(`^[a-f0-9]{24}$`)
	clusterNamePattern = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9-]*$`)
)

// ObjectIDValidators returns the validators of an Atlas ID.
func ObjectIDValidators() []validator.String {
	return []validator.String{stringvalidator.RegexMatches(objectIDPattern, objectIDRule)}
}

// ClusterNameValidators returns the validators of the name of a cluster or serverless instance.
func ClusterNameValidators() []validator.String {
	return []validator.String{stringvalidator.RegexMatches(clusterNamePattern, clusterNameRule)}
}

// DurationValidators returns the validators of a duration.
func DurationValidators() []validator.String {
	return []validator.String{parseValidator{durationRule, func(at path.Path, value types.String) diag.Diagnostics {
		_, diags := ParseDuration(at, value, 0)
		return diags
	}}}
}

// TimeValidators returns the validators of a date and time.
func TimeValidators() []validator.String {
	return []validator.String{parseValidator{timeRule, func(at path.Path, value types.String) diag.Diagnostics {
		_, diags := ParseTime(at, value)
		return diags
	}}}
}

// parseValidator accepts what parse accepts.
type parseValidator struct {
	rule  string
	parse func(path.Path, types.String) diag.Diagnostics
}

func (v parseValidator) Description(context.Context) string { return v.rule }

func (v parseValidator) MarkdownDescription(context.Context) string { return v.rule }

func (v parseValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	resp.Diagnostics.Append(v.parse(req.Path, req.ConfigValue)...)
}

// ParseDuration returns the duration of an argument, and fallback if it is null or unknown.
func ParseDuration(at path.Path, value types.String, fallback time.Duration) (time.Duration, diag.Diagnostics) {
	text := value.ValueString()
	if value.IsNull() || value.IsUnknown() {
		return fallback, nil
	}
	duration, err := time.ParseDuration(text)
	if err != nil || duration <= 0 {
		return fallback, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, "Invalid duration", fmt.Sprintf("%s %s, got: %q.", at, durationRule, text))}
	}
	return duration, nil
}

// ParseTime returns the date and time of an argument, and zero if it is null or unknown.
func ParseTime(at path.Path, value types.String) (time.Time, diag.Diagnostics) {
	text := value.ValueString()
	if value.IsNull() || value.IsUnknown() {
		return time.Time{}, nil
	}
	parsed, err := time.Parse(time.RFC3339, text)
	if err == nil {
		return parsed, nil
	}
	detail := fmt.Sprintf("%s %s, got: %q.", at, timeRule, text)
	if _, err := time.Parse(time.DateOnly, text); err == nil {
		detail += fmt.Sprintf("\n\nAdd a time of day. %sT00:00:00Z is the beginning of that day in UTC.", text)
	}
	return time.Time{}, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, "Invalid time", detail)}
}
