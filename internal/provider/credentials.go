package provider

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

// credential is one argument of a kind of credentials and the environment variables that it falls back to, in order.
type credential struct {
	name      string
	value     types.String
	variables []string
}

// kind is one way of telling Atlas who calls: all of its credentials are needed.
type kind struct {
	name        string
	credentials []credential
}

// kinds are in the order in which the environment is searched.
func (m model) kinds() []kind {
	return []kind{
		{"access token", []credential{
			{"access_token", m.AccessToken, []string{"MONGODB_ATLAS_ACCESS_TOKEN"}},
		}},
		{"service account", []credential{
			{"client_id", m.ClientID, []string{"MONGODB_ATLAS_CLIENT_ID"}},
			{"client_secret", m.ClientSecret, []string{"MONGODB_ATLAS_CLIENT_SECRET"}},
		}},
		{"API key", []credential{
			{"public_key", m.PublicKey, []string{"MONGODB_ATLAS_PUBLIC_API_KEY", "MONGODB_ATLAS_PUBLIC_KEY", "MCLI_PUBLIC_API_KEY"}},
			{"private_key", m.PrivateKey, []string{"MONGODB_ATLAS_PRIVATE_API_KEY", "MONGODB_ATLAS_PRIVATE_KEY", "MCLI_PRIVATE_API_KEY"}},
		}},
	}
}

var baseURLVariables = []string{"MONGODB_ATLAS_BASE_URL", "MCLI_OPS_MANAGER_URL"}

// textOf is what the provider block says. An empty string is nothing: it is what an unset variable of a module comes as.
// Keys have no spaces; one that a file or a CI system has put a line end behind is meant without.
func textOf(value types.String) string { return strings.TrimSpace(value.ValueString()) }

// named says that the block certainly names the kind. What is not known yet may turn out to be nothing.
func (k kind) named() bool {
	return slices.ContainsFunc(k.credentials, func(c credential) bool { return textOf(c.value) != "" })
}

func (k kind) unknown() bool {
	return slices.ContainsFunc(k.credentials, func(c credential) bool { return c.value.IsUnknown() })
}

func (c credential) fromEnvironment(getenv func(string) string) string {
	value, _ := firstOf(getenv, c.variables)
	return value
}

// firstOf is the first of the variables that is set, its value and its name.
func firstOf(getenv func(string) string, variables []string) (value, name string) {
	for _, variable := range variables {
		if value := strings.TrimSpace(getenv(variable)); value != "" {
			return value, variable
		}
	}
	return "", ""
}

// origins says what the provider authenticates with and where each part comes from, for the error of a refusal. It has
// names only, no values. It is empty where there are no credentials, or none that are known.
func (m model) origins(getenv func(string) string) string {
	chosen, found := m.chooseKind(getenv)
	if !found || chosen.unknown() {
		return ""
	}
	parts := make([]string, 0, len(chosen.credentials))
	for _, c := range chosen.credentials {
		from := "the provider block"
		if textOf(c.value) == "" {
			_, from = firstOf(getenv, c.variables)
		}
		parts = append(parts, c.name+" from "+from)
	}
	return article(chosen.name) + " (" + strings.Join(parts, ", ") + ")"
}

// conflicts is what the block says twice. It needs no environment, so that `terraform validate` finds it.
func (m model) conflicts() diag.Diagnostics {
	var diags diag.Diagnostics
	var first *kind
	for _, k := range m.kinds() {
		if !k.named() {
			continue
		}
		if first == nil {
			first = &k
			continue
		}
		diags.AddAttributeError(path.Root(k.credentials[0].name), "Conflicting credentials",
			fmt.Sprintf("The provider block names credentials of two kinds: %s (%s) and %s (%s). Keep one of them.",
				article(first.name), first.arguments(), article(k.name), k.arguments()))
	}
	if textOf(m.BaseURL) != "" && m.IsMongodbgovCloud.ValueBool() {
		diags.AddAttributeError(path.Root("is_mongodbgov_cloud"), "Conflicting address",
			"The provider block sets both base_url and is_mongodbgov_cloud. Keep one of them.")
	}
	return diags
}

func article(name string) string {
	if strings.ContainsRune("aeiouA", rune(name[0])) {
		return "an " + name
	}
	return "a " + name
}

func (k kind) arguments() string {
	names := make([]string, 0, len(k.credentials))
	for _, c := range k.credentials {
		names = append(names, c.name)
	}
	return strings.Join(names, ", ")
}

// resolve finds the address and the credentials: what the block names wins over the environment, kind by kind.
func (m model) resolve(getenv func(string) string, clock wait.Clock) (*url.URL, atlas.Authenticator, diag.Diagnostics) {
	diags := m.conflicts()
	base, unknown, baseDiags := m.resolveBaseURL(getenv)
	diags.Append(baseDiags...)
	if diags.HasError() {
		return nil, nil, diags
	}
	chosen, found := m.chooseKind(getenv)
	if !found {
		diags.AddError("Missing credentials", missingCredentials)
		return nil, nil, diags
	}
	values := map[string]string{}
	for _, c := range chosen.credentials {
		value := textOf(c.value)
		if value == "" {
			value = c.fromEnvironment(getenv)
		}
		switch {
		case c.value.IsUnknown():
			unknown = append(unknown, c.name)
		case value == "" && !chosen.unknown():
			diags.AddAttributeError(path.Root(c.name), "Incomplete credentials",
				fmt.Sprintf("%s needs %s, and %s is not set. Set it in the provider block, or export %s.",
					capital(article(chosen.name)), strings.ReplaceAll(chosen.arguments(), ", ", " and "), c.name, strings.Join(c.variables, " or ")))
		}
		values[c.name] = value
	}
	if diags.HasError() {
		return nil, nil, diags
	}
	if len(unknown) > 0 {
		return base, atlas.UnavailableCredentials(fmt.Errorf("%w: %s depends on something that is applied first",
			atlas.ErrCredentialsUnknown, strings.Join(unknown, " and "))), diags
	}
	switch chosen.name {
	case "access token":
		return base, atlas.AccessToken(values["access_token"]), diags
	case "service account":
		return base, atlas.ServiceAccount(values["client_id"], values["client_secret"], base, clock), diags
	default:
		return base, atlas.Digest(values["public_key"], values["private_key"]), diags
	}
}

const missingCredentials = "The provider needs one kind of Atlas credentials, and neither the provider block nor the environment has any. Set one of:\n" +
	"  - client_id and client_secret of a service account (MONGODB_ATLAS_CLIENT_ID, MONGODB_ATLAS_CLIENT_SECRET);\n" +
	"  - public_key and private_key of an API key (MONGODB_ATLAS_PUBLIC_API_KEY, MONGODB_ATLAS_PRIVATE_API_KEY);\n" +
	"  - access_token (MONGODB_ATLAS_ACCESS_TOKEN)."

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// chooseKind takes the kind that the block names, else one that it may name once everything is known, else the first that
// the environment has whole, else one it has half of.
func (m model) chooseKind(getenv func(string) string) (kind, bool) {
	kinds := m.kinds()
	for _, says := range []func(kind) bool{kind.named, kind.unknown} {
		if i := slices.IndexFunc(kinds, says); i >= 0 {
			return kinds[i], true
		}
	}
	var half *kind
	for _, k := range kinds {
		found := 0
		for _, c := range k.credentials {
			if c.fromEnvironment(getenv) != "" {
				found++
			}
		}
		if found == len(k.credentials) {
			return k, true
		}
		if found > 0 && half == nil {
			half = &k
		}
	}
	if half != nil {
		return *half, true
	}
	return kind{}, false
}

// resolveBaseURL also returns the argument's name where it is not known yet.
func (m model) resolveBaseURL(getenv func(string) string) (*url.URL, []string, diag.Diagnostics) {
	var diags diag.Diagnostics
	raw, from := textOf(m.BaseURL), "base_url"
	var unknown []string
	switch {
	case m.BaseURL.IsUnknown():
		unknown = []string{"base_url"}
	case raw != "":
	case m.IsMongodbgovCloud.IsUnknown():
		unknown = []string{"is_mongodbgov_cloud"}
	default:
		raw, from = firstOf(getenv, baseURLVariables)
		from = "the environment variable " + from
		if m.IsMongodbgovCloud.ValueBool() && !isGov(raw) {
			raw = atlas.GovBaseURL
		}
	}
	base, err := atlas.ParseBaseURL(cmp.Or(raw, atlas.DefaultBaseURL))
	if err != nil {
		diags.AddAttributeError(path.Root("base_url"), "Invalid base_url", fmt.Sprintf("The address of Atlas (%s) cannot be used: %s.", from, err))
	}
	return base, unknown, diags
}

// isGov says that an address is of Atlas for Government, which has other installations than the public one.
func isGov(raw string) bool {
	base, err := atlas.ParseBaseURL(raw)
	return err == nil && strings.HasSuffix("."+strings.ToLower(base.Hostname()), ".mongodbgov.com")
}
