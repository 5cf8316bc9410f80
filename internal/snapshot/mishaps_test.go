package snapshot_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// mishap is a row of the fault matrix, which is also a row of the guide "What happens when": what is in backquotes there is
// checked here. What Terraform is to show must be in its output, and what the user is to run is run.
type mishap struct {
	// what happens, in the words of the guide.
	what string
	// shows is what Terraform shows; the command fails where it says "Error".
	shows string
	// state is what the state has of the snapshot afterwards.
	state kept
	// exists is how many snapshots Atlas has afterwards.
	exists int
	// todo is what the user does then.
	todo string

	// command is apply unless it is set; files come on top of the usual configuration.
	command []string
	files   map[string]string
	// taken takes the snapshot before anything goes wrong, so that the command meets one.
	taken bool
	// mend is what the user does outside Terraform; it disarms every fault unless it is set.
	mend func(*testing.T, *scene)
	// ends is the plan that finds nothing left to do, where it is not that of the command.
	ends []string
	// gone says that the user ends without a snapshot: after a destroy.
	gone bool
	// cases are the ways in which it happens, each a run of its own.
	cases map[string]func(*testing.T, *scene)
	// by is the test that shows it, where the row has no cases.
	by func(*testing.T)
	// change changes the Atlas that the scene is set in.
	change func(*atlassim.Options)
	// strike runs the command in a way of its own.
	strike func(*testing.T, *scene) (output string, exitCode int)
}

// kept is what a state has.
type kept string

const (
	nothing   kept = "nothing"
	untainted kept = "the snapshot"
	tainted   kept = "the snapshot, tainted"
)

// scene is one run of a mishap.
type scene struct {
	*acctest.Atlas
	tf   *acctest.Terraform
	wire *wire
	// others are the snapshots that are not Terraform's.
	others map[string]bool
}

func TestAccSnapshot_whatHappensWhen(t *testing.T) {
	t.Parallel()
	for _, section := range whatHappensWhen {
		for _, row := range section.rows {
			for name, arm := range row.cases {
				t.Run(row.what+"/"+name, func(t *testing.T) {
					t.Parallel()
					row.play(t, arm)
				})
			}
		}
	}
}

func (m *mishap) play(t *testing.T, arm func(*testing.T, *scene)) {
	t.Helper()
	var options []func(*atlassim.Options)
	if m.change != nil {
		options = append(options, m.change)
	}
	s := &scene{Atlas: acctest.NewAtlas(t, options...), wire: &wire{next: atlas.NewTransport()}, others: map[string]bool{}}
	s.ClientOptions = append(s.ClientOptions, atlas.WithTransport(s.wire))
	files := configuration(t)
	for name, text := range m.files {
		files[name] = text
	}
	s.tf = s.InProcess(t, files)
	if m.taken {
		s.tf.Do(0, acctest.Apply...)
	}
	arm(t, s)

	output, exitCode := m.run(t, s)
	if fails := strings.Contains(m.shows, "Error"); fails != (exitCode == 1) {
		t.Fatalf("exit code %d:\n%s", exitCode, output)
	}
	mustSay(t, output, quoted(m.shows)...)
	if slices.Contains(m.command, "destroy") {
		output = withoutDestroyWarning(t, output)
	}
	if !strings.Contains(m.shows, "Warning") {
		mustNotSay(t, output, "Warning: ")
	}
	if now := s.inState(t, address); now != m.state {
		t.Errorf("the state has %s, expected %s", now, m.state)
	}
	if left := len(s.Existing()) - len(s.others); left != m.exists {
		t.Errorf("Atlas has %d snapshots that are not others', expected %d: %v", left, m.exists, s.Existing())
	}

	if m.mend != nil {
		m.mend(t, s)
	} else {
		s.ClearFaults()
	}
	m.follow(t, s)
}

// withoutDestroyWarning is the output of a destroy without the warning that comes before each that deletes a backup.
func withoutDestroyWarning(t *testing.T, output string) string {
	t.Helper()
	const warning = "Warning: Snapshot will be deleted"
	mustSay(t, output, warning)
	return strings.ReplaceAll(output, warning, "")
}

func (m *mishap) run(t *testing.T, s *scene) (string, int) {
	t.Helper()
	if m.strike != nil {
		return m.strike(t, s)
	}
	command := m.command
	if command == nil {
		command = acctest.Apply
	}
	return s.tf.Start(command...).Wait()
}

// follow does what the row tells the user to do, and checks that all is well then: one snapshot for each resource, completed
// and known, and nothing left to do.
func (m *mishap) follow(t *testing.T, s *scene) {
	t.Helper()
	for _, command := range quoted(m.todo) {
		switch {
		case command == "terraform apply":
			s.tf.Do(0, acctest.Apply...)
		case command == "terraform destroy":
			s.tf.Do(0, acctest.Destroy...)
		case command == "terraform untaint":
			s.tf.Do(0, "untaint", address)
		case command == "terraform import":
			left := s.Existing()[0]
			s.tf.Do(0, "import", "-no-color", address, s.Fixture().ProjectID+"/"+left.ClusterName+"/"+left.ID)
		case strings.HasPrefix(command, "terraform "):
			t.Fatalf("nobody knows how to run %q", command)
		}
	}
	if m.gone {
		if now := s.inState(t, address); now != nothing {
			t.Errorf("in the end the state has %s, expected nothing", now)
		}
	} else {
		s.tf.Do(0, m.lastPlan()...)
	}
	s.audit(t)
}

// lastPlan is what must have nothing left to do: with the variables of the command, because what the user asked for is
// asked for still.
func (m *mishap) lastPlan() []string {
	if m.ends != nil {
		return m.ends
	}
	plan := slices.Clone(acctest.Plan)
	if at := slices.Index(m.command, "-var"); at >= 0 {
		plan = append(plan, m.command[at:]...)
	}
	return plan
}

// audit compares what Atlas has with what the state has.
func (s *scene) audit(t *testing.T) {
	t.Helper()
	known := map[string]bool{}
	for id := range s.others {
		known[id] = true
	}
	for _, instance := range s.instances(t) {
		known[instance.Attributes.SnapshotID] = true
		if instance.Attributes.Status != "completed" {
			t.Errorf("in the end snapshot %s is %s", instance.Attributes.SnapshotID, instance.Attributes.Status)
		}
	}
	for _, existing := range s.Existing() {
		if !known[existing.ID] {
			t.Errorf("in the end Atlas has snapshot %s, of which the state knows nothing", existing.ID)
		}
		delete(known, existing.ID)
	}
	for id := range known {
		if !s.others[id] {
			t.Errorf("in the end the state has snapshot %s, which Atlas has not", id)
		}
	}
}

// instance is a resource's instance as Terraform writes it into its state file.
type instance struct {
	address    string
	Status     string `json:"status"`
	Attributes struct {
		SnapshotID string `json:"snapshot_id"`
		Status     string `json:"status"`
	} `json:"attributes"`
}

// instances reads the state file itself: a command more for each row would take its time.
func (s *scene) instances(t *testing.T) []instance {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.tf.Directory(), "terraform.tfstate"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	var state struct {
		Resources []struct {
			Type, Name string
			Instances  []instance
		}
	}
	if err := json.Unmarshal(text, &state); err != nil {
		t.Fatal(err)
	}
	var all []instance
	for _, resource := range state.Resources {
		for _, one := range resource.Instances {
			one.address = resource.Type + "." + resource.Name
			all = append(all, one)
		}
	}
	return all
}

func (s *scene) inState(t *testing.T, address string) kept {
	t.Helper()
	for _, one := range s.instances(t) {
		switch {
		case one.address == address && one.Status == "tainted":
			return tainted
		case one.address == address:
			return untainted
		}
	}
	return nothing
}

var backquoted = regexp.MustCompile("`([^`]+)`")

// quoted are the parts of text that stand in backquotes.
func quoted(text string) []string {
	var parts []string
	for _, match := range backquoted.FindAllStringSubmatch(text, -1) {
		parts = append(parts, match[1])
	}
	return parts
}

// wire is the way to Atlas. Where a timeout is armed, it carries a request there and gives up waiting for the answer.
type wire struct {
	next     http.RoundTripper
	mu       sync.Mutex
	method   string
	timeouts int
}

func (w *wire) timeOut(method string, times int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.method, w.timeouts = method, times
}

func (w *wire) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := w.next.RoundTrip(request)
	if err != nil || response.StatusCode == http.StatusUnauthorized {
		return response, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if request.Method != w.method || w.timeouts == 0 {
		return response, nil
	}
	w.timeouts--
	_ = response.Body.Close()
	return nil, os.ErrDeadlineExceeded
}

// while has f happen when the provider pauses for the n-th time from now on.
func (s *scene) while(n int, f func()) {
	slept := 0
	s.whenPausing(func(time.Duration) {
		if slept++; slept == n {
			f()
		}
	})
}
