package attribute_test

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/attribute"
)

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
		got, diags := attribute.ParseDuration(path.Root("timeout"), c.value, otherwise)
		if got != c.want || diags.HasError() == c.good {
			t.Errorf("%s: %s (%v), expected %s", name, got, diags, c.want)
		}
	}
}

func TestParseMoment(t *testing.T) {
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
		got, diags := attribute.ParseMoment(path.Root("created_after"), c.value)
		text := ""
		for _, d := range diags {
			text += d.Detail()
		}
		if !got.Equal(c.want) || text != c.said {
			t.Errorf("%s: %s (%q), expected %s (%q)", name, got, text, c.want, c.said)
		}
	}
}
