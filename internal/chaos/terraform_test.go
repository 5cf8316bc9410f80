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

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
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
	state   map[int]*object
	deposed map[int]*object
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
		name:     name, atlas: a, chance: rand.New(rand.NewPCG(seed, uint64(len(name)))), state: map[int]*object{},
		deposed: map[int]*object{}, replace: map[int]bool{}, heard: newHeard(),
	}
	tf.adopt = tf.adoptInProcess
	return tf
}

func (tf *terraform) adoptInProcess(t *testing.T, i int, id string) error {
	t.Helper()
	adopted, err := start(t, tf.atlas).adopt(t.Context(), id)
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

// config is what the configuration says of a resource; nil is nothing.
func (tf *terraform) config(p *process, i int) (*tfprotov6.DynamicValue, error) {
	if !tf.wishes[i].present {
		return nil, nil
	}
	return tf.wishes[i].config(p, tf.atlas.Fixture().ProjectID, tf.timeout)
}

func (w *wish) config(p *process, projectID, timeout string) (*tfprotov6.DynamicValue, error) {
	text := func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
	attributes := map[string]tftypes.Value{
		"project_id": text(projectID), "cluster_name": text(w.cluster), "description": text(w.description),
		"retention_in_days": tftypes.NewValue(tftypes.Number, w.retention),
		"triggers": tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{
			"generation": text(fmt.Sprint(w.generation)),
		}),
	}
	if w.onExpiry != "" {
		attributes["on_expiry"] = text(w.onExpiry)
	}
	if kind, ok := p.object.AttributeTypes["timeouts"].(tftypes.Object); ok && timeout != "" {
		attributes["timeouts"] = tftypes.NewValue(kind, map[string]tftypes.Value{
			"create": text(timeout), "update": text(timeout), "delete": tftypes.NewValue(tftypes.String, nil),
		})
	}
	if w.skipDestroy {
		attributes["skip_destroy"] = tftypes.NewValue(tftypes.Bool, true)
	}
	return encode(p.object, attributes)
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
		running.stop()
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
	p := start(t, tf.atlas)
	p.hear = tf.hear
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
	if err := tf.each(func(i int, o *object) (*object, error) {
		if err := tf.refreshDeposed(ctx, p, i); err != nil || o == nil {
			return o, err
		}
		return p.refresh(ctx, o)
	}); err != nil {
		return err
	}
	var changes [resources]*change
	if err := tf.each(func(i int, o *object) (_ *object, err error) {
		changes[i], err = tf.planOne(ctx, p, i, o, destroy)
		return o, err
	}); err != nil {
		return err
	}
	return tf.each(func(i int, o *object) (*object, error) {
		if err := tf.destroyDeposed(ctx, p, i); err != nil {
			return o, err
		}
		after, old, err := p.apply(ctx, o, changes[i], tf.isStopped)
		if old != nil {
			tf.depose(i, old)
		}
		var broken *breach
		if errors.As(err, &broken) {
			tf.mu.Lock()
			tf.heard.breaches = append(tf.heard.breaches, tf.resource(i)+": "+broken.what)
			tf.mu.Unlock()
		}
		return after, err
	})
}

func (tf *terraform) planOne(ctx context.Context, p *process, i int, o *object, destroy bool) (*change, error) {
	config, err := tf.config(p, i)
	if err != nil {
		return nil, err
	}
	if destroy {
		config = nil
	}
	c, err := p.plan(ctx, o, config, tf.replace[i])
	tf.obey(i, err)
	if err == nil {
		c.createsFirst = tf.wishes[i].createFirst
	}
	return c, err
}

// each does something to every resource at the same time, and keeps what comes of it. Once the run is stopped nothing more
// begins.
func (tf *terraform) each(do func(int, *object) (*object, error)) error {
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
				tf.notes = append(tf.notes, fmt.Sprintf("%s: had %s, has %s, error: %v", tf.resource(i), before.brief(), after.brief(), err))
			}
		})
	}
	doing.Wait()
	return errors.Join(errs...)
}

func (o *object) brief() string {
	if o == nil {
		return "none"
	}
	tainted := ""
	if o.tainted {
		tainted = ", tainted"
	}
	if left := o.rotation(); len(left) > 0 {
		tainted += fmt.Sprintf(", besides %s", left)
	}
	return fmt.Sprintf("%s (%s%s)", o.text("snapshot_id"), o.text("status"), tainted)
}

// untaint is a user who reads what the error said of terraform untaint, half of the time.
func (tf *terraform) untaint() {
	for _, i := range slices.Sorted(maps.Keys(tf.state)) {
		if o := tf.state[i]; o != nil && o.tainted && tf.chance.IntN(2) == 0 {
			o.tainted = false
		}
	}
}

// rotation are the ids of the snapshots that an unfinished rotation knows besides the one in the state. What it has left in Atlas
// for good is not among them: its user has been told.
func (o *object) rotation() []string {
	var private map[string][]byte
	var unfinished struct {
		Successor *struct {
			SnapshotID string `json:"snapshot_id"`
		} `json:"successor"`
		Superseded []string `json:"superseded"`
	}
	if json.Unmarshal(o.private, &private) != nil || json.Unmarshal(private["rotation"], &unfinished) != nil {
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
	for _, objects := range []map[int]*object{tf.state, tf.deposed} {
		for i, o := range objects {
			if o == nil {
				continue
			}
			ids[o.text("snapshot_id")] = i
			for _, id := range o.rotation() {
				ids[id] = i
			}
		}
	}
	return ids
}
