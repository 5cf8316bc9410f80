package provider

import (
	"crypto/md5"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait/waittest"
)

type (
	environment map[string]string
	block       map[string]any
)

// unknown is an argument of the block that depends on something that is applied first.
type unknown struct{}

func (b block) model(t *testing.T) model {
	t.Helper()
	text := func(name string) types.String {
		switch value := b[name].(type) {
		case unknown:
			return types.StringUnknown()
		case string:
			return types.StringValue(value)
		default:
			return types.StringNull()
		}
	}
	m := model{
		PublicKey: text("public_key"), PrivateKey: text("private_key"), ClientID: text("client_id"), ClientSecret: text("client_secret"),
		AccessToken: text("access_token"), BaseURL: text("base_url"), IsMongodbgovCloud: types.BoolNull(),
	}
	switch value := b["is_mongodbgov_cloud"].(type) {
	case unknown:
		m.IsMongodbgovCloud = types.BoolUnknown()
	case bool:
		m.IsMongodbgovCloud = types.BoolValue(value)
	}
	return m
}

func (e environment) get(name string) string { return e[name] }

func roundTrip(f func(*http.Request) *http.Response) http.RoundTripper { return roundTripper(f) }

type roundTripper func(*http.Request) *http.Response

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		_, _ = io.Copy(io.Discard, req.Body)
		_ = req.Body.Close()
	}
	return f(req), nil
}

func answer(req *http.Request, status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: req,
	}
}

var digestPart = regexp.MustCompile(`(\w+)="?([^",]*)"?`)

// credentialsOf says which credentials come with a request, such as "digest public private", "service account id secret",
// "token value" or "unknown: why". Of a private key only those of privateKeys are recognised.
func credentialsOf(t *testing.T, auth atlas.Authenticator, base string, privateKeys ...string) string {
	t.Helper()
	seen := "none"
	through := auth.Transport(roundTrip(func(req *http.Request) *http.Response {
		header := req.Header.Get("Authorization")
		if id, secret, ok := req.BasicAuth(); ok {
			seen = "service account " + id + " " + secret
			if want := base + "/api/oauth/token"; req.URL.String() != want {
				t.Errorf("token request to %s, want %s", req.URL, want)
			}
			return answer(req, http.StatusOK, `{"access_token":"granted","expires_in":3600,"token_type":"Bearer"}`)
		}
		if header == "" {
			res := answer(req, http.StatusUnauthorized, "")
			res.Header.Set("Www-Authenticate", `Digest realm="r", nonce="n", qop="auth"`)
			return res
		}
		if token, ok := strings.CutPrefix(header, "Bearer "); ok && token != "granted" {
			seen = "token " + token
		}
		if strings.HasPrefix(header, "Digest ") {
			part := map[string]string{}
			for _, match := range digestPart.FindAllStringSubmatch(header, -1) {
				part[match[1]] = match[2]
			}
			seen = "digest " + part["username"] + " ?"
			for _, key := range privateKeys {
				ha1 := sum(part["username"], "r", key)
				if part["response"] == sum(ha1, "n", part["nc"], part["cnonce"], "auth", sum("GET", part["uri"])) {
					seen = "digest " + part["username"] + " " + key
				}
			}
		}
		return answer(req, http.StatusOK, "{}")
	}))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/api/atlas/v2", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := through.RoundTrip(req)
	if errors.Is(err, atlas.ErrCredentialsUnknown) {
		return "unknown: " + strings.TrimPrefix(err.Error(), atlas.ErrCredentialsUnknown.Error()+": ")
	}
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return seen
}

func sum(parts ...string) string { return fmt.Sprintf("%x", md5.Sum([]byte(strings.Join(parts, ":")))) }

// texts are the diagnostics as "path: summary: detail", sorted.
func texts(diags diag.Diagnostics) []string {
	var all []string
	for _, d := range diags {
		text := d.Summary() + ": " + d.Detail()
		if at, ok := d.(diag.DiagnosticWithPath); ok {
			text = at.Path().String() + ": " + text
		}
		all = append(all, text)
	}
	slices.Sort(all)
	return all
}

// whole has every variable of the environment.
var whole = environment{
	"MONGODB_ATLAS_ACCESS_TOKEN": "e-token", "MONGODB_ATLAS_CLIENT_ID": "e-id", "MONGODB_ATLAS_CLIENT_SECRET": "e-secret",
	"MONGODB_ATLAS_PUBLIC_API_KEY": "e-pub1", "MONGODB_ATLAS_PUBLIC_KEY": "e-pub2", "MCLI_PUBLIC_API_KEY": "e-pub3",
	"MONGODB_ATLAS_PRIVATE_API_KEY": "e-priv1", "MONGODB_ATLAS_PRIVATE_KEY": "e-priv2", "MCLI_PRIVATE_API_KEY": "e-priv3",
}

// but is the environment without these variables.
func (e environment) but(names ...string) environment {
	left := environment{}
	for name, value := range e {
		if !slices.Contains(names, name) {
			left[name] = value
		}
	}
	return left
}

func TestResolve_credentials(t *testing.T) {
	keys := []string{"b-priv", "e-priv1", "e-priv2", "e-priv3"}
	for name, tt := range map[string]struct {
		block block
		env   environment
		want  string
	}{
		"block: token":           {block{"access_token": "b-token"}, nil, "token b-token"},
		"block: service account": {block{"client_id": "b-id", "client_secret": "b-secret"}, nil, "service account b-id b-secret"},
		"block: API key":         {block{"public_key": "b-pub", "private_key": "b-priv"}, nil, "digest b-pub b-priv"},

		"environment: token":           {nil, environment{"MONGODB_ATLAS_ACCESS_TOKEN": "e-token"}, "token e-token"},
		"environment: service account": {nil, environment{"MONGODB_ATLAS_CLIENT_ID": "e-id", "MONGODB_ATLAS_CLIENT_SECRET": "e-secret"}, "service account e-id e-secret"},
		"environment: API key, first names": {
			nil, environment{"MONGODB_ATLAS_PUBLIC_API_KEY": "e-pub1", "MONGODB_ATLAS_PRIVATE_API_KEY": "e-priv1"}, "digest e-pub1 e-priv1",
		},
		"environment: API key, second names": {
			nil, environment{"MONGODB_ATLAS_PUBLIC_KEY": "e-pub2", "MONGODB_ATLAS_PRIVATE_KEY": "e-priv2"}, "digest e-pub2 e-priv2",
		},
		"environment: API key, third names": {
			nil, environment{"MCLI_PUBLIC_API_KEY": "e-pub3", "MCLI_PRIVATE_API_KEY": "e-priv3"}, "digest e-pub3 e-priv3",
		},
		"environment: API key, names mixed": {
			nil, environment{"MONGODB_ATLAS_PUBLIC_KEY": "e-pub2", "MCLI_PRIVATE_API_KEY": "e-priv3"}, "digest e-pub2 e-priv3",
		},

		"of several, the token":           {nil, whole, "token e-token"},
		"of several, the service account": {nil, whole.but("MONGODB_ATLAS_ACCESS_TOKEN"), "service account e-id e-secret"},
		"of several, the whole one":       {nil, whole.but("MONGODB_ATLAS_ACCESS_TOKEN", "MONGODB_ATLAS_CLIENT_SECRET"), "digest e-pub1 e-priv1"},
		"of several names, the first that is not empty": {
			nil, environment{
				"MONGODB_ATLAS_PUBLIC_API_KEY": "", "MONGODB_ATLAS_PUBLIC_KEY": "e-pub2", "MCLI_PUBLIC_API_KEY": "e-pub3",
				"MONGODB_ATLAS_PRIVATE_API_KEY": " ", "MONGODB_ATLAS_PRIVATE_KEY": "", "MCLI_PRIVATE_API_KEY": "e-priv3",
			}, "digest e-pub2 e-priv3",
		},

		"the block's kind wins: token":           {block{"access_token": "b-token"}, whole, "token b-token"},
		"the block's kind wins: service account": {block{"client_id": "b-id", "client_secret": "b-secret"}, whole, "service account b-id b-secret"},
		"the block's kind wins: API key":         {block{"public_key": "b-pub", "private_key": "b-priv"}, whole, "digest b-pub b-priv"},

		"half of the block, half of the environment: id":      {block{"client_id": "b-id"}, whole, "service account b-id e-secret"},
		"half of the block, half of the environment: secret":  {block{"client_secret": "b-secret"}, whole, "service account e-id b-secret"},
		"half of the block, half of the environment: public":  {block{"public_key": "b-pub"}, whole, "digest b-pub e-priv1"},
		"half of the block, half of the environment: private": {block{"private_key": "b-priv"}, whole, "digest e-pub1 b-priv"},

		"empty arguments are none": {
			block{"access_token": "", "client_id": " ", "client_secret": "\n", "public_key": "b-pub", "private_key": "", "base_url": ""}, whole, "digest b-pub e-priv1",
		},
		"line ends are not meant": {block{"public_key": " b-pub\n", "private_key": "b-priv\r\n"}, nil, "digest b-pub b-priv"},
		"nor in the environment":  {nil, environment{"MONGODB_ATLAS_ACCESS_TOKEN": "e-token\n"}, "token e-token"},

		"unknown token":             {block{"access_token": unknown{}}, nil, "unknown: access_token depends on something that is applied first"},
		"unknown, not the fallback": {block{"client_id": unknown{}, "client_secret": "b-secret"}, whole, "unknown: client_id depends on something that is applied first"},
		"both halves unknown": {
			block{"public_key": unknown{}, "private_key": unknown{}}, whole, "unknown: public_key and private_key depends on something that is applied first",
		},
		// It may turn out to be nothing, and then the environment serves.
		"one half unknown, the other missing": {block{"public_key": unknown{}}, nil, "unknown: public_key depends on something that is applied first"},
		"a known kind, another one unknown":   {block{"public_key": "b-pub", "private_key": "b-priv", "access_token": unknown{}}, whole, "digest b-pub b-priv"},
		"a known half, another kind unknown":  {block{"public_key": "b-pub", "client_id": unknown{}}, whole, "digest b-pub e-priv1"},
		"everything unknown": {
			block{"public_key": unknown{}, "private_key": unknown{}, "client_id": unknown{}, "client_secret": unknown{}, "access_token": unknown{}},
			nil,
			"unknown: access_token depends on something that is applied first",
		},
		"unknown address": {block{"access_token": "b-token", "base_url": unknown{}}, nil, "unknown: base_url depends on something that is applied first"},
		"unknown gov":     {block{"access_token": "b-token", "is_mongodbgov_cloud": unknown{}}, nil, "unknown: is_mongodbgov_cloud depends on something that is applied first"},
		"unknown address and half": {
			block{"client_id": unknown{}, "client_secret": "s", "base_url": unknown{}},
			nil,
			"unknown: base_url and client_id depends on something that is applied first",
		},
		// Whatever it turns out to be, the address is known.
		"unknown gov beside an address": {
			block{"access_token": "b-token", "base_url": "https://cloud.example.com", "is_mongodbgov_cloud": unknown{}}, nil, "token b-token",
		},
	} {
		t.Run(name, func(t *testing.T) {
			base, auth, diags := tt.block.model(t).resolve(tt.env.get, waittest.NewClock(time.Unix(0, 0)))
			if diags.HasError() {
				t.Fatal(texts(diags))
			}
			if got := credentialsOf(t, auth, base.String(), keys...); got != tt.want {
				t.Errorf("credentials = %q, want %q", got, tt.want)
			}
		})
	}
}

const missing = "Missing credentials: The provider needs one kind of Atlas credentials, and neither the provider block nor the environment has any. " +
	"Set one of:\n" +
	"  - client_id and client_secret of a service account (MONGODB_ATLAS_CLIENT_ID, MONGODB_ATLAS_CLIENT_SECRET);\n" +
	"  - public_key and private_key of an API key (MONGODB_ATLAS_PUBLIC_API_KEY, MONGODB_ATLAS_PRIVATE_API_KEY);\n" +
	"  - access_token (MONGODB_ATLAS_ACCESS_TOKEN)."

func TestResolve_refusals(t *testing.T) {
	const both = "Conflicting credentials: The provider block sets two kinds of credentials: "
	incomplete := func(at, kind, missing, variables string) string {
		return at + ": Incomplete credentials: " + kind + ", and " + missing + " is not set. Set it in the provider block, or export " + variables + "."
	}
	const account = "A service account needs client_id and client_secret"
	const key = "An API key needs public_key and private_key"
	for name, tt := range map[string]struct {
		block block
		env   environment
		want  []string
	}{
		"nothing": {nil, nil, []string{missing}},
		"only empty": {
			block{"access_token": "", "public_key": " "},
			environment{"MONGODB_ATLAS_ACCESS_TOKEN": "", "MCLI_PUBLIC_API_KEY": "\n"},
			[]string{missing},
		},
		"half an account": {
			block{"client_id": "b-id"},
			environment{"MONGODB_ATLAS_ACCESS_TOKEN": "e-token"},
			[]string{incomplete("client_secret", account, "client_secret", "MONGODB_ATLAS_CLIENT_SECRET")},
		},
		"half an account in the environment": {
			nil,
			environment{"MONGODB_ATLAS_CLIENT_SECRET": "e-secret", "MCLI_PUBLIC_API_KEY": "e-pub3"},
			[]string{incomplete("client_id", account, "client_id", "MONGODB_ATLAS_CLIENT_ID")},
		},
		"half a key": {
			block{"private_key": "b-priv"},
			nil,
			[]string{incomplete("public_key", key, "public_key", "MONGODB_ATLAS_PUBLIC_API_KEY or MONGODB_ATLAS_PUBLIC_KEY or MCLI_PUBLIC_API_KEY")},
		},
		"half a key in the environment": {
			nil,
			environment{"MONGODB_ATLAS_PUBLIC_KEY": "e-pub2"},
			[]string{incomplete("private_key", key, "private_key", "MONGODB_ATLAS_PRIVATE_API_KEY or MONGODB_ATLAS_PRIVATE_KEY or MCLI_PRIVATE_API_KEY")},
		},
		"token and account": {
			block{"access_token": "t", "client_id": "i", "client_secret": "s"},
			whole,
			[]string{"client_id: " + both + "an access token (access_token) and a service account (client_id, client_secret). Keep one of them."},
		},
		"account and half a key": {
			block{"client_id": "i", "client_secret": "s", "private_key": "p"},
			nil,
			[]string{"public_key: " + both + "a service account (client_id, client_secret) and an API key (public_key, private_key). Keep one of them."},
		},
		"all three": {
			block{"access_token": "t", "client_id": "i", "public_key": "p"},
			nil,
			[]string{
				"client_id: " + both + "an access token (access_token) and a service account (client_id, client_secret). Keep one of them.",
				"public_key: " + both + "an access token (access_token) and an API key (public_key, private_key). Keep one of them.",
			},
		},
		"two addresses": {
			block{"access_token": "t", "base_url": "https://cloud.example.com", "is_mongodbgov_cloud": true},
			nil,
			[]string{"is_mongodbgov_cloud: Conflicting address: The provider block sets both base_url and is_mongodbgov_cloud. Keep one of them."},
		},
		"plain http": {
			block{"access_token": "t", "base_url": "http://cloud.example.com"},
			nil,
			[]string{"base_url: Invalid base_url: The address of Atlas (base_url) cannot be used: plain http would send credentials and backups' " +
				"details in the clear to cloud.example.com; use https."},
		},
		"an address of the environment with a password": {
			block{"access_token": "t"},
			environment{"MCLI_OPS_MANAGER_URL": "https://user:hunter2@cloud.example.com"},
			[]string{"base_url: Invalid base_url: The address of Atlas (the environment variable MCLI_OPS_MANAGER_URL) cannot be " +
				"used: it must hold no user name or password; credentials have arguments of their own."},
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, auth, diags := tt.block.model(t).resolve(tt.env.get, waittest.NewClock(time.Unix(0, 0)))
			if auth != nil {
				t.Error("there are credentials all the same")
			}
			if diff := cmp.Diff(tt.want, texts(diags)); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
			for _, value := range []string{"hunter2", "e-secret", "b-priv"} {
				if strings.Contains(fmt.Sprint(texts(diags)), value) {
					t.Errorf("a diagnostic repeats %q", value)
				}
			}
		})
	}
}

func TestResolve_address(t *testing.T) {
	const public, gov = "https://cloud.mongodb.com", "https://cloud.mongodbgov.com"
	dev := environment{"MONGODB_ATLAS_BASE_URL": "https://cloud-dev.mongodb.com/", "MCLI_OPS_MANAGER_URL": "https://other.example.com"}
	for name, tt := range map[string]struct {
		block block
		env   environment
		want  string
	}{
		"default":                              {nil, nil, public},
		"block":                                {block{"base_url": "https://a.example.com/x/"}, dev, "https://a.example.com/x"},
		"environment":                          {nil, dev, "https://cloud-dev.mongodb.com"},
		"environment, second name":             {nil, dev.but("MONGODB_ATLAS_BASE_URL"), "https://other.example.com"},
		"environment, first name empty":        {nil, environment{"MONGODB_ATLAS_BASE_URL": " ", "MCLI_OPS_MANAGER_URL": "https://o.example.com"}, "https://o.example.com"},
		"empty block":                          {block{"base_url": ""}, dev, "https://cloud-dev.mongodb.com"},
		"loopback":                             {block{"base_url": "http://127.0.0.1:8080"}, nil, "http://127.0.0.1:8080"},
		"gov":                                  {block{"is_mongodbgov_cloud": true}, nil, gov},
		"gov wins over a public environment":   {block{"is_mongodbgov_cloud": true}, dev, gov},
		"gov keeps another installation of it": {block{"is_mongodbgov_cloud": true}, environment{"MONGODB_ATLAS_BASE_URL": "https://Cloud-QA.MongoDBgov.com"}, "https://Cloud-QA.MongoDBgov.com"},
		"gov is not fooled by a name":          {block{"is_mongodbgov_cloud": true}, environment{"MONGODB_ATLAS_BASE_URL": "https://mongodbgov.com.evil.com"}, gov},
		"nor by a path":                        {block{"is_mongodbgov_cloud": true}, environment{"MONGODB_ATLAS_BASE_URL": "https://evil.com/mongodbgov.com"}, gov},
		"nor by half a name":                   {block{"is_mongodbgov_cloud": true}, environment{"MONGODB_ATLAS_BASE_URL": "https://notmongodbgov.com"}, gov},
		"not gov":                              {block{"is_mongodbgov_cloud": false}, nil, public},
		"not gov, but in the environment":      {block{"is_mongodbgov_cloud": false}, environment{"MONGODB_ATLAS_BASE_URL": gov}, gov},
		"not gov beside an address":            {block{"is_mongodbgov_cloud": false, "base_url": "https://a.example.com"}, nil, "https://a.example.com"},
		"unknown address beside gov, for now":  {block{"is_mongodbgov_cloud": true, "base_url": unknown{}}, nil, public},
	} {
		for source, credentials := range map[string]struct {
			block block
			env   environment
		}{
			"block":       {block: block{"access_token": "t"}},
			"environment": {env: environment{"MONGODB_ATLAS_PUBLIC_API_KEY": "p", "MONGODB_ATLAS_PRIVATE_API_KEY": "q"}},
		} {
			t.Run(name+", credentials of the "+source, func(t *testing.T) {
				b, e := block{}, environment{}
				for _, part := range []block{tt.block, credentials.block} {
					for k, v := range part {
						b[k] = v
					}
				}
				for _, part := range []environment{tt.env, credentials.env} {
					for k, v := range part {
						e[k] = v
					}
				}
				base, _, diags := b.model(t).resolve(e.get, waittest.NewClock(time.Unix(0, 0)))
				if diags.HasError() {
					t.Fatal(texts(diags))
				}
				if base.String() != tt.want {
					t.Errorf("address = %s, want %s", base, tt.want)
				}
			})
		}
	}
}

func TestClientFromEnvironment(t *testing.T) {
	clock := waittest.NewClock(time.Unix(0, 0))
	if _, err := ClientFromEnvironment(environment{}.get, clock); err == nil || "Missing credentials: "+err.Error() != missing {
		t.Errorf("error = %v", err)
	}
	env := environment{"MCLI_OPS_MANAGER_URL": "https://cloud.example.com", "MONGODB_ATLAS_PUBLIC_KEY": "p", "MCLI_PRIVATE_API_KEY": "q"}
	client, err := ClientFromEnvironment(env.get, clock)
	if err != nil {
		t.Fatal(err)
	}
	if client.BaseURL() != "https://cloud.example.com" || client.Clock() != clock {
		t.Errorf("client of %s", client.BaseURL())
	}
}
