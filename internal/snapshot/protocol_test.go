package snapshot_test

import (
	"context"
	"encoding/json"
	"maps"
	"math/big"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
)

const (
	resourceType = "atlasbackup_snapshot"
	actionType   = "atlasbackup_take_snapshot"
)

// server is the provider as Terraform talks to it: for what the Terraform at hand is too old for, and for what no Terraform
// would send.
type server struct {
	tfprotov6.ProviderServer
	t       testing.TB
	ctx     context.Context
	schemas *tfprotov6.GetProviderSchemaResponse
	kind    tftypes.Type
	who     tftypes.Type
}

// protocol starts the provider on this Atlas and configures it. ctx is that of every request.
func protocol(ctx context.Context, t testing.TB, a *acctest.Atlas) *server {
	t.Helper()
	provider, err := a.Providers()["atlasbackup"]()
	if err != nil {
		t.Fatal(err)
	}
	s := &server{ProviderServer: provider, t: t, ctx: ctx}
	s.schemas, err = s.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	s.must(err, s.schemas.Diagnostics)
	identities, err := s.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	s.must(err, identities.Diagnostics)
	s.kind, s.who = s.schemas.ResourceSchemas[resourceType].ValueType(), identities.IdentitySchemas[resourceType].ValueType()
	configured, err := s.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.14.0", Config: s.object(s.schemas.Provider.ValueType(), nil),
	})
	s.must(err, configured.Diagnostics)
	return s
}

// must fails the test on any error.
func (s *server) must(err error, diagnostics []*tfprotov6.Diagnostic) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			s.t.Fatalf("%s: %s", d.Summary, d.Detail)
		}
	}
}

// object is a value of an object type with these attributes; all others are null.
func (s *server) object(kind tftypes.Type, attributes map[string]any) *tfprotov6.DynamicValue {
	s.t.Helper()
	object, ok := kind.(tftypes.Object)
	if !ok {
		s.t.Fatalf("%s is no object", kind)
	}
	values := map[string]tftypes.Value{}
	for name, attribute := range object.AttributeTypes {
		values[name] = tftypes.NewValue(attribute, attributes[name])
	}
	return s.dynamic(kind, tftypes.NewValue(kind, values))
}

func (s *server) dynamic(kind tftypes.Type, value tftypes.Value) *tfprotov6.DynamicValue {
	s.t.Helper()
	encoded, err := tfprotov6.NewDynamicValue(kind, value)
	if err != nil {
		s.t.Fatal(err)
	}
	return &encoded
}

// attributes are those of an object.
func (s *server) attributes(kind tftypes.Type, encoded *tfprotov6.DynamicValue) map[string]tftypes.Value {
	s.t.Helper()
	attributes := map[string]tftypes.Value{}
	value, err := encoded.Unmarshal(kind)
	if err == nil {
		err = value.As(&attributes)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return attributes
}

// with is an object with one attribute changed.
func (s *server) with(kind tftypes.Type, encoded *tfprotov6.DynamicValue, name string, value any) *tfprotov6.DynamicValue {
	s.t.Helper()
	attributes := maps.Clone(s.attributes(kind, encoded))
	attributes[name] = tftypes.NewValue(attributes[name].Type(), value)
	return s.dynamic(kind, tftypes.NewValue(kind, attributes))
}

// plain is an object in plain Go: strings, numbers as float64, bools, lists, nil; unknown values are the text "unknown".
func (s *server) plain(kind tftypes.Type, encoded *tfprotov6.DynamicValue) map[string]any {
	s.t.Helper()
	if encoded == nil {
		return nil
	}
	plain := map[string]any{}
	for name, value := range s.attributes(kind, encoded) {
		plain[name] = s.goValue(value)
	}
	return plain
}

func (s *server) goValue(value tftypes.Value) any {
	s.t.Helper()
	switch {
	case !value.IsKnown():
		return "unknown"
	case value.IsNull():
		return nil
	}
	var text string
	var number big.Float
	var yes bool
	var elements []tftypes.Value
	var attributes map[string]tftypes.Value
	switch {
	case value.As(&text) == nil:
		return text
	case value.As(&number) == nil:
		float, _ := number.Float64()
		return float
	case value.As(&yes) == nil:
		return yes
	case value.As(&elements) == nil:
		all := []any{}
		for _, element := range elements {
			all = append(all, s.goValue(element))
		}
		return all
	case value.As(&attributes) == nil:
		all := map[string]any{}
		for name, attribute := range attributes {
			all[name] = s.goValue(attribute)
		}
		return all
	}
	s.t.Fatalf("%s is a value of no kind that is known", value)
	return nil
}

// identity is what an identity says; nil for none.
func (s *server) identity(data *tfprotov6.ResourceIdentityData) map[string]any {
	s.t.Helper()
	if data == nil {
		return nil
	}
	return s.plain(s.who, data.IdentityData)
}

// read refreshes a state.
func (s *server) read(state *tfprotov6.DynamicValue, private []byte, identity *tfprotov6.ResourceIdentityData) *tfprotov6.ReadResourceResponse {
	s.t.Helper()
	read, err := s.ReadResource(s.ctx, &tfprotov6.ReadResourceRequest{
		TypeName: resourceType, CurrentState: state, Private: private, CurrentIdentity: identity,
	})
	s.must(err, read.Diagnostics)
	return read
}

// plan plans a configuration of which nothing is computed, that is a state with the arguments that are asked for.
func (s *server) plan(prior, config *tfprotov6.DynamicValue, private []byte, identity *tfprotov6.ResourceIdentityData) *tfprotov6.PlanResourceChangeResponse {
	s.t.Helper()
	planned, err := s.PlanResourceChange(s.ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: resourceType, PriorState: prior, ProposedNewState: config, Config: config, PriorPrivate: private, PriorIdentity: identity,
	})
	s.must(err, planned.Diagnostics)
	return planned
}

// raw is a state in JSON, as Terraform stores it.
func raw(t *testing.T, state map[string]any) *tfprotov6.RawState {
	t.Helper()
	encoded, err := json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	return &tfprotov6.RawState{JSON: encoded}
}
