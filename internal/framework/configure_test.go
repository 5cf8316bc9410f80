package framework_test

import (
	"strings"
	"testing"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
)

func TestConfigure(t *testing.T) {
	t.Parallel()
	if data, diags := framework.Configure(nil, "resource"); data != (framework.ProviderData{}) || diags != nil {
		t.Errorf("before the provider is configured it passes %+v (%v), expected nothing", data, diags)
	}
	want := framework.ProviderData{Client: &atlas.Client{}, Clusters: framework.NewClusterReads(nil)}
	if data, diags := framework.Configure(want, "resource"); data != want || diags != nil {
		t.Errorf("the provider passes %+v (%v), expected %+v", data, diags, want)
	}
	data, diags := framework.Configure(want.Client, "data source")
	if data != (framework.ProviderData{}) || len(diags) != 1 || diags[0].Summary() != "Unable to configure data source" ||
		!strings.Contains(diags[0].Detail(), "*atlas.Client") {
		t.Errorf("something else passes as %+v (%v), expected an error that names its type", data, diags)
	}
}
