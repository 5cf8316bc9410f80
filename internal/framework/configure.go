// Package framework has what resources, data sources, list resources and actions share with the plugin framework.
package framework

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

// ProviderData is what the provider passes to its resources, data sources, list resources and actions.
type ProviderData struct {
	Client *atlas.Client
	// Clusters is nil unless plans check clusters (check_at_plan).
	Clusters *ClusterReads
}

// Configure returns the provider's data for kind, such as "data source". It is empty until the provider is configured.
func Configure(providerData any, kind string) (ProviderData, diag.Diagnostics) {
	if providerData == nil {
		return ProviderData{}, nil
	}
	data, ok := providerData.(ProviderData)
	if !ok {
		return ProviderData{}, diag.Diagnostics{diag.NewErrorDiagnostic("Unable to configure "+kind,
			fmt.Sprintf("The provider passed %T instead of its configuration. This is a bug in the provider.", providerData))}
	}
	return data, nil
}
