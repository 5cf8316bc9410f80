package main

import (
	"errors"
	"testing"
	"time"
)

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []int
		want   int
	}{{[]int{7}, 7}, {[]int{9, 1}, 5}, {[]int{9, 1, 2}, 2}, {[]int{4, 100, 2, 1}, 3}, {[]int{5, 3, 1, 4, 2}, 3}} {
		if got := median(c.values); got != c.want {
			t.Errorf("median of %v = %d, want %d", c.values, got, c.want)
		}
	}
}

func TestAlternate(t *testing.T) {
	b := &bench{options: options{repeat: 3}}
	order, n := "", time.Duration(0)
	step := func(name string) func() (cost, error) {
		return func() (cost, error) {
			order, n = order+name, n+1
			return cost{wall: n, cpu: 10 * n}, nil
		}
	}
	of, floor, err := b.alternate(step("m"), step("f"))
	if err != nil || order != "fmfmfm" || of != (cost{4, 40}) || floor != (cost{3, 30}) {
		t.Errorf("order %s, %v over %v, %v", order, of, floor, err)
	}
	broken := errors.New("broken")
	fail := func() (cost, error) { return cost{}, broken }
	if _, _, err := b.alternate(fail, step("f")); !errors.Is(err, broken) {
		t.Errorf("a failure: %v", err)
	}
	if _, _, err := b.alternate(step("m"), fail); !errors.Is(err, broken) {
		t.Errorf("a failure of the floor: %v", err)
	}
}

func TestPlanned_format(t *testing.T) {
	of, floor := cost{3080 * time.Millisecond, 5280 * time.Millisecond}, cost{210 * time.Millisecond, 330 * time.Millisecond}
	measured := cpuMeasured
	t.Cleanup(func() { cpuMeasured = measured })
	for _, c := range []struct {
		clusters int
		measured bool
		want     string
	}{
		{1, true, "plan: n=200 requests=201 cpu=5.28s floor_cpu=0.33s wall=3.08s floor_wall=0.21s"},
		{200, true, "plan: n=200 clusters=200 requests=201 cpu=5.28s floor_cpu=0.33s wall=3.08s floor_wall=0.21s"},
		{1, false, `plan: n=200 requests=201 cpu="not measured" floor_cpu="not measured" wall=3.08s floor_wall=0.21s`},
	} {
		cpuMeasured = c.measured
		if got := (planned{200, c.clusters, 201, of, floor}).String(); got != c.want {
			t.Errorf("it says %q, want %q", got, c.want)
		}
	}
}
