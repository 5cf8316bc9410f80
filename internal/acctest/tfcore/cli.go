package tfcore

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// CLI runs Terraform's commands in a directory.
type CLI struct {
	// Directory has the configuration and the state file.
	Directory string
	Provider  *Provider
	// Address is the provider's in the registry.
	Address string
}

// Exit codes of a run.
const (
	success = 0
	failed  = 1
	// changed is that of plan -detailed-exitcode where there is something to do.
	changed = 2
	// unsupported is that of what wants a real Terraform.
	unsupported = 70
)

// options are the arguments of a command.
type options struct {
	command                                        string
	variables, replace, rest                       []string
	destroy, refreshOnly, withoutRefresh, detailed bool
	parallelism                                    int
}

func parseOptions(arguments []string) (*options, error) {
	o := &options{command: arguments[0], parallelism: 10, destroy: arguments[0] == "destroy"}
	for i := 1; i < len(arguments); i++ {
		name, value, _ := strings.Cut(arguments[i], "=")
		switch name {
		case "-no-color", "-auto-approve", "-input":
		case "-var":
			if value == "" {
				i++
				value = arguments[i]
			}
			o.variables = append(o.variables, value)
		case "-destroy":
			o.destroy = true
		case "-refresh-only":
			o.refreshOnly = true
		case "-refresh":
			o.withoutRefresh = value == "false"
		case "-detailed-exitcode":
			o.detailed = true
		case "-replace":
			o.replace = append(o.replace, value)
		case "-parallelism":
			n, err := strconv.Atoi(value)
			if err != nil {
				return nil, err
			}
			o.parallelism = n
		default:
			if strings.HasPrefix(name, "-") {
				return nil, fmt.Errorf("the argument %s wants a real Terraform", arguments[i])
			}
			o.rest = append(o.rest, arguments[i])
		}
	}
	wanted := map[string]int{"plan": 0, "apply": 0, "destroy": 0, "untaint": 1, "import": 2}
	if n, known := wanted[o.command]; !known || n != len(o.rest) {
		return nil, fmt.Errorf("terraform %s wants a real Terraform", strings.Join(arguments, " "))
	}
	return o, nil
}

// Run runs a command as terraform does, and returns its exit code. An interrupt is what ends stop.
func (c *CLI) Run(ctx context.Context, output io.Writer, environment []string, stop <-chan struct{}, arguments ...string) int {
	o, err := parseOptions(arguments)
	if err != nil {
		_, _ = fmt.Fprintf(output, "Error: %s\n", err)
		return unsupported
	}
	r := &run{cli: c, options: o, console: console{output: output}}
	ended := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		select {
		case <-stop:
			r.stopped.Store(true)
			r.console.print("Interrupt received.\nPlease wait for Terraform to exit or data loss may occur.\nGracefully shutting down...\n")
			c.Provider.Stop(ctx)
		case <-ended:
		}
	})
	err = r.do(ctx, environment)
	close(ended)
	watching.Wait()
	if err != nil {
		r.console.report(err)
	}
	switch {
	case r.console.failed.Load():
		return failed
	case o.command == "plan" && o.detailed && r.isChanged:
		return changed
	}
	return success
}

// run is one run of a command.
type run struct {
	cli     *CLI
	options *options
	console console
	stopped atomic.Bool
	// config is what the configuration says, state what the state has; mu guards the state's entries.
	config    *configuration
	mu        sync.Mutex
	state     state
	isChanged bool
	// hasDrifted says that a refresh has found something else than the state had.
	hasDrifted atomic.Bool
}

func (r *run) do(ctx context.Context, environment []string) error {
	var err error
	if r.config, err = r.cli.Provider.load(r.cli.Directory, environment, r.options.variables); err != nil {
		return err
	}
	if r.state, err = r.cli.Provider.readState(ctx, r.cli.Directory, r.console.hearing(r.config, nil)); err != nil {
		return err
	}
	switch r.options.command {
	case "untaint":
		t := r.state[r.options.rest[0]]
		if t == nil || t.current == nil || !t.current.Tainted {
			return fmt.Errorf("resource instance %s is not tainted", r.options.rest[0])
		}
		t.current.Tainted = false
		return r.save()
	case "import":
		return r.importOne(ctx)
	}
	changes, err := r.plan(ctx)
	if err != nil || r.options.command == "plan" {
		return err
	}
	return r.apply(ctx, changes)
}

// save writes the state.
func (r *run) save() error { return r.cli.Provider.writeState(r.cli.Directory, r.cli.Address, r.state) }

// configure configures the provider, as each walk over the graph does.
func (r *run) configure(ctx context.Context) error {
	return r.cli.Provider.Configure(ctx, r.config.provider, r.console.hearing(r.config, nil))
}

func (r *run) importOne(ctx context.Context) error {
	address, id := r.options.rest[0], r.options.rest[1]
	i := r.config.instances[address]
	if i == nil {
		return fmt.Errorf("resource address %q does not exist in the configuration", address)
	}
	if r.state[address] != nil {
		return fmt.Errorf("resource already managed by Terraform: %s", address)
	}
	if err := r.configure(ctx); err != nil {
		return err
	}
	resource, err := r.cli.Provider.Resource(i.typeName, r.console.hearing(r.config, i))
	if err != nil {
		return err
	}
	imported, err := resource.Import(ctx, id)
	if err != nil {
		return err
	}
	r.state[address] = i.track(imported)
	r.console.print("Import successful!\n")
	return r.save()
}

func (i *instance) track(o *Object) *tracked {
	return &tracked{mode: i.mode, typeName: i.typeName, name: i.name, key: i.key, current: o}
}

// each does something to every address side by side, and returns once all are done. Once the run is stopped nothing more begins.
func (r *run) each(addresses []string, do func(address string) error) error {
	var (
		doing  sync.WaitGroup
		wrong  atomic.Bool
		places = make(chan struct{}, r.options.parallelism)
	)
	slices.Sort(addresses)
	for _, address := range addresses {
		places <- struct{}{}
		doing.Go(func() {
			defer func() { <-places }()
			if r.stopped.Load() {
				return
			}
			if err := do(address); err != nil {
				r.console.report(err)
				wrong.Store(true)
			}
		})
	}
	doing.Wait()
	if wrong.Load() {
		return errReported
	}
	return nil
}
