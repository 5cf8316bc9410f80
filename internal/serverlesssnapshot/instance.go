package serverlesssnapshot

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
)

const sunset = "Atlas closed its serverless API in January 2026 and moved every serverless instance, under its own name, to a Flex, " +
	"a dedicated or a free cluster. Of one that is Flex now this data source reads the snapshots through the Flex API, which keeps the last " +
	"eight. Those of one that is dedicated now are read with the data source atlasbackup_snapshots; a free one has none."

var noun = diagnostics.Noun{
	Name:  "snapshot",
	Roles: "Reading needs the role Project Read Only (or one that includes it).",
	Causes: map[string]diagnostics.Cause{
		atlas.CodeNonFlexInFlexAPI:       {Remedy: "This is not a Flex cluster. Read its snapshots with the data source atlasbackup_snapshots."},
		atlas.CodeClusterInServerlessAPI: {Remedy: "This is a cluster. Read its snapshots with the data source atlasbackup_snapshots."},
		atlas.CodeSnapshotNotFound:       {Remedy: diagnostics.CheckID("snapshot_id", "snapshot")},
	},
}

func failure(summary, about string) diagnostics.Failure {
	return diagnostics.Failure{
		Summary: summary, About: about, Noun: noun,
		Arguments: diagnostics.Arguments{Project: path.Root("project_id"), Cluster: path.Root("instance_name")},
	}
}

// instance is where snapshots are: one serverless instance, or the Flex cluster of the same name that became of it.
//
// Atlas closed the serverless API in January 2026. What it answers there since is not documented: a refusal of some kind (see
// [atlas.IsServerlessGone]), or an empty list. Each of them means that Flex has to be asked; whatever else goes wrong says
// nothing of where the snapshots are, and is an error as it stands.
type instance struct {
	client    *atlas.Client
	projectID string
	name      string
}

func (i *instance) String() string {
	return fmt.Sprintf("serverless instance %q of project %s", i.name, i.projectID)
}

// get returns one snapshot and the endpoint that knew it.
func (i *instance) get(ctx context.Context, id string) (found *atlas.ServerlessSnapshot, servedBy string, diagnostic diag.Diagnostic) {
	f := failure("Unable to read snapshot", "snapshot "+id+" of "+i.String())
	f.Arguments.Object = path.Root("snapshot_id")
	found, err := i.client.GetServerlessSnapshot(ctx, i.projectID, i.name, id)
	switch {
	case err == nil:
		return found, servedByServerless, nil
	case !atlas.IsServerlessGone(err):
		return nil, "", diagnostics.FromError(f, err)
	}
	flex, flexErr := i.client.GetFlexSnapshot(ctx, i.projectID, i.name, id)
	if flexErr != nil {
		return nil, "", neither(f, diagnostics.Answer{Err: err}, flexErr)
	}
	return fromFlex(flex), servedByFlex, nil
}

// list returns every snapshot, newest first, and the endpoint that knew them. The diagnostics are an error, or warnings.
func (i *instance) list(ctx context.Context) (found []*atlas.ServerlessSnapshot, servedBy string, diags diag.Diagnostics) {
	about := "the snapshots of " + i.String()
	f := failure("Unable to read snapshots", about)
	found, unreadable, err := framework.Collect(i.client.ListServerlessSnapshots(ctx, i.projectID, i.name), (*atlas.ServerlessSnapshot).TakenAt)
	switch {
	case err == nil && len(found)+len(unreadable) > 0:
		return found, servedByServerless, diagnostics.Unreadable(about, unreadable)
	case err != nil && !atlas.IsServerlessGone(err):
		return nil, "", diag.Diagnostics{diagnostics.FromError(f, err)}
	}
	flex, unreadable, flexErr := framework.Collect(i.client.ListFlexSnapshots(ctx, i.projectID, i.name), (*atlas.FlexSnapshot).TakenAt)
	if flexErr != nil {
		return nil, "", diag.Diagnostics{
			neither(f, diagnostics.Answer{Err: err, Text: "lists none, as it does for every instance since the sunset"}, flexErr),
		}
	}
	return framework.Models(flex, fromFlex), servedByFlex, diagnostics.Unreadable(about, unreadable)
}

// neither returns the one error of both endpoints.
func neither(f diagnostics.Failure, serverless diagnostics.Answer, flex error) diag.Diagnostic {
	serverless.Endpoint = "The serverless endpoint"
	return diagnostics.FromAnswers(f, [2]diagnostics.Answer{
		serverless, {Endpoint: "The Flex endpoint", Err: flex},
	}, sunset)
}
