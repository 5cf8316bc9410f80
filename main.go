// Command terraform-provider-atlasbackup is the Terraform provider for MongoDB Atlas backup snapshots.
package main

import (
	"context"
	"flag"
	"log"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/provider"
)

// version is set by the release build.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "run under a debugger and print how Terraform can attach")
	flag.Parse()

	serve := provider.Serve
	if *debug {
		serve = provider.Debug
	}
	if err := serve(context.Background(), version); err != nil {
		log.Fatal(err)
	}
}
