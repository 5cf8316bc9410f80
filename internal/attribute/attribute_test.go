package attribute_test

import (
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/attribute"
)

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
		if id, name := attribute.IsObjectID(s), attribute.IsClusterName(s); id != want.id || name != want.name {
			t.Errorf("%q is an id: %t, a name: %t; expected %+v", s, id, name, want)
		}
	}
}

func TestNull_whereAtlasSaysNothing(t *testing.T) {
	t.Parallel()
	empty, word := "", "word"
	if !attribute.String(nil).IsNull() || !attribute.String(&empty).IsNull() || attribute.String(&word).ValueString() != word {
		t.Error("a text is null where it is missing or empty, and nowhere else")
	}
	if !attribute.Strings(nil).IsNull() || attribute.Strings([]string{}).IsNull() || len(attribute.Strings([]string{word}).Elements()) != 1 {
		t.Error("a list is null where it is missing, and empty where it is empty")
	}
	at := time.Date(2026, time.March, 30, 14, 0, 0, 0, time.FixedZone("CEST", 2*60*60))
	if got := attribute.Time(&at).ValueString(); got != "2026-03-30T12:00:00Z" || !attribute.Time(nil).IsNull() {
		t.Errorf("14:00 in Paris is %s, expected noon in UTC", got)
	}
}
