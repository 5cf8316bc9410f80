package tfcore

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/zclconf/go-cty/cty"
)

// step is what a plan does to one instance.
type step struct {
	resource *Resource
	change   *Change
	// destroysDeposed destroys what an earlier replacement has left.
	destroysDeposed *Change
}

// errReported is an error that has been shown.
var errReported = errors.New("the run has failed")

// plan refreshes and plans. A destroy plans twice, as Terraform does: as if nothing were destroyed first.
func (r *run) plan(ctx context.Context) (map[string]*step, error) {
	if !r.options.destroy {
		return r.planWalk(ctx, r.options.withoutRefresh, false)
	}
	if !r.options.withoutRefresh {
		unless := r.console.holdWarnings()
		_, err := r.planWalk(ctx, false, false)
		unless(err != nil)
		if err != nil {
			return nil, err
		}
	}
	return r.planWalk(ctx, true, true)
}

// planWalk refreshes and plans every instance side by side.
func (r *run) planWalk(ctx context.Context, withoutRefresh, destroys bool) (map[string]*step, error) {
	if err := r.configure(ctx); err != nil {
		return nil, err
	}
	addresses := map[string]bool{}
	for address := range r.config.instances {
		addresses[address] = true
	}
	for address := range r.state {
		addresses[address] = true
	}
	steps := map[string]*step{}
	err := r.each(slices.Collect(maps.Keys(addresses)), func(address string) error {
		s, err := r.planOne(ctx, address, withoutRefresh, destroys)
		r.mu.Lock()
		defer r.mu.Unlock()
		steps[address] = s
		return err
	})
	if err == nil && r.stopped.Load() {
		err = errors.New("operation canceled")
	}
	if err != nil {
		return nil, err
	}
	isHeld := r.options.destroy && !destroys
	if !isHeld {
		r.showPlan(steps)
	}
	return steps, nil
}

func (r *run) planOne(ctx context.Context, address string, withoutRefresh, destroys bool) (*step, error) {
	i, t := r.config.instances[address], r.tracked(address)
	if i != nil && i.mode == "data" || t != nil && t.mode == "data" {
		if destroys {
			i = nil
		}
		return &step{change: &Change{}}, r.readData(ctx, address, i)
	}
	typeName := ""
	if i != nil {
		typeName = i.typeName
	} else {
		typeName = t.typeName
	}
	resource, err := r.cli.Provider.Resource(typeName, r.console.hearing(r.config, r.named(address)))
	if err != nil {
		return nil, err
	}
	s := &step{resource: resource, change: &Change{}}
	config := resource.None()
	if i != nil {
		config = i.config
	}
	var current *Object
	if t != nil {
		if !withoutRefresh {
			if err := r.refresh(ctx, resource, t); err != nil {
				return nil, err
			}
		}
		current = t.current
		if t.deposed != nil {
			if s.destroysDeposed, err = resource.Plan(ctx, t.deposed, resource.None(), false); err != nil {
				return nil, err
			}
		}
	}
	if r.options.refreshOnly {
		return s, nil
	}
	if !config.IsNull() && !destroys {
		if err := resource.Validate(ctx, config); err != nil {
			return nil, err
		}
	}
	if destroys {
		config = resource.None()
	}
	s.change, err = resource.Plan(ctx, current, config, slices.Contains(r.options.replace, address))
	if err == nil && i != nil {
		s.change.CreatesFirst = i.createsFirst
	}
	return s, err
}

func (r *run) tracked(address string) *tracked {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state[address]
}

// named is the instance with an address, whether the configuration has it or not.
func (r *run) named(address string) *instance {
	if i := r.config.instances[address]; i != nil {
		return i
	}
	return &instance{address: address}
}

func (r *run) refresh(ctx context.Context, resource *Resource, t *tracked) error {
	for _, o := range []**Object{&t.current, &t.deposed} {
		if *o == nil {
			continue
		}
		read, err := resource.Refresh(ctx, *o)
		if err != nil {
			return err
		}
		if read == nil || !read.Value.RawEquals((*o).Value) {
			r.hasDrifted.Store(true)
		}
		*o = read
	}
	return nil
}

// readData reads a data source; where the configuration has it no more the state forgets it.
func (r *run) readData(ctx context.Context, address string, i *instance) error {
	if i == nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.state, address)
		return nil
	}
	encoded, err := encode(i.config)
	if err != nil {
		return err
	}
	server, on := r.cli.Provider.server, r.console.hearing(r.config, i)
	validated, err := server.ValidateDataResourceConfig(ctx, &tfprotov6.ValidateDataResourceConfigRequest{TypeName: i.typeName, Config: encoded})
	if err == nil {
		err = failure(on, validated.Diagnostics)
	}
	if err != nil {
		return err
	}
	read, err := server.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{TypeName: i.typeName, Config: encoded})
	if err == nil {
		err = failure(on, read.Diagnostics)
	}
	if err != nil {
		return err
	}
	value, err := decode(read.State, i.config.Type())
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state[address] = i.track(&Object{Value: value})
	return nil
}

// apply carries a plan out. Whatever comes, the state is saved.
func (r *run) apply(ctx context.Context, steps map[string]*step) error {
	if err := r.configure(ctx); err != nil {
		return err
	}
	err := r.each(slices.Collect(maps.Keys(steps)), func(address string) error { return r.applyOne(ctx, address, steps[address]) })
	if saved := r.save(); saved != nil {
		return saved
	}
	if err == nil {
		r.showApplied(steps)
	}
	return err
}

func (r *run) applyOne(ctx context.Context, address string, s *step) error {
	t := r.tracked(address)
	if s.destroysDeposed != nil {
		left, _, err := s.resource.Apply(ctx, t.deposed, s.destroysDeposed, r.stopped.Load)
		t.deposed = left
		if err != nil {
			return err
		}
	}
	if s.change.IsNoOp() {
		return nil
	}
	if t == nil {
		t = r.config.instances[address].track(nil)
	}
	kept, deposed, err := s.resource.Apply(ctx, t.current, s.change, r.stopped.Load)
	t.current = kept
	if deposed != nil {
		t.deposed = deposed
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state[address] = t
	return err
}

// before is the value of what a change destroys or updates; null is none.
func (r *run) before(address string) cty.Value {
	if t := r.tracked(address); t != nil && t.current != nil {
		return t.current.Value
	}
	return cty.NullVal(cty.DynamicPseudoType)
}
