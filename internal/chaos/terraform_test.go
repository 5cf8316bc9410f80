package chaos

import (
	"context"
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
}

// terraform is a user with a configuration and a state, who runs Terraform again and again.
type terraform struct {
	name   string
	atlas  *acctest.Atlas
	chance *rand.Rand
	wishes [resources]wish

	mu      sync.Mutex
	state   map[int]*object
	running *process
	// unsure are the descriptions of snapshots of which the provider has said that Atlas may or may not have taken them.
	unsure map[string]int
	// notes are what the last run did, for whoever has to find a mistake.
	notes []string
	// breaches are what no fault excuses.
	breaches []string
}

func newTerraform(name string, a *acctest.Atlas, seed uint64) *terraform {
	return &terraform{name: name, atlas: a, chance: rand.New(rand.NewPCG(seed, uint64(len(name)))), state: map[int]*object{}, unsure: map[string]int{}}
}

// reconsider changes the configuration, as people do.
func (tf *terraform) reconsider() {
	for i := range tf.wishes {
		w := &tf.wishes[i]
		switch {
		case !w.present:
			if tf.chance.IntN(2) == 0 {
				*w = wish{present: true, cluster: clusters[tf.chance.IntN(len(clusters))], retention: 1 + tf.chance.Int64N(30), generation: w.generation}
				w.description = fmt.Sprintf("%s/%d", tf.name, i)
			}
		case tf.chance.IntN(4) == 0:
			w.retention = 1 + tf.chance.Int64N(30)
		case tf.chance.IntN(8) == 0:
			w.generation++
		case tf.chance.IntN(10) == 0:
			w.description = fmt.Sprintf("%s/%d, reworded %d", tf.name, i, tf.chance.IntN(1000))
		case tf.chance.IntN(6) == 0:
			w.present = false
		}
	}
}

func (w *wish) config(p *process, projectID string) (*tfprotov6.DynamicValue, error) {
	text := func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
	return encode(p.object, map[string]tftypes.Value{
		"project_id": text(projectID), "cluster_name": text(w.cluster), "description": text(w.description),
		"retention_in_days": tftypes.NewValue(tftypes.Number, w.retention),
		"triggers": tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{
			"generation": text(fmt.Sprint(w.generation)),
		}),
	})
}

// interrupt interrupts the run that is going on.
func (tf *terraform) interrupt() {
	tf.mu.Lock()
	running := tf.running
	tf.mu.Unlock()
	if running != nil {
		running.stop()
	}
}

// apply runs terraform apply: a refresh of everything, then all changes side by side. Where the refresh fails nothing is
// changed, as with Terraform.
func (tf *terraform) apply(t *testing.T, destroy bool) error {
	t.Helper()
	p := start(t, tf.atlas)
	tf.mu.Lock()
	tf.running, tf.notes = p, nil
	tf.mu.Unlock()
	defer func() {
		tf.mu.Lock()
		tf.running = nil
		tf.mu.Unlock()
	}()
	if err := tf.each(func(i int, o *object) (*object, error) {
		if o == nil {
			return nil, nil
		}
		return p.refresh(t.Context(), o)
	}); err != nil {
		return err
	}
	return tf.each(func(i int, o *object) (*object, error) {
		w := tf.wishes[i]
		switch {
		case o == nil && (destroy || !w.present):
			return nil, nil
		case destroy || !w.present:
			return p.destroy(t.Context(), o)
		}
		config, err := w.config(p, tf.atlas.Fixture().ProjectID)
		if err != nil {
			return o, err
		}
		return p.apply(t.Context(), o, config)
	})
}

// each does something to every resource at the same time, and keeps what comes of it.
func (tf *terraform) each(do func(int, *object) (*object, error)) error {
	errs := make([]error, resources)
	var doing sync.WaitGroup
	for i := range resources {
		doing.Go(func() {
			tf.mu.Lock()
			before := tf.state[i]
			tf.mu.Unlock()
			after, err := do(i, before)
			tf.mu.Lock()
			defer tf.mu.Unlock()
			tf.state[i] = after
			errs[i] = err
			tf.note(i, before, after, err)
		})
	}
	doing.Wait()
	return errors.Join(errs...)
}

func (tf *terraform) note(i int, before, after *object, err error) {
	if before == after && err == nil {
		return
	}
	tf.notes = append(tf.notes, fmt.Sprintf("%s/%d: had one: %t, has one: %t, error: %v", tf.name, i, before != nil, after != nil, err))
	if err == nil {
		return
	}
	if strings.Contains(err.Error(), "may or may not have taken a snapshot") {
		tf.unsure[tf.wishes[i].description] = i
	}
	var broken *breach
	if errors.As(err, &broken) {
		tf.breaches = append(tf.breaches, err.Error())
	}
}

// untaint is a user who reads what the error said of terraform untaint, half of the time.
func (tf *terraform) untaint() {
	for _, i := range slices.Sorted(maps.Keys(tf.state)) {
		if o := tf.state[i]; o != nil && o.tainted && tf.chance.IntN(2) == 0 {
			o.tainted = false
		}
	}
}

// known are the ids of the snapshots in the state.
func (tf *terraform) known(p *process) map[string]int {
	ids := map[string]int{}
	for i, o := range tf.state {
		if o != nil {
			ids[p.text(o, "snapshot_id")] = i
		}
	}
	return ids
}

// adopt does what the provider has advised where it was unsure: the snapshot is imported.
func (tf *terraform) adopt(ctx context.Context, p *process, i int, id string) error {
	adopted, err := p.adopt(ctx, id)
	if err == nil {
		tf.state[i] = adopted
	}
	return err
}
