package flexrestore_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// TestList lists the restores of a Flex cluster as terraform query does.
func TestList(t *testing.T) {
	t.Parallel()
	s := newRestore(t)
	s.tf.Do(0, acctest.Apply...)
	s.NextRestore(atlassim.RestorePlan{Fail: true})
	s.configure(s.fromSnapshot() + "triggers = { n = \"1\" }")
	s.tf.Do(0, acctest.Apply...)
	s.configure(s.fromSnapshot() + "triggers = { n = \"2\" }")
	s.tf.Do(1, acctest.Apply...)
	provider, err := s.Providers()["atlasbackup"]()
	if err != nil {
		t.Fatal(err)
	}
	schemas, err := provider.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	object := func(kind tftypes.Type, known map[string]string) *tfprotov6.DynamicValue {
		values := map[string]tftypes.Value{}
		of, _ := kind.(tftypes.Object)
		for name, attribute := range of.AttributeTypes {
			values[name] = tftypes.NewValue(attribute, nil)
			if text, ok := known[name]; ok {
				values[name] = tftypes.NewValue(attribute, text)
			}
		}
		encoded, err := tfprotov6.NewDynamicValue(kind, tftypes.NewValue(kind, values))
		if err != nil {
			t.Fatal(err)
		}
		return &encoded
	}
	if _, err := provider.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.14.0", Config: object(schemas.Provider.ValueType(), nil),
	}); err != nil {
		t.Fatal(err)
	}
	lists, ok := provider.(tfprotov6.ListResourceServer)
	if !ok {
		t.Fatal("the provider serves no lists")
	}
	stream, err := lists.ListResource(t.Context(), &tfprotov6.ListResourceRequest{
		TypeName: "atlasbackup_flex_restore", Limit: 10, IncludeResource: true,
		Config: object(schemas.ListResourceSchemas["atlasbackup_flex_restore"].ValueType(), map[string]string{
			"project_id": s.Fixture().ProjectID, "cluster_name": s.Fixture().FlexClusterName,
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for result := range stream.Results {
		names = append(names, result.DisplayName)
		if len(result.Diagnostics) > 0 || result.Identity == nil || result.Resource == nil {
			t.Errorf("%s: %+v", result.DisplayName, result)
		}
	}
	got := strings.Join(names, "\n")
	if len(names) != 2 || !strings.Contains(names[0], "(FAILED)") || !strings.HasPrefix(names[1], "Flex0 onto Flex1 2026-03-30 ") || !strings.Contains(names[1], "(COMPLETED)") {
		t.Errorf("the list is\n%s", got)
	}
}
