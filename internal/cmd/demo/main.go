// Demo takes an on-demand snapshot with real Terraform, changes how long it is kept, restores it, plans, deletes it, and shows what
// happened at each step: on a simulated Atlas, or with -live on the one that the environment names. "make demo" builds
// what it needs and runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

// stopSignals are the signals that end the demo.
var stopSignals = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}

func main() {
	var opts options
	flag.StringVar(&opts.terraform, "terraform", "terraform", "the Terraform to run")
	flag.StringVar(&opts.provider, "provider", "bin", "the folder with the built provider")
	flag.StringVar(&opts.simulator, "simulator", "bin/atlassim", "the built simulator")
	flag.StringVar(&opts.configuration, "configuration", "examples/demo", "the configuration to apply")
	flag.BoolVar(&opts.live, "live", false, "use the Atlas that the environment names instead of the simulator")
	flag.BoolVar(&opts.yes, "yes", false, "with -live, do not ask before taking a snapshot")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), stopSignals...)
	err := run(ctx, opts)
	stop()
	switch {
	case errors.Is(err, errDeclined):
		fmt.Println("Nothing was done.")
	case err != nil:
		fmt.Fprintln(os.Stderr, "\ndemo:", err)
		os.Exit(1)
	}
}

type options struct {
	terraform, provider, simulator, configuration string
	live, yes                                     bool
}

// run leaves nothing behind, however it ends: no process, no file and, unless Atlas refuses, no snapshot.
func run(ctx context.Context, opts options) error {
	if opts.live {
		atlas, err := liveAtlas(os.Getenv)
		if err != nil {
			return err
		}
		fmt.Print(announce(atlas))
		if !opts.yes {
			if err := confirm(os.Stdin); err != nil {
				return err
			}
		}
		return present(ctx, opts, atlas, nil)
	}

	sim, err := startSimulator(ctx, opts.simulator)
	if err != nil {
		return err
	}
	defer sim.stop()
	return present(ctx, opts, sim.target(), sim)
}

// present runs the steps in a folder of its own.
func present(ctx context.Context, opts options, atlas target, sim *simulator) (err error) {
	dir, err := os.MkdirTemp("", "atlasbackup-demo-")
	if err != nil {
		return err
	}
	keep := false
	defer func() {
		if !keep {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()

	tf, err := newTerraform(dir, opts, atlas)
	if err != nil {
		return err
	}
	show := &presentation{tf: tf, atlas: atlas, sim: sim}
	err = show.steps(ctx)
	if err == nil || sim != nil {
		return err
	}

	// On a real Atlas a snapshot costs money for as long as it is kept, so what was taken is deleted even now.
	left, failure := show.deleteWhatIsLeft(ctx)
	if left {
		keep = true
		return errors.Join(err, failure, fmt.Errorf("the snapshot is still in Atlas and in %s", filepath.Join(dir, "terraform.tfstate")))
	}
	return errors.Join(err, failure)
}
