package acctest

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/provider"
)

// Mode is what the scenarios run against. The environment variable ATLASBACKUP_ACC chooses it, and nothing else does.
type Mode string

// The modes. Tests that control Atlas (faults, a clock that is moved) run on the simulator in all of them but the last two,
// where they are skipped.
const (
	// Replay is the default: committed cassettes. A missing one fails.
	Replay Mode = "replay"
	// Sim is a simulator in this process.
	Sim Mode = "sim"
	// Record writes cassettes: from Atlas where the environment has credentials, from a simulator otherwise.
	Record Mode = "record"
	// Live is a real Atlas. Snapshots cost money.
	Live Mode = "live"
)

// ModeVariable is the environment variable that chooses the mode.
const ModeVariable = "ATLASBACKUP_ACC"

// modeOf returns the mode that the environment chooses.
func modeOf(getenv func(string) string) (Mode, error) {
	mode := Mode(getenv(ModeVariable))
	switch mode {
	case "":
		return Replay, nil
	case Replay, Sim, Record, Live:
		return mode, nil
	}
	return "", fmt.Errorf("%s is %q: it must be replay (the default), sim, record or live", ModeVariable, string(mode))
}

// CurrentMode returns the mode of this test binary. [Main] refuses to start in an unknown one.
func CurrentMode() Mode {
	mode, err := modeOf(os.Getenv)
	if err != nil {
		panic(err)
	}
	return mode
}

// hasCredentials reports whether the environment has any credential of Atlas, even a part of one.
func hasCredentials(getenv func(string) string) bool {
	return slices.ContainsFunc(provider.CredentialKinds(), func(k provider.CredentialKind) bool {
		return slices.ContainsFunc(k.Arguments, func(a provider.CredentialArgument) bool { return a.IsSet(getenv) })
	})
}

// usesAtlas reports whether scenarios send requests to a real Atlas.
func usesAtlas(mode Mode, getenv func(string) string) bool {
	return mode == Live || mode == Record && hasCredentials(getenv)
}

// The environment variables with the names that a real Atlas has.
const (
	projectVariable    = "ATLASBACKUP_PROJECT_ID"
	clusterVariable    = "ATLASBACKUP_CLUSTER_NAME"
	shardedVariable    = "ATLASBACKUP_SHARDED_CLUSTER_NAME"
	flexVariable       = "ATLASBACKUP_FLEX_CLUSTER_NAME"
	restoreVariable    = "ATLASBACKUP_RESTORE_CLUSTER_NAME"
	serverlessVariable = "ATLASBACKUP_SERVERLESS_INSTANCE_NAME"
)

// missingVariables returns what a run against a real Atlas cannot do without and does not have.
func missingVariables(getenv func(string) string) []string {
	var missing []string
	if !slices.ContainsFunc(provider.CredentialKinds(), func(k provider.CredentialKind) bool {
		return !slices.ContainsFunc(k.Arguments, func(a provider.CredentialArgument) bool { return !a.IsSet(getenv) })
	}) {
		missing = append(missing, "credentials: "+provider.CredentialVariables(", or "))
	}
	for name, what := range map[string]string{
		projectVariable: "the project, 24 hexadecimal digits", clusterVariable: "a replica set of size M10 or larger with Cloud Backup",
	} {
		if getenv(name) == "" {
			missing = append(missing, name+": "+what)
		}
	}
	slices.Sort(missing)
	return missing
}

// checkEnvironment returns an error that names what the mode needs and the environment lacks.
func checkEnvironment(getenv func(string) string) error {
	mode, err := modeOf(getenv)
	if err != nil || !usesAtlas(mode, getenv) {
		return err
	}
	if missing := missingVariables(getenv); len(missing) > 0 {
		return fmt.Errorf("%s=%s uses a real Atlas and needs, in the environment:\n  - %s",
			ModeVariable, mode, strings.Join(missing, "\n  - "))
	}
	return nil
}
