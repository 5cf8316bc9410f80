package chaos

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

var (
	seed = flag.Uint64("chaos.seed", 1, "what is applied and what goes wrong")
	runs = flag.Int("chaos.runs", 200, "how many times to apply or destroy through the provider's protocol server")
)

// world is an Atlas, those who work on it, and what has happened so far.
type world struct {
	t      *testing.T
	seed   uint64
	atlas  *acctest.Atlas
	chance *rand.Rand
	users  []*terraform
	// others are snapshots that are not Terraform's.
	others map[string]bool

	applies, destroys, events, adopted, orphans, duplicates int
}

func newWorld(t *testing.T, seed uint64) *world {
	t.Helper()
	a := acctest.NewAtlas(t, func(options *atlassim.Options) { options.Seed = int64(seed) })
	if err := a.AddCluster(atlassim.ClusterSpec{Name: "Second"}); err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, seed: seed, atlas: a, chance: rand.New(rand.NewPCG(seed, 0)), others: map[string]bool{}}
	// Another address is another Atlas to the provider, so that the two share no turns, as two processes do not. The second
	// one uses the other kind of credentials.
	b := *a
	b.Environment = map[string]string{"MONGODB_ATLAS_CLIENT_ID": a.Fixture().ClientID, "MONGODB_ATLAS_CLIENT_SECRET": a.Fixture().ClientSecret}
	b.Through(t, func(simulator http.Handler) http.Handler { return simulator })
	w.users = []*terraform{newTerraform("first", a, seed), newTerraform("second", &b, seed)}
	return w
}

// byHand is a client of somebody who does not use Terraform.
func (w *world) byHand() *atlas.Client {
	base, err := url.Parse(w.atlas.Fixture().BaseURL)
	if err != nil {
		w.t.Fatal(err)
	}
	return atlas.New(base, atlas.Digest(w.atlas.Fixture().PublicKey, w.atlas.Fixture().PrivateKey), atlas.WithClock(w.atlas.Clock))
}

// round has every user run Terraform at the same time while things go wrong, and counts afterwards.
func (w *world) round() {
	destroy := make([]bool, len(w.users))
	for i, user := range w.users {
		user.reconsider()
		user.untaint()
		destroy[i] = w.chance.IntN(6) == 0
	}
	w.mischief(w.users)
	w.run(destroy)
	w.calm()
	w.audit()
	w.atlas.ClearRequests()
}

// run has every user apply or destroy.
func (w *world) run(destroy []bool) []error {
	errs := make([]error, len(w.users))
	var running sync.WaitGroup
	for i, user := range w.users {
		if destroy[i] {
			w.destroys++
		} else {
			w.applies++
		}
		running.Go(func() { errs[i] = user.apply(w.t, destroy[i]) })
	}
	running.Wait()
	return errs
}

// audit compares what Atlas has with what the states have.
func (w *world) audit() {
	p := start(w.t, w.atlas)
	for _, s := range w.atlas.Existing() {
		if w.others[s.ID] || w.isKnown(p, s.ID) {
			continue
		}
		if w.settleDoubt(p, s) {
			w.adopted++
			continue
		}
		w.orphans++
		w.t.Errorf("no state has snapshot %s (%s, %q, %s)\n%s", s.ID, s.ClusterName, s.Description, s.Status, w.notes())
		// Once is enough.
		w.others[s.ID] = true
	}
	for _, user := range w.users {
		clear(user.unsure)
		for _, what := range user.breaches {
			w.t.Errorf("Terraform would call this a bug: %s\n%s", what, w.notes())
		}
		user.breaches = nil
	}
	w.countDuplicates(p)
}

func (w *world) isKnown(p *process, id string) bool {
	for _, user := range w.users {
		if _, ok := user.known(p)[id]; ok {
			return true
		}
	}
	return false
}

// settleDoubt does as the provider said where it could not know whether Atlas had taken a snapshot.
func (w *world) settleDoubt(p *process, s atlassim.Snapshot) bool {
	for _, user := range w.users {
		i, unsure := user.unsure[s.Description]
		if !unsure || user.state[i] != nil {
			continue
		}
		id := strings.Join([]string{w.atlas.Fixture().ProjectID, s.ClusterName, s.ID}, "/")
		if err := user.adopt(w.t.Context(), p, i, id); err != nil {
			w.t.Errorf("importing %s: %v", id, err)
		}
		return true
	}
	return false
}

// countDuplicates counts the snapshots beyond one of each resource: descriptions tell resources apart.
func (w *world) countDuplicates(p *process) {
	by := map[string]int{}
	for _, s := range w.atlas.Existing() {
		if w.others[s.ID] {
			continue
		}
		if by[s.Description]++; by[s.Description] > 1 {
			w.duplicates++
			w.t.Errorf("Atlas has %d snapshots %q\n%s", by[s.Description], s.Description, w.notes())
		}
	}
	seen := map[string]bool{}
	for _, user := range w.users {
		for id := range user.known(p) {
			if seen[id] {
				w.duplicates++
				w.t.Errorf("snapshot %s is in two places\n%s", id, w.notes())
			}
			seen[id] = true
		}
	}
}

// rest applies with nothing going wrong. Then everything must be well: no error, both sides the same, nothing left to do.
func (w *world) rest() {
	// Snapshots that Atlas is still to fail are for the applies before the last one.
	var err error
	for range 8 {
		if err = errors.Join(w.run(make([]bool, len(w.users)))...); err == nil {
			break
		}
	}
	if err != nil {
		w.t.Errorf("with nothing wrong: %v", err)
	}
	w.audit()
	p := start(w.t, w.atlas)
	existing := map[string]bool{}
	for _, s := range w.atlas.Existing() {
		existing[s.ID] = s.Status == "completed"
	}
	for _, user := range w.users {
		for id := range user.known(p) {
			if !existing[id] {
				w.t.Errorf("%s has snapshot %s, which Atlas has not, or has not completed", user.name, id)
			}
		}
		before := len(w.atlas.Snapshots())
		for i, o := range user.state {
			if o == nil {
				continue
			}
			config, err := user.wishes[i].config(p, w.atlas.Fixture().ProjectID)
			if err != nil {
				w.t.Fatal(err)
			}
			if after, err := p.apply(w.t.Context(), o, config); err != nil || after != o {
				w.t.Errorf("%s/%d: a second apply changed something: %v", user.name, i, err)
			}
		}
		if len(w.atlas.Snapshots()) != before {
			w.t.Error("a second apply took a snapshot")
		}
	}
}

func (w *world) notes() string {
	var notes []string
	for _, user := range w.users {
		notes = append(notes, user.notes...)
	}
	return fmt.Sprintf("to repeat it: make chaos SEED=%d RUNS=%d\n%s", w.seed, w.applies+w.destroys, strings.Join(notes, "\n"))
}

// perWorld is how many runs a world sees: what it remembers would slow down more.
const perWorld = 500

func TestChaos(t *testing.T) {
	var sum tally
	last := *seed
	for ; sum.applies+sum.destroys < *runs && !t.Failed(); last++ {
		w := newWorld(t, last)
		for round := 1; w.applies+w.destroys < min(perWorld, *runs-sum.applies-sum.destroys) && !t.Failed(); round++ {
			w.round()
			if round%10 == 0 {
				w.rest()
			}
		}
		if !t.Failed() {
			w.rest()
		}
		sum.add(w)
	}
	fmt.Printf("chaos: %s seed=%d\n", &sum, *seed)
}

// tally is what the audit line says.
type tally struct{ applies, destroys, faults, adopted, orphans, duplicates int }

func (s *tally) add(w *world) {
	s.applies += w.applies
	s.destroys += w.destroys
	s.faults += w.atlas.Struck() + w.events
	s.adopted += w.adopted
	s.orphans += w.orphans
	s.duplicates += w.duplicates
}

func (s *tally) String() string {
	return fmt.Sprintf("applies=%d destroys=%d faults=%d adopted=%d orphans=%d duplicates=%d",
		s.applies, s.destroys, s.faults, s.adopted, s.orphans, s.duplicates)
}
