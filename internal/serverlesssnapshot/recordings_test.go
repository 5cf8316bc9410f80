package serverlesssnapshot_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/recordings"
)

// TestAccServerlessSnapshotsDataSource_recorded reads the recorded Flex lists of the real Atlas in serverless words, where the
// serverless endpoint answers as the one for instances was said to: 404.
func TestAccServerlessSnapshotsDataSource_recorded(t *testing.T) {
	t.Parallel()
	words := map[any]string{"COMPLETED": "completed", "FAILED": "failed"}
	for _, recording := range recordings.Match(t, "flex-snapshots/*list*") {
		t.Run(recording.Name, func(t *testing.T) {
			t.Parallel()
			var page struct {
				Results []map[string]any `json:"results"`
			}
			if err := json.Unmarshal(recording.Body, &page); err != nil {
				t.Fatal(err)
			}
			want := []map[string]any{}
			for _, recorded := range slices.Backward(page.Results) {
				want = append(want, map[string]any{
					"snapshot_id": recorded["id"], "status": words[recorded["status"]], "created_at": recorded["startTime"],
					"expires_at": recorded["expiration"], "mongod_version": recorded["mongoDBVersion"],
					"snapshot_type": nil, "frequency_type": nil, "serverless_instance_name": nil, "storage_size_bytes": nil,
				})
			}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.Contains(r.URL.Path, "/serverless/") {
					w.WriteHeader(http.StatusNotFound)
					return
				}
				recording.ServeHTTP(w, r)
			}))
			t.Cleanup(server.Close)
			a := acctest.NewAtlas(t)
			a.Environment["MONGODB_ATLAS_BASE_URL"] = server.URL
			tf := a.Configuration(t, allSnapshots("snapshotCluster0"))
			tf.Do(0, acctest.Apply...)
			if diff := cmp.Diff(want, tf.Results(allAddress)); diff != "" {
				t.Errorf("the results are not what Atlas showed (-Atlas +results):\n%s", diff)
			}
			tf.ExpectValues(allAddress, map[string]any{"served_by": "flex"})
		})
	}
}
