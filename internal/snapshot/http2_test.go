package snapshot_test

import (
	"testing"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// TestAccSnapshot_overHTTP2 repeats what goes wrong with a connection over HTTP/2, where it ends a stream, and with compressed
// answers.
func TestAccSnapshot_overHTTP2(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]atlassim.Fault{
		"nothing":                 {Method: "NONE"},
		"answer to the POST lost": at(thePost, ambiguous["reset after the work"]),
		"POST lost":               at(thePost, ambiguous["reset before the work"]),
		"answer to the POST cut":  at(thePost, ambiguous["truncated body"]),
		"read lost":               at(theReads, ambiguous["reset after the work"]),
		"DELETE lost":             at(theDelete, ambiguous["reset before the work"]),
		"answer to DELETE lost":   at(theDelete, ambiguous["reset after the work"]),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			a.UseHTTP2()
			a.SetBehavior(func(b *atlassim.Behavior) { b.Gzip = true })
			a.AddFault(fault)
			tf := terraform(t, a)
			tf.Do(0, acctest.Apply...)
			if kept := a.Snapshots(); len(kept) != 1 || kept[0].Status != "completed" {
				t.Errorf("taken: %v", kept)
			}
			tf.Do(0, acctest.Destroy...)
			if left := a.Existing(); len(left) > 0 {
				t.Errorf("Terraform has forgotten %v", left)
			}
			for _, request := range a.Requests() {
				if request.Protocol != "HTTP/2.0" {
					t.Errorf("%s %s came by %s", request.Method, request.Path, request.Protocol)
				}
			}
		})
	}
}
