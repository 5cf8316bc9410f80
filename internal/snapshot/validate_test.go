package snapshot_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
)

// mustBlame expects one error, at an argument, that says a sentence; no sentence is no error.
func mustBlame(t *testing.T, diagnostics []*tfprotov6.Diagnostic, argument *tftypes.AttributePath, sentence string) {
	t.Helper()
	all := strings.Join(said(diagnostics), "\n")
	switch {
	case sentence == "":
		if all != "" {
			t.Errorf("%s: the diagnostics are %q, expected none", argument, all)
		}
	case len(diagnostics) != 1 || !strings.Contains(all, sentence):
		t.Errorf("%s: the diagnostics are %q, expected one that says %q", argument, all, sentence)
	case !argument.Equal(diagnostics[0].Attribute):
		t.Errorf("%s: the error is at %s", argument, diagnostics[0].Attribute)
	}
	if strings.Contains(all, "error in the provider") {
		t.Errorf("%s: the user's mistake is called the provider's: %q", argument, all)
	}
}

func TestResource_validates(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	s := protocol(t.Context(), t, a)
	validate := func(arguments map[string]any) []*tfprotov6.Diagnostic {
		all := map[string]any{"project_id": a.Fixture().ProjectID, "cluster_name": a.Fixture().ClusterName, "retention_in_days": 7}
		for name, value := range arguments {
			all[name] = value
		}
		validated, err := s.ValidateResourceConfig(s.ctx, &tfprotov6.ValidateResourceConfigRequest{TypeName: resourceType, Config: s.object(s.kind, all)})
		if err != nil {
			t.Fatal(err)
		}
		return validated.Diagnostics
	}
	retention := tftypes.NewAttributePath().WithAttributeName("retention_in_days")
	for _, c := range []struct {
		days any
		said string
	}{
		{1.5, "retention_in_days must be a whole number, got: 1.5."},
		{-0.5, "retention_in_days must be a whole number, got: -0.5."},
		{36500.25, "retention_in_days must be a whole number, got: 36500.25."},
		{1e30, "retention_in_days must be a number of at most 18 digits, got: 1e+30."},
		{0, "must be between 1 and 36500, got: 0"},
		{7.0, ""},
		{tftypes.UnknownValue, ""},
	} {
		mustBlame(t, validate(map[string]any{"retention_in_days": c.days}), retention, c.said)
	}

	timeouts, ok := s.attributes(s.kind, s.object(s.kind, nil))["timeouts"].Type().(tftypes.Object)
	if !ok || len(timeouts.AttributeTypes) != 3 {
		t.Fatalf("timeouts is %v, expected an object of three", timeouts)
	}
	for name := range timeouts.AttributeTypes {
		at := tftypes.NewAttributePath().WithAttributeName("timeouts").WithAttributeName(name)
		for value, good := range map[any]bool{"90m": true, tftypes.UnknownValue: true, "0s": false, "0": false, "-90m": false, "90": false, "soon": false, "": false} {
			block := map[string]tftypes.Value{}
			for other := range timeouts.AttributeTypes {
				block[other] = tftypes.NewValue(tftypes.String, nil)
			}
			block[name] = tftypes.NewValue(tftypes.String, value)
			sentence := "timeouts." + name + " must be a duration longer than zero, with units, such as \"45s\", \"90m\" or \"1h30m\", got: "
			if good {
				sentence = ""
			}
			mustBlame(t, validate(map[string]any{"timeouts": block}), at, sentence)
		}
	}
	if requests := a.Requests(); len(requests) > 0 {
		t.Errorf("validation sent %v", requests)
	}
}
