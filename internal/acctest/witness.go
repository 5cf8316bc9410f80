package acctest

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

// wholeServer is everything that a server of this provider can do.
type wholeServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
}

// witness stands between Terraform and the provider and notes which states Terraform is given.
type witness struct {
	wholeServer
	log     *statements
	clock   wait.Clock
	schema  *tfprotov6.GetProviderSchemaResponse
	mu      sync.Mutex
	configs *tfprotov6.ConfigureProviderRequest
}

// statements are what the witnesses of one scenario have noted: Terraform starts a provider for every command.
type statements struct {
	mu    sync.Mutex
	calls []*providerCall
}

// providerCall is one call of Terraform that gives it a state.
type providerCall struct {
	name string
	// again makes the same call on another server.
	again func(context.Context, tfprotov6.ProviderServer) (any, error)
	// configured is how the provider was configured then, and at when by its clock.
	configured *tfprotov6.ConfigureProviderRequest
	at         time.Time
	states     []providerState
	// failed says that the provider returned an error.
	failed bool

	mu sync.Mutex
	// played are the ids of the interactions that the call took, in order.
	played []int
}

type providerCallKey struct{}

func (c *providerCall) take(id int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.played = append(c.played, id)
}

func newWitness(ctx context.Context, server tfprotov6.ProviderServer, log *statements, clock wait.Clock) (*witness, error) {
	whole, ok := server.(wholeServer)
	if !ok {
		return nil, fmt.Errorf("%T does less than Terraform may ask for", server)
	}
	schema, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, err
	}
	return &witness{wholeServer: whole, log: log, clock: clock, schema: schema}, nil
}

// ConfigureProvider remembers how.
func (w *witness) ConfigureProvider(ctx context.Context, req *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	w.mu.Lock()
	w.configs = req
	w.mu.Unlock()
	return w.wholeServer.ConfigureProvider(ctx, req)
}

// ReadResource notes the state.
func (w *witness) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return witnessed(ctx, w, req, tfprotov6.ProviderServer.ReadResource)
}

// ApplyResourceChange notes the state.
func (w *witness) ApplyResourceChange(
	ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return witnessed(ctx, w, req, tfprotov6.ProviderServer.ApplyResourceChange)
}

// ReadDataSource notes the state.
func (w *witness) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return witnessed(ctx, w, req, tfprotov6.ProviderServer.ReadDataSource)
}

// PlanResourceChange has no state to note, and may send requests.
func (w *witness) PlanResourceChange(
	ctx context.Context, req *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	return witnessed(ctx, w, req, tfprotov6.ProviderServer.PlanResourceChange)
}

func witnessed[Request, Response any](
	ctx context.Context, w *witness, req Request, method func(tfprotov6.ProviderServer, context.Context, Request) (Response, error),
) (Response, error) {
	w.mu.Lock()
	call := &providerCall{name: fmt.Sprintf("%T", req), configured: w.configs, at: w.clock.Now()}
	w.mu.Unlock()
	call.again = func(ctx context.Context, server tfprotov6.ProviderServer) (any, error) {
		return method(server, ctx, req)
	}
	resp, err := method(w.wholeServer, context.WithValue(ctx, providerCallKey{}, call), req)
	if err != nil {
		return resp, err
	}
	w.log.mu.Lock()
	defer w.log.mu.Unlock()
	call.states, call.failed = w.statesOf(req, resp)
	w.log.calls = append(w.log.calls, call)
	return resp, nil
}

// statesOf are the states in a response, and whether it has an error.
func (w *witness) statesOf(req, resp any) ([]providerState, bool) {
	switch r := resp.(type) {
	case *tfprotov6.ReadResourceResponse:
		name := typeNameOf(req)
		return w.stateOf(name, w.schema.ResourceSchemas[name], r.NewState), hasError(r.Diagnostics)
	case *tfprotov6.ApplyResourceChangeResponse:
		name := typeNameOf(req)
		return w.stateOf(name, w.schema.ResourceSchemas[name], r.NewState), hasError(r.Diagnostics)
	case *tfprotov6.ReadDataSourceResponse:
		name := typeNameOf(req)
		return w.stateOf("data "+name, w.schema.DataSourceSchemas[name], r.State), hasError(r.Diagnostics)
	case *tfprotov6.PlanResourceChangeResponse:
		return nil, hasError(r.Diagnostics)
	}
	return nil, false
}

func typeNameOf(req any) string {
	switch r := req.(type) {
	case *tfprotov6.ReadResourceRequest:
		return r.TypeName
	case *tfprotov6.ApplyResourceChangeRequest:
		return r.TypeName
	case *tfprotov6.ReadDataSourceRequest:
		return r.TypeName
	}
	return ""
}

func hasError(diagnostics []*tfprotov6.Diagnostic) bool {
	return slices.ContainsFunc(diagnostics, func(d *tfprotov6.Diagnostic) bool {
		return d.Severity == tfprotov6.DiagnosticSeverityError
	})
}

// stateOf is a state as JSON, without what is null.
func (w *witness) stateOf(of string, schema *tfprotov6.Schema, state *tfprotov6.DynamicValue) []providerState {
	if schema == nil || state == nil {
		return nil
	}
	value, err := state.Unmarshal(schema.ValueType())
	if err != nil {
		return []providerState{{Of: of, Is: err.Error()}}
	}
	if value.IsNull() {
		return []providerState{{Of: of, Is: "null"}}
	}
	return []providerState{{Of: of, Is: encode(plain(value))}}
}

// plain is a value of Terraform's as one that JSON has.
func plain(value tftypes.Value) any {
	var (
		text   string
		truth  bool
		object map[string]tftypes.Value
		list   []tftypes.Value
	)
	switch {
	case !value.IsKnown():
		return "(unknown)"
	case value.IsNull():
		return nil
	case value.As(&text) == nil:
		return text
	case value.As(&truth) == nil:
		return truth
	case value.As(&object) == nil:
		all := map[string]any{}
		for name, one := range object {
			if shown := plain(one); shown != nil {
				all[name] = shown
			}
		}
		return all
	case value.As(&list) == nil:
		all := []any{}
		for _, one := range list {
			all = append(all, plain(one))
		}
		return all
	}
	return number(value)
}

// number is a number with all its digits.
func number(value tftypes.Value) any {
	var n big.Float
	if err := value.As(&n); err != nil {
		return err.Error()
	}
	return json.Number(n.Text('f', -1))
}
