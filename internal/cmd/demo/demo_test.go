package main

import (
	"errors"
	"strings"
	"testing"
)

func TestLiveAtlas_namesWhatIsMissing(t *testing.T) {
	names := map[string]string{"ATLASBACKUP_PROJECT_ID": "p", "ATLASBACKUP_CLUSTER_NAME": "c"}
	tests := map[string]struct {
		environment map[string]string
		missing     []string // what the error has to say; nothing where there is none
	}{
		"nothing set": {
			missing: []string{"ATLASBACKUP_PROJECT_ID", "ATLASBACKUP_CLUSTER_NAME", "credentials, either", "MONGODB_ATLAS_ACCESS_TOKEN or\n", "MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET or\n"},
		},
		"token":               {environment: map[string]string{"MONGODB_ATLAS_ACCESS_TOKEN": "t"}},
		"service account":     {environment: map[string]string{"MONGODB_ATLAS_CLIENT_ID": "i", "MONGODB_ATLAS_CLIENT_SECRET": "s"}},
		"keys, two namings":   {environment: map[string]string{"MONGODB_ATLAS_PUBLIC_KEY": "p", "MCLI_PRIVATE_API_KEY": "s"}},
		"half of the account": {environment: map[string]string{"MONGODB_ATLAS_CLIENT_ID": "i"}, missing: []string{"MONGODB_ATLAS_CLIENT_SECRET, the other half"}},
		"half of the keys": {
			environment: map[string]string{"MONGODB_ATLAS_PRIVATE_API_KEY": "s"},
			missing:     []string{"MONGODB_ATLAS_PUBLIC_API_KEY or MONGODB_ATLAS_PUBLIC_KEY or MCLI_PUBLIC_API_KEY, the other half"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := liveAtlas(func(variable string) string {
				if test.environment == nil {
					return ""
				}
				return names[variable] + test.environment[variable]
			})
			if (err != nil) != (len(test.missing) > 0) {
				t.Fatalf("error %v, want one that names %q", err, test.missing)
			}
			for _, text := range test.missing {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("%q is missing in: %v", text, err)
				}
			}
		})
	}
}

func TestConfirm_onlyYesGoesOn(t *testing.T) {
	for answer, want := range map[string]error{"yes\n": nil, "yes": nil, "": errDeclined, "y\n": errDeclined, "no\n": errDeclined} {
		if err := confirm(strings.NewReader(answer)); !errors.Is(err, want) {
			t.Errorf("answer %q: error %v, want %v", answer, err, want)
		}
	}
}

func TestRequestKind(t *testing.T) {
	const cluster = "/api/atlas/v2/groups/p/clusters/c"
	for want, r := range map[string]request{
		"digest challenge": {"POST", cluster + "/backup/snapshots", 401},
		"take":             {"POST", cluster + "/backup/snapshots", 200},
		"read":             {"GET", cluster + "/backup/snapshots/s", 200},
		"list":             {"GET", cluster + "/backup/snapshots", 200},
		"change retention": {"PATCH", cluster + "/backup/snapshots/s", 200},
		"delete":           {"DELETE", cluster + "/backup/snapshots/s", 204},
		"restore":          {"POST", cluster + "/backup/restoreJobs", 200},
		"restore status":   {"GET", cluster + "/backup/restoreJobs/j", 200},
		"cluster":          {"GET", cluster, 200},
		"refused":          {"GET", cluster, 404},
		"other":            {"POST", "/api/oauth/token", 200},
	} {
		if got := r.kind(); got != want {
			t.Errorf("%s %s %d is %q, want %q", r.Method, r.Path, r.Status, got, want)
		}
	}
}
