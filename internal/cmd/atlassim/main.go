// Command atlassim serves the simulated Atlas over HTTP. When it is ready it prints one line of JSON with its address, its
// credentials and the names of its clusters, and serves until it is interrupted.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "atlassim:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends, which is no error.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	listen, options, begin, err := parse(args, stderr)
	if err != nil {
		return err
	}
	if err := checkAddress(listen, stderr); err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", listen)
	if err != nil {
		return fmt.Errorf("listening on %s: %w", listen, err)
	}
	options.BaseURL = "http://" + listener.Addr().String()
	simulator := atlassim.New(options)
	if err := begin.fill(simulator); err != nil {
		return errors.Join(fmt.Errorf("adding clusters and snapshots: %w", err), listener.Close())
	}
	server := &http.Server{Handler: withLatency(simulator, begin.latency), ReadHeaderTimeout: 10 * time.Second, Protocols: atlassim.Protocols()}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	if err := json.NewEncoder(stdout).Encode(simulator.Fixture()); err != nil {
		return errors.Join(fmt.Errorf("printing the fixture: %w", err), server.Close())
	}
	select {
	case err := <-served:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	// Nobody waits for an answer that a delay fault still holds back.
	if err := server.Close(); err != nil {
		return fmt.Errorf("closing: %w", err)
	}
	return nil
}

func parse(args []string, stderr io.Writer) (string, atlassim.Options, load, error) {
	var options atlassim.Options
	var begin load
	flags := flag.NewFlagSet("atlassim", flag.ContinueOnError)
	flags.SetOutput(stderr)
	listen := flags.String("listen", "127.0.0.1:0", "the `address` to listen on")
	flags.Float64Var(&options.Speed, "speed", 1, "how many seconds of Atlas's time pass in a real one")
	flags.Int64Var(&options.Seed, "seed", 1, "the seed of ids, durations, sizes and credentials")
	flags.StringVar(&options.Serverless, "serverless", atlassim.ServerlessGone, "serverless instances: gone or live")
	flags.StringVar(&options.DigestMode, "digest", atlassim.DigestJetty, "the rule for nonces: jetty, rising or once")
	begin.register(flags)
	if err := flags.Parse(args); err != nil {
		return "", options, begin, err
	}
	switch {
	case flags.NArg() > 0:
		return "", options, begin, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case options.Speed <= 0:
		return "", options, begin, fmt.Errorf("-speed must be above 0")
	case !slices.Contains([]string{atlassim.ServerlessGone, atlassim.ServerlessLive}, options.Serverless):
		return "", options, begin, fmt.Errorf("-serverless must be gone or live")
	case !slices.Contains([]string{atlassim.DigestJetty, atlassim.DigestRising, atlassim.DigestOnce}, options.DigestMode):
		return "", options, begin, fmt.Errorf("-digest must be jetty, rising or once")
	}
	return *listen, options, begin, begin.check()
}

// checkAddress warns of an address that other machines can reach, because control requests need no credentials, and rejects one
// without a host.
func checkAddress(listen string, stderr io.Writer) error {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return fmt.Errorf("-listen %s: %w", listen, err)
	}
	if host == "" {
		return fmt.Errorf("-listen %s would listen on every address: name one, such as 127.0.0.1", listen)
	}
	if ip := net.ParseIP(host); host == "localhost" || (ip != nil && ip.IsLoopback()) {
		return nil
	}
	_, err = fmt.Fprintf(stderr, "atlassim: warning: %s can be reached from other machines, and control requests need no credentials\n",
		host)
	return err
}
