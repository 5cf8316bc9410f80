package chaos

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
)

const typeName = "atlasbackup_snapshot"

// object is a resource in a state.
type object struct {
	value *tfprotov6.DynamicValue
	// attributes are what value holds.
	attributes map[string]tftypes.Value
	private    []byte
	identity   *tfprotov6.ResourceIdentityData
	tainted    bool
}

// text is an attribute that is a string; "" where it is null or unknown.
func (o *object) text(name string) string {
	var text *string
	if value := o.attributes[name]; !value.IsKnown() || value.As(&text) != nil || text == nil {
		return ""
	}
	return *text
}

// process does what a Terraform process does with its provider's, over the same protocol and by the same rules: it reads,
// plans, applies, keeps state and private bytes, and taints.
type process struct {
	server tfprotov6.ProviderServer
	object tftypes.Object
	// computed are the attributes that the provider may set where the configuration does not.
	computed map[string]bool
	// hear is told every diagnostic.
	hear func(*tfprotov6.Diagnostic)
}

// start starts and configures a provider.
func start(t *testing.T, a *acctest.Atlas) *process {
	t.Helper()
	return startOf(t, a.NewProvider())
}

func startOf(t *testing.T, made provider.Provider) *process {
	t.Helper()
	server, err := providerserver.NewProtocol6WithError(made)()
	if err != nil {
		t.Fatal(err)
	}
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	p := &process{server: server, computed: map[string]bool{}, hear: func(*tfprotov6.Diagnostic) {}}
	object, ok := schemas.ResourceSchemas[typeName].ValueType().(tftypes.Object)
	if !ok {
		t.Fatal("the resource's schema is no object")
	}
	p.object = object
	for _, attribute := range schemas.ResourceSchemas[typeName].Block.Attributes {
		p.computed[attribute.Name] = attribute.Computed
	}
	empty, err := encode(schemas.Provider.ValueType(), nil)
	if err != nil {
		t.Fatal(err)
	}
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.11.4", Config: empty})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.failure(configured.Diagnostics); err != nil {
		t.Fatal(err)
	}
	return p
}

// stop is what Terraform calls when it is interrupted.
func (p *process) stop() {
	_, _ = p.server.StopProvider(context.Background(), &tfprotov6.StopProviderRequest{})
}

// encode makes an object of these attributes; the others are null. nil is an object with nothing set.
func encode(of tftypes.Type, attributes map[string]tftypes.Value) (*tfprotov6.DynamicValue, error) {
	object, ok := of.(tftypes.Object)
	if !ok {
		return nil, fmt.Errorf("%s is no object", of)
	}
	all := map[string]tftypes.Value{}
	for name, kind := range object.AttributeTypes {
		all[name] = tftypes.NewValue(kind, nil)
		if value, ok := attributes[name]; ok {
			all[name] = value
		}
	}
	value, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, all))
	return &value, err
}

func (p *process) null() (*tfprotov6.DynamicValue, error) {
	value, err := tfprotov6.NewDynamicValue(p.object, tftypes.NewValue(p.object, nil))
	return &value, err
}

// attributesOf takes a value apart; nil is null.
func (p *process) attributesOf(value *tfprotov6.DynamicValue) (map[string]tftypes.Value, error) {
	if value == nil {
		return nil, nil
	}
	decoded, err := value.Unmarshal(p.object)
	if err != nil || decoded.IsNull() {
		return nil, err
	}
	attributes := map[string]tftypes.Value{}
	return attributes, decoded.As(&attributes)
}

// refresh reads an object; nil is one that is gone.
func (p *process) refresh(ctx context.Context, o *object) (*object, error) {
	read, err := p.server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{
		TypeName: typeName, CurrentState: o.value, Private: o.private, CurrentIdentity: o.identity,
	})
	if err != nil {
		return o, err
	}
	if err := p.failure(read.Diagnostics); err != nil {
		return o, err
	}
	attributes, err := p.attributesOf(read.NewState)
	if err != nil || attributes == nil {
		return nil, err
	}
	return &object{value: read.NewState, attributes: attributes, private: read.Private, identity: read.NewIdentity, tainted: o.tainted}, nil
}

// adopt imports a snapshot.
func (p *process) adopt(ctx context.Context, id string) (*object, error) {
	imported, err := p.server.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{TypeName: typeName, ID: id})
	if err != nil {
		return nil, err
	}
	if err := p.failure(imported.Diagnostics); err != nil {
		return nil, err
	}
	one := imported.ImportedResources[0]
	return p.refresh(ctx, &object{value: one.State, private: one.Private, identity: one.Identity})
}

// failed are the errors that a provider returned.
type failed []string

func (f failed) Error() string { return strings.Join(f, "; ") }

// breach is what Terraform would call a bug of the provider.
type breach struct{ what string }

func (b *breach) Error() string { return b.what }

// failure passes diagnostics on and makes an error of those that are errors.
func (p *process) failure(diagnostics []*tfprotov6.Diagnostic) error {
	var all failed
	for _, d := range diagnostics {
		p.hear(d)
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			all = append(all, d.Summary+": "+d.Detail)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all
}
