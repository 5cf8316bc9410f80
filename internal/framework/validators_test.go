package framework_test

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
)

// accepts reports whether validators accept a text.
func accepts(t *testing.T, validators []validator.String, text string) bool {
	t.Helper()
	req := validator.StringRequest{Path: path.Root("argument"), ConfigValue: types.StringValue(text)}
	var resp validator.StringResponse
	for _, v := range validators {
		v.ValidateString(t.Context(), req, &resp)
	}
	return !resp.Diagnostics.HasError()
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]struct{ id, name bool }{
		"32b6e34b3d91647abb20e7b8":  {true, true},
		"32B6E34B3D91647ABB20E7B8":  {false, true},
		"32b6e34b3d91647abb20e7b":   {false, true},
		"32b6e34b3d91647abb20e7b80": {false, true},
		"32b6e34b3d91647abb20e7b\n": {},
		"Cluster0":                  {false, true},
		"0-a":                       {false, true},
		"-a":                        {},
		"a_b":                       {},
		"a/b":                       {},
		"..":                        {},
		"a\n":                       {},
		"":                          {},
	} {
		if id, name := accepts(t, framework.ObjectIDValidators(), s), accepts(t, framework.ClusterNameValidators(), s); id != want.id || name != want.name {
			t.Errorf("%q is an ID: %t, a name: %t; expected %+v", s, id, name, want)
		}
	}
}

func TestParseDuration(t *testing.T) {
	t.Parallel()
	const otherwise = 3 * time.Hour
	for name, c := range map[string]struct {
		value types.String
		want  time.Duration
		good  bool
	}{
		"null":     {types.StringNull(), otherwise, true},
		"unknown":  {types.StringUnknown(), otherwise, true},
		"good":     {types.StringValue("1h30m"), 90 * time.Minute, true},
		"zero":     {types.StringValue("0s"), otherwise, false},
		"negative": {types.StringValue("-1h"), otherwise, false},
		"no unit":  {types.StringValue("90"), otherwise, false},
		"empty":    {types.StringValue(""), otherwise, false},
	} {
		got, diags := framework.ParseDuration(path.Root("timeout"), c.value, otherwise)
		if got != c.want || diags.HasError() == c.good {
			t.Errorf("%s: %s (%v), expected %s", name, got, diags, c.want)
		}
	}
}

func TestParseTime(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, time.March, 30, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		value types.String
		want  time.Time
		said  string
	}{
		"null":         {types.StringNull(), time.Time{}, ""},
		"unknown":      {types.StringUnknown(), time.Time{}, ""},
		"UTC":          {types.StringValue("2026-03-30T12:00:00Z"), noon, ""},
		"Paris":        {types.StringValue("2026-03-30T14:00:00+02:00"), noon, ""},
		"no zone":      {types.StringValue("2026-03-30T12:00:00"), time.Time{}, `created_after must be a date and time of RFC 3339, such as 2026-03-30T00:00:00Z, got: "2026-03-30T12:00:00".`},
		"date only":    {types.StringValue("2026-03-29"), time.Time{}, "created_after must be a date and time of RFC 3339, such as 2026-03-30T00:00:00Z, got: \"2026-03-29\".\n\nAdd a time of day. 2026-03-29T00:00:00Z is the beginning of that day in UTC."},
		"no such date": {types.StringValue("2026-02-30"), time.Time{}, `created_after must be a date and time of RFC 3339, such as 2026-03-30T00:00:00Z, got: "2026-02-30".`},
	} {
		got, diags := framework.ParseTime(path.Root("created_after"), c.value)
		text := ""
		for _, d := range diags {
			text += d.Detail()
		}
		if !got.Equal(c.want) || text != c.said {
			t.Errorf("%s: %s (%q), expected %s (%q)", name, got, text, c.want, c.said)
		}
	}
}

// TestValidators holds what a validator accepts to what the parser of the same argument accepts.
func TestValidators(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct{ duration, time bool }{
		"90m": {true, false}, "0s": {}, "": {}, "2026-03-30T12:00:00Z": {false, true}, "2026-03-30": {},
	} {
		duration, time := accepts(t, framework.DurationValidators(), text), accepts(t, framework.TimeValidators(), text)
		if duration != want.duration || time != want.time {
			t.Errorf("%q is a duration: %t, a time: %t; expected %+v", text, duration, time, want)
		}
	}
}
