package acctest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// told is a scenario that Atlas has given these answers, each to a request for a path below the cluster.
func told(t *testing.T, bodies ...[2]string) *Scenario {
	t.Helper()
	s := &Scenario{}
	for _, body := range bodies {
		received := &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(body[1]))}
		sent := &http.Request{URL: &url.URL{Path: "/api/atlas/v2/groups/g/clusters/c" + body[0]}}
		if err := s.answers.note(sent, received); err != nil {
			t.Fatal(err)
		}
		if left, err := io.ReadAll(received.Body); string(left) != body[1] || err != nil {
			t.Errorf("the provider reads %q (%v), expected %q", left, err, body[1])
		}
	}
	return s
}

// TestScenario_Answer collects what lists and single answers say, each key as it was last.
func TestScenario_Answer(t *testing.T) {
	t.Parallel()
	s := told(t,
		[2]string{"/backup/snapshots", `{"results":[{"id":"b","status":"queued"},{"id":"a","status":"completed"}],"totalCount":2}`},
		[2]string{"/backup/snapshots/b", `{"id":"b","status":"completed","storageSizeBytes":9007199254740993}`},
		[2]string{"/backup/snapshots/shardedCluster/b", `{"id":"b","members":[]}`},
		[2]string{"", `{"id":"c"}`},
		[2]string{"/backup/snapshots/x", `<html>`},
	)
	if all := s.Answers(); len(all) != 2 || all[0]["id"] != "b" || all[1]["id"] != "a" {
		t.Errorf("the answers are about %v, expected b and a", all)
	}
	b := s.Answer("b")
	if b["status"] != "completed" || b["storageSizeBytes"] != json.Number("9007199254740993") || b["members"] == nil {
		t.Errorf("the answer about b is %v", b)
	}
	b["status"] = "changed"
	if s.Answer("b")["status"] != "completed" {
		t.Error("a test can change what others are told")
	}
	if s.Answer("c") != nil {
		t.Error("a cluster is taken for a snapshot")
	}
}
