package framework

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// ReadTimeout bounds a read, so that a Retry-After cannot block a plan forever.
const ReadTimeout = 10 * time.Minute

// ValidateTimeouts adds validators to the attributes of a timeouts block. The library's own validator accepts zero and less.
func ValidateTimeouts(attributes map[string]schema.Attribute) {
	for name, attribute := range attributes {
		if text, ok := attribute.(schema.StringAttribute); ok {
			text.Validators = DurationValidators()
			attributes[name] = text
		}
	}
}

// Timeout returns the timeout of an operation ("create", "update" or "delete"). The library's own methods log every timeout that is
// not configured.
func Timeout(configured timeouts.Value, operation string, fallback time.Duration) (time.Duration, diag.Diagnostics) {
	value, ok := configured.Attributes()[operation].(types.String)
	if !ok {
		return fallback, nil
	}
	return ParseDuration(path.Root("timeouts").AtName(operation), value, fallback)
}
