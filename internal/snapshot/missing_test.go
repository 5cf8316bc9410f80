package snapshot_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// TestAccSnapshot_missingIsDoubted has Atlas call a snapshot missing that is there: Terraform must not forget it.
func TestAccSnapshot_missingIsDoubted(t *testing.T) {
	t.Parallel()
	everyRead := atlassim.Fault{Method: "GET", Path: "/backup/snapshots", Times: -1}
	for name, c := range map[string]struct {
		faults []atlassim.Fault
		plan   int
		said   string
	}{
		"a single 404":           {[]atlassim.Fault{{Method: "GET", Path: "/backup/snapshots/", ErrorCode: "SNAPSHOT_NOT_FOUND"}}, 0, "No changes"},
		"a 404 without end":      {[]atlassim.Fault{{Method: "GET", Path: "/backup/snapshots/", ErrorCode: "SNAPSHOT_NOT_FOUND", Times: -1}}, 0, "No changes"},
		"project not reached":    {[]atlassim.Fault{withCode(everyRead, "GROUP_NOT_FOUND")}, 1, "Error code: GROUP_NOT_FOUND"},
		"another address, a 404": {[]atlassim.Fault{withCode(everyRead, "RESOURCE_NOT_FOUND")}, 1, "Error code: RESOURCE_NOT_FOUND"},
		"the cluster is gone":    {[]atlassim.Fault{withCode(everyRead, "CLUSTER_NOT_FOUND")}, 2, "1 to add"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			tf := terraform(t, a)
			tf.Do(0, acctest.Apply...)
			for _, fault := range c.faults {
				a.AddFault(fault)
			}
			mustSay(t, tf.Do(c.plan, acctest.Plan...), c.said)
			a.ClearFaults()
			tf.Do(0, acctest.Plan...)
		})
	}
}

// TestAccSnapshot_missingWhileWaiting is the same while the wait goes on: the list says when the snapshot is completed, and
// a list that fails says nothing.
func TestAccSnapshot_missingWhileWaiting(t *testing.T) {
	t.Parallel()
	missing := atlassim.Fault{Method: "GET", Path: "/backup/snapshots/", ErrorCode: "SNAPSHOT_NOT_FOUND", Times: -1, Skip: 2}
	for name, faults := range map[string][]atlassim.Fault{
		"the list has it":     {missing},
		"the list fails once": {missing, {Method: "GET", Path: "/backup/snapshots?", Status: 503, Times: 5, Skip: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			for _, fault := range faults {
				a.AddFault(fault)
			}
			tf := terraform(t, a)
			tf.Do(0, acctest.Apply...)
			if kept := tf.State(address); kept == nil || kept.Tainted || kept.Values["status"] != "completed" {
				t.Errorf("the state has %+v", kept)
			}
			tf.Do(0, acctest.Plan...)
			if err := onlyOne(a); err != nil {
				t.Error(err)
			}
		})
	}
}

func withCode(fault atlassim.Fault, code string) atlassim.Fault {
	fault.ErrorCode = code
	return fault
}

// TestAccSnapshot_refreshOfExpired refreshes a snapshot that is kept in the state after its expiry: one request each time,
// also when the project is gone.
func TestAccSnapshot_refreshOfExpired(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	tf := terraform(t, a)
	keep := []string{"-var", "on_expiry=keep"}
	tf.Do(0, append(acctest.Apply, keep...)...)
	a.Clock.Advance(60 * day)
	tf.Do(0, append(append(acctest.Apply, "-refresh-only"), keep...)...)
	if status := tf.State(address).Values["status"]; status != "expired" {
		t.Fatalf("the status is %v", status)
	}
	a.AddFault(atlassim.Fault{ErrorCode: "GROUP_NOT_FOUND", Times: -1})
	a.ClearRequests()
	tf.Do(0, append(acctest.Plan, keep...)...)
	if reads := count(a, "GET"); reads != 1 {
		t.Errorf("%d requests, expected 1", reads)
	}
}

// TestAccSnapshot_destroyConfirmsNotFound has the deletion answered with a 404 although the snapshot is there.
func TestAccSnapshot_destroyConfirmsNotFound(t *testing.T) {
	t.Parallel()
	t.Run("a single 404", func(t *testing.T) {
		t.Parallel()
		a := acctest.NewAtlas(t)
		tf := terraform(t, a)
		tf.Do(0, acctest.Apply...)
		a.AddFault(atlassim.Fault{Method: "DELETE", ErrorCode: "SNAPSHOT_NOT_FOUND"})
		tf.Do(0, acctest.Destroy...)
		if left := a.Existing(); len(left) > 0 {
			t.Errorf("Terraform has forgotten %v", left)
		}
	})
	t.Run("another address", func(t *testing.T) {
		t.Parallel()
		a := acctest.NewAtlas(t)
		tf := terraform(t, a)
		tf.Do(0, acctest.Apply...)
		a.AddFault(atlassim.Fault{ErrorCode: "RESOURCE_NOT_FOUND", Times: -1})
		mustSay(t, tf.Do(1, append(acctest.Destroy, "-refresh=false")...), "Unable to delete snapshot", "Error code: RESOURCE_NOT_FOUND")
		if tf.State(address) == nil {
			t.Error("the state has forgotten a snapshot that exists")
		}
	})
}

// TestAccSnapshot_anotherUsersSnapshot loses the answer to a request that Atlas did not carry out, while somebody else takes a snapshot
// of the same description, to be kept for another time.
func TestAccSnapshot_anotherUsersSnapshot(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	tf := terraform(t, a)
	a.AddFault(atlassim.Fault{Method: "POST", Reset: atlassim.ResetBefore})
	var theirs string
	a.Clock.Hold(func(context.Context, time.Duration) {
		if theirs != "" {
			return
		}
		description := "before the upgrade"
		var err error
		if theirs, err = a.SeedSnapshot(atlassim.Seed{
			Status: "queued", Description: &description, CreatedAt: a.Clock.Now(), ExpiresAt: a.Clock.Now().Add(day),
		}); err != nil {
			t.Error(err)
		}
	})
	tf.Do(0, acctest.Apply...)
	if ours := tf.State(address).Values["snapshot_id"]; ours == theirs || len(a.Existing()) != 2 {
		t.Errorf("the state has %v, somebody else has %v, Atlas has %d snapshots", ours, theirs, len(a.Existing()))
	}
}

// rewriting changes Atlas's answers on their way.
type rewriting struct {
	next http.RoundTripper
	from string
	to   string
	on   atomic.Bool
}

func rewrite(a *acctest.Atlas, from, to string) *rewriting {
	r := &rewriting{next: atlas.NewTransport(), from: from, to: to}
	a.ClientOptions = append(a.ClientOptions, atlas.WithTransport(r))
	return r
}

func (r *rewriting) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := r.next.RoundTrip(request)
	if err != nil || !r.on.Load() {
		return response, err
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	response.Body = io.NopCloser(bytes.NewReader([]byte(strings.ReplaceAll(string(body), r.from, r.to))))
	response.ContentLength = -1
	return response, err
}

// TestAccSnapshot_descriptionFromAtlas has Atlas describe a snapshot for which nobody asked for a description.
func TestAccSnapshot_descriptionFromAtlas(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	rewrite(a, `"expiresAt"`, `"description":"On-demand snapshot","expiresAt"`).on.Store(true)
	tf := a.InProcess(t, map[string]string{"main.tf": `
terraform {
  required_providers {
    atlasbackup = { source = "atlasbackup/atlasbackup" }
  }
}

variable "project_id" {}

variable "cluster_name" {}

resource "atlasbackup_snapshot" "test" {
  project_id        = var.project_id
  cluster_name      = var.cluster_name
  retention_in_days = 3
}
`})
	tf.Do(0, acctest.Apply...)
	tf.Do(0, acctest.Plan...)
}

// TestAccSnapshot_changedDuringApply has something else of the snapshot change between the plan of a new retention and its apply.
func TestAccSnapshot_changedDuringApply(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	copied := rewrite(a, `"copyRegions":[]`, `"copyRegions":["EU_WEST_1"]`)
	tf := realTerraform(t, a)
	tf.Do(0, acctest.Apply...)
	tf.Do(2, append(acctest.Plan, "-var", "retention_in_days=9", "-out", "longer")...)
	copied.on.Store(true)
	tf.Do(0, "apply", "-no-color", "longer")
	tf.Do(0, append(acctest.Plan, "-var", "retention_in_days=9")...)
}

// TestAccSnapshot_timeoutNamesNoOther runs out of time while nothing but Atlas's slowness is in the way.
func TestAccSnapshot_timeoutNamesNoOther(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	a.AddFault(atlassim.Fault{Method: "POST", Status: 429, RetryAfter: new(1), Times: -1})
	tf := terraform(t, a)
	output := tf.Do(1, append(acctest.Apply, "-var", "create_timeout=10s")...)
	mustSay(t, output, "Unable to create snapshot", "No snapshot was taken")
	mustNotSay(t, output, "another on-demand snapshot")
}
