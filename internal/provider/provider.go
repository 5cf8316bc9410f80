// Package provider is the Terraform provider: its schema, its credentials and what it registers.
package provider

import (
	"context"
	"os"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/flexrestore"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/flexsnapshot"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/restore"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/serverlesssnapshot"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/snapshot"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

// Address is the provider's address in registries.
const Address = "registry.terraform.io/atlasbackup/atlasbackup"

var (
	_ provider.Provider                   = (*Provider)(nil)
	_ provider.ProviderWithValidateConfig = (*Provider)(nil)
	_ provider.ProviderWithListResources  = (*Provider)(nil)
	_ provider.ProviderWithActions        = (*Provider)(nil)
)

// Provider is the Terraform provider atlasbackup.
type Provider struct {
	version string
	options []atlas.Option
	getenv  func(string) string
	clients *Clients
	clock   wait.Clock
}

// Option configures a [Provider].
type Option func(*Provider)

// WithClients collects the API clients of the provider, so that the caller can close them.
func WithClients(clients *Clients) Option { return func(p *Provider) { p.clients = clients } }

// WithClock replaces the system clock.
func WithClock(clock wait.Clock) Option { return func(p *Provider) { p.clock = clock } }

// WithClientOptions adds options to every API client, such as a recorder.
func WithClientOptions(options ...atlas.Option) Option {
	return func(p *Provider) { p.options = append(p.options, options...) }
}

// WithEnvironment replaces the environment that the provider reads.
func WithEnvironment(getenv func(string) string) Option {
	return func(p *Provider) { p.getenv = getenv }
}

// New returns the constructor that the plugin server needs.
func New(version string, options ...Option) func() provider.Provider {
	return func() provider.Provider {
		p := &Provider{version: version, getenv: os.Getenv, clients: &Clients{}, clock: wait.System()}
		for _, option := range options {
			option(p)
		}
		return p
	}
}

// Clients are the API clients of a process.
type Clients struct {
	mu      sync.Mutex
	clients []*atlas.Client
}

func (c *Clients) add(client *atlas.Client) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clients = append(c.clients, client)
}

// Close revokes the OAuth tokens of all clients. A token that cannot be revoked in time expires within the hour.
func (c *Clients) Close(ctx context.Context) {
	c.mu.Lock()
	clients := c.clients
	c.clients = nil
	c.mu.Unlock()
	var closing sync.WaitGroup
	for _, client := range clients {
		closing.Go(func() { _ = client.Close(ctx) })
	}
	closing.Wait()
}

type model struct {
	PublicKey         types.String `tfsdk:"public_key"`
	PrivateKey        types.String `tfsdk:"private_key"`
	ClientID          types.String `tfsdk:"client_id"`
	ClientSecret      types.String `tfsdk:"client_secret"`
	AccessToken       types.String `tfsdk:"access_token"`
	BaseURL           types.String `tfsdk:"base_url"`
	IsMongodbgovCloud types.Bool   `tfsdk:"is_mongodbgov_cloud"`
	CheckAtPlan       types.Bool   `tfsdk:"check_at_plan"`
}

func (p *Provider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "atlasbackup"
	resp.Version = p.version
}

func (p *Provider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Takes, reads and restores backup snapshots of MongoDB Atlas clusters.",
		Attributes: map[string]schema.Attribute{
			"public_key":    credentialAttribute("public_key", false, "Public key of an Atlas API key, which uses HTTP digest authentication."),
			"private_key":   credentialAttribute("private_key", true, "Private key of the API key."),
			"client_id":     credentialAttribute("client_id", false, "Client ID of an Atlas service account."),
			"client_secret": credentialAttribute("client_secret", true, "Client secret of the service account."),
			"access_token":  credentialAttribute("access_token", true, "OAuth access token that is obtained elsewhere. It expires after an hour; the provider does not renew it."),
			"base_url": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Address of the Atlas API. Default `" + atlas.DefaultBaseURL + "`. Plain `http` is only allowed for the local machine. " +
					environmentFallback("base_url"),
				Validators: []validator.String{baseURLValidator{}},
			},
			"is_mongodbgov_cloud": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether to use Atlas for Government, at `" + atlas.GovBaseURL + "`. Default `false`. Conflicts with `base_url`.",
			},
			"check_at_plan": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Whether a plan of a new snapshot checks its cluster, with one request for all snapshots of a cluster. The plan fails if " +
					"the project, the cluster or the credentials are wrong, the cluster is not dedicated or is paused, or Cloud Backup is off. A plan of a restore " +
					"also checks the backup and the target. Default `false`.",
			},
		},
	}
}

func credentialAttribute(name string, sensitive bool, description string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true, Sensitive: sensitive, MarkdownDescription: description + " " + environmentFallback(name),
	}
}

func (p *Provider) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(config.conflicts()...)
}

// Configure sends no request: the first request that needs the credentials tries them.
func (p *Provider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	base, auth, diags := config.resolve(p.getenv, p.clock)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	options := append([]atlas.Option{
		atlas.WithClock(p.clock),
		atlas.WithCredentialsName(config.credentialSources(p.getenv)),
		atlas.WithUserAgent("terraform-provider-atlasbackup/" + p.version + " Terraform/" + req.TerraformVersion),
		atlas.WithLog(func(ctx context.Context, message string, fields map[string]any) { tflog.Debug(ctx, message, fields) }),
		atlas.WithWarn(func(ctx context.Context, message string, fields map[string]any) { tflog.Warn(ctx, message, fields) }),
	}, p.options...)
	client := atlas.New(base, auth, options...)
	p.clients.add(client)
	data := framework.ProviderData{Client: client}
	if config.CheckAtPlan.ValueBool() {
		data.Clusters = framework.NewClusterReads(client)
	}
	resp.ResourceData, resp.DataSourceData, resp.ListResourceData, resp.ActionData = data, data, data, data
}

func (p *Provider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{snapshot.NewResource, restore.NewResource, flexrestore.NewResource}
}

func (p *Provider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		snapshot.NewDataSource, snapshot.NewDataSources,
		flexsnapshot.NewDataSource, flexsnapshot.NewDataSources,
		serverlesssnapshot.NewDataSource, serverlesssnapshot.NewDataSources,
		restore.NewDataSource, restore.NewDataSources,
		flexrestore.NewDataSource, flexrestore.NewDataSources,
	}
}

func (p *Provider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{snapshot.NewListResource, restore.NewListResource, flexrestore.NewListResource}
}

func (p *Provider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{snapshot.NewTakeAction, restore.NewAction, flexrestore.NewAction}
}

type baseURLValidator struct{}

func (baseURLValidator) Description(context.Context) string {
	return "an https URL; http for this machine only"
}

func (v baseURLValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (baseURLValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	raw := trimmed(req.ConfigValue)
	if raw == "" {
		return
	}
	if _, err := atlas.ParseBaseURL(raw); err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("base_url"), "Invalid base_url", "base_url cannot be used: "+err.Error()+".")
	}
}
