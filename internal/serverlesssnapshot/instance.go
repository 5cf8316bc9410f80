package serverlesssnapshot

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
)

const sunset = "Atlas closed its serverless API in January 2026 and moved every serverless instance, under its own name, to a Flex, " +
	"a dedicated or a free cluster. Of one that is Flex now this data source reads the snapshots through the Flex API, which keeps the last " +
	"eight. Those of one that is dedicated now are read with the data source atlasbackup_snapshots; a free one has none."

var noun = diagnostics.Noun{
	Name: "snapshot", Project: path.Root("project_id"), Cluster: path.Root("instance_name"),
	Roles: "Reading needs the role Project Read Only (or one that includes it).",
	Causes: map[string]diagnostics.Cause{
		atlas.CodeNonFlexInFlexAPI:       {Remedy: "This is not a Flex cluster. Read its snapshots with the data source atlasbackup_snapshots."},
		atlas.CodeClusterInServerlessAPI: {Remedy: "This is a cluster. Read its snapshots with the data source atlasbackup_snapshots."},
		atlas.CodeSnapshotNotFound:       {Remedy: diagnostics.CheckID("snapshot_id", "snapshot")},
	},
}

func (m instanceModel) String() string {
	return fmt.Sprintf("serverless instance %q of project %s", m.InstanceName.ValueString(), m.ProjectID.ValueString())
}

// get returns one snapshot and the endpoint that knew it.
//
// Atlas closed the serverless API in January 2026. Its answers since then are not documented: a refusal of some kind (see
// [atlas.IsServerlessGone]), or an empty list. Either means to try Flex; any other error says nothing of where the snapshots are, and is
// returned.
func (m instanceModel) get(ctx context.Context, client *atlas.Client, id string) (*atlas.ServerlessSnapshot, types.String, diag.Diagnostics) {
	f := noun.Failure("Unable to read snapshot", "snapshot "+id+" of "+m.String())
	f.Object = path.Root("snapshot_id")
	projectID, name := m.ProjectID.ValueString(), m.InstanceName.ValueString()
	found, err := client.GetServerlessSnapshot(ctx, projectID, name, id)
	switch {
	case err == nil:
		return found, servedByServerless, nil
	case !atlas.IsServerlessGone(err):
		return nil, types.StringNull(), diag.Diagnostics{diagnostics.FromError(f, err)}
	}
	flex, flexErr := client.GetFlexSnapshot(ctx, projectID, name, id)
	if flexErr != nil {
		return nil, types.StringNull(), neither(f, diagnostics.Answer{Err: err}, flexErr)
	}
	return fromFlex(flex), servedByFlex, nil
}

// list returns every snapshot, newest first, and the endpoint that knew them. The diagnostics are an error, or warnings.
func (m instanceModel) list(ctx context.Context, client *atlas.Client) ([]*atlas.ServerlessSnapshot, types.String, diag.Diagnostics) {
	f := noun.Failure("Unable to read snapshots", "the snapshots of "+m.String())
	projectID, name := m.ProjectID.ValueString(), m.InstanceName.ValueString()
	found, unreadable, err := framework.Collect(client.ListServerlessSnapshots(ctx, projectID, name), (*atlas.ServerlessSnapshot).TakenAt)
	switch {
	case err == nil && len(found)+len(unreadable) > 0:
		return found, servedByServerless, diagnostics.Unreadable(f.About, unreadable)
	case err != nil && !atlas.IsServerlessGone(err):
		return nil, types.StringNull(), diag.Diagnostics{diagnostics.FromError(f, err)}
	}
	flex, unreadable, flexErr := framework.Collect(client.ListFlexSnapshots(ctx, projectID, name), (*atlas.FlexSnapshot).TakenAt)
	if flexErr != nil {
		return nil, types.StringNull(), neither(f, diagnostics.Answer{Err: err, Text: "lists none, as it does for every instance since the sunset"}, flexErr)
	}
	return framework.Models(flex, fromFlex), servedByFlex, diagnostics.Unreadable(f.About, unreadable)
}

// neither returns one error for both endpoints.
func neither(f diagnostics.Failure, serverless diagnostics.Answer, flex error) diag.Diagnostics {
	serverless.Endpoint = "The serverless endpoint"
	return diag.Diagnostics{diagnostics.FromAnswers(f, [2]diagnostics.Answer{serverless, {Endpoint: "The Flex endpoint", Err: flex}}, sunset)}
}
