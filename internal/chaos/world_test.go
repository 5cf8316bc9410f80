package chaos

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest/tfcore"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// world is an Atlas, those who work on it, and what has happened so far.
type world struct {
	t        *testing.T
	seed     uint64
	atlas    *acctest.Atlas
	chance   *rand.Rand
	behavior atlassim.Behavior
	users    []*terraform
	// left are snapshots that no state is to have any more.
	left map[string]bool
	tally

	mu sync.Mutex // guards deleted
	// deleted are those that somebody has deleted by hand.
	deleted map[string]bool
}

func newWorld(t *testing.T, seed uint64, networked bool) *world {
	t.Helper()
	chance := rand.New(rand.NewPCG(seed, 0))
	w := &world{
		t: t, seed: seed, chance: chance, behavior: newBehavior(chance),
		left: map[string]bool{}, deleted: map[string]bool{},
	}
	w.atlas = acctest.NewAtlas(t, func(options *atlassim.Options) { options.Seed = int64(seed) })
	w.atlas.SetBehavior(func(b *atlassim.Behavior) { *b = w.behavior })
	if err := w.atlas.AddCluster(atlassim.ClusterSpec{Name: "Second"}); err != nil {
		t.Fatal(err)
	}
	w.users = []*terraform{newTerraform("first", w.atlas, seed), newTerraform("second", w.besides(networked), seed)}
	if w.behavior.Descriptions == atlassim.DescriptionsAbsent && !w.behavior.DescriptionsInListOnly {
		// Where Atlas shows no description at all, nobody could tell the snapshots of two users of a cluster apart.
		w.users[0].clusters, w.users[1].clusters = clusters[:2], clusters[2:]
	}
	if networked {
		w.atlas.UseHTTP2()
	} else {
		w.atlas.ClientOptions = append(w.atlas.ClientOptions, atlas.WithTransport(simulatorTransport{w.atlas.Simulator}))
	}
	return w
}

// besides is another way to the same Atlas. Another address is another Atlas to the provider, so that the two users share no
// turns, as two processes do not. The second one uses the other kind of credentials.
func (w *world) besides(networked bool) *acctest.Atlas {
	other, fixture := *w.atlas, w.atlas.Fixture()
	other.Environment = map[string]string{
		"MONGODB_ATLAS_BASE_URL":  fmt.Sprintf("https://%d.example.com", w.seed),
		"MONGODB_ATLAS_CLIENT_ID": fixture.ClientID, "MONGODB_ATLAS_CLIENT_SECRET": fixture.ClientSecret,
	}
	if networked {
		other.Intercept(w.t, func(simulator http.Handler) http.Handler { return simulator })
	} else {
		other.ClientOptions = append(other.ClientOptions, atlas.WithTransport(simulatorTransport{other.Simulator}))
	}
	return &other
}

// byHand is a client of somebody who does not use Terraform.
func (w *world) byHand() *atlas.Client {
	base, err := url.Parse(w.atlas.Fixture().BaseURL)
	if err != nil {
		w.t.Fatal(err)
	}
	return atlas.New(base, atlas.Digest(w.atlas.Fixture().PublicKey, w.atlas.Fixture().PrivateKey), atlas.WithClock(w.atlas.Clock),
		atlas.WithTransport(simulatorTransport{w.atlas.Simulator}))
}

// round has every user run Terraform at the same time while things go wrong, and counts afterwards.
func (w *world) round() {
	destroy := make([]bool, len(w.users))
	for i, user := range w.users {
		user.reconsider()
		user.untaint()
		destroy[i] = w.chance.IntN(6) == 0
	}
	before := w.look(destroy)
	w.injectFaults()
	w.interruptions()
	// What a run makes of what goes wrong is for the audit.
	_ = w.run(destroy)
	w.calm()
	w.audit(before)
}

// run has every user apply or destroy.
func (w *world) run(destroy []bool) error {
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
	return errors.Join(errs...)
}

// quiet is a round in which nothing goes wrong.
func (w *world) quiet() error {
	destroy := make([]bool, len(w.users))
	for _, user := range w.users {
		clear(user.replace)
		user.timeout = ""
	}
	before := w.look(destroy)
	err := w.run(destroy)
	w.audit(before)
	return err
}

// rest applies with nothing going wrong. Then everything must be well: no error, both sides the same, nothing left to do.
func (w *world) rest() {
	// Snapshots that Atlas is still to fail are for the applies before the last one.
	var err error
	for range 8 {
		if err = w.quiet(); err == nil {
			break
		}
		// Some errors say to try again later. Where no answer has a Date header that may be on the next day.
		w.atlas.Clock.Advance(4 * time.Hour)
	}
	if err != nil {
		w.errorf("with nothing wrong: %v", err)
	}
	// A rotation that was left unfinished is over now, and so is a lag of what it has deleted.
	if err := w.quiet(); err != nil {
		w.errorf("with nothing wrong: %v", err)
	}
	completed := map[string]bool{}
	for _, s := range w.atlas.Existing() {
		completed[s.ID] = s.Status == "completed"
	}
	taken := len(w.atlas.Snapshots())
	for _, user := range w.users {
		p := start(w.t, user.atlas, nil)
		for i, o := range user.state {
			if o == nil {
				continue
			}
			if !completed[o.Text("snapshot_id")] && o.Text("status") != "expired" || len(unfinishedRotation(o)) > 0 {
				w.errorf("%s has %s after a rest, which Atlas has not, or has not completed", user.resource(i), brief(o))
			}
			if user.deposed[i] != nil {
				w.errorf("%s: %s is still to be destroyed after a rest", user.resource(i), brief(user.deposed[i]))
			}
			c, err := user.planOne(w.t.Context(), p, i, o, false)
			if err != nil || !c.IsNoOp() {
				w.errorf("%s: there is something left to do: %v", user.resource(i), err)
			}
			w.checkExpiry(user, i, o)
		}
	}
	if len(w.atlas.Snapshots()) != taken {
		w.errorf("a plan has taken a snapshot")
	}
}

// checkExpiry looks whether Atlas keeps a snapshot as long as the configuration says, whatever it counts from.
func (w *world) checkExpiry(user *terraform, i int, o *tfcore.Object) {
	const day = 24 * time.Hour
	for _, s := range w.atlas.Existing() {
		if s.ID != o.Text("snapshot_id") {
			continue
		}
		kept := time.Duration(max(user.wishes[i].retention, int64(w.behavior.MinimumRetention))) * day
		earliest, latest := s.RequestedAt.Add(kept-time.Minute), w.atlas.Now().Add(kept+w.behavior.ExpiryRounding+time.Minute)
		if s.ExpiresAt.Before(earliest) || s.ExpiresAt.After(latest) {
			w.errorf("%s: snapshot %s of %s expires at %s, %s are wanted", user.resource(i), s.ID, s.RequestedAt, s.ExpiresAt, kept)
		}
	}
}

// errorf fails the test and tells how to repeat it.
func (w *world) errorf(format string, arguments ...any) {
	w.t.Helper()
	var notes []string
	for _, user := range w.users {
		notes = append(notes, user.notes...)
	}
	w.t.Errorf("%s\nto repeat it: make chaos SEED=%d RUNS=%d\nAtlas: %+v\n%s",
		fmt.Sprintf(format, arguments...), w.seed, w.applies+w.destroys, w.behavior, strings.Join(notes, "\n"))
}
