package atlassim_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/recordings"
)

// recording is what Atlas was recorded to answer, with the project and the cluster that it was asked about.
type recording struct {
	recordings.Recording
	group, cluster string
	date           time.Time
}

// readRecordings returns every recording: the repository's own, and those that may lie beside it.
func readRecordings(t *testing.T) []recording {
	t.Helper()
	var all []recording
	for _, one := range recordings.All(t) {
		segments := append(strings.Split(one.Path, "/"), make([]string, 8)...)
		all = append(all, recording{Recording: one, group: segments[5], cluster: segments[7], date: one.Date(t)})
	}
	return all
}

// isList reports whether the request was for a list of snapshots.
func (r recording) isList() bool {
	return r.Method == http.MethodGet && strings.HasSuffix(r.Path, "/snapshots")
}

// unsupported are recordings of requests that the simulator does not serve, or of forms that Atlas has given up.
var unsupported = []string{
	"compliance-policy/", "export-buckets/", "exports/", "flex-restore/", "pagination/", "restore-jobs/", "restore-automated/", "restore-failed/", "schedule/",
	"getRestoreJobs", "deleteCluster",
	"errorCode-null-before-2026-06", "challenge-before-2026-08", "challenge-empty-body-DELETE",
}

func (r recording) unsupported() bool {
	return slices.ContainsFunc(unsupported, func(part string) bool { return strings.Contains(r.Name, part) })
}

// TestFidelity brings the simulator into the situation of every recording and compares the answers.
func TestFidelity(t *testing.T) {
	type score struct{ matched, compared, unsupported int }
	scores := map[string]*score{}
	var total score
	for _, one := range readRecordings(t) {
		folder, _, _ := strings.Cut(one.Name, "/")
		if scores[folder] == nil {
			scores[folder] = &score{}
		}
		if one.unsupported() {
			scores[folder].unsupported++
			total.unsupported++
			continue
		}
		scores[folder].compared++
		total.compared++
		b, answer := reproduce(t, one)
		if answer == nil {
			t.Errorf("%s: the simulator never gets there", one.Name)
			continue
		}
		if differences := one.compare(b, answer); len(differences) > 0 {
			t.Errorf("%s:\n  %s", one.Name, strings.Join(differences, "\n  "))
			continue
		}
		scores[folder].matched++
		total.matched++
	}
	for _, folder := range slices.Sorted(maps.Keys(scores)) {
		one := scores[folder]
		t.Logf("%-20s %3d of %3d match, %2d are of what the simulator does not serve", folder, one.matched, one.compared, one.unsupported)
	}
	t.Logf("%-20s %3d of %3d match, %2d are of what the simulator does not serve", "all recordings", total.matched, total.compared, total.unsupported)
}

// reproduce repeats the situation of a recording.
func reproduce(t *testing.T, r recording) (*harness, *httptest.ResponseRecorder) {
	t.Helper()
	mode := atlassim.ServerlessGone
	if strings.HasPrefix(r.Name, "serverless/") {
		mode = atlassim.ServerlessLive
	}
	b := newHarness(t, atlassim.Options{Serverless: mode, BaseURL: "http://localhost:8080"})
	folder, file, _ := strings.Cut(r.Name, "/")
	switch folder {
	case "snapshot-lifecycle":
		return b.reproduceStage(r)
	case "snapshot-delete":
		id := b.completedSnapshot(b.fix.ClusterName)
		return b, b.api(http.MethodDelete, b.snapshots(id), version2023, "")
	case "clusters":
		return b, b.reproduceCluster(r, file)
	case "flex-cluster", "flex-snapshots":
		return b, b.reproduceFlex(r, file)
	case "serverless":
		b.sim.DeleteCluster(b.fix.ServerlessInstanceName)
		b.addCluster(atlassim.ClusterSpec{Name: r.instance(t), Type: atlassim.TypeServerless})
		return b, b.get(b.path(strings.TrimSuffix("serverless/"+r.cluster, "/")))
	case "errors":
		return b, b.reproduceError(r, file)
	}
	return b, nil
}

// instance returns the name of the recorded serverless instance, which a list has only in its body.
func (r recording) instance(t *testing.T) string {
	if r.cluster != "" {
		return r.cluster
	}
	return at(r.decoded(t), []string{"results", "0", "name"})
}

func (b *harness) addCluster(spec atlassim.ClusterSpec) {
	b.t.Helper()
	if err := b.sim.AddCluster(spec); err != nil {
		b.t.Fatal(err)
	}
}

func (b *harness) completedSnapshot(cluster string) string {
	b.t.Helper()
	recorder := b.api(http.MethodPost, b.path("clusters", cluster, "backup/snapshots"), version2023, `{"description":"test-snapshot","retentionInDays":1}`)
	expectStatus(b.t, recorder, http.StatusOK)
	b.advance(10 * time.Minute)
	return text(decode(b.t, recorder), "id")
}

// stage returns what tells the recorded stages of a snapshot apart.
func stage(snapshot body) string {
	size := "0"
	if snapshot["storageSizeBytes"] != 0.0 {
		size = "size"
	}
	return text(snapshot, "status") + " " + size + " " + keys(snapshot)
}

// reproduceStage takes a snapshot and lets time pass until it is in the recorded stage; for the rare stages with other
// seeds, until one has it.
func (b *harness) reproduceStage(r recording) (*harness, *httptest.ResponseRecorder) {
	b.t.Helper()
	for seed := range int64(400) {
		b = newHarness(b.t, atlassim.Options{Seed: seed, BaseURL: "http://localhost:8080"})
		b.addCluster(atlassim.ClusterSpec{Name: r.cluster})
		home := b.path("clusters", r.cluster, "backup/snapshots")
		post := b.api(http.MethodPost, home, version2023, `{"description":"test-snapshot","retentionInDays":1}`)
		id := text(decode(b.t, post), "id")
		switch {
		case r.Method == http.MethodPost:
			return b, post
		case r.Method == http.MethodDelete:
			b.advance(10 * time.Minute)
			return b, b.api(http.MethodDelete, home+"/"+id, version2023, "")
		case r.isList():
			b.advance(10 * time.Minute)
			return b, b.get(home)
		}
		want := stage(r.decoded(b.t))
		for range 600 {
			answer := b.get(home + "/" + id)
			reached := decode(b.t, answer)
			if stage(reached) == want {
				return b, answer
			}
			if text(reached, "status") == "completed" {
				break
			}
			b.advance(time.Second)
		}
	}
	return b, nil
}

func (b *harness) reproduceCluster(r recording, file string) *httptest.ResponseRecorder {
	b.t.Helper()
	recorded := r.decoded(b.t)
	enabled, _ := recorded["backupEnabled"].(bool)
	spec := atlassim.ClusterSpec{Name: r.cluster, BackupEnabled: &enabled, StateName: text(recorded, "stateName")}
	if text(recorded, "clusterType") == "SHARDED" {
		spec.Type = atlassim.TypeSharded
	}
	b.addCluster(spec)
	version := strings.TrimPrefix(file, "GET-200-")[:len("2024-08-05")]
	return b.api(http.MethodGet, b.path("clusters", r.cluster), version, "")
}

func (b *harness) reproduceFlex(r recording, file string) *httptest.ResponseRecorder {
	if strings.Contains(file, "404") {
		return b.api(http.MethodGet, b.path("flexClusters", r.cluster), versionFlex, "")
	}
	if strings.Contains(r.Name, "flex-cluster/") {
		b.addCluster(atlassim.ClusterSpec{Name: r.cluster, Type: atlassim.TypeFlex})
		return b.api(http.MethodGet, b.path("flexClusters", r.cluster), versionFlex, "")
	}
	home := b.path("flexClusters", b.fix.FlexClusterName, "backup/snapshots")
	list := b.api(http.MethodGet, home, versionFlex, "")
	if strings.Contains(file, "one") {
		return b.api(http.MethodGet, home+"/"+text(results(b.t, list)[0], "id"), versionFlex, "")
	}
	return list
}

func (b *harness) reproduceError(r recording, file string) *httptest.ResponseRecorder {
	b.t.Helper()
	off := false
	switch {
	case strings.Contains(file, "CANNOT_USE_FLEX"):
		b.addCluster(atlassim.ClusterSpec{Name: r.cluster, Type: atlassim.TypeFlex})
		return b.api(http.MethodGet, b.path("clusters", r.cluster), clusterVersion(file), "")
	case strings.Contains(file, "NON_FLEX"):
		b.addCluster(atlassim.ClusterSpec{Name: r.cluster})
		path := b.path("flexClusters", r.cluster, "backup/snapshots")
		if strings.HasSuffix(file, "getSnapshot") {
			path += "/" + missing
		}
		return b.api(http.MethodGet, path, versionFlex, "")
	case strings.Contains(file, "getFlexCluster"):
		return b.api(http.MethodGet, b.path("flexClusters", r.cluster), versionFlex, "")
	case strings.Contains(file, "CLUSTER_NOT_FOUND"):
		return b.api(http.MethodGet, b.path("clusters", r.cluster), clusterVersion(file), "")
	case strings.Contains(file, "BACKUP_CONFIG"):
		b.addCluster(atlassim.ClusterSpec{Name: r.cluster, BackupEnabled: &off})
		return b.api(http.MethodPost, b.path("clusters", r.cluster, "backup/snapshots"), version2023, requested)
	case strings.Contains(file, "GROUP"):
		return b.get("/api/atlas/v2/groups/" + r.group + "/clusters")
	case strings.Contains(file, "405"):
		return b.api(http.MethodPut, b.snapshots(), version2023, "{}")
	case strings.Contains(file, "500"):
		b.sim.AddFault(atlassim.Fault{Status: 500})
		return b.api(http.MethodPost, b.snapshots(), version2023, requested)
	case strings.Contains(file, "401"):
		return b.serve(httptest.NewRequest(r.Method, b.snapshots(missing), nil))
	}
	return nil
}

func clusterVersion(file string) string {
	if strings.Contains(file, "vV15") {
		return "2023-02-01"
	}
	return "2024-08-05"
}
