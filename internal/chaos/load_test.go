package chaos

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/provider"
)

// A load is many snapshots at once: one each of many clusters, and many of one.
const (
	loadClusters = 50
	loadOnOne    = 20
)

// TestLoad_time takes all of them at the same time in time that passes for all of them alike, which no clock that sleepers
// push on can show: the turns of one cluster are fair, none is a burden on the others, and the rate limit is kept.
func TestLoad_time(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		simulator := atlassim.New(atlassim.Options{Now: time.Now, Seed: 1, BaseURL: "https://atlas.example.com"})
		fixture := simulator.Fixture()
		environment := map[string]string{
			"MONGODB_ATLAS_BASE_URL": fixture.BaseURL, "MONGODB_ATLAS_PUBLIC_API_KEY": fixture.PublicKey, "MONGODB_ATLAS_PRIVATE_API_KEY": fixture.PrivateKey,
		}
		p := serve(t, provider.New("test",
			provider.WithEnvironment(func(name string) string { return environment[name] }),
			provider.WithClientOptions(atlas.WithTransport(simulatorTransport{simulator})))(), nil)

		started := time.Now()
		var taking sync.WaitGroup
		take := func(cluster, description string) {
			taking.Go(func() {
				config := (&wish{cluster: cluster, description: description, retention: 1}).config(p, fixture.ProjectID, "")
				if err := p.create(t.Context(), config); err != nil {
					t.Errorf("%s: %v", description, err)
				}
			})
		}
		for i := range loadOnOne {
			take(fixture.ClusterName, fmt.Sprintf("turn %02d", i))
			// Each has come to the end of the queue before the next one comes.
			synctest.Wait()
		}
		for i := range loadClusters {
			name := fmt.Sprintf("Cluster-%d", i)
			if err := simulator.AddCluster(atlassim.ClusterSpec{Name: name}); err != nil {
				t.Fatal(err)
			}
			take(name, "alone")
		}
		taking.Wait()

		turn, alone := 0, 0
		for _, s := range simulator.Snapshots() {
			switch {
			case s.Status != "completed":
				t.Errorf("snapshot %s is %s", s.ID, s.Status)
			case s.Description == "alone":
				alone++
				if late := s.RequestedAt.Sub(started); late > time.Minute {
					t.Errorf("the snapshot of %s was asked for after %s: it had nobody to wait for", s.ClusterName, late)
				}
			default:
				if want := fmt.Sprintf("turn %02d", turn); s.Description != want {
					t.Errorf("%q came when it was the turn of %q", s.Description, want)
				}
				turn++
			}
		}
		if turn != loadOnOne || alone != loadClusters {
			t.Errorf("Atlas has %d and %d snapshots, expected %d and %d", turn, alone, loadOnOne, loadClusters)
		}
		total, busiest := rates(t, simulator.Requests())
		t.Logf("%d snapshots in %s: %d requests, %d in the busiest minute", turn+alone, time.Since(started).Round(time.Second), total, busiest)
		if busiest > 1200 {
			t.Errorf("%d requests in a minute, more than Atlas's bucket of 1200 holds", busiest)
		}
	})
}

// rates counts requests in all and in the busiest minute. None may have been refused for its rate, nor a snapshot for
// another one that was pending.
func rates(t *testing.T, requests []atlassim.Request) (total, busiest int) {
	t.Helper()
	first := 0
	for i, r := range requests {
		if r.Status == http.StatusTooManyRequests || r.Status == http.StatusBadRequest {
			t.Errorf("%s %s was answered with %d", r.Method, r.Path, r.Status)
		}
		for requests[first].Time.Before(r.Time.Add(-time.Minute)) {
			first++
		}
		busiest = max(busiest, i-first+1)
	}
	return len(requests), busiest
}

// TestAccLoad_terraform takes all of them in one apply of real Terraform, and destroys them in one.
func TestAccLoad_terraform(t *testing.T) {
	a := acctest.NewAtlas(t)
	// Seventy that sleep push this clock on together, past the life of a nonce: so they sleep little.
	a.CompleteAfter(time.Second)
	snapshots := map[string]*wish{}
	user := newCLI(newTerraform("load", a, 1), a.Terraform(t, map[string]string{"main.tf": configuration}), nil)
	for i := range loadOnOne {
		snapshots[fmt.Sprintf("turn-%d", i)] = &wish{cluster: a.Fixture().ClusterName, description: fmt.Sprint("turn ", i), retention: 1}
	}
	for i := range loadClusters {
		name := fmt.Sprintf("Cluster-%d", i)
		if err := a.AddCluster(atlassim.ClusterSpec{Name: name}); err != nil {
			t.Fatal(err)
		}
		snapshots[name] = &wish{cluster: name, description: "alone", retention: 1}
	}
	var text strings.Builder
	text.WriteString("snapshots = {\n")
	for key, w := range snapshots {
		fmt.Fprintf(&text, "  %q = { cluster = %q, description = %q, retention = %d, generation = \"\", on_expiry = null, skip_destroy = false }\n", key, w.cluster, w.description, w.retention)
	}
	text.WriteString("}\n")
	user.tf.Write("load.auto.tfvars", text.String())

	user.tf.Do(0, append(acctest.Apply, "-parallelism=100")...)
	user.read(t)
	if known, existing := user.known(), a.Existing(); len(known) != len(snapshots) || len(existing) != len(snapshots) {
		t.Errorf("the state has %d snapshots and Atlas %d, expected %d", len(known), len(existing), len(snapshots))
	}
	user.tf.Do(0, append(acctest.Plan, "-parallelism=100")...)
	rates(t, a.Requests())
	user.tf.Do(0, append(acctest.Destroy, "-parallelism=100")...)
	if left := a.Existing(); len(left) > 0 {
		t.Errorf("destroy left %d snapshots", len(left))
	}
}
