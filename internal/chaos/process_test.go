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
	value    *tfprotov6.DynamicValue
	private  []byte
	identity *tfprotov6.ResourceIdentityData
	tainted  bool
}

// process does what a Terraform process does with its provider's, over the same protocol and by the same rules: it reads,
// plans, applies, keeps state and private bytes, and taints.
type process struct {
	server tfprotov6.ProviderServer
	object tftypes.Object
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
	p := &process{server: server}
	object, ok := schemas.ResourceSchemas[typeName].ValueType().(tftypes.Object)
	if !ok {
		t.Fatal("the resource's schema is no object")
	}
	p.object = object
	empty, err := encode(schemas.Provider.ValueType(), nil)
	if err != nil {
		t.Fatal(err)
	}
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.11.4", Config: empty})
	if err != nil {
		t.Fatal(err)
	}
	if err := failure(configured.Diagnostics); err != nil {
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

// attributes takes a value apart; nil is null.
func (p *process) attributes(value *tfprotov6.DynamicValue) (map[string]tftypes.Value, error) {
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

func (p *process) text(o *object, name string) string {
	attributes, err := p.attributes(o.value)
	if err != nil {
		return err.Error()
	}
	var text *string
	if err := attributes[name].As(&text); err != nil || text == nil {
		return ""
	}
	return *text
}

// refresh reads an object; nil is one that is gone.
func (p *process) refresh(ctx context.Context, o *object) (*object, error) {
	read, err := p.server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{
		TypeName: typeName, CurrentState: o.value, Private: o.private, CurrentIdentity: o.identity,
	})
	if err != nil {
		return o, err
	}
	if err := failure(read.Diagnostics); err != nil {
		return o, err
	}
	attributes, err := p.attributes(read.NewState)
	if err != nil || attributes == nil {
		return nil, err
	}
	return &object{value: read.NewState, private: read.Private, identity: read.NewIdentity, tainted: o.tainted}, nil
}

// apply brings an object to what the configuration says: it may create, update or replace it, or find nothing to do.
// Whatever comes, what it returns is what Terraform would save; nil is nothing.
func (p *process) apply(ctx context.Context, o *object, config *tfprotov6.DynamicValue) (*object, error) {
	if o != nil && o.tainted {
		kept, err := p.destroy(ctx, o)
		if err != nil {
			return kept, err
		}
		o = nil
	}
	planned, replace, err := p.plan(ctx, o, config)
	if err != nil {
		return o, err
	}
	if o != nil && replace {
		kept, err := p.destroy(ctx, o)
		if err != nil {
			return kept, err
		}
		if planned, _, err = p.plan(ctx, nil, config); err != nil {
			return nil, err
		}
		o = nil
	}
	if o != nil && same(p, o.value, planned.PlannedState) {
		return o, nil
	}
	return p.carryOut(ctx, o, planned, config)
}

func (p *process) plan(ctx context.Context, o *object, config *tfprotov6.DynamicValue) (*tfprotov6.PlanResourceChangeResponse, bool, error) {
	prior, err := p.null()
	if err != nil {
		return nil, false, err
	}
	request := &tfprotov6.PlanResourceChangeRequest{TypeName: typeName, PriorState: prior, ProposedNewState: config, Config: config}
	if o != nil {
		request.PriorState, request.PriorPrivate, request.PriorIdentity = o.value, o.private, o.identity
		if request.ProposedNewState, err = p.proposed(o.value, config); err != nil {
			return nil, false, err
		}
	}
	planned, err := p.server.PlanResourceChange(ctx, request)
	if err != nil {
		return nil, false, err
	}
	return planned, len(planned.RequiresReplace) > 0, failure(planned.Diagnostics)
}

// arguments are the attributes that only a configuration sets.
var arguments = map[string]bool{
	"project_id": true, "cluster_name": true, "retention_in_days": true, "description": true, "triggers": true, "timeouts": true,
}

// proposed is the configuration with what the prior state has of the computed attributes.
func (p *process) proposed(prior, config *tfprotov6.DynamicValue) (*tfprotov6.DynamicValue, error) {
	before, err := p.attributes(prior)
	if err != nil {
		return nil, err
	}
	wanted, err := p.attributes(config)
	if err != nil {
		return nil, err
	}
	for name, value := range wanted {
		if value.IsNull() && !arguments[name] {
			wanted[name] = before[name]
		}
	}
	return encode(p.object, wanted)
}

func (p *process) carryOut(ctx context.Context, o *object, planned *tfprotov6.PlanResourceChangeResponse, config *tfprotov6.DynamicValue) (*object, error) {
	prior, err := p.null()
	if err != nil {
		return o, err
	}
	if o != nil {
		prior = o.value
	}
	applied, err := p.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: typeName, PriorState: prior, PlannedState: planned.PlannedState, Config: config,
		PlannedPrivate: planned.PlannedPrivate, PlannedIdentity: planned.PlannedIdentity,
	})
	if err != nil {
		return o, err
	}
	failed := failure(applied.Diagnostics)
	attributes, err := p.attributes(applied.NewState)
	switch {
	case err != nil:
		return o, err
	case attributes == nil && failed == nil:
		return nil, &breach{"an apply without an error has left no state"}
	case attributes == nil:
		return nil, failed
	}
	got := &object{value: applied.NewState, private: applied.Private, identity: applied.NewIdentity, tainted: failed != nil && o == nil}
	if failed == nil {
		if err := p.consistent(planned.PlannedState, attributes); err != nil {
			return got, err
		}
	}
	return got, failed
}

// consistent says whether an apply kept to its plan: Terraform calls anything else a bug of the provider.
func (p *process) consistent(planned *tfprotov6.DynamicValue, got map[string]tftypes.Value) error {
	plan, err := p.attributes(planned)
	if err != nil {
		return err
	}
	for name, value := range plan {
		switch {
		case !got[name].IsFullyKnown():
			return &breach{name + " is unknown after an apply"}
		case value.IsFullyKnown() && !value.Equal(got[name]):
			return &breach{fmt.Sprintf("%s was planned as %s and came as %s", name, value, got[name])}
		}
	}
	return nil
}

// destroy deletes an object. What it returns is what Terraform keeps: nil where it is gone.
func (p *process) destroy(ctx context.Context, o *object) (*object, error) {
	none, err := p.null()
	if err != nil {
		return o, err
	}
	applied, err := p.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: typeName, PriorState: o.value, PlannedState: none, Config: none, PlannedPrivate: o.private, PlannedIdentity: o.identity,
	})
	if err != nil {
		return o, err
	}
	if err := failure(applied.Diagnostics); err != nil {
		return o, err
	}
	return nil, nil
}

// adopt imports a snapshot.
func (p *process) adopt(ctx context.Context, id string) (*object, error) {
	imported, err := p.server.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{TypeName: typeName, ID: id})
	if err != nil {
		return nil, err
	}
	if err := failure(imported.Diagnostics); err != nil {
		return nil, err
	}
	one := imported.ImportedResources[0]
	return p.refresh(ctx, &object{value: one.State, private: one.Private, identity: one.Identity})
}

func same(p *process, a, b *tfprotov6.DynamicValue) bool {
	before, errBefore := a.Unmarshal(p.object)
	after, errAfter := b.Unmarshal(p.object)
	return errBefore == nil && errAfter == nil && before.Equal(after)
}

// failed are the errors that a provider returned.
type failed []string

func (f failed) Error() string { return strings.Join(f, "; ") }

// breach is what Terraform would call a bug of the provider.
type breach struct{ what string }

func (b *breach) Error() string { return b.what }

func failure(diagnostics []*tfprotov6.Diagnostic) error {
	var all failed
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			all = append(all, d.Summary+": "+d.Detail)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all
}
