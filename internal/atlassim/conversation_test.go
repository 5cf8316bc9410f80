package atlassim_test

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// The clients that users of Atlas already have cannot be had here: their conversations, as measured on the clients built from
// their sources of August 2026, are held by hand.

// sdkClient is a client that speaks as MongoDB's own Go SDK does: every request first without credentials, its body included,
// then again with the answer to the challenge, never using a nonce twice.
type sdkClient struct {
	*harness
	server    *httptest.Server
	userAgent string
	token     string
	sent      int
}

func newSDKClient(t *testing.T, userAgent, digestMode string) *sdkClient {
	t.Helper()
	b := newHarness(t, atlassim.Options{DigestMode: digestMode})
	server := httptest.NewServer(b.sim)
	t.Cleanup(server.Close)
	b.sim.SetBaseURL(server.URL)
	return &sdkClient{harness: b, server: server, userAgent: userAgent}
}

// answer is what a client gets.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (v *sdkClient) exchange(method, path, version, content, authorization string) answer {
	v.t.Helper()
	request, err := http.NewRequestWithContext(v.t.Context(), method, v.server.URL+path, strings.NewReader(content))
	if err != nil {
		v.t.Fatal(err)
	}
	mediaType := "application/vnd.atlas." + version + "+json"
	request.Header.Set("Accept", mediaType)
	request.Header.Set("User-Agent", v.userAgent)
	if content != "" {
		request.Header.Set("Content-Type", mediaType)
	}
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	response, err := v.server.Client().Do(request)
	if err != nil {
		v.t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		v.t.Fatal(err)
	}
	v.sent++
	return answer{response.StatusCode, response.Header, body}
}

// call sends a request as the SDK does, and wants this status.
func (v *sdkClient) call(status int, method, path, version, content string) answer {
	v.t.Helper()
	if v.token != "" {
		return v.want(status, method, path, v.exchange(method, path, version, content, "Bearer "+v.token))
	}
	challenged := v.want(http.StatusUnauthorized, method, path, v.exchange(method, path, version, content, ""))
	authorization := v.authorize(method, path, challenged.header.Get("Www-Authenticate"))
	return v.want(status, method, path, v.exchange(method, path, version, content, authorization))
}

func (v *sdkClient) want(status int, method, path string, got answer) answer {
	v.t.Helper()
	if got.status != status {
		v.t.Fatalf("%s %s: %d, want %d: %s", method, path, got.status, status, got.body)
	}
	return got
}

var challengeField = regexp.MustCompile(`(\w+)="?([^",]*)"?`)

// authorize answers a digest challenge with the first count, as the SDK always does.
func (v *sdkClient) authorize(method, path, challenge string) string {
	v.t.Helper()
	if !strings.HasPrefix(challenge, "Digest ") {
		v.t.Fatalf("the challenge is %q", challenge)
	}
	fields := map[string]string{}
	for _, match := range challengeField.FindAllStringSubmatch(challenge, -1) {
		fields[match[1]] = match[2]
	}
	hash := func(text string) string {
		sum := md5.Sum([]byte(text))
		return hex.EncodeToString(sum[:])
	}
	const cnonce, count = "f00dfeed", "00000001"
	ha1 := hash(v.fix.PublicKey + ":" + fields["realm"] + ":" + v.fix.PrivateKey)
	response := hash(strings.Join([]string{ha1, fields["nonce"], count, cnonce, fields["qop"], hash(method + ":" + path)}, ":"))
	return fmt.Sprintf(`Digest username="%s", realm="%s", nonce="%s", uri="%s", response="%s", cnonce="%s", qop=%s, nc=%s, algorithm=%s`,
		v.fix.PublicKey, fields["realm"], fields["nonce"], path, response, cnonce, fields["qop"], count, fields["algorithm"])
}

func decodeInto[T any](t *testing.T, from answer) T {
	t.Helper()
	var decoded T
	if err := json.Unmarshal(from.body, &decoded); err != nil {
		t.Fatalf("%v in %s", err, from.body)
	}
	return decoded
}

// refused wants a refusal with this code, which is how these clients tell refusals apart.
func (v *sdkClient) refused(status int, code, method, path, version, content string) {
	v.t.Helper()
	got := decodeInto[struct {
		Error     int    `json:"error"`
		ErrorCode string `json:"errorCode"`
		Detail    string `json:"detail"`
		Reason    string `json:"reason"`
	}](v.t, v.call(status, method, path, version, content))
	if got.ErrorCode != code || got.Error != status || got.Detail == "" || got.Reason == "" {
		v.t.Errorf("%s %s: %+v, want %s", method, path, got, code)
	}
}

// signInWithServiceAccount signs in with a service account, and returns a function that revokes the token.
func (v *sdkClient) signInWithServiceAccount() (revoke func()) {
	v.t.Helper()
	granted := v.oauth("/api/oauth/token", v.fix.ClientID, v.fix.ClientSecret, url.Values{"grant_type": {"client_credentials"}})
	expectStatus(v.t, granted, http.StatusOK)
	grant := decode(v.t, granted)
	if text(grant, "token_type") != "Bearer" || grant["expires_in"] != 3600.0 {
		v.t.Errorf("granted %v", grant)
	}
	v.token = text(grant, "access_token")
	return func() {
		v.t.Helper()
		revoked := v.oauth("/api/oauth/revoke", v.fix.ClientID, v.fix.ClientSecret, url.Values{"token": {v.token}, "token_type_hint": {"access_token"}})
		expectStatus(v.t, revoked, http.StatusOK)
		if revoked.Body.Len() != 0 {
			v.t.Errorf("revoking answers %s", revoked.Body)
		}
	}
}

// requestLines returns the method, path and status of every request in the log, challenges left out.
func (v *sdkClient) requestLines() []string {
	var lines []string
	for _, one := range v.sim.Requests() {
		if one.Auth == "none" {
			continue
		}
		path := strings.TrimPrefix(one.Path, "/api/atlas/v2/groups/"+v.fix.ProjectID)
		path = objectIDForm24.ReplaceAllString(path, "ID")
		if one.Query != "" {
			path += "?" + one.Query
		}
		lines = append(lines, fmt.Sprintf("%s %s %d", one.Method, path, one.Status))
	}
	return lines
}

var objectIDForm24 = regexp.MustCompile(`\b[a-f0-9]{24}\b`)

// expectRequests compares the conversation, and wants every request challenged once, unless there was a token.
func (v *sdkClient) expectRequests(want ...string) {
	v.t.Helper()
	got := v.requestLines()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		v.t.Errorf("the conversation was\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
	challenges := 0
	for _, one := range v.sim.Requests() {
		if one.UserAgent != v.userAgent && !strings.HasPrefix(one.Path, "/api/oauth") {
			v.t.Errorf("%s %s came from %q", one.Method, one.Path, one.UserAgent)
		}
		if one.Auth == "none" {
			challenges++
		}
	}
	if v.token == "" && challenges != len(got) {
		v.t.Errorf("%d challenges for %d requests", challenges, len(got))
	}
}
