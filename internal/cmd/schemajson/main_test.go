package main

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/provider"
)

// schemas are the parts of a document about the one provider that it has at an address.
func schemas(t *testing.T, document []byte, address string) map[string]any {
	t.Helper()
	var decoded struct {
		Providers map[string]map[string]any `json:"provider_schemas"`
	}
	if err := json.Unmarshal(document, &decoded); err != nil {
		t.Fatalf("%v in\n%s", err, document)
	}
	return decoded.Providers[address]
}

// TestRun_agrees compares with what Terraform prints: whatever it knows of has to be the same, and the rest has to be there.
func TestRun_agrees(t *testing.T) {
	t.Parallel()
	var printed bytes.Buffer
	if err := run(t.Context(), &printed); err != nil {
		t.Fatal(err)
	}
	got := schemas(t, printed.Bytes(), key)
	terraform := acctest.NewAtlas(t).Terraform(t, map[string]string{
		"main.tf": "terraform {\n  required_providers {\n    atlasbackup = { source = \"atlasbackup/atlasbackup\" }\n  }\n}\n",
	})
	want := schemas(t, []byte(terraform.Do(0, "providers", "schema", "-json")), provider.Address)
	if want["provider"] == nil || want["resource_schemas"] == nil {
		t.Fatalf("Terraform prints %v", want)
	}
	for part, printed := range want {
		if diff := cmp.Diff(printed, got[part]); diff != "" {
			t.Errorf("%s (-Terraform +schemajson):\n%s", part, diff)
		}
	}
	for _, part := range []string{"resource_identity_schemas", "list_resource_schemas", "action_schemas"} {
		if kinds, ok := got[part].(map[string]any); !ok || len(kinds) == 0 {
			t.Errorf("%s is %v", part, got[part])
		}
	}
}
