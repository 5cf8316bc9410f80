package provider

import (
	"cmp"
	"errors"
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

// CredentialKind is a way to authenticate to Atlas, which needs all of its arguments.
type CredentialKind struct {
	Name      string
	Arguments []CredentialArgument
}

// CredentialArgument is an argument of the provider block, with the environment variables that it falls back to, in order.
type CredentialArgument struct {
	Name      string
	Variables []string
}

// CredentialKinds returns the kinds of credentials in the order in which the environment is searched.
func CredentialKinds() []CredentialKind {
	return []CredentialKind{
		{"access token", []CredentialArgument{
			{"access_token", []string{"MONGODB_ATLAS_ACCESS_TOKEN"}},
		}},
		{"service account", []CredentialArgument{
			{"client_id", []string{"MONGODB_ATLAS_CLIENT_ID"}},
			{"client_secret", []string{"MONGODB_ATLAS_CLIENT_SECRET"}},
		}},
		{"API key", []CredentialArgument{
			{"public_key", []string{"MONGODB_ATLAS_PUBLIC_API_KEY", "MONGODB_ATLAS_PUBLIC_KEY", "MCLI_PUBLIC_API_KEY"}},
			{"private_key", []string{"MONGODB_ATLAS_PRIVATE_API_KEY", "MONGODB_ATLAS_PRIVATE_KEY", "MCLI_PRIVATE_API_KEY"}},
		}},
	}
}

var baseURLVariables = []string{"MONGODB_ATLAS_BASE_URL", "MCLI_OPS_MANAGER_URL"}

// environmentFallback returns the sentence of an argument's description that names its environment variables.
func environmentFallback(argument string) string {
	var variables []string
	for _, k := range append(CredentialKinds(), CredentialKind{Arguments: []CredentialArgument{{"base_url", baseURLVariables}}}) {
		for _, a := range k.Arguments {
			if a.Name == argument {
				variables = a.Variables
			}
		}
	}
	return "Falls back to `" + strings.Join(variables, "`, `") + "`."
}

// IsSet reports whether the environment sets the argument.
func (a CredentialArgument) IsSet(getenv func(string) string) bool {
	value, _ := firstSet(getenv, a.Variables)
	return value != ""
}

// firstSet returns the value and the name of the first variable that is set.
func firstSet(getenv func(string) string, variables []string) (value, name string) {
	for _, variable := range variables {
		if value := strings.TrimSpace(getenv(variable)); value != "" {
			return value, variable
		}
	}
	return "", ""
}

// argument returns an argument of the provider block.
func (m model) argument(name string) types.String {
	return map[string]types.String{
		"access_token": m.AccessToken, "client_id": m.ClientID, "client_secret": m.ClientSecret,
		"public_key": m.PublicKey, "private_key": m.PrivateKey,
	}[name]
}

// trimmed returns a value without the spaces around it. An empty string counts as not set: an unset variable of a module arrives as
// one. Keys contain no spaces; a file or CI system may have added a line end.
func trimmed(value types.String) string { return strings.TrimSpace(value.ValueString()) }

// configures reports whether the block certainly has credentials of kind k. An unknown value may turn out to be empty.
func (m model) configures(k CredentialKind) bool {
	return slices.ContainsFunc(k.Arguments, func(a CredentialArgument) bool { return trimmed(m.argument(a.Name)) != "" })
}

func (m model) hasUnknown(k CredentialKind) bool {
	return slices.ContainsFunc(k.Arguments, func(a CredentialArgument) bool { return m.argument(a.Name).IsUnknown() })
}

// credentialSources returns which credentials the provider uses and where each part comes from, for the error of a refusal. It
// contains names, no values. It is empty if there are no credentials, or if they are unknown.
func (m model) credentialSources(getenv func(string) string) string {
	chosen, found := m.chooseKind(getenv)
	if !found || m.hasUnknown(chosen) {
		return ""
	}
	parts := make([]string, 0, len(chosen.Arguments))
	for _, a := range chosen.Arguments {
		from := "the provider block"
		if trimmed(m.argument(a.Name)) == "" {
			_, from = firstSet(getenv, a.Variables)
		}
		parts = append(parts, a.Name+" from "+from)
	}
	return withArticle(chosen.Name) + " (" + strings.Join(parts, ", ") + ")"
}

// conflicts returns an error for everything that the block sets twice. It does not need the environment, so `terraform validate`
// reports it.
func (m model) conflicts() diag.Diagnostics {
	var diags diag.Diagnostics
	var first *CredentialKind
	for _, k := range CredentialKinds() {
		if !m.configures(k) {
			continue
		}
		if first == nil {
			first = &k
			continue
		}
		diags.AddAttributeError(path.Root(k.Arguments[0].Name), "Conflicting credentials",
			fmt.Sprintf("The provider block sets two kinds of credentials: %s (%s) and %s (%s). Keep one of them.",
				withArticle(first.Name), first.join(", "), withArticle(k.Name), k.join(", ")))
	}
	if trimmed(m.BaseURL) != "" && m.IsMongodbgovCloud.ValueBool() {
		diags.AddAttributeError(path.Root("is_mongodbgov_cloud"), "Conflicting address",
			"The provider block sets both base_url and is_mongodbgov_cloud. Keep one of them.")
	}
	return diags
}

func withArticle(name string) string {
	if strings.ContainsRune("aeiouA", rune(name[0])) {
		return "an " + name
	}
	return "a " + name
}

func (k CredentialKind) join(separator string) string {
	names := make([]string, 0, len(k.Arguments))
	for _, a := range k.Arguments {
		names = append(names, a.Name)
	}
	return strings.Join(names, separator)
}

// resolve returns the address and the credentials. The block has precedence over the environment, kind by kind.
func (m model) resolve(getenv func(string) string, clock wait.Clock) (*url.URL, atlas.Authenticator, diag.Diagnostics) {
	diags := m.conflicts()
	base, unknown, baseDiags := m.resolveBaseURL(getenv)
	diags.Append(baseDiags...)
	if diags.HasError() {
		return nil, nil, diags
	}
	chosen, found := m.chooseKind(getenv)
	if !found {
		diags.AddError("Missing credentials", missingCredentials())
		return nil, nil, diags
	}
	values := map[string]string{}
	for _, a := range chosen.Arguments {
		argument := m.argument(a.Name)
		value := trimmed(argument)
		if value == "" {
			value, _ = firstSet(getenv, a.Variables)
		}
		switch {
		case argument.IsUnknown():
			unknown = append(unknown, a.Name)
		case value == "" && !m.hasUnknown(chosen):
			diags.AddAttributeError(path.Root(a.Name), "Incomplete credentials",
				fmt.Sprintf("%s needs %s, and %s is not set. Set it in the provider block, or export %s.",
					capitalize(withArticle(chosen.Name)), chosen.join(" and "), a.Name, strings.Join(a.Variables, " or ")))
		}
		values[a.Name] = value
	}
	if diags.HasError() {
		return nil, nil, diags
	}
	if len(unknown) > 0 {
		return base, atlas.UnavailableCredentials(fmt.Errorf("%w: %s depends on something that is applied first",
			atlas.ErrCredentialsUnknown, strings.Join(unknown, " and "))), diags
	}
	switch chosen.Name {
	case "access token":
		return base, atlas.AccessToken(values["access_token"]), diags
	case "service account":
		return base, atlas.ServiceAccount(values["client_id"], values["client_secret"], base, clock), diags
	default:
		return base, atlas.Digest(values["public_key"], values["private_key"]), diags
	}
}

// variables returns the first environment variable of each argument.
func (k CredentialKind) variables() []string {
	variables := make([]string, 0, len(k.Arguments))
	for _, a := range k.Arguments {
		variables = append(variables, a.Variables[0])
	}
	return variables
}

// CredentialVariables returns the first environment variable of each argument, kind by kind, such as "A and B, or C".
func CredentialVariables(separator string) string {
	var kinds []string
	for _, k := range CredentialKinds() {
		kinds = append(kinds, strings.Join(k.variables(), " and "))
	}
	return strings.Join(kinds, separator)
}

func missingCredentials() string {
	var ways []string
	for _, k := range CredentialKinds() {
		variables, way := k.variables(), k.join(" and ")
		if len(variables) > 1 {
			way += " of " + withArticle(k.Name)
		}
		ways = append(ways, way+" ("+strings.Join(variables, ", ")+")")
	}
	// The access token comes last: it expires after an hour.
	ways = append(ways[1:], ways[0])
	return "The provider needs one kind of Atlas credentials, and neither the provider block nor the environment has any. Set one of:\n  - " +
		strings.Join(ways, ";\n  - ") + "."
}

func capitalize(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// chooseKind returns the kind that the block sets, else one that it may set once all values are known, else the first that the
// environment sets completely, else one that it sets in part.
func (m model) chooseKind(getenv func(string) string) (CredentialKind, bool) {
	kinds := CredentialKinds()
	isSet := func(a CredentialArgument) bool { return a.IsSet(getenv) }
	for _, matches := range []func(CredentialKind) bool{
		m.configures,
		m.hasUnknown,
		func(k CredentialKind) bool {
			return !slices.ContainsFunc(k.Arguments, func(a CredentialArgument) bool { return !isSet(a) })
		},
		func(k CredentialKind) bool { return slices.ContainsFunc(k.Arguments, isSet) },
	} {
		if i := slices.IndexFunc(kinds, matches); i >= 0 {
			return kinds[i], true
		}
	}
	return CredentialKind{}, false
}

// resolveBaseURL also returns the argument's name if it is unknown.
func (m model) resolveBaseURL(getenv func(string) string) (*url.URL, []string, diag.Diagnostics) {
	var diags diag.Diagnostics
	raw, from := trimmed(m.BaseURL), "base_url"
	var unknown []string
	switch {
	case m.BaseURL.IsUnknown():
		unknown = []string{"base_url"}
	case raw != "":
	case m.IsMongodbgovCloud.IsUnknown():
		unknown = []string{"is_mongodbgov_cloud"}
	default:
		raw, from = firstSet(getenv, baseURLVariables)
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

// ClientFromEnvironment returns a client as the provider creates it without a provider block.
func ClientFromEnvironment(getenv func(string) string, clock wait.Clock, options ...atlas.Option) (*atlas.Client, error) {
	base, auth, diags := model{}.resolve(getenv, clock)
	if diags.HasError() {
		return nil, errors.New(diags[0].Detail())
	}
	return atlas.New(base, auth, append([]atlas.Option{atlas.WithClock(clock)}, options...)...), nil
}

// isGov reports whether an address belongs to Atlas for Government, which has several installations.
func isGov(raw string) bool {
	base, err := atlas.ParseBaseURL(raw)
	return err == nil && strings.HasSuffix("."+strings.ToLower(base.Hostname()), ".mongodbgov.com")
}
