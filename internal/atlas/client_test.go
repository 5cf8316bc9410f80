package atlas

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestClient_closeGivesTheTokenBack(t *testing.T) {
	s := newTokenServer(t)
	client := New(mustBase(t, "https://cloud.example.com"), s.authenticator(), WithTransport(s), WithClock(s.clock))
	if client.Clock() != s.clock {
		t.Error("the clock is not the one that was given")
	}
	if err := client.Close(t.Context()); err != nil || len(s.calls) != 0 {
		t.Errorf("closing an unused client: %v, %v", err, s.calls)
	}
	_ = everyCall["get"](t.Context(), client)
	if err := client.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{testToken + "-1"}, s.revoked); diff != "" {
		t.Errorf("revoked (-want +got):\n%s", diff)
	}
}

func TestClient_listsShardedSnapshotsInOneRequest(t *testing.T) {
	member := `{"id":"6a7944f22c88faeba59d3573","cloudProvider":"AWS","replicaSetName":"atlas-x-shard-0"}`
	one := `{"id":"` + wireSnapshot + `","status":"completed","type":"shardedCluster","configServerType":"EMBEDDED","copyRegions":["EU_WEST_1"],"policyItems":["32b6e34b3d91647abb20e7b8"],"masterKeyUUID":"u-u","snapshotType":"scheduled","members":[` + member + `],"snapshotIds":["6a7944f22c88faeba59d3573"]}`
	w := newWire(t, reply(http.StatusOK, `{"results":[`+one+`],"totalCount":1}`))
	client, _ := w.client(t)
	list, err := client.ListShardedSnapshots(t.Context(), wireProject, wireCluster)
	if err != nil {
		t.Fatal(err)
	}
	w.expectArrivals(t, 1)
	if uri := w.arrivals[0].URI; uri != wireBase+"/shardedClusters" {
		t.Errorf("URI = %s", uri)
	}
	if len(list) != 1 {
		t.Fatalf("%d snapshots", len(list))
	}
	expectDecoded(t, []byte(one), list[0])

	plain := *list[0]
	plain.ConfigServerType, plain.Members, plain.SnapshotIDs = nil, nil, nil
	plain.AddMembers(list[0])
	if diff := cmp.Diff(list[0], &plain); diff != "" {
		t.Errorf("with members (-want +got):\n%s", diff)
	}
}

// A log has the error, and nothing of what a proxy or a captive portal answered.
func TestLogSafe_hasNoBodySnippet(t *testing.T) {
	for name, answer := range map[string]roundTrip{
		"refusal": reply(http.StatusForbidden, "<html>Dear Bob"), "answer": reply(http.StatusOK, "<html>Dear Bob"),
	} {
		w := newWire(t, answer)
		client, _ := w.client(t)
		err := everyCall["get"](t.Context(), client)
		brief := LogSafe(err)
		if strings.Contains(brief, "Bob") || !strings.Contains(err.Error(), "Bob") || !strings.HasPrefix(brief, "GET "+wireBase) {
			t.Errorf("%s: %q of %q", name, brief, err)
		}
	}
	if brief := LogSafe(errors.New("x")); brief != "x" {
		t.Errorf("brief = %q", brief)
	}
}
