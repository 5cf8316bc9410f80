package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"
)

// bench measures.
type bench struct {
	options
	// directory is where the workspaces are made.
	directory string
}

// textLine is a finished line of output.
type textLine string

func (t textLine) String() string { return string(t) }

// subject is a running simulator and a workspace with all of its snapshots in the state.
type subject struct {
	*simulator
	*workspace
}

// prepare imports n snapshots and refreshes the state.
func (b *bench) prepare(ctx context.Context, n, clusters int) (*subject, error) {
	sim, err := b.start(ctx, clusters, n/clusters)
	if err != nil {
		return nil, err
	}
	w, err := b.imported(ctx, sim, n, clusters)
	if err != nil {
		sim.stop()
		return nil, err
	}
	return &subject{sim, w}, nil
}

func (b *bench) imported(ctx context.Context, sim *simulator, n, clusters int) (*workspace, error) {
	ids, err := sim.snapshots(ctx)
	if err != nil {
		return nil, err
	}
	w, err := b.workspace(snapshots(n, clusters, sim.ProjectID), "MONGODB_ATLAS_BASE_URL="+sim.BaseURL,
		"MONGODB_ATLAS_PUBLIC_API_KEY="+sim.PublicKey, "MONGODB_ATLAS_PRIVATE_API_KEY="+sim.PrivateKey)
	if err != nil {
		return nil, err
	}
	const file = "imports.tf"
	if err := w.write(file, imports(clusters, sim.ProjectID, ids)); err != nil {
		return nil, err
	}
	if _, err := w.run(ctx, "apply", "-auto-approve", "-no-color"); err != nil {
		return nil, err
	}
	return w, w.remove(file)
}

// planned is the cost of a plan.
type planned struct {
	n, clusters, requests int
	cost, floor           cost
}

func (p planned) String() string {
	clusters := ""
	if p.clusters > 1 {
		clusters = fmt.Sprintf(" clusters=%d", p.clusters)
	}
	return fmt.Sprintf("plan: n=%d%s requests=%d cpu=%s floor_cpu=%s wall=%s floor_wall=%s", p.n, clusters, p.requests,
		p.cost.cpuText(), p.floor.cpuText(), seconds(p.cost.wall), seconds(p.floor.wall))
}

func (c cost) cpuText() string {
	if !cpuMeasured {
		return `"not measured"`
	}
	return seconds(c.cpu)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2fs", d.Seconds()) }

// plan plans n snapshots and n terraform_data in turn.
func (b *bench) plan(ctx context.Context, n, clusters int) (fmt.Stringer, error) {
	subject, err := b.prepare(ctx, n, clusters)
	if err != nil {
		return nil, err
	}
	defer subject.stop()
	floor, err := b.workspace(floor(n))
	if err != nil {
		return nil, err
	}
	if _, err := floor.run(ctx, "apply", "-auto-approve", "-no-color"); err != nil {
		return nil, err
	}
	var requests []int
	costs, floors, err := b.alternate(
		func() (cost, error) {
			if err := subject.forgetRequests(ctx); err != nil {
				return cost{}, err
			}
			took, err := subject.plan(ctx)
			count, _, asking := subject.requests(ctx)
			requests = append(requests, count)
			return took, errors.Join(err, asking)
		},
		func() (cost, error) { return floor.plan(ctx) },
	)
	if err != nil {
		return nil, err
	}
	return planned{n, clusters, median(requests), costs, floors}, nil
}

// alternate measures two things alternately, so that other load on the machine affects both, and returns their medians.
func (b *bench) alternate(measure, floor func() (cost, error)) (of, ofFloor cost, err error) {
	var walls, cpus, floorWalls, floorCPUs []time.Duration
	for range b.repeat {
		below, err := floor()
		if err != nil {
			return cost{}, cost{}, err
		}
		took, err := measure()
		if err != nil {
			return cost{}, cost{}, err
		}
		walls, cpus = append(walls, took.wall), append(cpus, took.cpu)
		floorWalls, floorCPUs = append(floorWalls, below.wall), append(floorCPUs, below.cpu)
	}
	return cost{median(walls), median(cpus)}, cost{median(floorWalls), median(floorCPUs)}, nil
}

// median returns the middle one of values, of which there is at least one, or the mean of the two in the middle.
func median[T int | time.Duration](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// plansInARow plans many snapshots repeatedly under Atlas's own rate limit.
func (b *bench) plansInARow(ctx context.Context) (fmt.Stringer, error) {
	n := largeFactor * b.n
	subject, err := b.prepare(ctx, n, 1)
	if err != nil {
		return nil, err
	}
	defer subject.stop()
	if err := errors.Join(subject.forgetRequests(ctx), subject.limit(ctx, atlasLimit)); err != nil {
		return nil, err
	}
	var wall time.Duration
	for range b.plans {
		took, err := subject.plan(ctx)
		if err != nil {
			return nil, err
		}
		wall += took.wall
	}
	_, limited, err := subject.requests(ctx)
	return textLine(fmt.Sprintf("plans: runs=%d n=%d limited=%d wall=%s", b.plans, n, limited, seconds(wall))), err
}

// schema measures how long loading the provider's schema takes, beside starting Terraform.
func (b *bench) schema(ctx context.Context) (fmt.Stringer, error) {
	w, err := b.workspace(snapshots(1, 1, ""))
	if err != nil {
		return nil, err
	}
	load, version, err := b.alternate(
		func() (cost, error) { return w.run(ctx, "providers", "schema", "-json") },
		func() (cost, error) { return w.run(ctx, "version") },
	)
	return textLine(fmt.Sprintf("schema: wall=%s floor_wall=%s", seconds(load.wall), seconds(version.wall))), err
}

// binary returns the size of the provider.
func (b *bench) binary(context.Context) (fmt.Stringer, error) {
	info, err := os.Stat(b.provider)
	if err != nil {
		return nil, err
	}
	return textLine(fmt.Sprintf("binary: size=%.1fMB", float64(info.Size())/1e6)), nil
}
