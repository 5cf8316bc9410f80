package framework

import "github.com/hashicorp/terraform-plugin-framework/types"

// TriggersChange reports whether the values of triggers change. The first triggers of a resource, such as an imported one, and the
// removal of all are no change.
func TriggersChange(state, plan types.Map) bool {
	return !state.IsNull() && !plan.IsNull() && !state.Equal(plan)
}
