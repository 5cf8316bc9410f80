package acctest

import (
	"maps"
	"strings"
	"testing"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/provider"
)

func environmentOf(variables map[string]string) func(string) string {
	return func(name string) string { return variables[name] }
}

func TestModes(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]Mode{"": Replay, "replay": Replay, "sim": Sim, "record": Record, "live": Live} {
		if got, err := modeOf(environmentOf(map[string]string{ModeVariable: word})); got != want || err != nil {
			t.Errorf("%q is mode %q (%v), expected %q", word, got, err, want)
		}
	}
	for _, word := range []string{"LIVE", "1", "replay ", "recorded"} {
		if got, err := modeOf(environmentOf(map[string]string{ModeVariable: word})); err == nil {
			t.Errorf("%q is taken for mode %q", word, got)
		}
	}
	// No other variable, not even that of other providers' tests or credentials, leads to Atlas.
	everything := map[string]string{"TF_ACC": "1", projectVariable: "a", clusterVariable: "b", "ATLASBACKUP_LIVE": "1", "RECORD": "1"}
	for _, k := range provider.CredentialKinds() {
		for _, a := range k.Arguments {
			for _, name := range a.Variables {
				everything[name] = "x"
			}
		}
	}
	if mode, err := modeOf(environmentOf(everything)); mode != Replay || err != nil || usesAtlas(mode, environmentOf(everything)) {
		t.Errorf("with every variable but its own the mode is %q (%v), expected replay", mode, err)
	}
}

// TestCheckEnvironment takes away, one by one, what a real Atlas needs.
func TestCheckEnvironment(t *testing.T) {
	t.Parallel()
	whole := map[string]string{
		ModeVariable: "live", projectVariable: "64e000000000000000000aaa", clusterVariable: "Cluster0",
		"MONGODB_ATLAS_CLIENT_ID": "id", "MONGODB_ATLAS_CLIENT_SECRET": "secret",
	}
	if err := checkEnvironment(environmentOf(whole)); err != nil {
		t.Errorf("nothing is missing: %v", err)
	}
	for name, said := range map[string]string{
		projectVariable: projectVariable, clusterVariable: clusterVariable,
		"MONGODB_ATLAS_CLIENT_ID": "credentials: MONGODB_ATLAS_ACCESS_TOKEN, or MONGODB_ATLAS_CLIENT_ID and", "MONGODB_ATLAS_CLIENT_SECRET": "MONGODB_ATLAS_CLIENT_SECRET",
	} {
		rest := maps.Clone(whole)
		delete(rest, name)
		for _, mode := range []string{"live", "record"} {
			rest[ModeVariable] = mode
			err := checkEnvironment(environmentOf(rest))
			if err == nil || !strings.Contains(err.Error(), said) || strings.Count(err.Error(), "\n  - ") != 1 {
				t.Errorf("%s without %s: %v, expected it to be named and nothing else", mode, name, err)
			}
		}
	}
	err := checkEnvironment(environmentOf(map[string]string{ModeVariable: "live"}))
	if err == nil || strings.Count(err.Error(), "\n  - ") != 3 {
		t.Errorf("live without anything: %v, expected three things to be named", err)
	}
	for _, mode := range []string{"", "replay", "sim", "record"} {
		if err := checkEnvironment(environmentOf(map[string]string{ModeVariable: mode})); err != nil {
			t.Errorf("mode %q needs nothing: %v", mode, err)
		}
	}
}
