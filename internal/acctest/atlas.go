// Package acctest is the one harness of the acceptance tests: real Terraform, the provider in this process, and an Atlas.
package acctest

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	fwprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/provider"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait/waittest"
)

// Version is what the provider calls itself in tests.
const Version = "test"

// Atlas is the Atlas of a test that has to control it: a simulator of its own, in every mode, on a clock that moves only when
// the provider waits, so that minutes of waiting pass at once. What needs no control is a [Scenario].
type Atlas struct {
	*atlassim.Simulator
	Clock *waittest.Clock
	// Environment is what the provider sees of the environment: the simulator's address and an API key. Tests may change it.
	Environment map[string]string
	// ClientOptions are added to those of the provider's API client.
	ClientOptions []atlas.Option
}

// Start is where the clock of every simulated Atlas stands at first.
var Start = time.Date(2026, time.March, 30, 12, 0, 0, 0, time.UTC)

// NewAtlas starts a simulator that is stopped with the test. A run that records or uses a real Atlas leaves such tests out.
func NewAtlas(t testing.TB, change ...func(*atlassim.Options)) *Atlas {
	t.Helper()
	if mode := CurrentMode(); mode == Record || mode == Live {
		t.Skipf("it runs on the simulator only, and has nothing to do in mode %s", mode)
	}
	clock := waittest.NewClock(Start)
	options := atlassim.Options{Now: clock.Now, Seed: 1}
	for _, f := range change {
		f(&options)
	}
	simulator := atlassim.New(options)
	server := httptest.NewUnstartedServer(simulator)
	server.Config.Protocols = atlassim.Protocols()
	server.Start()
	closeWithTest(t, server)
	simulator.SetBaseURL(server.URL)
	fixture := simulator.Fixture()
	return &Atlas{
		Simulator: simulator,
		Clock:     clock,
		Environment: map[string]string{
			"MONGODB_ATLAS_BASE_URL":        server.URL,
			"MONGODB_ATLAS_PUBLIC_API_KEY":  fixture.PublicKey,
			"MONGODB_ATLAS_PRIVATE_API_KEY": fixture.PrivateKey,
		},
		ClientOptions: hermeticOptions(),
	}
}

// NewProvider returns the provider as Terraform's plugin server asks for it, on this Atlas.
func (a *Atlas) NewProvider() fwprovider.Provider {
	environment := maps.Clone(a.Environment)
	return provider.New(Version,
		provider.WithClock(a.Clock),
		provider.WithClientOptions(a.ClientOptions...),
		provider.WithEnvironment(func(name string) string { return environment[name] }),
	)()
}

// Providers returns the provider factories of a test case.
func (a *Atlas) Providers() map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"atlasbackup": func() (tfprotov6.ProviderServer, error) {
			return providerserver.NewProtocol6WithError(a.NewProvider())()
		},
	}
}

// Variables returns the variables of a configuration: the names of this Atlas and more.
func (a *Atlas) Variables(more config.Variables) config.Variables {
	fixture := a.Fixture()
	variables := config.Variables{
		"project_id":   config.StringVariable(fixture.ProjectID),
		"cluster_name": config.StringVariable(fixture.ClusterName),
	}
	maps.Copy(variables, more)
	return variables
}

// UseHTTP2 has the provider speak HTTP/2, as it does with Atlas, where a fault ends a stream and not the connection.
func (a *Atlas) UseHTTP2() {
	transport := loopbackTransport()
	transport.Protocols = new(http.Protocols)
	transport.Protocols.SetUnencryptedHTTP2(true)
	a.ClientOptions = append(a.ClientOptions, atlas.WithTransport(transport))
}

// Existing returns the snapshots of dedicated clusters that exist in Atlas now.
func (a *Atlas) Existing() []atlassim.Snapshot {
	return slices.DeleteFunc(a.Snapshots(), func(s atlassim.Snapshot) bool { return !s.DeletedAt.IsZero() })
}

// Test runs the steps with real Terraform. It needs no TF_ACC: nothing leaves this machine.
func (a *Atlas) Test(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.Test(t, resource.TestCase{
		IsUnitTest:               true,
		ProtoV6ProviderFactories: a.Providers(),
		Steps:                    steps,
	})
}
