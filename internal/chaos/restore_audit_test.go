package chaos

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/provider"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest/tfcore"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// restoreShare is how many runs there are for each with restores, and perRestoreWorld how many of these a world sees.
const restoreShare, perRestoreWorld = 10, 50

var restoreRuns = flag.Int("chaos.restores", 0, "how many times to apply with restores; 0 for a tenth of chaos.runs")

func (k *killTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	k.mu.Lock()
	if k.left > 0 && strings.HasPrefix(request.URL.Path, "/api/atlas/") && request.Header.Get("Authorization") != "" {
		k.left--
		if k.left == 0 {
			k.left = -1
			defer k.kill()
			k.mu.Unlock()
			if k.after {
				if answer, err := k.simulatorTransport.RoundTrip(request.WithContext(context.WithoutCancel(request.Context()))); err == nil {
					_ = answer.Body.Close()
				}
			}
			return nil, errKilled
		}
	}
	killed := k.left < 0
	k.mu.Unlock()
	if killed {
		return nil, errKilled
	}
	return k.simulatorTransport.RoundTrip(request)
}

func (k *killTransport) isKilled() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.left < 0
}

// interruptAt stops the providers of the next run when one of them pauses for the n-th time.
func (w *restoreWorld) interruptAt(n int64) {
	var pauses atomic.Int64
	w.atlas.Clock.Hold(func(ctx context.Context, _ time.Duration) {
		if pauses.Add(1) == n {
			w.mu.Lock()
			defer w.mu.Unlock()
			for _, p := range w.running {
				p.Stop(ctx)
			}
		}
	})
}

// start serves a provider of the run.
func (w *restoreWorld) start(ctx context.Context, served provider.Provider) (*tfcore.Provider, error) {
	p, err := tfcore.NewProvider(ctx, served)
	if err == nil {
		err = p.ConfigureFromEnvironment(ctx)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running = append(w.running, p)
	return p, err
}

// restoreFaults are the requests that a fault can strike.
var restoreFaults = []atlassim.Fault{
	{Method: http.MethodPost, Path: "/backup/restoreJobs"},
	{Method: http.MethodGet, Path: "/backup/restoreJobs?"},
	{Method: http.MethodGet, Path: "/backup/restoreJobs/"},
	{Method: http.MethodGet, Path: "/clusters/"},
	{},
}

// round changes the configuration and applies it while things go wrong.
func (w *restoreWorld) round() {
	for _, r := range w.resources {
		w.reconsider(r)
	}
	calm := atlassim.Behavior{}
	w.atlas.SetBehavior(func(b *atlassim.Behavior) {
		calm = *b
		if w.chance.IntN(4) == 0 {
			b.RestoreListLag = time.Duration(w.chance.Int64N(int64(4 * time.Minute)))
		}
		if w.chance.IntN(4) == 0 {
			b.RestoreGetLag = time.Duration(w.chance.Int64N(int64(3 * time.Minute)))
		}
		// What a killed run has left behind cannot be found once Atlas has forgotten it.
		isUnfulfilled := slices.ContainsFunc(w.resources, func(r *restoreResource) bool { return r.unfulfilled })
		if w.chance.IntN(6) == 0 && !isUnfulfilled {
			b.RestorePurgedAfter = time.Duration(1 + w.chance.Int64N(int64(time.Hour)))
		}
		if w.chance.IntN(6) == 0 {
			b.RestoreTargetBusyFor = time.Duration(w.chance.Int64N(int64(20 * time.Minute)))
		}
	})
	switch w.chance.IntN(10) {
	case 0:
		w.atlas.NextRestore(atlassim.RestorePlan{Fail: true})
	case 1:
		w.atlas.NextRestore(atlassim.RestorePlan{Duration: 3 * time.Hour})
	case 2:
		w.atlas.SetRateLimit(5, 30)
	}
	if w.chance.IntN(2) == 0 {
		fault := lost[w.chance.IntN(len(lost))]
		fault.Method, fault.Path = http.MethodPost, "/backup/restoreJobs"
		w.atlas.AddFault(fault)
	}
	for range w.chance.IntN(4) {
		where, how := restoreFaults[w.chance.IntN(len(restoreFaults))], wrong[w.chance.IntN(len(wrong)-2)]
		how.Method, how.Path = where.Method, where.Path
		how.Skip, how.Times = w.chance.IntN(6), 1+w.chance.IntN(3)
		w.atlas.AddFault(how)
	}
	if w.chance.IntN(6) == 0 {
		w.atlas.RevokeTokens()
	}
	killAt := 0
	switch w.chance.IntN(3) {
	case 0:
		killAt = 1 + w.chance.IntN(25)
	case 1:
		w.interruptAt(1 + w.chance.Int64N(30))
	}
	w.run(killAt, w.chance.IntN(2) == 0)
	w.atlas.Clock.Hold(nil)
	w.atlas.ClearFaults()
	w.atlas.SetRateLimit(1200, 500)
	// A provider gives its token back when its process ends; these processes do not end.
	w.atlas.RevokeTokens()
	w.atlas.SetBehavior(func(b *atlassim.Behavior) { *b = calm })
	w.atlas.Clock.Advance(time.Duration(w.chance.Int64N(int64(time.Hour))))
}

// rest applies with nothing going wrong, until there is nothing left to do.
func (w *restoreWorld) rest() {
	for range 8 {
		w.run(0, false)
		w.atlas.Clock.Advance(4 * time.Hour)
	}
	for _, r := range w.resources {
		switch {
		case r.present && r.state == nil:
			w.errorf("%s is not in the state after a rest", r.name)
		case r.present && (r.state.Tainted || r.state.Text("status") == "inProgress"):
			w.errorf("%s is %s, tainted %t, after a rest", r.name, r.state.Text("status"), r.state.Tainted)
		}
	}
	for _, job := range w.atlas.Restores() {
		if !w.known[job.ID] && !w.excused[job.ID] {
			w.errorf("no state has had restore job %s, and no message has named it: %+v", job.ID, job)
		}
	}
}

// audit compares what Atlas has done with what was asked for.
func (w *restoreWorld) audit(killed bool) {
	w.running = nil
	jobs := w.atlas.Restores()
	w.restores = len(jobs)
	for _, r := range w.resources {
		if r.state != nil {
			w.known[r.state.Text("restore_job_id")], w.stated[r.state.Text("restore_job_id")] = true, true
		}
		w.notes = append(w.notes, fmt.Sprintf("%s %s: %+v; asked %v", w.atlas.Now().Format(time.TimeOnly), r.name, briefRestore(r), w.asked))
	}
	w.notes = append(w.notes, w.messages...)
	said := strings.Join(w.messages, "\n")
	isCut := killed || strings.Contains(said, "may or may not have created a restore job")
	w.unknown += strings.Count(said, "may or may not have created a restore job")
	for _, job := range jobs {
		// Nobody can name what a killed run has left behind, or what an answer was lost of that no list has shown, before the next
		// request for a restore onto the same target.
		w.excused[job.ID] = w.excused[job.ID] || isCut && !w.seen[job.ID]
		w.seen[job.ID] = true
		w.known[job.ID] = w.known[job.ID] || strings.Contains(said, job.ID)
	}
	for _, target := range w.targets {
		// A restore that failed and that no state has has not fulfilled what was asked for.
		asked := w.asked[target]
		for _, job := range jobs {
			if job.TargetCluster == target && job.Status == "failed" && !w.stated[job.ID] {
				asked++
			}
		}
		if erased := w.atlas.Erasures(target); erased > asked {
			w.erasedTwice += erased - asked
			w.errorf("%s was erased %d times, and asked for were %d: %+v", target, erased, asked, jobs)
		}
	}
}

// briefRestore is what matters of a resource.
func briefRestore(r *restoreResource) string {
	if r.state == nil {
		return fmt.Sprintf("present=%t trigger=%d unfulfilled=%t, no state", r.present, r.trigger, r.unfulfilled)
	}
	return fmt.Sprintf("present=%t trigger=%d unfulfilled=%t, job %s %s tainted=%t", r.present, r.trigger, r.unfulfilled,
		r.state.Text("restore_job_id"), r.state.Text("status"), r.state.Tainted)
}

// errorf fails the test and tells how to repeat it.
func (w *restoreWorld) errorf(format string, arguments ...any) {
	w.t.Helper()
	w.t.Errorf("%s\nto repeat it: go test ./internal/chaos -run TestChaos_restores -chaos.seed=%d -chaos.restores=%d\n%s",
		fmt.Sprintf(format, arguments...), w.seed, perRestoreWorld, strings.Join(w.notes, "\n"))
}

// TestChaos_restores has worlds with restores.
func TestChaos_restores(t *testing.T) {
	total := *restoreRuns
	if total == 0 {
		total = max(*runs/restoreShare, perRestoreWorld)
	}
	var sum restoreTally
	var mu sync.Mutex
	var next atomic.Uint64
	var working sync.WaitGroup
	for range 2 {
		working.Go(func() {
			for n := next.Add(1) - 1; int(n)*perRestoreWorld < total && !t.Failed(); n = next.Add(1) - 1 {
				w := newRestoreWorld(t, worldSeed(*seed, n))
				for round := 1; w.runs < perRestoreWorld && !t.Failed(); round++ {
					if w.round(); round%3 == 0 {
						w.rest()
					}
				}
				mu.Lock()
				sum.add(w.restoreTally)
				mu.Unlock()
			}
		})
	}
	working.Wait()
	fmt.Printf("chaos with restores: %s seed=%d\n", &sum, *seed)
}
