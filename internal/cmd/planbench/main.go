// Command planbench measures what a plan with nothing to change costs: real Terraform, a built provider and the simulator,
// each a process of its own. What it is held against, the floor, is a plan of as many terraform_data, which need no provider.
//
// It prints a line for n snapshots of one cluster, for five times as many, and for n snapshots of n clusters:
//
//	plan: n=200 requests=201 cpu=5.28s floor_cpu=0.33s wall=3.08s floor_wall=0.21s
//
// then what loading the schema takes in addition to starting Terraform, and the size of the provider. CPU is that of Terraform
// and the provider together. Every figure is a median.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "planbench:", err)
		os.Exit(1)
	}
}

type options struct {
	terraform, provider, simulator string
	n, repeat, plans               int
	latency                        time.Duration
}

// largeFactor is how many times larger the larger state is.
const largeFactor = 5

func parse(args []string, stderr io.Writer) (options, error) {
	var opts options
	flags := flag.NewFlagSet("planbench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&opts.terraform, "terraform", "terraform", "the Terraform to run")
	flags.StringVar(&opts.provider, "provider", "", "the provider, as a release builds it; Terraform wants it named terraform-provider-atlasbackup")
	flags.StringVar(&opts.simulator, "simulator", "", "the built simulator")
	flags.IntVar(&opts.n, "n", 200, "the `number` of snapshots")
	flags.IntVar(&opts.repeat, "repeat", 5, "the `number` of runs that each figure is the median of")
	flags.IntVar(&opts.plans, "plans", 0, "also make this `number` of plans of 5n snapshots in a row, under the rate limit of Atlas")
	flags.DurationVar(&opts.latency, "latency", 0, "how long an answer of Atlas takes, such as 100ms")
	if err := flags.Parse(args); err != nil {
		return opts, err
	}
	switch {
	case flags.NArg() > 0:
		return opts, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case opts.provider == "", opts.simulator == "":
		return opts, errors.New("name the built programs with -provider and -simulator")
	case opts.n < 1, opts.repeat < 1:
		return opts, errors.New("-n and -repeat must be 1 or more")
	case opts.plans < 0, opts.latency < 0:
		return opts, errors.New("-plans and -latency must not be below 0")
	}
	return opts, nil
}

// run leaves neither a process nor a file behind.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	opts, err := parse(args, stderr)
	if err != nil {
		return err
	}
	directory, err := os.MkdirTemp("", "atlasbackup-planbench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(directory)) }()
	b := &bench{options: opts, directory: directory}

	measurements := []func(context.Context) (fmt.Stringer, error){
		func(ctx context.Context) (fmt.Stringer, error) { return b.plan(ctx, opts.n, 1) },
		func(ctx context.Context) (fmt.Stringer, error) { return b.plan(ctx, largeFactor*opts.n, 1) },
		func(ctx context.Context) (fmt.Stringer, error) { return b.plan(ctx, opts.n, opts.n) },
	}
	if opts.plans > 0 {
		measurements = append(measurements, b.plansInARow)
	}
	measurements = append(measurements, b.schema, b.binary)
	for _, measure := range measurements {
		line, err := measure(ctx)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(stdout, line); err != nil {
			return err
		}
	}
	return nil
}
