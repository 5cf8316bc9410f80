package snapshot_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// TestAccSnapshot_lateSecondRequest has the second request reach Atlas minutes after it was decided on, when Atlas is done with
// what the first one began and takes another. Neither is answered, and the list shows the second one too late to be found.
func TestAccSnapshot_lateSecondRequest(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	a.SetBehavior(func(b *atlassim.Behavior) { b.ListLag = 5 * time.Minute })
	a.CompleteAfter(100 * time.Second)
	// A nonce would be stale by then.
	a.Environment = map[string]string{"MONGODB_ATLAS_CLIENT_ID": a.Fixture().ClientID, "MONGODB_ATLAS_CLIENT_SECRET": a.Fixture().ClientSecret}
	posts := 0
	a.Intercept(t, func(simulator http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
			if request.Method == http.MethodPost && request.Header.Get("Authorization") != "" && strings.HasSuffix(request.URL.Path, "/backup/snapshots") {
				if posts++; posts == 2 {
					a.Clock.Advance(4 * time.Minute)
				}
			}
			simulator.ServeHTTP(w, request)
		})
	})
	a.AddFault(at(thePost, atlassim.Fault{Reset: atlassim.ResetAfter, Times: 2}))
	output := terraform(t, a).Do(0, acctest.Apply...)
	if taken := len(a.Snapshots()); taken != 2 {
		t.Fatalf("Atlas has taken %d snapshots, expected two", taken)
	}
	mustSay(t, output, "Warning: Snapshot possibly taken twice", "Look at the cluster's snapshots")
}
