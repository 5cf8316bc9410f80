package chaos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest/tfcore"
)

var clusters = []string{"Cluster0", "Sharded0", "Second"}

// resources is how many snapshots a configuration has at the most: several on each cluster.
const resources = 4

// wish is what the configuration says of one resource.
type wish struct {
	present               bool
	cluster, description  string
	retention, generation int64
	onExpiry              string
	skipDestroy           bool
	// createFirst is create_before_destroy.
	createFirst bool
}

// terraform is a user with a configuration and a state, who runs Terraform again and again.
type terraform struct {
	name   string
	atlas  *acctest.Atlas
	chance *rand.Rand
	wishes [resources]wish
	// clusters are those that the configuration takes snapshots of.
	clusters []string
	// adopt imports a snapshot for a resource, as the provider has advised.
	adopt func(t *testing.T, i int, id string) error

	// replace are the resources that the next run replaces, as terraform apply -replace does.
	replace map[int]bool
	// timeout is how long creating and updating may take; "" leaves it at the default.
	timeout string

	mu      sync.Mutex
	state   map[int]*tfcore.Object
	deposed map[int]*tfcore.Object
	running *process
	// interrupted is how often a run of this user was interrupted or terminated.
	interrupted int
	// stopped is set once the run is to do no more than it has begun.
	stopped bool
	// cancel ends the contexts of what the run has begun.
	cancel context.CancelFunc
	heard  heard
	// notes are what the last run did, for whoever has to find a mistake.
	notes []string
}

func newTerraform(name string, a *acctest.Atlas, seed uint64) *terraform {
	tf := &terraform{
		clusters: clusters,
		name:     name, atlas: a, chance: rand.New(rand.NewPCG(seed, uint64(len(name)))), state: map[int]*tfcore.Object{},
		deposed: map[int]*tfcore.Object{}, replace: map[int]bool{}, heard: newHeard(),
	}
	tf.adopt = tf.adoptInProcess
	return tf
}

func (tf *terraform) adoptInProcess(t *testing.T, i int, id string) error {
	t.Helper()
	adopted, err := start(t, tf.atlas, tf.hear).Import(t.Context(), id)
	if err == nil {
		tf.state[i] = adopted
	}
	return err
}

// owner is the resource that a description is of, whatever its wording.
func owner(description string) string {
	name, _, _ := strings.Cut(description, ",")
	return name
}

func (tf *terraform) resource(i int) string { return fmt.Sprintf("%s/%d", tf.name, i) }

// reconsider changes the configuration, as people do.
func (tf *terraform) reconsider() {
	clear(tf.replace)
	tf.timeout = []string{"", "", "5m", "20m"}[tf.chance.IntN(4)]
	for i := range tf.wishes {
		w := &tf.wishes[i]
		tf.replace[i] = tf.chance.IntN(15) == 0
		switch {
		case !w.present:
			if tf.chance.IntN(2) == 0 {
				*w = wish{present: true, cluster: tf.clusters[tf.chance.IntN(len(tf.clusters))], retention: 1 + tf.chance.Int64N(30), generation: w.generation}
				w.description = tf.resource(i)
				w.onExpiry = []string{"", "keep", "recreate"}[tf.chance.IntN(3)]
				w.skipDestroy, w.createFirst = tf.chance.IntN(12) == 0, tf.chance.IntN(3) == 0
			}
		case tf.chance.IntN(4) == 0:
			w.retention = 1 + tf.chance.Int64N(30)
		case tf.chance.IntN(6) == 0:
			w.generation++
		case tf.chance.IntN(10) == 0:
			w.description = fmt.Sprintf("%s, reworded %d: <b> & \"c\"  d", tf.resource(i), tf.chance.IntN(1000))
		case tf.chance.IntN(20) == 0:
			w.skipDestroy = !w.skipDestroy
		case tf.chance.IntN(6) == 0:
			w.present = false
		}
	}
}

// obey has the user do what an error of the plan says of a retention.
func (tf *terraform) obey(i int, err error) {
	if err != nil && strings.Contains(err.Error(), "Snapshot is older than its new retention") {
		tf.wishes[i].retention += 30
	}
}

// config is what the configuration says of a resource; null is nothing.
func (tf *terraform) config(p *process, i int) cty.Value {
	if !tf.wishes[i].present {
		return p.None()
	}
	return tf.wishes[i].config(p, tf.atlas.Fixture().ProjectID, tf.timeout)
}

func (w *wish) config(p *process, projectID, timeout string) cty.Value {
	attributes := map[string]cty.Value{
		"project_id": cty.StringVal(projectID), "cluster_name": cty.StringVal(w.cluster), "description": cty.StringVal(w.description),
		"retention_in_days": cty.NumberIntVal(w.retention),
		"triggers":          cty.MapVal(map[string]cty.Value{"generation": cty.StringVal(fmt.Sprint(w.generation))}),
	}
	if w.onExpiry != "" {
		attributes["on_expiry"] = cty.StringVal(w.onExpiry)
	}
	if timeout != "" {
		limit := cty.StringVal(timeout)
		attributes["timeouts"] = cty.ObjectVal(map[string]cty.Value{"create": limit, "update": limit, "delete": cty.NullVal(cty.String)})
	}
	if w.skipDestroy {
		attributes["skip_destroy"] = cty.True
	}
	return p.Config(attributes)
}

// interrupt is an interrupt: Terraform tells the provider, and begins nothing more.
func (tf *terraform) interrupt() {
	tf.mu.Lock()
	running := tf.running
	tf.stopped = running != nil
	if running != nil {
		tf.interrupted++
	}
	tf.mu.Unlock()
	if running != nil {
		running.provider.Stop(context.Background())
	}
}

// terminate is a SIGTERM that reaches the provider too: what it has begun is canceled besides.
func (tf *terraform) terminate() {
	tf.interrupt()
	tf.mu.Lock()
	defer tf.mu.Unlock()
	if tf.running != nil {
		tf.cancel()
	}
}

func (tf *terraform) isStopped() bool {
	tf.mu.Lock()
	defer tf.mu.Unlock()
	return tf.stopped
}

// apply runs terraform apply: a refresh of everything, then a plan, then all changes side by side. Where the refresh or the
// plan fails nothing is changed, as with Terraform.
func (tf *terraform) apply(t *testing.T, destroy bool) error {
	t.Helper()
	p := start(t, tf.atlas, tf.hear)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	tf.mu.Lock()
	tf.running, tf.cancel, tf.stopped, tf.notes = p, cancel, false, nil
	tf.mu.Unlock()
	defer func() {
		tf.mu.Lock()
		tf.running = nil
		tf.mu.Unlock()
	}()
	if err := tf.each(func(i int, o *tfcore.Object) (*tfcore.Object, error) {
		if err := tf.refreshDeposed(ctx, p, i); err != nil || o == nil {
			return o, err
		}
		return p.Refresh(ctx, o)
	}); err != nil {
		return err
	}
	var changes [resources]*tfcore.Change
	if err := tf.each(func(i int, o *tfcore.Object) (_ *tfcore.Object, err error) {
		changes[i], err = tf.planOne(ctx, p, i, o, destroy)
		return o, err
	}); err != nil {
		return err
	}
	return tf.each(func(i int, o *tfcore.Object) (*tfcore.Object, error) {
		if err := tf.destroyDeposed(ctx, p, i); err != nil {
			return o, err
		}
		after, old, err := p.Apply(ctx, o, changes[i], tf.isStopped)
		if old != nil {
			tf.depose(i, old)
		}
		var broken *tfcore.ProviderBug
		if errors.As(err, &broken) {
			tf.mu.Lock()
			tf.heard.bugs = append(tf.heard.bugs, tf.resource(i)+": "+broken.What)
			tf.mu.Unlock()
		}
		return after, err
	})
}

func (tf *terraform) planOne(ctx context.Context, p *process, i int, o *tfcore.Object, destroy bool) (*tfcore.Change, error) {
	config := tf.config(p, i)
	if destroy {
		config = p.None()
	}
	c, err := p.Plan(ctx, o, config, tf.replace[i])
	tf.obey(i, err)
	if err == nil {
		c.CreatesFirst = tf.wishes[i].createFirst
	}
	return c, err
}

// each does something to every resource at the same time, and keeps what comes of it. Once the run is stopped nothing more
// begins.
func (tf *terraform) each(do func(int, *tfcore.Object) (*tfcore.Object, error)) error {
	errs := make([]error, resources)
	var doing sync.WaitGroup
	for i := range resources {
		doing.Go(func() {
			if tf.isStopped() {
				return
			}
			tf.mu.Lock()
			before := tf.state[i]
			tf.mu.Unlock()
			after, err := do(i, before)
			tf.mu.Lock()
			defer tf.mu.Unlock()
			tf.state[i] = after
			errs[i] = err
			if err != nil && strings.Contains(err.Error(), mayHaveTaken) {
				tf.heard.unsure[tf.wishes[i].description] = true
			}
			if before != after || err != nil {
				tf.notes = append(tf.notes, fmt.Sprintf("%s: had %s, has %s, error: %v", tf.resource(i), brief(before), brief(after), err))
			}
		})
	}
	doing.Wait()
	return errors.Join(errs...)
}

func brief(o *tfcore.Object) string {
	if o == nil {
		return "none"
	}
	tainted := ""
	if o.Tainted {
		tainted = ", tainted"
	}
	if left := unfinishedRotation(o); len(left) > 0 {
		tainted += fmt.Sprintf(", besides %s", left)
	}
	return fmt.Sprintf("%s (%s%s)", o.Text("snapshot_id"), o.Text("status"), tainted)
}

// untaint is a user who reads what the error said of terraform untaint, half of the time.
func (tf *terraform) untaint() {
	for _, i := range slices.Sorted(maps.Keys(tf.state)) {
		if o := tf.state[i]; o != nil && o.Tainted && tf.chance.IntN(2) == 0 {
			o.Tainted = false
		}
	}
}

// unfinishedRotation are the ids of the snapshots that an unfinished rotation knows besides the one in the state. What it has left in Atlas
// for good is not among them: its user has been told.
func unfinishedRotation(o *tfcore.Object) []string {
	var private map[string][]byte
	var unfinished struct {
		Successor *struct {
			SnapshotID string `json:"snapshot_id"`
		} `json:"successor"`
		Superseded []string `json:"superseded"`
	}
	if json.Unmarshal(o.Private, &private) != nil || json.Unmarshal(private["rotation"], &unfinished) != nil {
		return nil
	}
	if unfinished.Successor != nil {
		return append(unfinished.Superseded, unfinished.Successor.SnapshotID)
	}
	return unfinished.Superseded
}

// known are the ids of the snapshots that the state has, and the resource of each.
func (tf *terraform) known() map[string]int {
	ids := map[string]int{}
	for _, objects := range []map[int]*tfcore.Object{tf.state, tf.deposed} {
		for i, o := range objects {
			if o == nil {
				continue
			}
			ids[o.Text("snapshot_id")] = i
			for _, id := range unfinishedRotation(o) {
				ids[id] = i
			}
		}
	}
	return ids
}
