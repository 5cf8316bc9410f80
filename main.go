// Command terraform-provider-atlasbackup is the Terraform provider for MongoDB Atlas backup snapshots.
package main

import (
	"context"
	"flag"
	"log"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/provider"
)

// version is set by the release build.
var version = "dev"

// closeTimeout is how long giving tokens back may take: Terraform kills a provider that takes 2 s to stop.
const closeTimeout = 1500 * time.Millisecond

func main() {
	debug := flag.Bool("debug", false, "run under a debugger and print how Terraform can attach")
	flag.Parse()

	ctx := context.Background()
	clients := &provider.Clients{}
	err := providerserver.Serve(ctx, provider.New(version, provider.WithClients(clients)), providerserver.ServeOpts{
		Address: provider.Address,
		Debug:   *debug,
	})
	closing, cancel := context.WithTimeout(ctx, closeTimeout)
	clients.Close(closing)
	cancel()
	if err != nil {
		log.Fatal(err)
	}
}
