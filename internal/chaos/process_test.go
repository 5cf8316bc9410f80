package chaos

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/zclconf/go-cty/cty"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest/tfcore"
)

// process is a provider, configured from the environment, and its snapshots.
type process struct {
	*tfcore.Resource
	provider *tfcore.Provider
}

// start starts a provider as a Terraform process does. on, where set, is told every diagnostic.
func start(t *testing.T, a *acctest.Atlas, on tfcore.OnDiagnostic) *process {
	t.Helper()
	return serve(t, a.NewProvider(), on)
}

func serve(t *testing.T, served provider.Provider, on tfcore.OnDiagnostic) *process {
	t.Helper()
	p, err := tfcore.NewProvider(t.Context(), served)
	if err == nil {
		err = p.ConfigureFromEnvironment(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	snapshots, err := p.Resource("atlasbackup_snapshot", on)
	if err != nil {
		t.Fatal(err)
	}
	return &process{Resource: snapshots, provider: p}
}

// create makes an object that a configuration asks for.
func (p *process) create(ctx context.Context, config cty.Value) error {
	c, err := p.Plan(ctx, nil, config, false)
	if err != nil {
		return err
	}
	_, _, err = p.Apply(ctx, nil, c, func() bool { return false })
	return err
}
