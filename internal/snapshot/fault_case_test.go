package snapshot_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// faultCase is a row of the fault matrix, which is also a row of the guide "What happens when": what is in backquotes there is
// checked here. What Terraform is to show must be in its output, and what the user is to run is run.
type faultCase struct {
	// what happens, in the words of the guide.
	what string
	// shows is what Terraform shows; the command fails where it says "Error".
	shows string
	// state is what the state has of the snapshot afterwards.
	state stateOf
	// exists is how many snapshots Atlas has afterwards.
	exists int
	// todo is what the user does then.
	todo string

	// command is apply unless it is set; files come on top of the usual configuration.
	command []string
	files   map[string]string
	// taken takes the snapshot before anything goes wrong, so that the command meets one.
	taken bool
	// fix is what the user does outside Terraform; it disarms every fault unless it is set.
	fix func(*testing.T, *faultTest)
	// finalPlan is the plan that finds nothing left to do, where it is not that of the command.
	finalPlan []string
	// destroyed says that the user ends without a snapshot: after a destroy.
	destroyed bool
	// cases are the ways in which it happens, each a run of its own.
	cases map[string]func(*testing.T, *faultTest)
	// test is the test that shows it, where the row has no cases.
	test func(*testing.T)
	// options changes the simulator.
	options func(*atlassim.Options)
	// run runs the command in a way of its own.
	run func(*testing.T, *faultTest) (output string, exitCode int)
}

// stateOf is what a state has of the snapshot.
type stateOf string

const (
	nothing   stateOf = "nothing"
	untainted stateOf = "the snapshot"
	tainted   stateOf = "the snapshot, tainted"
)

// faultTest is one run of a [faultCase].
type faultTest struct {
	*acctest.Atlas
	tf        *acctest.Terraform
	transport *timeoutTransport
	// others are the snapshots that are not Terraform's.
	others map[string]bool
	// seen is what can be compared with another run of the same case.
	seen observation
}

// observation is what a run of a case has shown to its user and to Atlas.
type observation struct {
	// Summaries are those of all warnings and errors of the command, sorted.
	Summaries []string
	ExitCode  int
	// State and AtTheEnd are the attributes in the state, after the command and after all that the user did then.
	State, AtTheEnd string
	// Requests are what Atlas was sent, in order, with the answers.
	Requests []string
}

// TestAccSnapshot_whatHappensWhen plays every case in process.
func TestAccSnapshot_whatHappensWhen(t *testing.T) {
	t.Parallel()
	for _, section := range whatHappensWhen {
		for _, row := range section.rows {
			for name, inject := range row.cases {
				t.Run(row.what+"/"+name, func(t *testing.T) {
					t.Parallel()
					row.play(t, (*acctest.Atlas).InProcess, inject)
				})
			}
		}
	}
}

// TestAccSnapshot_whatHappensWhenInTerraform plays one case of each section with real Terraform and in process. Both must show the
// same, keep the same state and have the provider send the same requests.
func TestAccSnapshot_whatHappensWhenInTerraform(t *testing.T) {
	t.Parallel()
	for _, section := range whatHappensWhen {
		t.Run(section.title, func(t *testing.T) {
			t.Parallel()
			row, inject := section.find(t)
			want := row.play(t, onTerraform, inject)
			got := row.play(t, (*acctest.Atlas).InProcess, inject)
			if len(want.Summaries) == 0 || len(want.Requests) == 0 {
				t.Errorf("there is too little to compare: %+v", want)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("in process it is otherwise than in Terraform (-Terraform +in process):\n%s", diff)
			}
		})
	}
}

// find is the case of a section that real Terraform shows.
func (s *faultSection) find(t *testing.T) (*faultCase, func(*testing.T, *faultTest)) {
	t.Helper()
	what, name, _ := strings.Cut(s.inTerraform, "/")
	for i := range s.rows {
		if inject, ok := s.rows[i].cases[name]; ok && s.rows[i].what == what {
			return &s.rows[i], inject
		}
	}
	t.Fatalf("there is no case %q", s.inTerraform)
	return nil, nil
}

// play runs a case and all that the user does then, and returns what it has shown.
func (c *faultCase) play(t *testing.T, terraform func(*acctest.Atlas, *testing.T, map[string]string) *acctest.Terraform, inject func(*testing.T, *faultTest)) observation {
	t.Helper()
	var options []func(*atlassim.Options)
	if c.options != nil {
		options = append(options, c.options)
	}
	s := &faultTest{Atlas: acctest.NewAtlas(t, options...), transport: &timeoutTransport{next: atlas.NewTransport()}, others: map[string]bool{}}
	s.ClientOptions = append(s.ClientOptions, atlas.WithTransport(s.transport))
	files := configuration(t)
	maps.Copy(files, c.files)
	s.tf = terraform(s.Atlas, t, files)
	if c.taken {
		s.tf.Do(0, acctest.Apply...)
	}
	inject(t, s)

	output, exitCode := c.runCommand(t, s)
	s.seen.ExitCode, s.seen.Summaries, s.seen.State = exitCode, summaries(output), s.attributes(t)
	if fails := strings.Contains(c.shows, "Error"); fails != (exitCode == 1) {
		t.Fatalf("exit code %d:\n%s", exitCode, output)
	}
	mustSay(t, output, quoted(c.shows)...)
	if slices.Contains(c.command, "destroy") {
		output = withoutDestroyWarning(t, output)
	}
	if !strings.Contains(c.shows, "Warning") {
		mustNotSay(t, output, "Warning: ")
	}
	if now := s.inState(); now != c.state {
		t.Errorf("the state has %s, expected %s", now, c.state)
	}
	if left := len(s.Existing()) - len(s.others); left != c.exists {
		t.Errorf("Atlas has %d snapshots that are not others', expected %d: %v", left, c.exists, s.Existing())
	}

	if c.fix != nil {
		c.fix(t, s)
	} else {
		s.ClearFaults()
	}
	c.followUp(t, s)
	for _, request := range s.Requests() {
		s.seen.Requests = append(s.seen.Requests, strings.Join([]string{request.Method, request.Path, request.Query, request.Auth, http.StatusText(request.Status)}, " "))
	}
	s.seen.AtTheEnd = s.attributes(t)
	return s.seen
}

// summary is how Terraform begins a warning or an error, up to the first word of what follows the summary.
var summary = regexp.MustCompile(`(?:Warning|Error): [A-Z][^:]*?(?:  |:)`)

func summaries(output string) []string {
	all := summary.FindAllString(output, -1)
	slices.Sort(all)
	return all
}

// withoutDestroyWarning is the output of a destroy without the warning that comes before each that deletes a backup.
func withoutDestroyWarning(t *testing.T, output string) string {
	t.Helper()
	const warning = "Warning: Snapshot will be deleted"
	mustSay(t, output, warning)
	return strings.ReplaceAll(output, warning, "")
}

func (c *faultCase) runCommand(t *testing.T, s *faultTest) (string, int) {
	t.Helper()
	if c.run != nil {
		return c.run(t, s)
	}
	command := c.command
	if command == nil {
		command = acctest.Apply
	}
	return s.tf.Start(command...).Wait()
}

// followUp does what the row tells the user to do, and checks that all is well then: one snapshot for each resource, completed
// and known, and nothing left to do.
func (c *faultCase) followUp(t *testing.T, s *faultTest) {
	t.Helper()
	for _, command := range quoted(c.todo) {
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
	if c.destroyed {
		if now := s.inState(); now != nothing {
			t.Errorf("in the end the state has %s, expected nothing", now)
		}
	} else {
		s.tf.Do(0, c.lastPlan()...)
	}
	s.audit(t)
}

// lastPlan is what must have nothing left to do: with the variables of the command, because what the user asked for is
// asked for still.
func (c *faultCase) lastPlan() []string {
	if c.finalPlan != nil {
		return c.finalPlan
	}
	plan := slices.Clone(acctest.Plan)
	if at := slices.Index(c.command, "-var"); at >= 0 {
		plan = append(plan, c.command[at:]...)
	}
	return plan
}

// audit compares what Atlas has with what the state has.
func (s *faultTest) audit(t *testing.T) {
	t.Helper()
	known := maps.Clone(s.others)
	for _, resource := range s.tf.Resources() {
		id, _ := resource.Values["snapshot_id"].(string)
		known[id] = true
		if status := resource.Values["status"]; status != "completed" {
			t.Errorf("in the end snapshot %s is %s", id, status)
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

func (s *faultTest) inState() stateOf {
	switch resource := s.tf.State(address); {
	case resource == nil:
		return nothing
	case resource.Tainted:
		return tainted
	}
	return untainted
}

// attributes are all that the state has, as text.
func (s *faultTest) attributes(t *testing.T) string {
	t.Helper()
	text, err := json.MarshalIndent(s.tf.Resources(), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
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

// onTerraform has real Terraform run the commands.
func onTerraform(a *acctest.Atlas, t *testing.T, files map[string]string) *acctest.Terraform {
	t.Helper()
	return a.Terraform(t, files)
}
