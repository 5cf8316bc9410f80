package tfcore

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/zclconf/go-cty/cty"
)

// Change is what a plan does to one object: nothing where it neither destroys nor has something planned.
type Change struct {
	// Destroys comes first, where something is planned too, unless CreatesFirst has it come last.
	Destroys     bool
	CreatesFirst bool
	// private is what the provider has planned beside the destruction.
	private []byte
	// Planned is what is created or, where Prior is set, what that becomes.
	Planned *tfprotov6.PlanResourceChangeResponse
	Prior   *Object
	// After is the planned value.
	After  cty.Value
	Config cty.Value
}

// IsNoOp reports whether there is nothing to do.
func (c *Change) IsNoOp() bool { return !c.Destroys && c.Planned == nil }

// ProviderBug is what Terraform calls a bug in the provider.
type ProviderBug struct{ What string }

func (b *ProviderBug) Error() string { return "Provider produced an invalid result: " + b.What }

// None is no configuration: what an object that is to be destroyed has.
func (r *Resource) None() cty.Value { return cty.NullVal(r.kind) }

// Plan plans to bring an object, or nil for none, to what the configuration says. With replace another object takes the place of
// this one, whatever the configuration says.
func (r *Resource) Plan(ctx context.Context, o *Object, config cty.Value, replace bool) (*Change, error) {
	if o == nil && config.IsNull() {
		return &Change{}, nil
	}
	if config.IsNull() {
		private, err := r.planDestroy(ctx, o)
		return &Change{Destroys: true, private: private, After: r.None(), Config: config}, err
	}
	// A tainted object is not shown to the provider: another one takes its place. Of an object that is replaced, the private state is.
	var private []byte
	if o == nil || !o.Tainted {
		planned, after, err := r.ask(ctx, o, config, nil)
		switch {
		case err != nil:
			return nil, err
		case o != nil && (replace || len(planned.RequiresReplace) > 0):
			private = planned.PlannedPrivate
		case o != nil && o.Value.RawEquals(after):
			return &Change{}, nil
		default:
			return &Change{Prior: o, Planned: planned, After: after, Config: config}, nil
		}
	}
	planned, after, err := r.ask(ctx, nil, config, private)
	if err != nil {
		return nil, err
	}
	return &Change{Destroys: true, private: planned.PlannedPrivate, Planned: planned, After: after, Config: config}, nil
}

// planDestroy plans to destroy an object for which there is nothing else to do.
func (r *Resource) planDestroy(ctx context.Context, o *Object) ([]byte, error) {
	prior, err := encode(o.Value)
	if err != nil {
		return nil, err
	}
	none, err := encode(r.None())
	if err != nil {
		return nil, err
	}
	planned, err := r.server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: r.typeName, PriorState: prior, PriorPrivate: o.Private, PriorIdentity: o.Identity, ProposedNewState: none, Config: none,
	})
	if err != nil {
		return nil, err
	}
	return planned.PlannedPrivate, failure(r.on, planned.Diagnostics)
}

// ask asks the provider for a plan. Without an object the prior private state is private.
func (r *Resource) ask(ctx context.Context, o *Object, config cty.Value, private []byte) (*tfprotov6.PlanResourceChangeResponse, cty.Value, error) {
	request := &tfprotov6.PlanResourceChangeRequest{TypeName: r.typeName, PriorPrivate: private}
	before := r.None()
	if o != nil {
		before, request.PriorPrivate, request.PriorIdentity = o.Value, o.Private, o.Identity
	}
	for part, value := range map[**tfprotov6.DynamicValue]cty.Value{
		&request.PriorState: before, &request.Config: config, &request.ProposedNewState: r.proposed(before, config),
	} {
		encoded, err := encode(value)
		if err != nil {
			return nil, cty.NilVal, err
		}
		*part = encoded
	}
	planned, err := r.server.PlanResourceChange(ctx, request)
	if err == nil {
		err = failure(r.on, planned.Diagnostics)
	}
	if err != nil {
		return nil, cty.NilVal, err
	}
	after, err := decode(planned.PlannedState, r.kind)
	if err == nil {
		err = r.validPlan(before, config, after)
	}
	return planned, after, err
}

// proposed is the configuration with what the prior state has of the computed attributes.
func (r *Resource) proposed(before, config cty.Value) cty.Value {
	if before.IsNull() {
		return config
	}
	attributes := config.AsValueMap()
	for _, attribute := range r.schema.Block.Attributes {
		if name := attribute.Name; attribute.Computed && attributes[name].IsNull() {
			attributes[name] = before.GetAttr(name)
		}
	}
	return cty.ObjectVal(attributes)
}

// validPlan checks that a plan has what the configuration says.
func (r *Resource) validPlan(before, config, after cty.Value) error {
	for _, attribute := range r.schema.Block.Attributes {
		want, got := config.GetAttr(attribute.Name), after.GetAttr(attribute.Name)
		isKept := !want.IsNull() && !before.IsNull() && got.RawEquals(before.GetAttr(attribute.Name))
		isComputed := want.IsNull() && attribute.Computed
		if !got.RawEquals(want) && !isComputed && !isKept {
			return &ProviderBug{fmt.Sprintf("%s is configured as %#v and planned as %#v", attribute.Name, want, got)}
		}
	}
	return nil
}

// Apply carries a change of an object out, unless it is stopped in between. Whatever comes, what it returns is what Terraform
// saves, nil being nothing, and the deposed object that is still to be destroyed.
func (r *Resource) Apply(ctx context.Context, o *Object, c *Change, stopped func() bool) (kept, deposed *Object, err error) {
	switch {
	case c.IsNoOp():
		return o, nil, nil
	case !c.Destroys:
		kept, err = r.createOrUpdate(ctx, o, c)
		return kept, nil, err
	case c.Planned == nil:
		kept, err = r.destroy(ctx, o, c.private)
		return kept, nil, err
	case c.CreatesFirst:
		return r.createThenDestroy(ctx, o, c, stopped)
	}
	if kept, err = r.destroy(ctx, o, c.private); err != nil || stopped() {
		return kept, nil, err
	}
	kept, err = r.createOrUpdate(ctx, nil, c)
	return kept, nil, err
}

// createThenDestroy is a replacement with create_before_destroy.
func (r *Resource) createThenDestroy(ctx context.Context, o *Object, c *Change, stopped func() bool) (kept, deposed *Object, err error) {
	created, err := r.createOrUpdate(ctx, nil, c)
	switch {
	case created == nil:
		return o, nil, err
	case err != nil || stopped():
		return created, o, err
	}
	private, err := r.planDestroy(ctx, o)
	if err != nil {
		return created, o, err
	}
	left, err := r.destroy(ctx, o, private)
	return created, left, err
}

// createOrUpdate asks for the plan once more, as Terraform does when it applies one, and carries it out.
func (r *Resource) createOrUpdate(ctx context.Context, o *Object, c *Change) (*Object, error) {
	planned, after, err := r.ask(ctx, o, c.Config, nil)
	if err != nil {
		return o, err
	}
	if err := r.consistent(c.After, after); err != nil {
		return o, err
	}
	before := r.None()
	if o != nil {
		before = o.Value
	}
	prior, err := encode(before)
	if err != nil {
		return o, err
	}
	config, err := encode(c.Config)
	if err != nil {
		return o, err
	}
	applied, err := r.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: r.typeName, PriorState: prior, PlannedState: planned.PlannedState, Config: config,
		PlannedPrivate: planned.PlannedPrivate, PlannedIdentity: planned.PlannedIdentity,
	})
	if err != nil {
		return o, err
	}
	failed := failure(r.on, applied.Diagnostics)
	value, err := decode(applied.NewState, r.kind)
	switch {
	case err != nil:
		return o, err
	case value.IsNull() && failed == nil:
		return nil, &ProviderBug{"an apply without an error has left no state"}
	case value.IsNull():
		return o, failed
	}
	got := &Object{Value: value, Private: applied.Private, Identity: applied.NewIdentity, Tainted: failed != nil && o == nil}
	switch {
	case failed != nil:
		return got, failed
	case !value.IsWhollyKnown():
		return got, &ProviderBug{fmt.Sprintf("a value is unknown after an apply: %#v", value)}
	}
	return got, r.consistent(after, value)
}

// consistent checks that what is known of a plan has come.
func (r *Resource) consistent(planned, got cty.Value) error {
	for name := range r.kind.AttributeTypes() {
		if want, is := planned.GetAttr(name), got.GetAttr(name); want.IsWhollyKnown() && !want.RawEquals(is) {
			return &ProviderBug{fmt.Sprintf("%s was planned as %#v and came as %#v", name, want, is)}
		}
	}
	return nil
}

// destroy deletes an object. What it returns is what Terraform keeps: nil where it is gone.
func (r *Resource) destroy(ctx context.Context, o *Object, private []byte) (*Object, error) {
	prior, err := encode(o.Value)
	if err != nil {
		return o, err
	}
	none, err := encode(r.None())
	if err != nil {
		return o, err
	}
	applied, err := r.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: r.typeName, PriorState: prior, PlannedState: none, Config: none,
		PlannedPrivate: private, PlannedIdentity: o.Identity,
	})
	if err != nil {
		return o, err
	}
	failed := failure(r.on, applied.Diagnostics)
	value, err := decode(applied.NewState, r.kind)
	switch {
	case err != nil:
		return o, err
	case value.IsNull():
		return nil, failed
	case failed == nil:
		return o, &ProviderBug{"a destroy without an error has left a state"}
	}
	return &Object{Value: value, Private: applied.Private, Identity: applied.NewIdentity, Tainted: o.Tainted}, failed
}
