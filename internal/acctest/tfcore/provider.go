// Package tfcore is Terraform Core in process, as far as the tests need it: it reads a configuration and a state file, and
// refreshes, plans and applies through a provider's protocol server, by the rules of Terraform. A run costs milliseconds where a
// terraform process costs half a second. What it does not know it refuses, so that no test passes because something was ignored.
package tfcore

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
	"github.com/zclconf/go-cty/cty/msgpack"
)

// TerraformVersion is the version of Terraform that a provider is told.
const TerraformVersion = "1.12.0"

// Provider is a provider behind its protocol server.
type Provider struct {
	server     tfprotov6.ProviderServer
	schemas    *tfprotov6.GetProviderSchemaResponse
	identities map[string]*tfprotov6.ResourceIdentitySchema
}

// OnDiagnostic is told every diagnostic of a provider.
type OnDiagnostic func(*tfprotov6.Diagnostic)

// NewProvider serves a provider.
func NewProvider(ctx context.Context, served provider.Provider) (*Provider, error) {
	server, err := providerserver.NewProtocol6WithError(served)()
	if err != nil {
		return nil, err
	}
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, err
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return nil, err
	}
	p := &Provider{server: server, schemas: schemas, identities: identities.IdentitySchemas}
	return p, failure(nil, append(schemas.Diagnostics, identities.Diagnostics...))
}

// Configure validates the provider's configuration and configures the provider with it.
func (p *Provider) Configure(ctx context.Context, config cty.Value, on OnDiagnostic) error {
	encoded, err := encode(config)
	if err != nil {
		return err
	}
	validated, err := p.server.ValidateProviderConfig(ctx, &tfprotov6.ValidateProviderConfigRequest{Config: encoded})
	if err == nil {
		err = failure(on, validated.Diagnostics)
	}
	if err != nil {
		return err
	}
	configured, err := p.server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{TerraformVersion: TerraformVersion, Config: encoded})
	if err != nil {
		return err
	}
	return failure(on, configured.Diagnostics)
}

// ConfigureFromEnvironment is [Provider.Configure] without a provider block.
func (p *Provider) ConfigureFromEnvironment(ctx context.Context) error {
	kind, err := ctyType(p.schemas.Provider.ValueType())
	if err != nil {
		return err
	}
	return p.Configure(ctx, object(kind, nil), nil)
}

// Stop is what Terraform calls when it is interrupted.
func (p *Provider) Stop(ctx context.Context) {
	_, _ = p.server.StopProvider(ctx, &tfprotov6.StopProviderRequest{})
}

// Failure are the errors that a provider returned. Its [OnDiagnostic] has been told them.
type Failure []string

func (f Failure) Error() string { return strings.Join(f, "; ") }

// failure passes diagnostics on and makes an error of those that are errors.
func failure(on OnDiagnostic, diagnostics []*tfprotov6.Diagnostic) error {
	var all Failure
	for _, d := range diagnostics {
		if on != nil {
			on(d)
		}
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			all = append(all, d.Summary+": "+d.Detail)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

// ctyType is a type of the protocol as cty has it.
func ctyType(kind tftypes.Type) (cty.Type, error) {
	encoded, err := json.Marshal(kind)
	if err != nil {
		return cty.NilType, err
	}
	return ctyjson.UnmarshalType(encoded)
}

// object is an object with these attributes; the others are null.
func object(kind cty.Type, attributes map[string]cty.Value) cty.Value {
	all := map[string]cty.Value{}
	for name, attribute := range kind.AttributeTypes() {
		all[name] = cty.NullVal(attribute)
		if value, ok := attributes[name]; ok {
			all[name] = value
		}
	}
	return cty.ObjectVal(all)
}

func encode(value cty.Value) (*tfprotov6.DynamicValue, error) {
	encoded, err := msgpack.Marshal(value, value.Type())
	if err != nil {
		return nil, fmt.Errorf("encoding %#v: %w", value, err)
	}
	return &tfprotov6.DynamicValue{MsgPack: encoded}, nil
}

// decode is what a provider has returned; nothing is null.
func decode(value *tfprotov6.DynamicValue, kind cty.Type) (cty.Value, error) {
	switch {
	case value == nil:
		return cty.NullVal(kind), nil
	case len(value.JSON) > 0:
		return ctyjson.Unmarshal(value.JSON, kind)
	}
	return msgpack.Unmarshal(value.MsgPack, kind)
}
