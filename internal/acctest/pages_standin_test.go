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

// standIn stands in for another provider as far as a configuration uses it: it has every type and every argument that the
// configuration names, for values of any kind. So Terraform plans the configuration with that provider neither installed
// nor believed.
type standIn struct {
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

func newStandIn(name string, c *configuration, fixture atlassim.Fixture) *standIn {
	s := &standIn{
		fixture: fixture, own: &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{}}, within: map[string]bool{},
		schemas: map[string]map[string]*tfprotov6.Schema{"resource": {}, "data": {}, "ephemeral": {}},
	}
	blocks(c.body, func(b *hclsyntax.Block) {
		switch schemas, isType := s.schemas[b.Type]; {
		case b.Type == "provider" && b.Labels[0] == name:
			learn(s.own.Block, b.Body)
		case isType && providerOf(b.Labels[0]) == name:
			learn(schemaOf(schemas, b.Labels[0]).Block, b.Body)
		}
	})
	for _, r := range c.references() {
		if providerOf(r.typeName) != name {
			continue
		}
		block := schemaOf(s.schemas[r.mode], r.typeName).Block
		if r.attribute != "" {
			learnArgument(block, r.attribute)
			s.within[r.attribute] = s.within[r.attribute] || r.within
		}
	}
	return s
}

func schemaOf(schemas map[string]*tfprotov6.Schema, typeName string) *tfprotov6.Schema {
	if schemas[typeName] == nil {
		schemas[typeName] = &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{}}
	}
	return schemas[typeName]
}

// learn adds what body has to a schema.
func learn(schema *tfprotov6.SchemaBlock, body *hclsyntax.Body) {
	for name := range body.Attributes {
		if !slices.Contains(metaArguments, name) {
			learnArgument(schema, name)
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
		learn(schema.BlockTypes[at].Block, block.Body)
	}
}

func learnArgument(schema *tfprotov6.SchemaBlock, name string) {
	if !slices.ContainsFunc(schema.Attributes, func(a *tfprotov6.SchemaAttribute) bool { return a.Name == name }) {
		schema.Attributes = append(schema.Attributes, &tfprotov6.SchemaAttribute{
			Name: name, Type: tftypes.DynamicPseudoType, Optional: true, Computed: true,
		})
	}
}

func (s *standIn) GetMetadata(context.Context, *tfprotov6.GetMetadataRequest) (*tfprotov6.GetMetadataResponse, error) {
	return &tfprotov6.GetMetadataResponse{ServerCapabilities: &tfprotov6.ServerCapabilities{}}, nil
}

func (s *standIn) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	return &tfprotov6.GetProviderSchemaResponse{
		ServerCapabilities: &tfprotov6.ServerCapabilities{}, Provider: s.own, ResourceSchemas: s.schemas["resource"],
		DataSourceSchemas: s.schemas["data"], EphemeralResourceSchemas: s.schemas["ephemeral"],
	}, nil
}

func (s *standIn) GetResourceIdentitySchemas(context.Context, *tfprotov6.GetResourceIdentitySchemasRequest) (*tfprotov6.GetResourceIdentitySchemasResponse, error) {
	return &tfprotov6.GetResourceIdentitySchemasResponse{}, nil
}

func (s *standIn) ValidateProviderConfig(_ context.Context, req *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return &tfprotov6.ValidateProviderConfigResponse{PreparedConfig: req.Config}, nil
}

func (s *standIn) ConfigureProvider(context.Context, *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return &tfprotov6.ConfigureProviderResponse{}, nil
}

func (s *standIn) StopProvider(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	return &tfprotov6.StopProviderResponse{}, nil
}

func (s *standIn) ValidateResourceConfig(context.Context, *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, nil
}

func (s *standIn) ValidateDataResourceConfig(context.Context, *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return &tfprotov6.ValidateDataResourceConfigResponse{}, nil
}

func (s *standIn) ValidateEphemeralResourceConfig(context.Context, *tfprotov6.ValidateEphemeralResourceConfigRequest) (*tfprotov6.ValidateEphemeralResourceConfigResponse, error) {
	return &tfprotov6.ValidateEphemeralResourceConfigResponse{}, nil
}

func (s *standIn) PlanResourceChange(_ context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	planned, err := fill(s.schemas["resource"][req.TypeName], req.ProposedNewState, func(string) tftypes.Value {
		return tftypes.NewValue(tftypes.DynamicPseudoType, tftypes.UnknownValue)
	})
	return &tfprotov6.PlanResourceChangeResponse{PlannedState: planned}, err
}

func (s *standIn) ReadDataSource(_ context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	state, err := fill(s.schemas["data"][req.TypeName], req.Config, s.answer)
	return &tfprotov6.ReadDataSourceResponse{State: state}, err
}

func (s *standIn) OpenEphemeralResource(_ context.Context, req *tfprotov6.OpenEphemeralResourceRequest) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	result, err := fill(s.schemas["ephemeral"][req.TypeName], req.Config, s.answer)
	return &tfprotov6.OpenEphemeralResourceResponse{Result: result}, err
}

func (s *standIn) CloseEphemeralResource(context.Context, *tfprotov6.CloseEphemeralResourceRequest) (*tfprotov6.CloseEphemeralResourceResponse, error) {
	return &tfprotov6.CloseEphemeralResourceResponse{}, nil
}

// answer is what reading an attribute gives: a value for its name, else a secret with Atlas credentials, as an object where
// the configuration reads into it and as JSON where it does not.
func (s *standIn) answer(name string) tftypes.Value {
	if value := answer(name, s.fixture); value != "" {
		return tftypes.NewValue(tftypes.String, value)
	}
	secret := map[string]string{
		"client_id": s.fixture.ClientID, "client_secret": s.fixture.ClientSecret,
		"public_key": s.fixture.PublicKey, "private_key": s.fixture.PrivateKey,
	}
	if !s.within[name] {
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
		return nil, fmt.Errorf("the stand-in does not know this type")
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
