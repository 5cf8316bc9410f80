package snapshot_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// rotating is a configuration whose triggers have this version.
func rotating(command []string, version string, more ...string) []string {
	return append(with(command, `triggers={version="`+version+`"}`), more...)
}

// rotationTest is a resource with a completed snapshot that is about to be rotated.
type rotationTest struct {
	*acctest.Atlas
	tf  *acctest.Terraform
	old string
}

func newRotation(t *testing.T) *rotationTest {
	t.Helper()
	a := acctest.NewAtlas(t)
	r := &rotationTest{Atlas: a, tf: terraform(t, a)}
	r.tf.Do(0, rotating(acctest.Apply, "7")...)
	r.old = r.id(t)
	a.ClearRequests()
	return r
}

// id is the snapshot that the state has.
func (r *rotationTest) id(t *testing.T) string {
	t.Helper()
	kept := r.tf.State(address)
	if kept == nil || kept.Tainted {
		t.Fatalf("the state has %+v, expected an untainted snapshot", kept)
	}
	id, _ := kept.Values["snapshot_id"].(string)
	return id
}

// existing are the ids of the snapshots that Atlas has.
func (r *rotationTest) existing() []string {
	var ids []string
	for _, s := range r.Existing() {
		ids = append(ids, s.ID)
	}
	return ids
}

// ends checks that version 8 is applied: a new, completed snapshot in the state, no other in Atlas but these, nothing to do.
func (r *rotationTest) ends(t *testing.T, taken int, besides ...string) {
	t.Helper()
	r.tf.Do(0, rotating(acctest.Plan, "8")...)
	if now := r.tf.State(address); now.Values["snapshot_id"] == r.old || now.Values["status"] != "completed" {
		t.Errorf("the state has %v, expected a new, completed snapshot", now.Values)
	}
	for _, id := range r.existing() {
		if id != r.id(t) && !slices.Contains(besides, id) {
			t.Errorf("Atlas still has snapshot %s", id)
		}
	}
	if all := r.Snapshots(); len(all) != taken {
		t.Errorf("Atlas has had %d snapshots, expected %d", len(all), taken)
	}
}

// TestAccSnapshot_rotationOrder deletes nothing until the new snapshot is completed.
func TestAccSnapshot_rotationOrder(t *testing.T) {
	t.Parallel()
	r := &rotationTest{Atlas: acctest.NewAtlas(t)}
	completed := ""
	r.Intercept(t, func(simulator http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
			if request.Method == http.MethodDelete && request.Header.Get("Authorization") != "" {
				for _, s := range r.Existing() {
					if s.ID != r.old && s.Status == "completed" {
						completed = s.ID
					}
				}
			}
			simulator.ServeHTTP(w, request)
		})
	})
	r.tf = terraform(t, r.Atlas)
	r.tf.Do(0, rotating(acctest.Apply, "7")...)
	r.old = r.id(t)
	mustSay(t, r.tf.Do(2, rotating(acctest.Plan, "8")...), "will be updated in-place", "~ snapshot_id", "(known after apply)")
	output := r.tf.Do(0, rotating(acctest.Apply, "8")...)
	mustNotSay(t, output, "Warning")
	if completed == "" || completed != r.id(t) {
		t.Errorf("when the old snapshot was deleted %q was completed, the state has %s", completed, r.id(t))
	}
	r.ends(t, 2)
}

// TestAccSnapshot_rotationKeepsTheOld has a rotation end early in every way: the state keeps the old snapshot, and the next
// apply goes on where this one ended.
func TestAccSnapshot_rotationKeepsTheOld(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		strike func(*testing.T, *rotationTest) string
		said   []string
		// taken is how many snapshots Atlas has had in the end.
		taken int
	}{
		"failed": {func(t *testing.T, r *rotationTest) string {
			t.Helper()
			failNext(r.Atlas)
			return r.tf.Do(1, rotating(acctest.Apply, "8")...)
		}, []string{"Error: Unable to update snapshot", "Atlas failed snapshot", "The state keeps snapshot"}, 3},
		"timed out": {func(t *testing.T, r *rotationTest) string {
			t.Helper()
			return r.tf.Do(1, rotating(acctest.Apply, "8", "-var", "update_timeout=20s")...)
		}, []string{"Error: Unable to update snapshot", "had not completed snapshot", "The state keeps snapshot", "No third snapshot is taken"}, 2},
		"interrupted": {func(t *testing.T, r *rotationTest) string {
			t.Helper()
			output, _ := interrupt(t, r.Atlas, r.tf, 3, "-var", `triggers={version="8"}`)
			return output
		}, []string{"Warning: Snapshot not completed yet", "The state keeps snapshot", "No third snapshot is taken"}, 2},
		"refused before it began": {func(t *testing.T, r *rotationTest) string {
			t.Helper()
			r.AddFault(at(thePost, atlassim.Fault{Status: 403, Times: always}))
			return r.tf.Do(1, rotating(acctest.Apply, "8")...)
		}, []string{"Error: Unable to update snapshot", "No snapshot was taken"}, 2},
		"not to be read": {func(t *testing.T, r *rotationTest) string {
			t.Helper()
			r.AddFault(at(after(2, theReads), atlassim.Fault{ErrorCode: noAccess, Times: always}))
			return r.tf.Do(1, rotating(acctest.Apply, "8")...)
		}, []string{"Error: Unable to update snapshot", "IP_ADDRESS_NOT_ON_ACCESS_LIST", "The state keeps snapshot"}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRotation(t)
			output := c.strike(t, r)
			mustSay(t, output, c.said...)
			if now := r.id(t); now != r.old {
				t.Errorf("the state has snapshot %s, expected the old one, %s", now, r.old)
			}
			if deleted := count(r.Atlas, "DELETE"); deleted != 0 {
				t.Errorf("%d snapshots were deleted", deleted)
			}
			r.ClearFaults()
			r.tf.Do(2, rotating(acctest.Plan, "8")...)
			r.tf.Do(0, rotating(acctest.Apply, "8")...)
			r.ends(t, c.taken)
		})
	}
}

// TestAccSnapshot_rotationChangesItsRetention resumes a rotation with another retention than the new snapshot was requested with.
func TestAccSnapshot_rotationChangesItsRetention(t *testing.T) {
	t.Parallel()
	const longer = "retention_in_days=21"
	for name, fault := range map[string]atlassim.Fault{"": {Method: "NONE"}, "not at once": at(thePatch, atlassim.Fault{ErrorCode: noAccess})} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRotation(t)
			interrupt(t, r.Atlas, r.tf, 3, "-var", `triggers={version="8"}`)
			r.AddFault(fault)
			if name != "" {
				mustSay(t, r.tf.Do(1, rotating(acctest.Apply, "8", "-var", longer)...), "Unable to update snapshot", "keeps the retention that it had")
			}
			r.tf.Do(0, rotating(acctest.Apply, "8", "-var", longer)...)
			r.tf.Do(0, rotating(acctest.Plan, "8", "-var", longer)...)
			left := r.Existing()
			if len(left) != 1 || left[0].ID != r.id(t) || left[0].ID == r.old || len(r.Snapshots()) != 2 {
				t.Fatalf("Atlas has %v, the state %s", left, r.id(t))
			}
			if kept := left[0].ExpiresAt.Sub(left[0].RequestedAt); kept < 21*24*time.Hour {
				t.Errorf("Atlas keeps the new snapshot for %s", kept)
			}
		})
	}
}

// TestAccSnapshot_rotationSkipsDestroy leaves the old snapshot in Atlas, also where only the new configuration says so.
func TestAccSnapshot_rotationSkipsDestroy(t *testing.T) {
	t.Parallel()
	r := newRotation(t)
	output := r.tf.Do(0, rotating(acctest.Apply, "8", "-var", "skip_destroy=true")...)
	mustSay(t, output, "Warning: Old snapshot left in Atlas", r.old)
	r.tf.Do(0, rotating(acctest.Plan, "8", "-var", "skip_destroy=true")...)
	if left := r.existing(); len(left) != 2 || !slices.Contains(left, r.old) {
		t.Errorf("Atlas has %v, expected the old snapshot %s and the new one", left, r.old)
	}
}

// TestAccSnapshot_rotationCannotDelete has Atlas keep the old snapshot: for good, which costs no further plan, or for a while.
func TestAccSnapshot_rotationCannotDelete(t *testing.T) {
	t.Parallel()
	t.Run("compliance policy", func(t *testing.T) {
		t.Parallel()
		r := newRotation(t)
		r.SetCompliancePolicy(true, 1)
		output := r.tf.Do(0, rotating(acctest.Apply, "8")...)
		mustSay(t, output, "Warning: Unable to delete the old snapshot", "CANNOT_DELETE_SNAPSHOT_WITH_BACKUP_COMPLIANCE_POLICY", "terraform import <address>", r.old)
		r.ends(t, 2, r.old)
	})
	for name, fault := range map[string]atlassim.Fault{
		"outage": {Status: 503, Times: always}, "refusal without a reason": {Status: 403, Body: " ", Times: always},
		"cluster that is updated": {ErrorCode: "ATLAS_GENERAL_ERROR", Times: always}, "paused cluster": {ErrorCode: "CANNOT_UPDATE_PAUSED_CLUSTER", Times: always},
		"access list": {ErrorCode: noAccess, Times: always},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRotation(t)
			r.AddFault(at(theDelete, fault))
			output := r.tf.Do(0, rotating(acctest.Apply, "8")...)
			mustSay(t, output, "Warning: Unable to delete the old snapshot", "The next apply deletes the old one")
			r.ClearFaults()
			mustSay(t, r.tf.Do(2, rotating(acctest.Plan, "8")...), "Warning: Rotation not finished", r.old)
			r.tf.Do(0, rotating(acctest.Apply, "8")...)
			r.ends(t, 2)
		})
	}
}

// TestAccSnapshot_rotationChangesItsMind asks for something else after an interrupt: what was requested before does not serve,
// and is deleted.
func TestAccSnapshot_rotationChangesItsMind(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		timeout string
		next    string
		taken   int
		// keeps says that the old snapshot is what is wanted again.
		keeps bool
	}{
		"other triggers after a timeout":          {"20s", "9", 3, false},
		"the triggers of before after a timeout":  {"20s", "7", 2, true},
		"other triggers after an interrupt":       {"", "9", 3, false},
		"the triggers of before, after interrupt": {"", "7", 3, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRotation(t)
			if c.timeout == "" {
				interrupt(t, r.Atlas, r.tf, 3, "-var", `triggers={version="8"}`)
			} else {
				r.tf.Do(1, rotating(acctest.Apply, "8", "-var", "update_timeout="+c.timeout)...)
			}
			r.tf.Do(0, rotating(acctest.Apply, c.next)...)
			r.tf.Do(0, rotating(acctest.Plan, c.next)...)
			if now := r.id(t); (now == r.old) != c.keeps {
				t.Errorf("the state has snapshot %s, the old one is %s", now, r.old)
			}
			if left := r.existing(); len(left) != 1 || left[0] != r.id(t) {
				t.Errorf("Atlas has %v, the state %s", left, r.id(t))
			}
			if all := r.Snapshots(); len(all) != c.taken {
				t.Errorf("Atlas has had %d snapshots, expected %d", len(all), c.taken)
			}
		})
	}
}

// TestAccSnapshot_rotationGoesOnWithoutTheOld loses the old snapshot while a rotation is unfinished.
func TestAccSnapshot_rotationGoesOnWithoutTheOld(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]func(*testing.T, *rotationTest){
		"interrupted": func(t *testing.T, r *rotationTest) {
			t.Helper()
			interrupt(t, r.Atlas, r.tf, 3, "-var", `triggers={version="8"}`)
		},
		"timed out": func(t *testing.T, r *rotationTest) {
			t.Helper()
			r.tf.Do(1, rotating(acctest.Apply, "8", "-var", "update_timeout=20s")...)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRotation(t)
			stop(t, r)
			if err := client(t, r.Atlas).DeleteSnapshot(t.Context(), r.Fixture().ProjectID, r.Fixture().ClusterName, r.old); err != nil {
				t.Fatal(err)
			}
			mustSay(t, r.tf.Do(0, rotating(acctest.Apply, "8")...), "Warning: Snapshot deleted outside of Terraform", r.old)
			r.ends(t, 2)
		})
	}
}

// TestAccSnapshot_rotationDestroyed destroys the resource while a rotation is unfinished: neither snapshot is forgotten.
func TestAccSnapshot_rotationDestroyed(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]bool{"deleted": false, "left": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRotation(t)
			interrupt(t, r.Atlas, r.tf, 3, "-var", `triggers={version="8"}`)
			if !leave {
				r.tf.Do(0, rotating(acctest.Destroy, "8")...)
				if left := r.existing(); len(left) != 0 {
					t.Errorf("Atlas still has %v", left)
				}
				return
			}
			interrupt(t, r.Atlas, r.tf, 3, "-var", `triggers={version="8"}`, "-var", "skip_destroy=true")
			output := r.tf.Do(0, rotating(acctest.Destroy, "8", "-var", "skip_destroy=true")...)
			mustSay(t, output, append([]string{"Warning: Snapshot left in Atlas"}, r.existing()...)...)
			if left := r.existing(); len(left) != 2 {
				t.Errorf("Atlas has %v, expected two snapshots", left)
			}
		})
	}
}

// TestAccSnapshot_rotationOfWhatIsPending changes the triggers of a snapshot that Atlas is still busy with.
func TestAccSnapshot_rotationOfWhatIsPending(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	r := &rotationTest{Atlas: a, tf: terraform(t, a)}
	interrupt(t, a, r.tf, 3, "-var", `triggers={version="7"}`)
	r.old = r.id(t)
	mustNotSay(t, r.tf.Do(0, rotating(acctest.Apply, "8")...), "Snapshot of an earlier run")
	r.ends(t, 2)
}

// TestAccSnapshot_rotationOfWhatHasExpired rotates a snapshot that Atlas has deleted by itself.
func TestAccSnapshot_rotationOfWhatHasExpired(t *testing.T) {
	t.Parallel()
	r := newRotation(t)
	r.Clock.Advance(60 * day)
	mustNotSay(t, r.tf.Do(0, rotating(acctest.Apply, "8")...), "Warning")
	if deleted := count(r.Atlas, "DELETE"); deleted != 0 {
		t.Errorf("%d DELETEs for what has expired", deleted)
	}
	r.ends(t, 2)
}

// TestAccSnapshot_rotationLosesAnAnswer loses the answer to the request for the new snapshot, before and after the work.
func TestAccSnapshot_rotationLosesAnAnswer(t *testing.T) {
	t.Parallel()
	for name, reset := range map[string]string{"before the work": atlassim.ResetBefore, "after the work": atlassim.ResetAfter} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRotation(t)
			r.AddFault(at(thePost, atlassim.Fault{Reset: reset}))
			r.tf.Do(0, rotating(acctest.Apply, "8")...)
			r.ends(t, 2)
		})
	}
}

// TestAccSnapshot_rotationWithCreateBeforeDestroy is what people wrote before triggers rotated: it changes nothing.
func TestAccSnapshot_rotationWithCreateBeforeDestroy(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	files := configuration(t)
	files["main.tf"] = strings.Replace(files["main.tf"], "  dynamic \"timeouts\"", "  lifecycle {\n    create_before_destroy = true\n  }\n\n  dynamic \"timeouts\"", 1)
	r := &rotationTest{Atlas: a, tf: a.InProcess(t, files)}
	r.tf.Do(0, rotating(acctest.Apply, "7")...)
	r.old = r.id(t)
	mustNotSay(t, r.tf.Do(0, rotating(acctest.Apply, "8")...), "Warning")
	r.ends(t, 2)
	r.old = r.id(t)
	mustNotSay(t, r.tf.Do(0, rotating(acctest.Apply, "8", "-replace="+address)...), "Snapshot of an earlier run")
	r.ends(t, 3)
}

// TestAccSnapshot_rotationWithNewRetention changes the retention at the same time: it is the new snapshot's.
func TestAccSnapshot_rotationWithNewRetention(t *testing.T) {
	t.Parallel()
	r := newRotation(t)
	r.Clock.Advance(5 * day)
	r.tf.Do(0, rotating(acctest.Apply, "8", "-var", "retention_in_days=2")...)
	r.tf.Do(0, rotating(acctest.Plan, "8", "-var", "retention_in_days=2")...)
	if patched := count(r.Atlas, "PATCH"); patched != 0 {
		t.Errorf("%d retentions were changed, expected none", patched)
	}
	left := r.Existing()
	if len(left) != 1 || left[0].ExpiresAt.Sub(r.Clock.Now()) > 2*day || left[0].ExpiresAt.Sub(r.Clock.Now()) < 2*day-time.Hour {
		t.Errorf("Atlas has %+v, expected one snapshot that expires in two days", left)
	}
}
