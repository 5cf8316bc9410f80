package chaos

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// change is what a plan has Terraform do to one object: nothing where it neither destroys nor has something planned.
type change struct {
	// destroys comes first, where both are set, unless createsFirst has it come last.
	destroys     *tfprotov6.PlanResourceChangeResponse
	createsFirst bool
	// prior is the object that is updated; nil where one is created.
	prior   *object
	planned *tfprotov6.PlanResourceChangeResponse
	config  *tfprotov6.DynamicValue
}

func (c *change) isNothing() bool { return c.destroys == nil && c.planned == nil }

// plan plans to bring an object to what the configuration says. A nil config is none. With replace another object takes the
// place of this one, whatever the configuration says.
func (p *process) plan(ctx context.Context, o *object, config *tfprotov6.DynamicValue, replace bool) (*change, error) {
	if o == nil && config == nil {
		return &change{}, nil
	}
	if config == nil || o != nil && (o.tainted || replace) {
		return p.planAfterDestroy(ctx, o, config)
	}
	planned, err := p.ask(ctx, o, config)
	switch {
	case err != nil:
		return nil, err
	case o != nil && len(planned.RequiresReplace) > 0:
		return p.planAfterDestroy(ctx, o, config)
	case o != nil && same(p, o.value, planned.PlannedState):
		return &change{}, nil
	}
	return &change{prior: o, planned: planned, config: config}, nil
}

// planAfterDestroy plans to destroy an object, and to create another one where there is a configuration.
func (p *process) planAfterDestroy(ctx context.Context, o *object, config *tfprotov6.DynamicValue) (*change, error) {
	none, err := p.null()
	if err != nil {
		return nil, err
	}
	destroys, err := p.server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: typeName, PriorState: o.value, PriorPrivate: o.private, PriorIdentity: o.identity, ProposedNewState: none, Config: none,
	})
	if err != nil {
		return nil, err
	}
	if err := p.failure(destroys.Diagnostics); err != nil {
		return nil, err
	}
	c := &change{destroys: destroys, config: config}
	if config != nil {
		c.planned, err = p.ask(ctx, nil, config)
	}
	return c, err
}

// ask asks the provider for a plan.
func (p *process) ask(ctx context.Context, o *object, config *tfprotov6.DynamicValue) (*tfprotov6.PlanResourceChangeResponse, error) {
	prior, err := p.null()
	if err != nil {
		return nil, err
	}
	request := &tfprotov6.PlanResourceChangeRequest{TypeName: typeName, PriorState: prior, Config: config}
	var before map[string]tftypes.Value
	if o != nil {
		request.PriorState, request.PriorPrivate, request.PriorIdentity = o.value, o.private, o.identity
		before = o.attributes
	}
	if request.ProposedNewState, err = p.proposed(before, config); err != nil {
		return nil, err
	}
	planned, err := p.server.PlanResourceChange(ctx, request)
	if err != nil {
		return nil, err
	}
	return planned, p.failure(planned.Diagnostics)
}

// proposed is the configuration with what the prior state has of the computed attributes.
func (p *process) proposed(before map[string]tftypes.Value, config *tfprotov6.DynamicValue) (*tfprotov6.DynamicValue, error) {
	if before == nil {
		return config, nil
	}
	wanted, err := p.attributesOf(config)
	if err != nil {
		return nil, err
	}
	for name, value := range wanted {
		if value.IsNull() && p.computed[name] {
			wanted[name] = before[name]
		}
	}
	return encode(p.object, wanted)
}

// apply carries a change of an object out, unless it is stopped in between. Whatever comes, what it returns is what Terraform
// would save, nil being nothing, and the deposed object that is still to be destroyed.
func (p *process) apply(ctx context.Context, o *object, c *change, stopped func() bool) (kept, deposed *object, err error) {
	switch {
	case c.isNothing():
		return o, nil, nil
	case c.destroys == nil:
		kept, err = p.carryOut(ctx, o, c)
		return kept, nil, err
	case c.planned == nil:
		kept, err = p.destroy(ctx, o, c.destroys)
		return kept, nil, err
	case c.createsFirst:
		return p.createThenDestroy(ctx, o, c, stopped)
	}
	if kept, err = p.destroy(ctx, o, c.destroys); err != nil || stopped() {
		return kept, nil, err
	}
	kept, err = p.carryOut(ctx, nil, c)
	return kept, nil, err
}

// createThenDestroy is a replacement with create_before_destroy.
func (p *process) createThenDestroy(ctx context.Context, o *object, c *change, stopped func() bool) (kept, deposed *object, err error) {
	created, err := p.carryOut(ctx, nil, c)
	switch {
	case created == nil:
		return o, nil, err
	case err != nil || stopped():
		return created, o, err
	}
	left, err := p.destroy(ctx, o, c.destroys)
	return created, left, err
}

func (p *process) carryOut(ctx context.Context, o *object, c *change) (*object, error) {
	prior, err := p.null()
	if err != nil {
		return o, err
	}
	if o != nil {
		prior = o.value
	}
	applied, err := p.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: typeName, PriorState: prior, PlannedState: c.planned.PlannedState, Config: c.config,
		PlannedPrivate: c.planned.PlannedPrivate, PlannedIdentity: c.planned.PlannedIdentity,
	})
	if err != nil {
		return o, err
	}
	failed := p.failure(applied.Diagnostics)
	attributes, err := p.attributesOf(applied.NewState)
	switch {
	case err != nil:
		return o, err
	case attributes == nil && failed == nil:
		return nil, &breach{"an apply without an error has left no state"}
	case attributes == nil:
		return nil, failed
	}
	got := &object{
		value: applied.NewState, attributes: attributes, private: applied.Private, identity: applied.NewIdentity,
		tainted: failed != nil && o == nil,
	}
	if failed == nil {
		if err := p.consistent(c.planned.PlannedState, attributes); err != nil {
			return got, err
		}
	}
	return got, failed
}

// consistent says whether an apply kept to its plan: Terraform calls anything else a bug of the provider.
func (p *process) consistent(planned *tfprotov6.DynamicValue, got map[string]tftypes.Value) error {
	plan, err := p.attributesOf(planned)
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

// create makes an object that a configuration asks for.
func (p *process) create(ctx context.Context, config *tfprotov6.DynamicValue) error {
	c, err := p.plan(ctx, nil, config, false)
	if err != nil {
		return err
	}
	_, _, err = p.apply(ctx, nil, c, func() bool { return false })
	return err
}

// destroy deletes an object. What it returns is what Terraform keeps: nil where it is gone.
func (p *process) destroy(ctx context.Context, o *object, planned *tfprotov6.PlanResourceChangeResponse) (*object, error) {
	none, err := p.null()
	if err != nil {
		return o, err
	}
	applied, err := p.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: typeName, PriorState: o.value, PlannedState: none, Config: none,
		PlannedPrivate: planned.PlannedPrivate, PlannedIdentity: planned.PlannedIdentity,
	})
	if err != nil {
		return o, err
	}
	if err := p.failure(applied.Diagnostics); err != nil {
		return o, err
	}
	return nil, nil
}

func same(p *process, a, b *tfprotov6.DynamicValue) bool {
	before, errBefore := a.Unmarshal(p.object)
	after, errAfter := b.Unmarshal(p.object)
	return errBefore == nil && errAfter == nil && before.Equal(after)
}
