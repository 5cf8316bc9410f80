package acctest

import (
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// check holds the configuration's blocks of this provider against its schema: arguments and blocks exist, and those that are
// required are there. It serves what the Terraform of the tests cannot read.
func (a *pageAtlas) check(t *testing.T, c *configuration) {
	t.Helper()
	server := providerserver.NewProtocol6(a.NewProvider())()
	schema, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	identities, err := server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	blocks(c.body, func(b *hclsyntax.Block) {
		if len(b.Labels) == 0 {
			if b.Type == "import" {
				checked += checkIdentity(t, b, identities)
			}
			return
		}
		if providerOf(b.Labels[0]) != "atlasbackup" {
			return
		}
		checked++
		switch name := b.Labels[0]; b.Type {
		case "provider":
			checkBlock(t, b.Body, schema.Provider.Block)
		case "resource":
			checkType(t, b, b.Body, schema.ResourceSchemas[name])
		case "data":
			checkType(t, b, b.Body, schema.DataSourceSchemas[name])
		case "ephemeral":
			checkType(t, b, b.Body, schema.EphemeralResourceSchemas[name])
		case "list":
			checkType(t, b, configOf(b), schema.ListResourceSchemas[name])
		case "action":
			var of *tfprotov6.Schema
			if action := schema.ActionSchemas[name]; action != nil {
				of = action.Schema
			}
			checkType(t, b, configOf(b), of)
		}
	})
	if checked == 0 {
		t.Errorf("%s: nothing of this provider was found to check:\n%s", c.where(), c.text)
	}
}

// configOf is the config block of a list or an action; without one it is empty.
func configOf(b *hclsyntax.Block) *hclsyntax.Body {
	for _, inner := range b.Body.Blocks {
		if inner.Type == "config" {
			return inner.Body
		}
	}
	return &hclsyntax.Body{SrcRange: b.Body.SrcRange}
}

func checkType(t *testing.T, b *hclsyntax.Block, body *hclsyntax.Body, schema *tfprotov6.Schema) {
	t.Helper()
	if schema == nil {
		t.Errorf("%s: the provider has no %s %s", b.TypeRange, b.Type, b.Labels[0])
		return
	}
	checkBlock(t, body, schema.Block)
}

func checkBlock(t *testing.T, body *hclsyntax.Body, schema *tfprotov6.SchemaBlock) {
	t.Helper()
	settable := map[string]bool{}
	for _, attribute := range schema.Attributes {
		settable[attribute.Name] = attribute.Required || attribute.Optional
		if _, ok := body.Attributes[attribute.Name]; attribute.Required && !ok {
			t.Errorf("%s: the required argument %q is missing", body.SrcRange, attribute.Name)
		}
	}
	for name, attribute := range body.Attributes {
		if !settable[name] && !slices.Contains(metaArguments, name) {
			t.Errorf("%s: no argument is called %q", attribute.NameRange, name)
		}
	}
	for _, block := range body.Blocks {
		at := slices.IndexFunc(schema.BlockTypes, func(s *tfprotov6.SchemaNestedBlock) bool { return s.TypeName == block.Type })
		switch {
		case at >= 0:
			checkBlock(t, block.Body, schema.BlockTypes[at].Block)
		case !slices.Contains(metaBlocks, block.Type):
			t.Errorf("%s: no block is called %q", block.TypeRange, block.Type)
		}
	}
}

// checkIdentity wants the whole identity in an import block that has one, and nothing else in it.
func checkIdentity(t *testing.T, b *hclsyntax.Block, identities *tfprotov6.GetResourceIdentitySchemasResponse) int {
	t.Helper()
	identity, ok := b.Body.Attributes["identity"]
	to, hasTarget := b.Body.Attributes["to"]
	if !ok || !hasTarget {
		return 0
	}
	target := hclsyntax.Variables(to.Expr)[0].RootName()
	schema := identities.IdentitySchemas[target]
	if schema == nil {
		t.Errorf("%s: %s has no identity", identity.NameRange, target)
		return 1
	}
	object, ok := identity.Expr.(*hclsyntax.ObjectConsExpr)
	if !ok {
		t.Errorf("%s: the identity is no object", identity.NameRange)
		return 1
	}
	var given, wanted []string
	for _, item := range object.Items {
		key, diags := item.KeyExpr.Value(nil)
		if diags.HasErrors() {
			t.Error(diags)
			continue
		}
		given = append(given, key.AsString())
	}
	for _, attribute := range schema.IdentityAttributes {
		wanted = append(wanted, attribute.Name)
	}
	slices.Sort(given)
	slices.Sort(wanted)
	if !slices.Equal(given, wanted) {
		t.Errorf("%s: the identity of %s has %s, not %s", identity.NameRange, target, strings.Join(wanted, ", "), strings.Join(given, ", "))
	}
	return 1
}
