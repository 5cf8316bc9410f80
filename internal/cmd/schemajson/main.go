// Schemajson prints the schemas of the provider in the form of "terraform providers schema -json", for the generator of the
// documentation. It asks the provider itself, as Terraform does, so it knows of all that the provider has: the oldest
// Terraform that the provider supports leaves identities, list resources and actions out.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/provider"
)

// key is what the generator looks for: it takes every provider that it is given a schema of for one of HashiCorp's.
const key = "registry.terraform.io/hashicorp/atlasbackup"

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "schemajson:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	server := providerserver.NewProtocol6(provider.New("dev")())()
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return err
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return err
	}
	if all := append(schemas.Diagnostics, identities.Diagnostics...); len(all) > 0 {
		return errors.New(all[0].Summary + ": " + all[0].Detail)
	}
	document := documentJSON{FormatVersion: "1.0", Providers: map[string]providerJSON{key: newProvider(schemas, identities)}}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(document)
}
