package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

func TestSimulator_requests(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `[{"status":401},{"status":200},{"status":429},{"status":429},{"status":200}]`)
	}))
	t.Cleanup(server.Close)
	if count, limited, err := (&simulator{BaseURL: server.URL}).requests(t.Context()); count != 5 || limited != 2 || err != nil {
		t.Errorf("%d requests, %d of them limited, %v; want 5 and 2", count, limited, err)
	}
}

func TestSimulator_control(t *testing.T) {
	server := httptest.NewServer(atlassim.New(atlassim.Options{}))
	t.Cleanup(server.Close)
	sim := &simulator{BaseURL: server.URL}
	for range 2 {
		response, err := http.Get(server.URL + "/api/atlas/v2/groups/g/clusters")
		if err != nil {
			t.Fatal(err)
		}
		if err := response.Body.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if count, _, err := sim.requests(t.Context()); count != 2 || err != nil {
		t.Errorf("%d requests, %v; want 2", count, err)
	}
	if err := sim.forgetRequests(t.Context()); err != nil {
		t.Error(err)
	}
	if count, _, err := sim.requests(t.Context()); count != 0 || err != nil {
		t.Errorf("%d requests after they were forgotten, %v", count, err)
	}
	if err := sim.limit(t.Context(), atlasLimit); err != nil {
		t.Error(err)
	}
	err := sim.control(t.Context(), http.MethodPost, "no_such", nil, nil)
	if err == nil || !strings.Contains(err.Error(), "POST no_such: 404 Not Found: ") {
		t.Errorf("a request that is refused: %v", err)
	}
}
