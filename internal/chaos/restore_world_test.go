package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/zclconf/go-cty/cty"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest/tfcore"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// restoreWorld is an Atlas with a state that has restores, and what has happened so far.
type restoreWorld struct {
	t       *testing.T
	seed    uint64
	atlas   *acctest.Atlas
	chance  *rand.Rand
	targets []string
	// snapshots are what can be restored.
	snapshots []string
	resources []*restoreResource
	processes int
	runs      int
	// asked is how often the configuration, or somebody without Terraform, asked for a restore onto each target.
	asked map[string]int
	// known are the jobs that a state has had or that a message has named, stated the former.
	known, stated map[string]bool
	// seen are all jobs so far, excused those that nobody could name when they were requested.
	seen, excused map[string]bool
	notes         []string
	restoreTally

	mu sync.Mutex // guards what follows, and asked
	// messages are those of the run, and running its providers.
	messages []string
	running  []*tfcore.Provider
}

// restoreResource is a resource of the configuration and its state.
type restoreResource struct {
	name, target string
	// snapshot, trigger and present are what the configuration says.
	snapshot string
	trigger  int
	present  bool
	state    *tfcore.Object
	// unfulfilled reports whether a restore was asked for that no state has: the run was killed, or ended with an error. Another run does
	// not ask for another restore then, unless it is to restore something else. asking is what was asked for.
	unfulfilled bool
	asking      ask
}

// ask is a restore that was asked for.
type ask struct {
	snapshot string
	trigger  int
}

// restoreTally is what the line at the end says of restores.
type restoreTally struct {
	// restores are the jobs that were requested, erasedTwice the erasures that nobody asked for, and unknown the runs that ended without
	// knowing whether Atlas restores.
	restores, erasedTwice, unknown int
}

func (r *restoreTally) add(more restoreTally) {
	r.restores += more.restores
	r.erasedTwice += more.erasedTwice
	r.unknown += more.unknown
}

func (r *restoreTally) String() string {
	return fmt.Sprintf("restores=%d erased_twice=%d unknown=%d", r.restores, r.erasedTwice, r.unknown)
}

func newRestoreWorld(t *testing.T, seed uint64) *restoreWorld {
	t.Helper()
	w := &restoreWorld{t: t, seed: seed, chance: rand.New(rand.NewPCG(seed, 1)), asked: map[string]int{}, known: map[string]bool{}, stated: map[string]bool{}, seen: map[string]bool{}, excused: map[string]bool{}}
	w.atlas = acctest.NewAtlas(t, func(options *atlassim.Options) { options.Seed = int64(seed) })
	behavior := atlassim.Behavior{
		IDBefore:          pick(w.chance, 0, 0, time.Second, -time.Second),
		NoDate:            pick(w.chance, false, false, false, true),
		ClockOffset:       pick(w.chance, 0, 0, 0, 5*time.Hour, -5*time.Hour),
		ListOrder:         pick(w.chance, "", "", atlassim.ListOldest, atlassim.ListShuffled),
		RestoreTargetIdle: pick(w.chance, false, false, true),
		RestoreFailedOnly: pick(w.chance, false, true),
	}
	w.atlas.SetBehavior(func(b *atlassim.Behavior) { *b = behavior })
	w.targets = []string{w.atlas.Fixture().TargetClusterName, "Second"}
	if err := w.atlas.AddCluster(atlassim.ClusterSpec{Name: "Second"}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		id, err := w.atlas.SeedSnapshot(atlassim.Seed{CreatedAt: w.atlas.Now().Add(-time.Hour), ExpiresAt: w.atlas.Now().AddDate(1, 0, 0)})
		if err != nil {
			t.Fatal(err)
		}
		w.snapshots = append(w.snapshots, id)
	}
	for i := range 2 {
		w.resources = append(w.resources, &restoreResource{
			name: fmt.Sprintf("atlasbackup_restore.r%d", i), target: pick(w.chance, w.targets...), snapshot: pick(w.chance, w.snapshots...), present: true,
		})
	}
	return w
}

// reconsider changes the configuration.
func (w *restoreWorld) reconsider(r *restoreResource) {
	if w.chance.IntN(3) == 0 {
		r.trigger++
	}
	if w.chance.IntN(5) == 0 {
		r.snapshot = pick(w.chance, w.snapshots...)
	}
	r.present = w.chance.IntN(8) > 0
	if r.state != nil && r.state.Tainted && w.chance.IntN(2) == 0 {
		r.state.Tainted = false
	}
}

// config is the configuration of a resource.
func (w *restoreWorld) config(kind *tfcore.Resource, r *restoreResource) cty.Value {
	if !r.present {
		return kind.None()
	}
	text := cty.StringVal
	return kind.Config(map[string]cty.Value{
		"project_id": text(w.atlas.Fixture().ProjectID), "cluster_name": text(w.atlas.Fixture().ClusterName), "snapshot_id": text(r.snapshot),
		"target_cluster_name": text(r.target), "erase_target": text(r.target),
		"triggers": cty.MapVal(map[string]cty.Value{"n": text(fmt.Sprint(r.trigger))}),
		"timeouts": cty.ObjectVal(map[string]cty.Value{"create": text("2h"), "update": text("2h")}),
	})
}

// asks reports whether carrying out a plan is a restore that nobody has asked for before.
func (r *restoreResource) asks(o *tfcore.Object, c *tfcore.Change) bool {
	isRepeated := r.unfulfilled && r.asking.snapshot == r.snapshot
	before := cty.NullVal(cty.Map(cty.String))
	if o != nil {
		before = o.Value.GetAttr("triggers")
	}
	changes := !before.IsNull() && before.AsValueMap()["n"].AsString() != fmt.Sprint(r.trigger)
	switch {
	case !r.present || c.IsNoOp():
		return false
	case o == nil:
		return !isRepeated
	case c.Destroys:
		// One whose wait was given up is continued whatever its source is now, and a failed one restored again.
		return !isRepeated && (o.Text("status") != "inProgress" || changes)
	}
	return changes && (!isRepeated || r.asking.trigger != r.trigger)
}

// killTransport ends a run at a request, before or after Atlas has done its work.
type killTransport struct {
	simulatorTransport
	mu    sync.Mutex
	left  int
	after bool
	kill  func()
}

var errKilled = errors.New("the process is gone")

// run applies in a process of its own: to the provider, an Atlas at another address is another Atlas, with which it shares nothing that
// it remembers. killAt is the request at which the process is killed, 0 for none.
func (w *restoreWorld) run(killAt int, after bool) {
	w.runs++
	ctx, cancel := context.WithCancel(w.t.Context())
	defer cancel()
	transport := &killTransport{simulatorTransport: simulatorTransport{w.atlas.Simulator}, left: killAt, after: after, kill: cancel}
	// Now and then the resources are in two configurations that are applied at once.
	process := w.process(transport)
	processes := []*acctest.Atlas{process, process}
	if w.chance.IntN(3) == 0 {
		processes[1] = w.process(transport)
	}
	w.messages = nil
	var running sync.WaitGroup
	for i, r := range w.resources {
		running.Go(func() { w.apply(ctx, processes[i], r, transport) })
	}
	running.Wait()
	w.audit(transport.isKilled())
}

// process returns a new way to the same Atlas, half of them with a service account, whose token may expire.
func (w *restoreWorld) process(transport *killTransport) *acctest.Atlas {
	w.processes++
	process, fixture := *w.atlas, w.atlas.Fixture()
	process.Environment = map[string]string{"MONGODB_ATLAS_BASE_URL": fmt.Sprintf("https://%d-%d.example.com", w.seed, w.processes)}
	if w.chance.IntN(2) == 0 {
		process.Environment["MONGODB_ATLAS_PUBLIC_API_KEY"], process.Environment["MONGODB_ATLAS_PRIVATE_API_KEY"] = fixture.PublicKey, fixture.PrivateKey
	} else {
		process.Environment["MONGODB_ATLAS_CLIENT_ID"], process.Environment["MONGODB_ATLAS_CLIENT_SECRET"] = fixture.ClientID, fixture.ClientSecret
	}
	process.ClientOptions = append(slices.Clone(process.ClientOptions), atlas.WithTransport(transport))
	return &process
}

func (w *restoreWorld) apply(ctx context.Context, process *acctest.Atlas, r *restoreResource, transport *killTransport) {
	p, err := w.start(ctx, process.NewProvider())
	if err != nil {
		w.t.Error(err)
		return
	}
	kind, err := p.Resource("atlasbackup_restore", w.hear(r))
	if err != nil {
		w.t.Error(err)
		return
	}
	kept, err := w.planAndApply(ctx, kind, r)
	if transport.isKilled() {
		return
	}
	before := ""
	if r.state != nil {
		before = r.state.Text("restore_job_id")
	}
	if r.state = kept; kept != nil && kept.Text("restore_job_id") != before {
		r.unfulfilled = false
	}
	if !r.present && kept == nil {
		// Whoever adds it again asks again.
		r.unfulfilled = false
	}
	if err != nil {
		w.follow(ctx, kind, r, err)
	}
}

func (w *restoreWorld) planAndApply(ctx context.Context, kind *tfcore.Resource, r *restoreResource) (*tfcore.Object, error) {
	o, err := r.state, error(nil)
	if o != nil {
		if o, err = kind.Refresh(ctx, o); err != nil {
			return r.state, err
		}
	}
	c, err := kind.Plan(ctx, o, w.config(kind, r), false)
	if err != nil || c.IsNoOp() {
		return o, err
	}
	if r.asks(o, c) {
		w.mu.Lock()
		w.asked[r.target]++
		w.mu.Unlock()
		r.unfulfilled, r.asking = true, ask{r.snapshot, r.trigger}
	}
	kept, _, err := kind.Apply(ctx, o, c, func() bool { return ctx.Err() != nil })
	return kept, err
}

// hear notes the messages of a run.
func (w *restoreWorld) hear(r *restoreResource) tfcore.OnDiagnostic {
	return func(d *tfprotov6.Diagnostic) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.messages = append(w.messages, r.name+": "+d.Summary+": "+d.Detail)
	}
}

var restoreImport = regexp.MustCompile(`terraform import <address> ([0-9a-f]{24}/[\w-]+/[0-9a-f]{24})`)

// follow does what an error says: it imports the job that Terraform does not track.
func (w *restoreWorld) follow(ctx context.Context, kind *tfcore.Resource, r *restoreResource, err error) {
	found := restoreImport.FindStringSubmatch(err.Error())
	if found == nil || !strings.Contains(err.Error(), "Atlas has already restored this backup") {
		return
	}
	if imported, err := kind.Import(ctx, found[1]); err == nil {
		r.state, r.unfulfilled = imported, false
	}
}
