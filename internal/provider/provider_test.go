package provider

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait/waittest"
)

const (
	snapshotID   = "6a7944f22c88faeba59d3572"
	snapshotBody = `{"id":"` + snapshotID + `","status":"completed"}`
)

// server speaks to the provider as Terraform does.
type server struct {
	t *testing.T
	tfprotov6.ProviderServer
	clients *Clients
}

func serve(t *testing.T, env environment, transport http.RoundTripper) *server {
	t.Helper()
	clients := &Clients{}
	made, err := providerserver.NewProtocol6WithError(New("1.2.3", WithClients(clients), WithEnvironment(env.get),
		WithClientOptions(atlas.WithTransport(transport)))())()
	if err != nil {
		t.Fatal(err)
	}
	return &server{t: t, ProviderServer: made, clients: clients}
}

func (s *server) config(b block) *tfprotov6.DynamicValue {
	s.t.Helper()
	attributes, values := map[string]tftypes.Type{}, map[string]tftypes.Value{}
	for name := range attributesOf(s.t) {
		kind := tftypes.Type(tftypes.String)
		if name == "is_mongodbgov_cloud" {
			kind = tftypes.Bool
		}
		value := b[name]
		if _, ok := value.(unknown); ok {
			value = tftypes.UnknownValue
		}
		attributes[name], values[name] = kind, tftypes.NewValue(kind, value)
	}
	object := tftypes.Object{AttributeTypes: attributes}
	config, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, values))
	if err != nil {
		s.t.Fatal(err)
	}
	return &config
}

func attributesOf(t *testing.T) map[string]schema.Attribute {
	t.Helper()
	var resp provider.SchemaResponse
	New("1.2.3")().Schema(t.Context(), provider.SchemaRequest{}, &resp)
	return resp.Schema.Attributes
}

func said(diags []*tfprotov6.Diagnostic) []string {
	var all []string
	for _, d := range diags {
		text := d.Summary + ": " + d.Detail
		if d.Attribute != nil {
			text = strings.TrimSuffix(strings.TrimPrefix(d.Attribute.String(), `AttributeName("`), `")`) + ": " + text
		}
		all = append(all, text)
	}
	return all
}

func (s *server) validate(b block) []string {
	s.t.Helper()
	resp, err := s.ValidateProviderConfig(s.t.Context(), &tfprotov6.ValidateProviderConfigRequest{Config: s.config(b)})
	if err != nil {
		s.t.Fatal(err)
	}
	return said(resp.Diagnostics)
}

func (s *server) configure(b block) []string {
	s.t.Helper()
	resp, err := s.ConfigureProvider(s.t.Context(), &tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.11.4", Config: s.config(b)})
	if err != nil {
		s.t.Fatal(err)
	}
	return said(resp.Diagnostics)
}

// noTraffic is for what must not reach Atlas.
func noTraffic(t *testing.T) http.RoundTripper {
	return roundTrip(func(req *http.Request) *http.Response {
		t.Errorf("%s %s was sent", req.Method, req.URL)
		return answer(req, http.StatusInternalServerError, "")
	})
}

func TestProvider_schema(t *testing.T) {
	s := serve(t, nil, noTraffic(t))
	resp, err := s.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil || len(resp.Diagnostics) > 0 {
		t.Fatal(err, said(resp.Diagnostics))
	}
	sensitive := map[string]bool{"private_key": true, "client_secret": true, "access_token": true}
	for name, attribute := range attributesOf(t) {
		if attribute.IsSensitive() != sensitive[name] || !attribute.IsOptional() || attribute.GetMarkdownDescription() == "" {
			t.Errorf("%s: sensitive = %t, optional = %t, description = %q", name, attribute.IsSensitive(), attribute.IsOptional(), attribute.GetMarkdownDescription())
		}
	}
	var metadata provider.MetadataResponse
	New("1.2.3")().Metadata(t.Context(), provider.MetadataRequest{}, &metadata)
	if metadata.TypeName != "atlasbackup" || metadata.Version != "1.2.3" {
		t.Errorf("metadata = %+v", metadata)
	}
}

// What the documentation of each argument says of its environment is what is read.
func TestProvider_schemaNamesTheEnvironment(t *testing.T) {
	described := attributesOf(t)
	expect := func(argument string, variables []string) {
		t.Helper()
		if want := "Falls back to `" + strings.Join(variables, "`, `") + "`."; !strings.HasSuffix(described[argument].GetMarkdownDescription(), want) {
			t.Errorf("%s: %q does not end in %q", argument, described[argument].GetMarkdownDescription(), want)
		}
	}
	for _, k := range CredentialKinds() {
		for _, a := range k.Arguments {
			expect(a.Name, a.Variables)
		}
	}
	expect("base_url", baseURLVariables)
}

// Validation knows neither the environment nor the values of variables: it refuses only what is wrong whatever they are.
func TestProvider_validate(t *testing.T) {
	for name, tt := range map[string]struct {
		block block
		want  []string
	}{
		"nothing": {nil, nil},
		"all of variables": {
			block{
				"public_key": unknown{}, "private_key": unknown{}, "client_id": unknown{}, "client_secret": unknown{},
				"access_token": unknown{}, "base_url": unknown{}, "is_mongodbgov_cloud": unknown{},
			}, nil,
		},
		"one kind, the rest of variables": {block{"public_key": "p", "access_token": unknown{}, "base_url": unknown{}, "is_mongodbgov_cloud": true}, nil},
		"half a pair":                     {block{"public_key": "p"}, nil},
		"empty arguments":                 {block{"public_key": "", "access_token": "", "base_url": "", "client_id": "i"}, nil},
		"loopback":                        {block{"base_url": " http://localhost:8080/\n"}, nil},
		"two kinds": {
			block{"public_key": "p", "client_secret": "hunter2"},
			[]string{"public_key: Conflicting credentials: The provider block sets two kinds of credentials: a service account (client_id, client_secret) " +
				"and an API key (public_key, private_key). Keep one of them."},
		},
		"two addresses": {
			block{"base_url": "https://cloud.example.com", "is_mongodbgov_cloud": true},
			[]string{"is_mongodbgov_cloud: Conflicting address: The provider block sets both base_url and is_mongodbgov_cloud. Keep one of them."},
		},
		"plain http": {
			block{"base_url": "http://cloud.example.com"},
			[]string{"base_url: Invalid base_url: base_url cannot be used: plain http would send credentials and backups' details in the clear to " +
				"cloud.example.com; use https."},
		},
		"a password in the address": {
			block{"base_url": "https://user:hunter2@cloud.example.com"},
			[]string{"base_url: Invalid base_url: base_url cannot be used: it must hold no user name or password; credentials have arguments of their own."},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := serve(t, whole, noTraffic(t)).validate(tt.block)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
		})
	}
}

// Configuring sends nothing: whether credentials are good, and even known, is for the first request to find out.
func TestProvider_configure(t *testing.T) {
	for name, tt := range map[string]struct {
		block block
		env   environment
		want  []string
	}{
		"of the block":       {block{"access_token": "t"}, nil, nil},
		"of the environment": {nil, whole, nil},
		"not known yet":      {block{"client_id": unknown{}, "client_secret": unknown{}, "base_url": unknown{}}, nil, nil},
		"missing":            {nil, nil, []string{missing}},
		"an address of the environment that is none": {
			nil,
			environment{"MONGODB_ATLAS_ACCESS_TOKEN": "t", "MONGODB_ATLAS_BASE_URL": "cloud.example.com"},
			[]string{"base_url: Invalid base_url: The address of Atlas (the environment variable MONGODB_ATLAS_BASE_URL) cannot be " +
				"used: it must be an absolute URL such as https://cloud.mongodb.com."},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, tt.env, noTraffic(t))
			if diff := cmp.Diff(tt.want, s.configure(tt.block)); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
			if made := len(s.clients.clients); (made == 1) != (tt.want == nil) {
				t.Errorf("%d clients were made", made)
			}
		})
	}
}

func TestProvider_client(t *testing.T) {
	var agents, urls []string
	s := serve(t, nil, roundTrip(func(req *http.Request) *http.Response {
		agents, urls = append(agents, req.UserAgent()), append(urls, req.URL.Scheme+"://"+req.URL.Host)
		return answer(req, http.StatusOK, snapshotBody)
	}))
	if diags := s.configure(block{"access_token": "hunter2", "is_mongodbgov_cloud": true}); diags != nil {
		t.Fatal(diags)
	}
	var log bytes.Buffer
	ctx := tflogtest.RootLogger(t.Context(), &log)
	if _, err := s.clients.clients[0].GetSnapshot(ctx, snapshotID, "Cluster0", snapshotID); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"terraform-provider-atlasbackup/1.2.3 Terraform/1.11.4"}, agents); diff != "" {
		t.Errorf("user agents (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"https://cloud.mongodbgov.com"}, urls); diff != "" {
		t.Errorf("addresses (-want +got):\n%s", diff)
	}
	if lines := strings.Count(log.String(), "\n"); lines != 1 || !strings.Contains(log.String(), `"@message":"Atlas API request"`) ||
		!strings.Contains(log.String(), `"@level":"debug"`) || strings.Contains(log.String(), "hunter2") {
		t.Errorf("log:\n%s", log.String())
	}
}

// accounts answers for a service account and notes which tokens it has got back.
type accounts struct {
	mu      sync.Mutex
	revoked int
	slow    time.Duration
}

func (a *accounts) answer(req *http.Request) *http.Response {
	switch {
	case strings.HasSuffix(req.URL.Path, "/oauth/token"):
		return answer(req, http.StatusOK, `{"access_token":"granted","expires_in":3600,"token_type":"Bearer"}`)
	case strings.HasSuffix(req.URL.Path, "/oauth/revoke"):
		if a.slow > 0 {
			_ = wait.System().Sleep(req.Context(), a.slow)
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		a.revoked++
		return answer(req, http.StatusOK, "")
	}
	return answer(req, http.StatusOK, snapshotBody)
}

// configured makes so many clients with a service account and uses all but one.
func configured(t *testing.T, a *accounts, clients int) *server {
	t.Helper()
	s := serve(t, whole.but("MONGODB_ATLAS_ACCESS_TOKEN"), roundTrip(a.answer))
	for range clients {
		if diags := s.configure(nil); diags != nil {
			t.Fatal(diags)
		}
	}
	for _, client := range s.clients.clients[1:] {
		if _, err := client.GetSnapshot(t.Context(), snapshotID, "Cluster0", snapshotID); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestClients_closeGivesTokensBack(t *testing.T) {
	a := &accounts{}
	s := configured(t, a, 4)
	s.clients.Close(t.Context())
	s.clients.Close(t.Context())
	if a.revoked != 3 {
		t.Errorf("%d tokens were given back, want 3", a.revoked)
	}
	(&Clients{}).Close(t.Context())
}

// All are closed at the same time, and none holds the end of the process up beyond the time that it has.
func TestClients_closeWithinItsTime(t *testing.T) {
	for slow, takes := range map[time.Duration]time.Duration{
		time.Second: time.Second, time.Hour: 1500 * time.Millisecond,
	} {
		synctest.Test(t, func(t *testing.T) {
			s := configured(t, &accounts{slow: slow}, 20)
			ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
			defer cancel()
			began := time.Now()
			s.clients.Close(ctx)
			if took := time.Since(began); took != takes {
				t.Errorf("closing took %s, want %s", took, takes)
			}
		})
	}
}

func TestNew_defaults(t *testing.T) {
	t.Setenv("MONGODB_ATLAS_ACCESS_TOKEN", "of the process")
	made, ok := New("dev")().(*Provider)
	if !ok || made.getenv("MONGODB_ATLAS_ACCESS_TOKEN") != "of the process" || made.clock != wait.System() || made.clients == nil {
		t.Errorf("provider = %+v", made)
	}
	clock := waittest.NewClock(time.Unix(0, 0))
	if made, ok := New("dev", WithClock(clock))().(*Provider); !ok || made.clock != clock {
		t.Errorf("provider = %+v", made)
	}
}
