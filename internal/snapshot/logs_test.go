package snapshot_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
)

// TestAccSnapshot_logs has the provider process write what it logs into a file instead of Terraform's pipe: nothing of its own,
// of the SDK's or of the framework's unless one of Terraform's variables asks for it, and then what every provider logs.
func TestAccSnapshot_logs(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the file is a shell script's doing")
	}
	for name, c := range map[string]struct {
		environment string
		logged      []string
	}{
		"nobody asks":     {"", nil},
		"TF_LOG":          {"TF_LOG=DEBUG", []string{"Atlas API request", `"@module":"sdk.proto"`, `"@module":"sdk.framework"`}},
		"TF_LOG_PROVIDER": {"TF_LOG_PROVIDER=DEBUG", []string{"Atlas API request"}},
		"TF_LOG_SDK":      {"TF_LOG_SDK=TRACE", []string{`"@module":"sdk.proto"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			tf := a.TerraformWithProcesses(t, configuration(t))
			log := filepath.Join(t.TempDir(), "stderr")
			tf.WrapProvider(t, func(program string) string {
				return fmt.Sprintf("#!/bin/sh\nexec %q 2>>%q\n", program, log)
			})
			if c.environment != "" {
				tf.SetEnvironment(c.environment, "TF_LOG_PATH="+filepath.Join(t.TempDir(), "terraform"))
			}
			tf.Do(0, acctest.Apply...)
			written, err := os.ReadFile(log)
			if err != nil {
				t.Fatal(err)
			}
			// The plugin library says twice a process where it listens.
			if len(c.logged) == 0 && strings.Contains(string(written), `"@module"`) {
				t.Errorf("the provider logs although nobody asks for it:\n%s", written)
			}
			for _, text := range c.logged {
				if !strings.Contains(string(written), text) {
					t.Errorf("the provider does not log %s:\n%s", text, written)
				}
			}
		})
	}
}
