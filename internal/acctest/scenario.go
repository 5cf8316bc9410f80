package acctest

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/provider"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait/waittest"
)

// Scenario is a test with one body for every [Mode]: it asks nothing of Atlas but what the API has. A test that needs more
// runs on [NewAtlas].
type Scenario struct {
	Names

	t           testing.TB
	mode        Mode
	file        string
	clock       wait.Clock
	environment func(string) string
	options     []atlas.Option
	clients     *provider.Clients
	wrap        func(http.RoundTripper) http.RoundTripper
	answers     answers

	mu   sync.Mutex
	sent []string
}

// Need is something that not every Atlas has.
type Need func(*needs)

type needs struct {
	live      []string
	simulator []func(*atlassim.Options)
}

// The clusters beyond a replica set that a scenario may need. Where a real Atlas has none, the scenario is skipped.
var (
	Sharded Need = func(n *needs) { n.live = append(n.live, shardedVariable) }
	Flex    Need = func(n *needs) { n.live = append(n.live, flexVariable) }
	// RestoreTarget is a replica set that is erased.
	RestoreTarget Need = func(n *needs) { n.live = append(n.live, restoreVariable) }
	Serverless    Need = func(n *needs) { n.live = append(n.live, serverlessVariable) }
)

// Simulated has the scenario recorded from a simulator of this kind, always: no real Atlas is like it (any more).
func Simulated(change func(*atlassim.Options)) Need {
	return func(n *needs) { n.simulator = append(n.simulator, change) }
}

// NewScenario sets the scenario of a test up, in the current mode. Tests on a real Atlas run one after the other, since they
// share its clusters; all others run in parallel.
func NewScenario(t *testing.T, wanted ...Need) *Scenario {
	t.Helper()
	var n needs
	for _, want := range wanted {
		want(&n)
	}
	s := &Scenario{t: t, mode: CurrentMode(), file: cassetteFile(t.Name()), clients: &provider.Clients{}}
	onAtlas := usesAtlas(s.mode, os.Getenv)
	switch {
	case s.mode == Live && len(n.simulator) > 0:
		t.Skip("no real Atlas is like this")
	case onAtlas && len(n.simulator) == 0:
		for _, variable := range n.live {
			if os.Getenv(variable) == "" {
				t.Skipf("%s names no cluster to test on", variable)
			}
		}
		s.useAtlas()
	case s.mode == Replay:
		t.Parallel()
		s.replay()
	default:
		t.Parallel()
		s.simulate(n.simulator)
	}
	t.Cleanup(func() { s.clients.Close(context.Background()) })
	return s
}

func (s *Scenario) useAtlas() {
	s.Names, s.clock, s.environment = liveNames(os.Getenv), wait.System(), os.Getenv
	if s.mode == Record {
		base := os.Getenv("MONGODB_ATLAS_BASE_URL")
		if base == "" {
			base = os.Getenv("MCLI_OPS_MANAGER_URL")
		}
		s.record(fromAtlas, strings.TrimRight(base, "/"))
	}
}

func (s *Scenario) simulate(changes []func(*atlassim.Options)) {
	clock := waittest.NewClock(Start)
	options := atlassim.Options{Now: clock.Now, Seed: 1}
	for _, change := range changes {
		change(&options)
	}
	simulator := atlassim.New(options)
	server := httptest.NewServer(simulator)
	closeWithTest(s.t, server)
	simulator.SetBaseURL(server.URL)
	fixture := simulator.Fixture()
	environment := map[string]string{
		"MONGODB_ATLAS_BASE_URL":        server.URL,
		"MONGODB_ATLAS_PUBLIC_API_KEY":  fixture.PublicKey,
		"MONGODB_ATLAS_PRIVATE_API_KEY": fixture.PrivateKey,
	}
	s.Names, s.clock = simulatedNames(fixture), clock
	s.environment = func(name string) string { return environment[name] }
	s.options = hermeticOptions()
	if s.mode == Record {
		s.record(fromSimulator, server.URL)
	}
}

// hermeticOptions returns the options of a client that reaches nothing beyond this machine and has no random pauses.
func hermeticOptions() []atlas.Option {
	return []atlas.Option{atlas.WithTransport(loopbackTransport()), atlas.WithJitter(func() float64 { return 0 })}
}

func (s *Scenario) replay() {
	s.t.Helper()
	recorded, err := readCassette(s.file)
	if errors.Is(err, os.ErrNotExist) {
		s.t.Fatalf("%s does not exist: record it with make record", s.file)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	replayed, err := newReplayTransport(recorded)
	if err != nil {
		s.t.Fatalf("%s: %v", s.file, err)
	}
	s.Names, s.clock = maskedNames, replayed.clock
	// The credentials are never used: a recording has no use for them.
	s.environment = replayEnvironment
	s.options, s.wrap = hermeticOptions(), replayed.wrap
	s.t.Cleanup(func() {
		for _, problem := range replayed.finish() {
			s.t.Errorf("%s: %s", s.file, problem)
		}
	})
}

func replayEnvironment(name string) string {
	return map[string]string{
		"MONGODB_ATLAS_BASE_URL": maskedBaseURL, "MONGODB_ATLAS_PUBLIC_API_KEY": "public", "MONGODB_ATLAS_PRIVATE_API_KEY": "private",
	}[name]
}

func (s *Scenario) record(from, baseURL string) {
	s.t.Helper()
	r := &recorder{}
	s.wrap = r.wrap
	s.t.Cleanup(func() {
		if s.t.Failed() || s.t.Skipped() {
			return // what a failed test has recorded is no example
		}
		if err := newCassette(from, time.Now(), r.interactions(), newMasker(baseURL, s.Names)).write(s.file); err != nil {
			s.t.Error(err)
		}
	})
}

// newProvider returns the provider as a plugin server, in the mode of the scenario.
func (s *Scenario) newProvider() (tfprotov6.ProviderServer, error) {
	return providerserver.NewProtocol6WithError(provider.New(Version,
		provider.WithClients(s.clients), provider.WithClock(s.clock), provider.WithEnvironment(s.environment),
		provider.WithClientOptions(s.clientOptions()...))())()
}

// clientOptions have every client of the scenario, the provider's and that of [Scenario.Client], go through the cassette.
func (s *Scenario) clientOptions() []atlas.Option {
	return append(slices.Clone(s.options), atlas.WithRecorder(func(next http.RoundTripper) http.RoundTripper {
		if s.wrap != nil {
			next = s.wrap(next)
		}
		return roundTripper(func(request *http.Request) (*http.Response, error) {
			s.mu.Lock()
			s.sent = append(s.sent, request.Method+" "+request.URL.Path)
			s.mu.Unlock()
			response, err := next.RoundTrip(request)
			if err != nil {
				return nil, err
			}
			if err := s.answers.note(request, response); err != nil {
				return nil, err
			}
			return response, nil
		})
	}))
}

// RequestCount returns the number of requests to Atlas with this method and this part of the path, challenges and sign-ins aside.
func (s *Scenario) RequestCount(method, path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, sent := range s.sent {
		if strings.HasPrefix(sent, method+" ") && strings.Contains(sent, path) {
			n++
		}
	}
	return n
}

// Test runs the steps with real Terraform. It needs no TF_ACC: the mode says it all.
func (s *Scenario) Test(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.Test(t, resource.TestCase{
		IsUnitTest: true,
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"atlasbackup": s.newProvider,
		},
		Steps: steps,
	})
}

// Client returns a client of somebody else who works on the same Atlas. Its requests are recorded and replayed like the provider's.
func (s *Scenario) Client() *atlas.Client {
	s.t.Helper()
	client, err := provider.ClientFromEnvironment(s.environment, s.clock, s.clientOptions()...)
	if err != nil {
		s.t.Fatal(err)
	}
	return client
}
