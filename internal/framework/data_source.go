package framework

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

// DataSource defines a data source. M is the model of its configuration and state.
type DataSource[M any] struct {
	// Name is its type without that of the provider.
	Name   string
	Schema schema.Schema
	// Validators check several arguments together.
	Validators []datasource.ConfigValidator
	// Read completes the model. No argument is unknown. The model becomes the state unless Read returns an error.
	Read func(ctx context.Context, client *atlas.Client, model *M) diag.Diagnostics
}

// dataSource implements the framework's interfaces for a [DataSource].
type dataSource[M any] struct {
	DataSource[M]

	client *atlas.Client
}

var (
	_ datasource.DataSourceWithConfigure        = (*dataSource[any])(nil)
	_ datasource.DataSourceWithConfigValidators = (*dataSource[any])(nil)
)

// NewDataSource returns the data source of a definition.
func NewDataSource[M any](definition DataSource[M]) datasource.DataSource {
	return &dataSource[M]{DataSource: definition}
}

func (d *dataSource[M]) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + d.Name
}

func (d *dataSource[M]) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = d.DataSource.Schema
}

func (d *dataSource[M]) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return d.Validators
}

func (d *dataSource[M]) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	data, diags := Configure(req.ProviderData, "data source")
	d.client, resp.Diagnostics = data.Client, diags
}

func (d *dataSource[M]) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model M
	if resp.Diagnostics.Append(req.Config.Get(ctx, &model)...); resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := d.client.Clock().WithTimeout(ctx, ReadTimeout)
	defer cancel()
	if resp.Diagnostics.Append(d.DataSource.Read(ctx, d.client, &model)...); resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
