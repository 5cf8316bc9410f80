package flexrestore_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// server is the provider as Terraform 1.14 talks to it.
type server struct {
	tfprotov6.ProviderServer
	schemas *tfprotov6.GetProviderSchemaResponse
}

func protocol(t *testing.T, a *acctest.Atlas) *server {
	t.Helper()
	provider, err := a.Providers()["atlasbackup"]()
	if err != nil {
		t.Fatal(err)
	}
	s := &server{ProviderServer: provider}
	s.schemas, err = s.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	configured, err := s.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.14.0", Config: object(t, s.schemas.Provider.ValueType(), nil),
	})
	if err != nil || len(configured.Diagnostics) > 0 {
		t.Fatal(err, configured.Diagnostics)
	}
	return s
}

// object is a value with these attributes; all others are null.
func object(t *testing.T, kind tftypes.Type, attributes map[string]any) *tfprotov6.DynamicValue {
	t.Helper()
	of, ok := kind.(tftypes.Object)
	if !ok {
		t.Fatalf("%s is no object", kind)
	}
	values := map[string]tftypes.Value{}
	for name, attribute := range of.AttributeTypes {
		values[name] = tftypes.NewValue(attribute, attributes[name])
	}
	encoded, err := tfprotov6.NewDynamicValue(kind, tftypes.NewValue(kind, values))
	if err != nil {
		t.Fatal(err)
	}
	return &encoded
}

// invoke runs the action to its end, and returns what it said and the errors.
func (s *server) invoke(t *testing.T, a *acctest.Atlas, arguments map[string]any) (messages, errors string) {
	t.Helper()
	actions, ok := s.ProviderServer.(tfprotov6.ActionServer)
	if !ok {
		t.Fatal("the provider serves no actions")
	}
	all := map[string]any{
		"project_id": a.Fixture().ProjectID, "cluster_name": a.Fixture().FlexClusterName, "target_cluster_name": targetName, "erase_target": targetName,
	}
	for name, value := range arguments {
		all[name] = value
	}
	config := object(t, s.schemas.ActionSchemas["atlasbackup_flex_restore"].Schema.ValueType(), all)
	validated, err := actions.ValidateActionConfig(t.Context(), &tfprotov6.ValidateActionConfigRequest{ActionType: "atlasbackup_flex_restore", Config: config})
	if err != nil {
		t.Fatal(err)
	}
	if len(validated.Diagnostics) > 0 {
		return "", validated.Diagnostics[0].Detail
	}
	stream, err := actions.InvokeAction(t.Context(), &tfprotov6.InvokeActionRequest{ActionType: "atlasbackup_flex_restore", Config: config})
	if err != nil {
		t.Fatal(err)
	}
	for event := range stream.Events {
		switch event := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			messages += event.Message + "\n"
		case tfprotov6.CompletedInvokeActionEventType:
			for _, d := range event.Diagnostics {
				errors += d.Summary + ": " + d.Detail + "\n"
			}
		}
	}
	return messages, errors
}

// TestAction restores each time it is invoked.
func TestAction(t *testing.T) {
	t.Parallel()
	r := newRestore(t)
	s := protocol(t, r.Atlas)
	for n := 1; n <= 2; n++ {
		messages, errors := s.invoke(t, r.Atlas, map[string]any{"most_recent": true})
		if errors != "" || !strings.Contains(messages, "completed in ") {
			t.Errorf("invocation %d: %s\n%s", n, errors, messages)
		}
		r.expect(t, n, r.restored)
	}
	r.NextRestore(atlassim.RestorePlan{Fail: true})
	if _, errors := s.invoke(t, r.Atlas, map[string]any{"snapshot_id": r.snapshot}); !strings.Contains(errors, `its status is "FAILED"`) {
		t.Errorf("a failed restore: %s", errors)
	}
	if _, errors := s.invoke(t, r.Atlas, map[string]any{"most_recent": true, "erase_target": "Flex0"}); !strings.Contains(errors, "set erase_target") {
		t.Errorf("another target confirmed: %s", errors)
	}
	r.expect(t, 3, "")
}
