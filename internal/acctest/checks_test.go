package acctest

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
)

// TestAnswer_Checks has a state with one thing wrong in every way.
func TestAnswer_Checks(t *testing.T) {
	t.Parallel()
	answer := Answer{
		"id": "a", "sizeBytes": json.Number("9007199254740993"), "on": true, "regions": []any{"EU"}, "links": []any{},
		"members": []any{map[string]any{"cloudProvider": "AWS"}},
	}
	names := map[string]string{
		"id": "snapshot_id", "sizeBytes": "size", "on": "on", "regions": "regions", "links": "", "members": "members", "note": "note",
	}
	state := func(change map[string]any) map[string]any {
		all := map[string]any{
			"snapshot_id": "a", "size": json.Number("9007199254740993"), "on": true, "regions": []any{"EU"},
			"members": []any{map[string]any{"cloud_provider": "AWS"}}, "note": nil,
		}
		for name, value := range change {
			all[name] = value
		}
		return all
	}
	check := func(answer Answer) knownvalue.Check {
		return EveryAttribute(func(map[string]any) Checks { return answer.Checks(names) })
	}
	if err := check(answer).CheckValue(state(nil)); err != nil {
		t.Errorf("nothing is wrong: %v", err)
	}
	for what, change := range map[string]map[string]any{
		"another text":         {"snapshot_id": "b"},
		"another number":       {"size": json.Number("9007199254740992")},
		"another type":         {"size": "9007199254740993"},
		"another truth":        {"on": false},
		"null":                 {"on": nil},
		"no null":              {"note": "x"},
		"an element too many":  {"regions": []any{"EU", "US"}},
		"another nested value": {"members": []any{map[string]any{"cloud_provider": "GCP"}}},
		"an attribute more":    {"unchecked": nil},
	} {
		if err := check(answer).CheckValue(state(change)); err == nil {
			t.Errorf("%s is not noticed", what)
		}
	}
	answer["newKey"] = "x"
	if err := check(answer).CheckValue(state(nil)); err == nil || !strings.Contains(err.Error(), `"newKey"`) {
		t.Errorf("a key without attribute is not noticed: %v", err)
	}
	if err := check(answer).CheckValue("text"); err == nil {
		t.Error("a text is taken for an object")
	}
}

// TestExactly has the value of a variable and another one.
func TestExactly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		variable    config.Variable
		same, other any
	}{
		{config.StringVariable("2h"), "2h", "3h"},
		{config.BoolVariable(true), true, "true"},
		{config.IntegerVariable(7), json.Number("7"), json.Number("8")},
		{
			config.MapVariable(map[string]config.Variable{"version": config.StringVariable("8.0")}),
			map[string]any{"version": "8.0"},
			map[string]any{"version": "8.0", "more": "x"},
		},
	} {
		if err := Exactly(c.variable).CheckValue(c.same); err != nil {
			t.Errorf("%v is not itself: %v", c.same, err)
		}
		if err := Exactly(c.variable).CheckValue(c.other); err == nil {
			t.Errorf("%v is taken for %v", c.other, c.same)
		}
	}
}
