package acctest

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/provider"
)

// helperVariable is the environment variable that has this test binary be a helper process: a run of its own, of one test in a
// directory of its own, whose failure is expected.
const helperVariable = "ATLASBACKUP_TEST_HELPER"

// runHelper runs the test binary as a helper process, and returns what it prints and whether it failed.
func runHelper(t *testing.T, directory, part string, environment ...string) (string, bool) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), self, "-test.run=^TestHelperProcess$", "-test.v")
	command.Dir = directory
	command.Env = append(withoutAtlas(os.Environ()), append(environment, helperVariable+"="+part)...)
	output, err := command.CombinedOutput()
	return string(output), err != nil
}

func withoutAtlas(environment []string) []string {
	var rest []string
	for _, entry := range environment {
		if !strings.HasPrefix(entry, "ATLASBACKUP_") && !strings.HasPrefix(entry, "MONGODB_ATLAS_") && !strings.HasPrefix(entry, "MCLI_") {
			rest = append(rest, entry)
		}
	}
	return rest
}

// TestHelperProcess is what runHelper runs: one scenario that lists snapshots and reads one that does not exist.
func TestHelperProcess(t *testing.T) {
	part := os.Getenv(helperVariable)
	if part == "" {
		// Other tests start it in a helper process.
		return
	}
	if part == "leaves this machine" {
		if response, err := http.Get("http://cloud.mongodb.com/"); err == nil {
			_ = response.Body.Close()
		}
		return
	}
	s := NewScenario(t)
	client := s.Client()
	ctx := context.Background()
	for _, err := range client.ListSnapshots(ctx, s.ProjectID, s.ClusterName) {
		if err != nil {
			t.Fatal(err)
		}
	}
	if part == "asks for less" {
		return
	}
	if _, err := client.GetSnapshot(ctx, s.ProjectID, s.ClusterName, "64e000000000000000000bad"); !atlas.IsNotFound(err) {
		t.Error(err)
	}
	switch part {
	case "asks for more":
		_, err := client.GetSnapshot(ctx, s.ProjectID, s.ClusterName, "64e000000000000000000bad")
		t.Log(err)
	case "asks for something else":
		_, err := client.GetFlexSnapshot(ctx, s.ProjectID, s.FlexClusterName, "64e000000000000000000bad")
		t.Log(err)
	case "fails":
		t.Error("on purpose")
	}
}

// TestScenario_strict runs one scenario in the ways that must fail, and in those that must not.
func TestScenario_strict(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	file := filepath.Join(home, cassetteFile("TestHelperProcess"))
	try := func(part string, fails bool, said string, environment ...string) {
		t.Helper()
		output, failed := runHelper(t, home, part, environment...)
		if failed != fails || !strings.Contains(output, said) {
			t.Errorf("%s %v: failed is %t, expected %t, with %q in\n%s", part, environment, failed, fails, said, output)
		}
	}
	try("as recorded", true, "TestHelperProcess.yaml does not exist: record it with make record")
	try("fails", true, "on purpose", "ATLASBACKUP_ACC=record")
	if _, err := os.Stat(file); err == nil {
		t.Error("a failed test has left a cassette")
	}
	try("as recorded", false, "PASS", "ATLASBACKUP_ACC=sim")
	try("as recorded", false, "PASS", "ATLASBACKUP_ACC=record")
	made, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, said := range []string{"from: atlassim", `api_versions: ["2023-01-01"]`, "Cluster0/backup/snapshots"} {
		if !strings.Contains(string(made), said) {
			t.Errorf("the cassette does not say %s:\n%s", said, made)
		}
	}
	try("as recorded", false, "PASS")
	try("as recorded", false, "PASS", "ATLASBACKUP_ACC=replay")
	try("asks for less", true, "1 recorded answers were never asked for: interaction 1, GET")
	try("asks for more", true, "nothing is recorded (any more) for GET https://cloud.mongodb.com/api/atlas/v2/groups/64e000000000000000000aaa/clusters/Cluster0/")
	try("asks for something else", true, "nothing is recorded (any more) for GET https://cloud.mongodb.com/api/atlas/v2/groups/64e000000000000000000aaa/flexClusters/")
	try("as recorded", true, `ATLASBACKUP_ACC is "life"`, "ATLASBACKUP_ACC=life")
	try("as recorded", true, "ATLASBACKUP_CLUSTER_NAME: a replica set", "ATLASBACKUP_ACC=live")
	try("as recorded", true, "ATLASBACKUP_PROJECT_ID: the project", "ATLASBACKUP_ACC=record", "MONGODB_ATLAS_ACCESS_TOKEN=x")

	// A second recording of the same changes nothing at all.
	try("as recorded", false, "PASS", "ATLASBACKUP_ACC=record")
	if again, err := os.ReadFile(file); err != nil || string(again) != string(made) {
		t.Errorf("recorded again, the cassette is another (%v):\n%s", err, again)
	}
}

// TestNetworkGuard has nobody reach anything but this machine.
func TestNetworkGuard(t *testing.T) {
	for _, address := range []string{"192.0.2.1:443", "cloud.mongodb.com:443", "[2001:db8::1]:443"} {
		if connection, err := dialLoopback(t.Context(), "tcp", address); err == nil {
			t.Errorf("%s was reached", address)
			_ = connection.Close()
		}
	}
	a := NewAtlas(t)
	if response, err := http.Get(a.Fixture().BaseURL + "/_sim/requests"); err != nil {
		t.Errorf("this machine was not reached: %v", err)
	} else {
		_ = response.Body.Close()
	}
	// Whoever tries, in this process or in a child of it, has the run fail although its tests pass.
	output, failed := runHelper(t, t.TempDir(), "leaves this machine")
	if !failed || !strings.Contains(output, "connections beyond this machine were refused") || strings.Contains(output, "--- FAIL") {
		t.Errorf("a test that leaves this machine has not failed the run, or another one has:\n%s", output)
	}
}

// TestReplay_keepsTime refuses answers that come in another order than they were recorded in.
func TestReplay_keepsTime(t *testing.T) {
	t.Parallel()
	url := maskedBaseURL + "/api/atlas/v2/groups/64e000000000000000000aaa/clusters/Cluster0/backup/snapshots/64e000000000000000000bad"
	answer := func(id int, date string) *interaction {
		return &interaction{
			ID: id, Request: request{Method: http.MethodGet, URL: url, Headers: http.Header{"Accept": {"application/vnd.atlas.2023-01-01+json"}}},
			Response: response{Code: http.StatusNotFound, Headers: http.Header{"Date": {date}}, Body: `{"error":404,"errorCode":"SNAPSHOT_NOT_FOUND"}`},
		}
	}
	const noon, later = "Mon, 30 Mar 2026 12:00:00 GMT", "Mon, 30 Mar 2026 12:03:00 GMT"
	for name, c := range map[string]struct {
		from  string
		dates []string
		wrong int
	}{
		"in order":                               {fromAtlas, []string{noon, later}, 0},
		"out of order":                           {fromAtlas, []string{later, noon}, 1},
		"without time":                           {fromAtlas, []string{noon, ""}, 1},
		"at once":                                {fromSimulator, []string{noon, noon}, 0},
		"without the wait that was between them": {fromSimulator, []string{noon, later}, 1},
	} {
		replayed, err := newReplayTransport(&cassette{
			Recorded: origin{From: c.from}, Interactions: []*interaction{answer(0, c.dates[0]), answer(1, c.dates[1])},
		})
		if err != nil {
			t.Fatal(err)
		}
		client, err := provider.ClientFromEnvironment(replayEnvironment, replayed.clock, atlas.WithRecorder(replayed.wrap))
		if err != nil {
			t.Fatal(err)
		}
		for range c.dates {
			_, _ = client.GetSnapshot(t.Context(), maskedNames.ProjectID, "Cluster0", "64e000000000000000000bad")
		}
		if wrong := replayed.finish(); len(wrong) != c.wrong {
			t.Errorf("%s: %v, expected %d complaints", name, wrong, c.wrong)
		}
	}
}
