package atlassim_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// start is when every test begins.
var start = time.Date(2026, time.August, 10, 3, 26, 42, 0, time.UTC)

const (
	version2023 = "2023-01-01"
	versionFlex = "2024-11-13"
)

// body is a decoded JSON object.
type body = map[string]any

// harness is a simulator with a clock that only moves when told to, and a client of it.
type harness struct {
	t   *testing.T
	sim *atlassim.Simulator
	fix atlassim.Fixture

	mu    sync.Mutex
	now   time.Time
	token string

	// observe, where set, is shown every request and its answer.
	observe func(*http.Request, *httptest.ResponseRecorder)
}

func newHarness(t *testing.T, options atlassim.Options) *harness {
	t.Helper()
	b := &harness{t: t, now: start}
	if options.Now == nil {
		options.Now = func() time.Time {
			b.mu.Lock()
			defer b.mu.Unlock()
			return b.now
		}
	}
	if options.BaseURL == "" {
		options.BaseURL = "http://atlas.test"
	}
	b.sim = atlassim.New(options)
	b.fix = b.sim.Fixture()
	b.token = b.signIn()
	b.sim.ClearRequests()
	return b
}

// advance lets time go by.
func (b *harness) advance(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

// serve sends one request as it is.
func (b *harness) serve(request *http.Request) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	b.sim.ServeHTTP(recorder, request)
	if b.observe != nil {
		b.observe(request, recorder)
	}
	return recorder
}

// oauth sends a form to a token endpoint.
func (b *harness) oauth(path, id, secret string, form url.Values) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	pair := url.QueryEscape(id) + ":" + url.QueryEscape(secret)
	request.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(pair)))
	return b.serve(request)
}

func (b *harness) signIn() string {
	b.t.Helper()
	recorder := b.oauth("/api/oauth/token", b.fix.ClientID, b.fix.ClientSecret, url.Values{"grant_type": {"client_credentials"}})
	expectStatus(b.t, recorder, http.StatusOK)
	token, ok := decode(b.t, recorder)["access_token"].(string)
	if !ok || token == "" {
		b.t.Fatalf("no token in %s", recorder.Body)
	}
	return token
}

// path returns the path of something in the fixture's project.
func (b *harness) path(parts ...string) string {
	return "/api/atlas/v2/groups/" + b.fix.ProjectID + "/" + strings.Join(parts, "/")
}

// snapshots returns the path of the fixture's replica set's snapshots.
func (b *harness) snapshots(parts ...string) string {
	return b.path(append([]string{"clusters", b.fix.ClusterName, "backup/snapshots"}, parts...)...)
}

// api sends an API request with the harness's token.
func (b *harness) api(method, path, version, content string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, path, strings.NewReader(content))
	request.Header.Set("Authorization", "Bearer "+b.token)
	request.Header.Set("Accept", "application/vnd.atlas."+version+"+json")
	if content != "" {
		request.Header.Set("Content-Type", "application/vnd.atlas."+version+"+json")
	}
	return b.serve(request)
}

func (b *harness) get(path string) *httptest.ResponseRecorder {
	return b.api(http.MethodGet, path, version2023, "")
}

// take requests a snapshot of the fixture's replica set.
func (b *harness) take(content string) body {
	b.t.Helper()
	recorder := b.api(http.MethodPost, b.snapshots(), version2023, content)
	expectStatus(b.t, recorder, http.StatusOK)
	return decode(b.t, recorder)
}

// control sends a control request and decodes the answer into out, if there is one.
func (b *harness) control(method, path, content string, out any) *httptest.ResponseRecorder {
	b.t.Helper()
	recorder := b.serve(httptest.NewRequest(method, "/_sim/"+path, strings.NewReader(content)))
	if out != nil {
		if err := json.Unmarshal(recorder.Body.Bytes(), out); err != nil {
			b.t.Fatalf("%s %s: %v in %s", method, path, err, recorder.Body)
		}
	}
	return recorder
}

func expectStatus(t *testing.T, recorder *httptest.ResponseRecorder, want int) {
	t.Helper()
	if recorder.Code != want {
		t.Fatalf("status %d, want %d: %s", recorder.Code, want, recorder.Body)
	}
}

// expectError checks a refusal of the API in full.
func expectError(t *testing.T, recorder *httptest.ResponseRecorder, status int, code, detail string, parameters ...any) {
	t.Helper()
	expectStatus(t, recorder, status)
	if parameters == nil {
		parameters = []any{}
	}
	want, err := json.Marshal(body{
		"detail": detail, "error": status, "errorCode": code, "parameters": parameters,
		"reason": http.StatusText(status),
	})
	if err != nil {
		t.Fatal(err)
	}
	if recorder.Body.String() != string(want) {
		t.Errorf("body\n%s\nwant\n%s", recorder.Body, want)
	}
	if got := recorder.Header().Get("X-Error-Code"); got != code {
		t.Errorf("X-Error-Code %q, want %q", got, code)
	}
	if got := recorder.Header().Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type %q", got)
	}
}

func decode(t *testing.T, recorder *httptest.ResponseRecorder) body {
	t.Helper()
	var decoded body
	if err := json.Unmarshal(recorder.Body.Bytes(), &decoded); err != nil {
		t.Fatalf("%v in %s", err, recorder.Body)
	}
	return decoded
}

// text returns a string in a body, or "" if it is absent.
func text(decoded body, key string) string {
	value, _ := decoded[key].(string)
	return value
}

// results returns the objects of a list.
func results(t *testing.T, recorder *httptest.ResponseRecorder) []body {
	t.Helper()
	expectStatus(t, recorder, http.StatusOK)
	var list struct{ Results []body }
	if err := json.Unmarshal(recorder.Body.Bytes(), &list); err != nil {
		t.Fatalf("%v in %s", err, recorder.Body)
	}
	return list.Results
}

// keys returns the sorted keys of an object in one line.
func keys(decoded body) string {
	var names []string
	for name := range decoded {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func moment(t *testing.T, decoded body, key string) time.Time {
	t.Helper()
	parsed, err := time.Parse("2006-01-02T15:04:05Z", text(decoded, key))
	if err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	return parsed
}
