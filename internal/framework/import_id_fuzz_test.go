package framework_test

import (
	"strings"
	"testing"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
)

// FuzzImportID holds what import takes to what the resource writes as its id, and keeps everything else out of requests.
func FuzzImportID(f *testing.F) {
	for _, id := range []string{
		"697a86e03265a83afa7bbaf1/Cluster0/69ca65c03265a83afa7bbafa", "697a86e03265a83afa7bbaf1/Cluster0/69ca65c03265a83afa7bbafa/", "",
		"//", "a/b/c", "697a86e03265a83afa7bbaf1/../69ca65c03265a83afa7bbafa", "697A86E03265A83AFA7BBAF1/Cluster0/69ca65c03265a83afa7bbafa",
		"697a86e03265a83afa7bbaf1/Cluster0%2F..%2F/69ca65c03265a83afa7bbafa", "697a86e03265a83afa7bbaf1/Cluster0\n/69ca65c03265a83afa7bbafa",
		"697a86e03265a83afa7bbaf1/-/69ca65c03265a83afa7bbafa", "697a86e03265a83afa7bbaf1/Clüster/69ca65c03265a83afa7bbafa\x00",
	} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		project, cluster, snapshot, err := framework.ParseImportID(id, "snapshot_id")
		if err != nil {
			if text := err.Error(); text == "" || strings.ContainsAny(text, "\n\r\x00") {
				t.Errorf("the error is not one clean line: %q", text)
			}
			return
		}
		if again := framework.ImportID(project, cluster, snapshot); again != id {
			t.Errorf("%q came back as %q", id, again)
		}
		for _, part := range []string{project, cluster, snapshot} {
			if part == "" || strings.ContainsAny(part, "/?#%.\\ \t\r\n\x00") {
				t.Errorf("%q was let into a path", part)
			}
		}
	})
}
