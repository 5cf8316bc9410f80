package snapshot_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// eavesdropper notes what goes over the wire that must be found nowhere else.
type eavesdropper struct {
	simulator http.Handler
	mu        sync.Mutex
	secrets   map[string]string
}

var digestPart = regexp.MustCompile(`\b(nonce|cnonce|response)="([^"]+)"`)

func (e *eavesdropper) note(what, secret string) {
	if len(secret) < 8 {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.secrets[secret] = what
}

func (e *eavesdropper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	authorization := r.Header.Get("Authorization")
	e.note("an Authorization header", authorization)
	_, credentials, _ := strings.Cut(authorization, " ")
	e.note("credentials of an Authorization header", credentials)
	answer := httptest.NewRecorder()
	e.simulator.ServeHTTP(answer, r)
	for _, header := range []string{authorization, answer.Header().Get("Www-Authenticate")} {
		for _, part := range digestPart.FindAllStringSubmatch(header, -1) {
			e.note("a digest "+part[1], part[2])
		}
	}
	var granted struct {
		Token string `json:"access_token"`
	}
	if json.Unmarshal(answer.Body.Bytes(), &granted) == nil {
		e.note("an access token", granted.Token)
	}
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// TestAccSnapshot_secretsStaySecret lives a whole life of a snapshot, errors included, with everything logged that can be,
// and looks for secrets in all that is left: logs of Terraform and of the provider, output, state, backups and plans.
func TestAccSnapshot_secretsStaySecret(t *testing.T) {
	t.Parallel()
	for name, environment := range map[string]func(t *testing.T, a *acctest.Atlas) map[string]string{
		"API key": func(_ *testing.T, a *acctest.Atlas) map[string]string {
			return map[string]string{"MONGODB_ATLAS_PUBLIC_API_KEY": a.Fixture().PublicKey, "MONGODB_ATLAS_PRIVATE_API_KEY": a.Fixture().PrivateKey}
		},
		"service account": func(_ *testing.T, a *acctest.Atlas) map[string]string {
			return map[string]string{"MONGODB_ATLAS_CLIENT_ID": a.Fixture().ClientID, "MONGODB_ATLAS_CLIENT_SECRET": a.Fixture().ClientSecret}
		},
		"access token": func(t *testing.T, a *acctest.Atlas) map[string]string {
			t.Helper()
			return map[string]string{"MONGODB_ATLAS_ACCESS_TOKEN": token(t, &faultTest{Atlas: a})}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			a.Environment = environment(t, a)
			wire := &eavesdropper{secrets: map[string]string{}}
			for _, variable := range []string{"MONGODB_ATLAS_PRIVATE_API_KEY", "MONGODB_ATLAS_CLIENT_SECRET", "MONGODB_ATLAS_ACCESS_TOKEN"} {
				wire.note(variable, a.Environment[variable])
			}
			a.Intercept(t, func(simulator http.Handler) http.Handler {
				wire.simulator = simulator
				return wire
			})
			tf := a.TerraformWithProcesses(t, configuration(t))
			tf.SetEnvironment("TF_LOG=TRACE", "TF_LOG_PATH=terraform.log", "TF_LOG_PROVIDER=TRACE")
			said := live(t, a, tf)

			wire.mu.Lock()
			defer wire.mu.Unlock()
			if len(wire.secrets) < 2 {
				t.Fatalf("only %d secrets came over the wire", len(wire.secrets))
			}
			left := remains(t, tf.Directory())
			left["output"] = []byte(said)
			if log := left["terraform.log"]; !bytes.Contains(log, []byte("Atlas API request")) || !bytes.Contains(log, []byte("[TRACE]")) {
				t.Errorf("the log of %d bytes has nothing of the provider's", len(log))
			}
			for file, text := range left {
				for secret, what := range wire.secrets {
					if bytes.Contains(text, []byte(secret)) {
						t.Errorf("%s has %s", file, what)
					}
				}
			}
			t.Logf("%d secrets looked for in %d files", len(wire.secrets), len(left))
		})
	}
}

// live takes, changes, plans and destroys a snapshot, with errors in between, and returns all that Terraform says.
func live(t *testing.T, a *acctest.Atlas, tf *acctest.Terraform) string {
	t.Helper()
	said := ""
	run := func(exitCode int, arguments ...string) { said += tf.Do(exitCode, arguments...) }
	a.AddFault(at(thePost, atlassim.Fault{Status: 403}))
	run(1, acctest.Apply...)
	a.AddFault(at(everything, atlassim.Fault{Status: 401, Times: always}))
	run(1, acctest.Apply...)
	a.ClearFaults()
	a.AddFault(at(thePost, atlassim.Fault{Reset: atlassim.ResetAfter}))
	run(0, "plan", "-no-color", "-out=create.plan")
	run(0, "apply", "-no-color", "create.plan")
	run(0, retain30...)
	run(0, "show", "-json")
	run(0, "plan", "-no-color", "-destroy", "-out=destroy.plan")
	run(0, "show", "-json", "destroy.plan")
	run(0, "apply", "-no-color", "destroy.plan")
	return said
}

// remains are the files of a directory, and what is packed into them.
func remains(t *testing.T, directory string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name := entry.Name()
		files[name] = text
		archive, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
		if err != nil {
			// It is no plan.
			return nil
		}
		for _, member := range archive.File {
			packed, err := member.Open()
			if err != nil {
				return err
			}
			if files[name+"/"+member.Name], err = io.ReadAll(packed); err != nil {
				return err
			}
			_ = packed.Close()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
