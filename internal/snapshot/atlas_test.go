package snapshot_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// count is how many requests with this method Atlas has been sent, challenges aside.
func count(a *acctest.Atlas, method string) int {
	n := 0
	for _, request := range a.Requests() {
		if request.Method == method && request.Auth != "none" {
			n++
		}
	}
	return n
}

func addCluster(t *testing.T, a *acctest.Atlas, name string) {
	t.Helper()
	if err := a.AddCluster(atlassim.ClusterSpec{Name: name}); err != nil {
		t.Fatal(err)
	}
}

func failNext(a *acctest.Atlas) { a.NextSnapshot(atlassim.Plan{Fail: true}) }

// client is somebody else who works on the same Atlas.
func client(t testing.TB, a *acctest.Atlas) *atlas.Client {
	t.Helper()
	base, err := url.Parse(a.Fixture().BaseURL)
	if err != nil {
		t.Fatal(err)
	}
	return atlas.New(base, atlas.Digest(a.Fixture().PublicKey, a.Fixture().PrivateKey), atlas.WithClock(a.Clock))
}

func deleteEverything(t *testing.T, a *acctest.Atlas) {
	t.Helper()
	on := client(t, a)
	for _, s := range a.Existing() {
		if err := on.DeleteSnapshot(t.Context(), a.Fixture().ProjectID, s.ClusterName, s.ID); err != nil {
			t.Fatal(err)
		}
	}
}

func mustNotSay(t *testing.T, output string, sentences ...string) {
	t.Helper()
	for _, sentence := range sentences {
		if strings.Contains(output, sentence) {
			t.Errorf("Terraform says %q:\n%s", sentence, output)
		}
	}
}

// onlyOne says whether Atlas has exactly the one snapshot that the state has.
func onlyOne(a *acctest.Atlas) error {
	if existing := a.Existing(); len(existing) != 1 {
		return fmt.Errorf("Atlas has %d snapshots, expected 1: %v", len(existing), existing)
	}
	return nil
}
