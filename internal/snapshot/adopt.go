package snapshot

import (
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

// timeoutTypes are the attributes of the timeouts block.
var timeoutTypes = map[string]attr.Type{"create": types.StringType, "update": types.StringType, "delete": types.StringType}

// adopt is the model of a snapshot that exists without this resource having taken it: imported, listed or moved from
// another provider. Arguments of which Atlas knows nothing have their defaults; the retention is left null.
func adopt(projectID, clusterName string, s *atlas.Snapshot) resourceModel {
	m := resourceModel{
		ProjectID:   types.StringValue(projectID),
		ClusterName: types.StringValue(clusterName),
		Triggers:    types.MapNull(types.StringType),
		SkipDestroy: types.BoolValue(false),
		OnExpiry:    types.StringValue(onExpiryKeep),
		Timeouts:    timeouts.Value{Object: types.ObjectNull(timeoutTypes)},
	}
	m.setSnapshot(s)
	return m
}
