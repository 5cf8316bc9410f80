package acctest

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// simulatorRequest is a request to the simulator as pages show it: without a progress meter among the output, and with the
// address in the variable that the provider reads.
var simulatorRequest = regexp.MustCompile(`curl -s( -X DELETE)? "\$MONGODB_ATLAS_BASE_URL(/_sim/[a-z_]+)"(?: \\\n +-d '([^']+)')?`)

// TestPages_simulatorRequests sends the simulator every request that a page shows.
func TestPages_simulatorRequests(t *testing.T) {
	a := NewAtlas(t)
	sent := 0
	for _, p := range pages(t) {
		code := strings.Join(fence.FindAllString(p.text, -1), "\n")
		found := simulatorRequest.FindAllStringSubmatch(code, -1)
		if all := strings.Count(code, "/_sim/"); all != len(found) {
			t.Errorf("%s has %d requests to the simulator, %d of which look like %s", p.name, all, len(found), simulatorRequest)
		}
		for _, match := range found {
			sent++
			method := http.MethodGet
			switch {
			case match[1] != "":
				method = http.MethodDelete
			case match[3] != "":
				method = http.MethodPost
			}
			request, err := http.NewRequestWithContext(t.Context(), method, a.Fixture().BaseURL+match[2], strings.NewReader(match[3]))
			if err != nil {
				t.Fatal(err)
			}
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(response.Body)
			if closing := response.Body.Close(); err != nil || closing != nil || response.StatusCode > 204 {
				t.Errorf("%s: %s: %s %s (%v)", p.name, match[0], response.Status, body, err)
			}
		}
	}
	if sent == 0 {
		t.Error("no page sends the simulator anything")
	}
}
