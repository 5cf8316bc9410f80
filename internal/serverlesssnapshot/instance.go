package serverlesssnapshot

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/source"
)

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

// get reads one snapshot and says which endpoint knew it.
func (i *instance) get(ctx context.Context, id string) (found *atlas.ServerlessSnapshot, servedBy string, failure diag.Diagnostic) {
	op := source.One("snapshot "+id+" of "+i.String(), instanceName)
	found, err := i.client.GetServerlessSnapshot(ctx, i.projectID, i.name, id)
	switch {
	case err == nil:
		return found, servedByServerless, nil
	case !atlas.IsServerlessGone(err):
		return nil, "", diagnostics.FromError(op, err)
	}
	flex, flexErr := i.client.GetFlexSnapshot(ctx, i.projectID, i.name, id)
	if flexErr != nil {
		return nil, "", neither(op, diagnostics.Answer{Err: err}, flexErr)
	}
	return fromFlex(flex), servedByFlex, nil
}

// list reads every snapshot, newest first, and says which endpoint knew them. The diagnostics are an error, or warnings.
func (i *instance) list(ctx context.Context) (found []*atlas.ServerlessSnapshot, servedBy string, diags diag.Diagnostics) {
	about := "the snapshots of " + i.String()
	op := source.All(about, instanceName)
	found, unreadable, err := source.Collect(i.client.ListServerlessSnapshots(ctx, i.projectID, i.name))
	switch {
	case err == nil && len(found)+len(unreadable) > 0:
		return found, servedByServerless, source.Unreadable(about, unreadable)
	case err != nil && !atlas.IsServerlessGone(err):
		return nil, "", diag.Diagnostics{diagnostics.FromError(op, err)}
	}
	flex, unreadable, flexErr := source.Collect(i.client.ListFlexSnapshots(ctx, i.projectID, i.name))
	if flexErr != nil {
		return nil, "", diag.Diagnostics{
			neither(op, diagnostics.Answer{Err: err, Said: "lists none, as it does for every instance since the sunset"}, flexErr),
		}
	}
	return source.Models(flex, fromFlex), servedByFlex, source.Unreadable(about, unreadable)
}

// neither is the one error of both endpoints.
func neither(op diagnostics.Operation, serverless diagnostics.Answer, flex error) diag.Diagnostic {
	serverless.Endpoint = "The serverless endpoint"
	return diagnostics.FromAnswers(op, [2]diagnostics.Answer{
		serverless, {Endpoint: "The Flex endpoint", Err: flex},
	}, diagnostics.ServerlessSunset)
}
