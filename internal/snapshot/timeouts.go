package snapshot

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/attribute"
)

// validateTimeouts has the timeouts refuse what leaves no time. The library's own validator lets zero and less pass.
func validateTimeouts(attributes map[string]schema.Attribute) {
	for name, one := range attributes {
		if text, ok := one.(schema.StringAttribute); ok {
			text.Validators = attribute.Duration()
			attributes[name] = text
		}
	}
}

// timeout is how long an operation (create, update or delete) may take. The library's own methods fill the log with what is
// not configured.
func (m *resourceModel) timeout(operation string) (time.Duration, diag.Diagnostics) {
	at := path.Root("timeouts").AtName(operation)
	configured, ok := m.Timeouts.Attributes()[operation].(types.String)
	if !ok {
		return defaultTimeout, nil
	}
	return attribute.ParseDuration(at, configured, defaultTimeout)
}
