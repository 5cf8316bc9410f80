package snapshot

import (
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

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
