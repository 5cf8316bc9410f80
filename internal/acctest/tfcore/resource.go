package tfcore

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/zclconf/go-cty/cty"
)

// Object is what a state has of one instance of a resource.
type Object struct {
	Value    cty.Value
	Private  []byte
	Identity *tfprotov6.ResourceIdentityData
	Tainted  bool
}

// Text is an attribute that is a string; "" where it is null, unknown or missing.
func (o *Object) Text(name string) string {
	if o.Value.IsNull() || !o.Value.Type().HasAttribute(name) {
		return ""
	}
	value := o.Value.GetAttr(name)
	if value.Type() != cty.String || value.IsNull() || !value.IsKnown() {
		return ""
	}
	return value.AsString()
}

// Resource is a type of resource of a provider, to be refreshed, planned and applied.
type Resource struct {
	server   tfprotov6.ProviderServer
	typeName string
	schema   *tfprotov6.Schema
	kind     cty.Type
	on       OnDiagnostic
}

// Resource is a type of resource. on, where set, is told every diagnostic.
func (p *Provider) Resource(typeName string, on OnDiagnostic) (*Resource, error) {
	schema, ok := p.schemas.ResourceSchemas[typeName]
	if !ok {
		return nil, fmt.Errorf("the provider has no resource %s", typeName)
	}
	kind, err := ctyType(schema.ValueType())
	return &Resource{server: p.server, typeName: typeName, schema: schema, kind: kind, on: on}, err
}

// Type is the type of the resource's objects.
func (r *Resource) Type() cty.Type { return r.kind }

// Config is a configuration with these attributes; the others are null.
func (r *Resource) Config(attributes map[string]cty.Value) cty.Value {
	return object(r.kind, attributes)
}

// Validate validates a configuration.
func (r *Resource) Validate(ctx context.Context, config cty.Value) error {
	encoded, err := encode(config)
	if err != nil {
		return err
	}
	validated, err := r.server.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{TypeName: r.typeName, Config: encoded})
	if err != nil {
		return err
	}
	return failure(r.on, validated.Diagnostics)
}

// Upgrade reads an object as a state file has it.
func (r *Resource) Upgrade(ctx context.Context, version int64, attributes []byte) (cty.Value, error) {
	upgraded, err := r.server.UpgradeResourceState(ctx, &tfprotov6.UpgradeResourceStateRequest{
		TypeName: r.typeName, Version: version, RawState: &tfprotov6.RawState{JSON: attributes},
	})
	if err == nil {
		err = failure(r.on, upgraded.Diagnostics)
	}
	if err != nil {
		return cty.NilVal, err
	}
	return decode(upgraded.UpgradedState, r.kind)
}

// Refresh reads an object; nil is one that is gone.
func (r *Resource) Refresh(ctx context.Context, o *Object) (*Object, error) {
	current, err := encode(o.Value)
	if err != nil {
		return o, err
	}
	read, err := r.server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{
		TypeName: r.typeName, CurrentState: current, Private: o.Private, CurrentIdentity: o.Identity,
	})
	if err == nil {
		err = failure(r.on, read.Diagnostics)
	}
	if err != nil {
		return o, err
	}
	value, err := decode(read.NewState, r.kind)
	switch {
	case err != nil:
		return o, err
	case value.IsNull():
		return nil, nil
	}
	return &Object{Value: value, Private: read.Private, Identity: read.NewIdentity, Tainted: o.Tainted}, nil
}

// Import imports and reads what has an import ID.
func (r *Resource) Import(ctx context.Context, id string) (*Object, error) {
	imported, err := r.server.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{TypeName: r.typeName, ID: id})
	if err == nil {
		err = failure(r.on, imported.Diagnostics)
	}
	if err != nil {
		return nil, err
	}
	one := imported.ImportedResources[0]
	value, err := decode(one.State, r.kind)
	if err != nil {
		return nil, err
	}
	o, err := r.Refresh(ctx, &Object{Value: value, Private: one.Private, Identity: one.Identity})
	if err == nil && o == nil {
		err = &errNonExistent{id}
	}
	return o, err
}

// errNonExistent is how Terraform calls an import of what is not there.
type errNonExistent struct{ id string }

func (e *errNonExistent) Error() string { return "Cannot import non-existent remote object: " + e.id }
