package acctest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// fakeProvider takes the place of another provider as far as a configuration uses it: it has every type and every argument that the
// configuration names, for values of any kind. So Terraform plans the configuration with that provider neither installed
// nor believed.
type fakeProvider struct {
	tfprotov6.ProviderServer // for what Terraform does not ask of it
	fixture                  atlassim.Fixture
	own                      *tfprotov6.Schema
	// schemas by mode (resource, data, ephemeral) and type.
	schemas map[string]map[string]*tfprotov6.Schema
	// within has the attributes whose values are read into.
	within map[string]bool
}

// What Terraform itself takes out of a block.
var (
	metaArguments = []string{"count", "for_each", "depends_on", "provider", "alias", "version"}
	metaBlocks    = []string{"lifecycle", "provisioner", "connection"}
)

func newFakeProvider(name string, c *configuration, fixture atlassim.Fixture) *fakeProvider {
	p := &fakeProvider{
		fixture: fixture, own: &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{}}, within: map[string]bool{},
		schemas: map[string]map[string]*tfprotov6.Schema{"resource": {}, "data": {}, "ephemeral": {}},
	}
	blocks(c.body, func(b *hclsyntax.Block) {
		switch schemas, isType := p.schemas[b.Type]; {
		case b.Type == "provider" && b.Labels[0] == name:
			addArguments(p.own.Block, b.Body)
		case isType && providerOf(b.Labels[0]) == name:
			addArguments(schemaOf(schemas, b.Labels[0]).Block, b.Body)
		}
	})
	for _, r := range c.references() {
		if providerOf(r.typeName) != name {
			continue
		}
		block := schemaOf(p.schemas[r.mode], r.typeName).Block
		if r.attribute != "" {
			addArgument(block, r.attribute)
			p.within[r.attribute] = p.within[r.attribute] || r.within
		}
	}
	return p
}

func schemaOf(schemas map[string]*tfprotov6.Schema, typeName string) *tfprotov6.Schema {
	if schemas[typeName] == nil {
		schemas[typeName] = &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{}}
	}
	return schemas[typeName]
}

// addArguments adds what body has to a schema.
func addArguments(schema *tfprotov6.SchemaBlock, body *hclsyntax.Body) {
	for name := range body.Attributes {
		if !slices.Contains(metaArguments, name) {
			addArgument(schema, name)
		}
	}
	for _, block := range body.Blocks {
		if slices.Contains(metaBlocks, block.Type) {
			continue
		}
		at := slices.IndexFunc(schema.BlockTypes, func(b *tfprotov6.SchemaNestedBlock) bool { return b.TypeName == block.Type })
		if at < 0 {
			at = len(schema.BlockTypes)
			schema.BlockTypes = append(schema.BlockTypes, &tfprotov6.SchemaNestedBlock{
				TypeName: block.Type, Nesting: tfprotov6.SchemaNestedBlockNestingModeSingle, Block: &tfprotov6.SchemaBlock{},
			})
		}
		addArguments(schema.BlockTypes[at].Block, block.Body)
	}
}

func addArgument(schema *tfprotov6.SchemaBlock, name string) {
	if !slices.ContainsFunc(schema.Attributes, func(a *tfprotov6.SchemaAttribute) bool { return a.Name == name }) {
		schema.Attributes = append(schema.Attributes, &tfprotov6.SchemaAttribute{
			Name: name, Type: tftypes.DynamicPseudoType, Optional: true, Computed: true,
		})
	}
}

func (p *fakeProvider) GetMetadata(context.Context, *tfprotov6.GetMetadataRequest) (*tfprotov6.GetMetadataResponse, error) {
	return &tfprotov6.GetMetadataResponse{ServerCapabilities: &tfprotov6.ServerCapabilities{}}, nil
}

func (p *fakeProvider) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	return &tfprotov6.GetProviderSchemaResponse{
		ServerCapabilities: &tfprotov6.ServerCapabilities{}, Provider: p.own, ResourceSchemas: p.schemas["resource"],
		DataSourceSchemas: p.schemas["data"], EphemeralResourceSchemas: p.schemas["ephemeral"],
	}, nil
}

func (p *fakeProvider) GetResourceIdentitySchemas(context.Context, *tfprotov6.GetResourceIdentitySchemasRequest) (*tfprotov6.GetResourceIdentitySchemasResponse, error) {
	return &tfprotov6.GetResourceIdentitySchemasResponse{}, nil
}

func (p *fakeProvider) ValidateProviderConfig(_ context.Context, req *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return &tfprotov6.ValidateProviderConfigResponse{PreparedConfig: req.Config}, nil
}

func (p *fakeProvider) ConfigureProvider(context.Context, *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return &tfprotov6.ConfigureProviderResponse{}, nil
}

func (p *fakeProvider) StopProvider(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	return &tfprotov6.StopProviderResponse{}, nil
}

func (p *fakeProvider) ValidateResourceConfig(context.Context, *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, nil
}

func (p *fakeProvider) ValidateDataResourceConfig(context.Context, *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return &tfprotov6.ValidateDataResourceConfigResponse{}, nil
}

func (p *fakeProvider) ValidateEphemeralResourceConfig(context.Context, *tfprotov6.ValidateEphemeralResourceConfigRequest) (*tfprotov6.ValidateEphemeralResourceConfigResponse, error) {
	return &tfprotov6.ValidateEphemeralResourceConfigResponse{}, nil
}

func (p *fakeProvider) PlanResourceChange(_ context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	planned, err := fill(p.schemas["resource"][req.TypeName], req.ProposedNewState, func(string) tftypes.Value {
		return tftypes.NewValue(tftypes.DynamicPseudoType, tftypes.UnknownValue)
	})
	return &tfprotov6.PlanResourceChangeResponse{PlannedState: planned}, err
}

func (p *fakeProvider) ReadDataSource(_ context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	state, err := fill(p.schemas["data"][req.TypeName], req.Config, p.answer)
	return &tfprotov6.ReadDataSourceResponse{State: state}, err
}

func (p *fakeProvider) OpenEphemeralResource(_ context.Context, req *tfprotov6.OpenEphemeralResourceRequest) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	result, err := fill(p.schemas["ephemeral"][req.TypeName], req.Config, p.answer)
	return &tfprotov6.OpenEphemeralResourceResponse{Result: result}, err
}

func (p *fakeProvider) CloseEphemeralResource(context.Context, *tfprotov6.CloseEphemeralResourceRequest) (*tfprotov6.CloseEphemeralResourceResponse, error) {
	return &tfprotov6.CloseEphemeralResourceResponse{}, nil
}

// answer is what reading an attribute gives: a value for its name, else a secret with Atlas credentials, as an object where
// the configuration reads into it and as JSON where it does not.
func (p *fakeProvider) answer(name string) tftypes.Value {
	if value := answer(name, p.fixture); value != "" {
		return tftypes.NewValue(tftypes.String, value)
	}
	secret := map[string]string{
		"client_id": p.fixture.ClientID, "client_secret": p.fixture.ClientSecret,
		"public_key": p.fixture.PublicKey, "private_key": p.fixture.PrivateKey,
	}
	if !p.within[name] {
		encoded, _ := json.Marshal(secret) // strings always encode
		return tftypes.NewValue(tftypes.String, string(encoded))
	}
	values, types := map[string]tftypes.Value{}, map[string]tftypes.Type{}
	for key, value := range secret {
		values[key], types[key] = tftypes.NewValue(tftypes.String, value), tftypes.String
	}
	return tftypes.NewValue(tftypes.Object{AttributeTypes: types}, values)
}

// fill gives every argument that the configuration leaves out a value.
func fill(schema *tfprotov6.Schema, from *tfprotov6.DynamicValue, with func(name string) tftypes.Value) (*tfprotov6.DynamicValue, error) {
	if schema == nil {
		return nil, fmt.Errorf("the fake provider does not know this type")
	}
	object, err := from.Unmarshal(schema.ValueType())
	if err != nil || object.IsNull() {
		return from, err
	}
	values := map[string]tftypes.Value{}
	if err := object.As(&values); err != nil {
		return nil, err
	}
	for _, attribute := range schema.Block.Attributes {
		if values[attribute.Name].IsNull() {
			values[attribute.Name] = with(attribute.Name)
		}
	}
	filled, err := tfprotov6.NewDynamicValue(schema.ValueType(), tftypes.NewValue(schema.ValueType(), values))
	return &filled, err
}
