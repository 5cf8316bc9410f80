package provider

import (
	"strings"
	"testing"
)

// TestModel_credentialSources names what the provider uses and where it comes from, and shows no value.
func TestModel_credentialSources(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		block       block
		environment environment
		want        string
	}{
		"nothing": {nil, nil, ""},
		"API key of the environment": {
			nil,
			environment{"MONGODB_ATLAS_PUBLIC_API_KEY": "hidden1", "MONGODB_ATLAS_PRIVATE_API_KEY": "hidden2"},
			"an API key (public_key from MONGODB_ATLAS_PUBLIC_API_KEY, private_key from MONGODB_ATLAS_PRIVATE_API_KEY)",
		},
		"API key of two places": {
			block{"public_key": "hidden1"},
			environment{"MONGODB_ATLAS_PRIVATE_KEY": " ", "MCLI_PRIVATE_API_KEY": "hidden2"},
			"an API key (public_key from the provider block, private_key from MCLI_PRIVATE_API_KEY)",
		},
		"service account": {
			nil,
			environment{"MONGODB_ATLAS_CLIENT_ID": "hidden1", "MONGODB_ATLAS_CLIENT_SECRET": "hidden2", "MCLI_PUBLIC_API_KEY": "hidden3"},
			"a service account (client_id from MONGODB_ATLAS_CLIENT_ID, client_secret from MONGODB_ATLAS_CLIENT_SECRET)",
		},
		"access token of the block": {
			block{"access_token": "hidden1"}, environment{"MONGODB_ATLAS_ACCESS_TOKEN": "hidden2"}, "an access token (access_token from the provider block)",
		},
		"not known yet": {block{"client_id": "hidden1", "client_secret": unknown{}}, nil, ""},
	} {
		if got := c.block.model(t).credentialSources(c.environment.get); got != c.want || strings.Contains(got, "hidden") {
			t.Errorf("%s: %q, expected %q", name, got, c.want)
		}
	}
}
