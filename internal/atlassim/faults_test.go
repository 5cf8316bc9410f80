package atlassim_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

func TestFaultByErrorCode(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	strike := func(code string) *httptest.ResponseRecorder {
		b.sim.AddFault(atlassim.Fault{ErrorCode: code})
		return b.get(b.snapshots(missing))
	}
	expectError(t, strike("SNAPSHOT_NOT_FOUND"), 404, "SNAPSHOT_NOT_FOUND",
		"No snapshot with ID "+missing+" exists for cluster Cluster0.", missing, "Cluster0")
	expectError(t, strike("IP_ADDRESS_NOT_ON_ACCESS_LIST"), 403, "IP_ADDRESS_NOT_ON_ACCESS_LIST",
		"IP address 192.0.2.1 is not allowed to access this resource.", "192.0.2.1")
	expectError(t, strike("USER_UNAUTHORIZED"), 401, "USER_UNAUTHORIZED", "You are not authorized for this resource.")
	expectError(t, strike("UNEXPECTED_ERROR"), 500, "UNEXPECTED_ERROR", "Unexpected error.")
	expectError(t, strike("CANNOT_DELETE_IN_PROGRESS_SNAPSHOT"), 400, "CANNOT_DELETE_IN_PROGRESS_SNAPSHOT",
		"Cannot delete an in progress snapshot "+missing+".", missing)
	expectError(t, strike("NEVER_HEARD_OF"), 400, "NEVER_HEARD_OF", "NEVER_HEARD_OF")

	wait := 7
	b.sim.AddFault(atlassim.Fault{ErrorCode: "RATE_LIMITED_TOKEN_BUCKET", RetryAfter: &wait})
	limited := b.get(b.snapshots())
	if limited.Code != 429 || limited.Header().Get("Retry-After") != "7" ||
		!strings.Contains(limited.Body.String(), "retry after 7 seconds. Request capacity: 1200. Refill rate: 500 per 60") {
		t.Errorf("%d %v %s", limited.Code, limited.Header(), limited.Body)
	}
}

func TestFaultByStatus(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	strike := func(fault atlassim.Fault) *httptest.ResponseRecorder {
		b.sim.AddFault(fault)
		return b.get(b.snapshots())
	}
	if refused := strike(atlassim.Fault{Status: 401}); refused.Code != 401 || refused.Header().Get("Www-Authenticate") != "" ||
		refused.Body.String() != recordedChallenge {
		t.Errorf("401: %v %s", refused.Header(), refused.Body)
	}
	if proxy := strike(atlassim.Fault{Status: 503}); proxy.Header().Get("Content-Type") != "text/html" {
		t.Errorf("503: %v %s", proxy.Header(), proxy.Body)
	}
	if empty := strike(atlassim.Fault{Status: 403}); empty.Code != 403 || empty.Body.Len() != 0 {
		t.Errorf("403: %s", empty.Body)
	}
	expectError(t, strike(atlassim.Fault{Status: 500}), 500, "UNEXPECTED_ERROR", "Unexpected error.")
	expectStatus(t, strike(atlassim.Fault{Status: 429}), 429)
	if own := strike(atlassim.Fault{Status: 200, Body: "<p>", ContentType: "text/plain"}); own.Body.String() != "<p>" ||
		own.Header().Get("Content-Type") != "text/plain" {
		t.Errorf("own body: %v %s", own.Header(), own.Body)
	}
}

// remaining returns how many requests the rate limit still has for backups, this one taken off.
func (b *harness) remaining(t *testing.T) int {
	t.Helper()
	left, err := strconv.Atoi(b.get(b.snapshots()).Header().Get("Ratelimit-Remaining"))
	if err != nil {
		t.Fatal(err)
	}
	return left
}

// Atlas's own refusals carry the headers of the rate limit, and count; a challenge and a proxy in front of Atlas do not.
func TestFaultHeaders(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	for _, test := range []struct {
		fault atlassim.Fault
		limit string
	}{
		{atlassim.Fault{ErrorCode: "UNFINISHED_ON_DEMAND_SNAPSHOT"}, "1200"},
		{atlassim.Fault{Status: 403}, "1200"},
		{atlassim.Fault{Status: 404}, "1200"},
		{atlassim.Fault{Status: 409, ErrorCode: "OUT_OF_CAPACITY"}, "1200"},
		{atlassim.Fault{Status: 429}, "1200"},
		{atlassim.Fault{Status: 500}, "1200"},
		{atlassim.Fault{Status: 401}, ""},
		{atlassim.Fault{ErrorCode: "USER_UNAUTHORIZED"}, ""},
		{atlassim.Fault{Status: 503}, ""},
	} {
		before := b.remaining(t)
		b.sim.AddFault(test.fault)
		answer := b.get(b.snapshots()).Header()
		if answer.Get("Ratelimit-Limit") != test.limit || (answer.Get("Ratelimit-Remaining") == "") != (test.limit == "") {
			t.Errorf("%+v: limit %q, remaining %q", test.fault, answer.Get("Ratelimit-Limit"), answer.Get("Ratelimit-Remaining"))
		}
		if after := b.remaining(t); after != before-2 {
			t.Errorf("%+v: %d requests remain, %d before", test.fault, after, before)
		}
		if method := answer.Get("X-Java-Method"); test.limit != "" && method != "ApiAtlasDiskBackupSnapshotsResource::getSnapshots" {
			t.Errorf("%+v: X-Java-Method %q", test.fault, method)
		}
	}
}

func TestFaultMatching(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	expectStatus(t, b.control(http.MethodPost, "faults",
		`{"method":"GET","path":"backup/snapshots","skip":1,"times":2,"status":503}`, nil), http.StatusNoContent)
	b.ask("") // a challenge does not use the fault up
	var seen []int
	for range 4 {
		seen = append(seen, b.get(b.snapshots()).Code)
		expectStatus(t, b.get(b.path("clusters")), http.StatusOK)
	}
	if want := []int{200, 503, 503, 200}; !slices.Equal(seen, want) {
		t.Errorf("statuses %v, want %v", seen, want)
	}
	b.sim.AddFault(atlassim.Fault{Times: -1, Status: 503})
	for range 3 {
		expectStatus(t, b.get(b.snapshots()), 503)
	}
	expectStatus(t, b.control(http.MethodDelete, "faults", "", nil), http.StatusNoContent)
	expectStatus(t, b.get(b.snapshots()), http.StatusOK)
}

// post sends a POST for a snapshot over a real connection.
func post(t *testing.T, b *harness, server *httptest.Server) (string, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+b.snapshots(), strings.NewReader(requested))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+b.token)
	request.Header.Set("Accept", "application/vnd.atlas.2023-01-01+json")
	request.Header.Set("Content-Type", "application/json")
	response, err := server.Client().Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	return string(content), err
}

func TestConnectionFaults(t *testing.T) {
	for _, test := range []struct {
		name, fault string
		taken       int
		status      int
		fails       func(error) bool
	}{
		{"reset before", `{"method":"POST","reset":"before"}`, 0, 0, isReset},
		{"reset after", `{"method":"POST","reset":"after"}`, 1, 0, isReset},
		{"truncate", `{"method":"POST","truncate":true}`, 1, 200, func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }},
		{"delay", `{"method":"POST","delay_ms":1}`, 1, 200, func(err error) bool { return err == nil }},
		{"status after the work", `{"method":"POST","status":503,"after":true}`, 1, 503, func(err error) bool { return err == nil }},
		{"status instead", `{"method":"POST","status":503,"delay_ms":1}`, 0, 503, func(err error) bool { return err == nil }},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newHarness(t, atlassim.Options{})
			server := httptest.NewServer(b.sim)
			defer server.Close()
			expectStatus(t, b.control(http.MethodPost, "faults", test.fault, nil), http.StatusNoContent)
			if content, err := post(t, b, server); !test.fails(err) {
				t.Errorf("%v after %q", err, content)
			}
			if taken := len(b.sim.Snapshots()); taken != test.taken {
				t.Errorf("%d snapshots taken, want %d", taken, test.taken)
			}
			if log := b.sim.Requests(); len(log) != 1 || log[0].Status != test.status || !log[0].Struck || (log[0].SnapshotID != "") != (test.taken > 0) {
				t.Errorf("log %+v", log)
			}
		})
	}
}

func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF)
}

func TestFaultOnSignIn(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	for fault, want := range map[string]string{
		`{"path":"oauth/token","error_code":"access_denied"}`: `{"error_description":"Access Token limit reached. Please use the ` +
			`existing Access Tokens or create a new Service Account.","error":"access_denied"}`,
		`{"path":"oauth/token","status":500}`: `{"error_description":"Internal server error.","error":"server_error"}`,
	} {
		b.control(http.MethodPost, "faults", fault, nil)
		recorder := b.oauth("/api/oauth/token", b.fix.ClientID, b.fix.ClientSecret, url.Values{"grant_type": {"client_credentials"}})
		if recorder.Body.String() != want {
			t.Errorf("%s: %s", fault, recorder.Body)
		}
	}
}

func TestBadFaults(t *testing.T) {
	b := newHarness(t, atlassim.Options{})
	for _, fault := range []string{`{"reset":"sometimes"}`, `{"status":99}`, `{"stauts":503}`, `{`} {
		expectStatus(t, b.control(http.MethodPost, "faults", fault, nil), http.StatusBadRequest)
	}
}
