package provider

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

// closeTimeout bounds revoking tokens: Terraform kills a provider that takes 2 s to stop.
const closeTimeout = 1500 * time.Millisecond

// Serve runs the provider as a process, until Terraform no longer needs it or has ended.
//
// Signals do not end it. systemd, timeout and most CI runners send SIGTERM to a whole process group. Terraform then asks its
// providers to stop and waits for their answers, which contain what the state must have, such as the ID of a snapshot that Atlas has
// just accepted. The plugin library ignores SIGINT for the same reason.
func Serve(ctx context.Context, version string, options ...Option) error {
	if err := silenceLogs(os.Environ(), os.Setenv); err != nil {
		return fmt.Errorf("turning off logs: %w", err)
	}
	ignoreSignals()
	clients := &Clients{}
	served := make(chan error, 1)
	go func() {
		served <- providerserver.Serve(ctx, New(version, append(options, WithClients(clients))...), providerserver.ServeOpts{Address: Address})
	}()
	var err error
	select {
	case err = <-served:
	case <-parentExited(ctx):
		// Nothing else would end the provider.
	}
	clients.closeWithTimeout(ctx)
	return err
}

// Debug runs the provider under a debugger: it prints how Terraform can attach, and ends on a signal.
func Debug(ctx context.Context, version string, options ...Option) error {
	clients := &Clients{}
	err := providerserver.Serve(ctx, New(version, append(options, WithClients(clients))...), providerserver.ServeOpts{Address: Address, Debug: true})
	clients.closeWithTimeout(ctx)
	return err
}

func (c *Clients) closeWithTimeout(ctx context.Context) {
	closing, cancel := wait.System().WithTimeout(ctx, closeTimeout)
	defer cancel()
	c.Close(closing)
}

// ignoreSignals ignores the signals that ask a process to end. SIGHUP, which ends Terraform, is one of them so that the provider
// still revokes its OAuth token.
func ignoreSignals() {
	taken := make(chan os.Signal, 1)
	signal.Notify(taken, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		for range taken {
		}
	}()
}
