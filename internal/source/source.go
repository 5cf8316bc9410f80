// Package source has what is alike in the data sources: how the framework and they meet, the attributes that say what to
// read, and the choice between one snapshot by its id and the most recent one.
package source

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
)

// readTimeout bounds a read, so that a Retry-After does not hold up a plan for ever.
const readTimeout = 10 * time.Minute

// Definition is all that is particular to a data source. M is the model of its configuration and state.
type Definition[M any] struct {
	// Name is its type without the provider's.
	Name   string
	Schema schema.Schema
	// Rules are those about several arguments at once.
	Rules []datasource.ConfigValidator
	// Read completes the model, in which every argument is known. The model becomes the state unless Read reports an error.
	Read func(ctx context.Context, client *atlas.Client, model *M) diag.Diagnostics
}

// dataSource is a [Definition] as the framework wants it.
type dataSource[M any] struct {
	definition Definition[M]
	client     *atlas.Client
}

var (
	_ datasource.DataSource                     = (*dataSource[any])(nil)
	_ datasource.DataSourceWithConfigure        = (*dataSource[any])(nil)
	_ datasource.DataSourceWithConfigValidators = (*dataSource[any])(nil)
)

// New makes the data source of definition.
func New[M any](definition Definition[M]) datasource.DataSource {
	return &dataSource[M]{definition: definition}
}

// Metadata names the data source.
func (d *dataSource[M]) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + d.definition.Name
}

// Schema of the data source.
func (d *dataSource[M]) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = d.definition.Schema
}

// ConfigValidators are the rules about several arguments at once.
func (d *dataSource[M]) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return d.definition.Rules
}

// Configure takes the API client from the provider.
func (d *dataSource[M]) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	if req.ProviderData == nil {
		return
	}
	client, ok := req.ProviderData.(*atlas.Client)
	if !ok {
		resp.Diagnostics.AddError("Unable to configure data source", fmt.Sprintf("The provider gave %T in the place of its API client. This is a bug of the provider.", req.ProviderData))
		return
	}
	d.client = client
}

// Read reads what the configuration asks for into the state.
func (d *dataSource[M]) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model M
	if resp.Diagnostics.Append(req.Config.Get(ctx, &model)...); resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := d.client.Clock().WithTimeout(ctx, readTimeout)
	defer cancel()
	if resp.Diagnostics.Append(d.definition.Read(ctx, d.client, &model)...); resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// One is the reading of one snapshot, for its errors. about says what it is of, such as `cluster "Cluster0" of project 5f…`,
// and name is the argument that has the name of that.
func One(about, name string) diagnostics.Operation {
	op := All(about, name)
	op.Summary, op.Arguments.Snapshot = "Unable to read snapshot", snapshotID
	return op
}

// All is [One] for the reading of all snapshots.
func All(about, name string) diagnostics.Operation {
	return diagnostics.Operation{
		Summary: "Unable to read snapshots", About: about,
		Arguments: diagnostics.Arguments{Project: path.Root("project_id"), Cluster: path.Root(name)},
	}
}

// Taken is a snapshot of any kind.
type Taken interface {
	// TakenAt is when it was taken, by Atlas's clock; where Atlas does not say (yet), when it was asked for.
	TakenAt() time.Time
}

// NewestFirst sorts snapshots. Lists of Atlas come in different orders, some of them in none that is documented.
func NewestFirst[T Taken](all []T) {
	slices.SortStableFunc(all, func(a, b T) int { return b.TakenAt().Compare(a.TakenAt()) })
}

// Collect reads a list to its end, and gives it newest first, with the errors of the elements that cannot be read.
func Collect[T Taken](list iter.Seq2[T, error]) (all []T, unreadable []error, err error) {
	for one, err := range atlas.Readable(list, func(err error) { unreadable = append(unreadable, err) }) {
		if err != nil {
			return nil, nil, err
		}
		all = append(all, one)
	}
	NewestFirst(all)
	return all, unreadable, nil
}

// Unreadable warns of elements of a list that cannot be read. about says of what the list is.
func Unreadable(about string, elements []error) diag.Diagnostics {
	if len(elements) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("Unable to read a part of the list", fmt.Sprintf(
		"Atlas listed %s, but not all of the list can be read, and what cannot is left out. Unreadable: %d. The first: %s.\n\n"+
			"Look at the snapshots in Atlas if one is missing here.", about, len(elements), atlas.Brief(elements[0])))}
}

// Models are the models of all, which is no null list where there are none.
func Models[T, M any](all []T, model func(T) M) []M {
	models := make([]M, 0, len(all))
	for _, one := range all {
		models = append(models, model(one))
	}
	return models
}
