// Package atlassim simulates the part of the MongoDB Atlas Administration API v2 that backup snapshots need: an
// [http.Handler] with a clock of its own. It speaks the wire format that was recorded from Atlas, keeps to the recorded
// lifecycle of a snapshot, and shares no type with any client, so that neither can hide the other's mistake.
//
// What nobody has recorded or documented is assumed, and every assumption stands in assumptions.go.
//
// Others use it as a program, internal/cmd/atlassim: docs/guides/testing-without-an-atlas-account.md shows module authors how
// to run their own tests on it.
package atlassim

import (
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"
)

// The values of Options.Serverless.
const (
	// ServerlessGone is Atlas after the sunset of serverless: the instances live on as Flex clusters.
	ServerlessGone = "gone"
	// ServerlessLive is Atlas before the sunset.
	ServerlessLive = "live"
)

// The values of Options.DigestMode.
const (
	// DigestJetty keeps a nonce for 60 s and 1,024 uses and takes each count once, in any order.
	DigestJetty = "jetty"
	// DigestRising takes only counts above the highest it has seen.
	DigestRising = "rising"
	// DigestOnce lets a nonce serve one request.
	DigestOnce = "once"
)

// Options configures a simulator. The zero value is a simulator in real time that starts now.
type Options struct {
	// Now is the time of everything in the simulator: of Atlas and of its authentication. It is called with the
	// simulator's lock held, so it must not call the simulator. Nil means the wall clock, scaled by Speed.
	Now func() time.Time
	// Speed is how many seconds of Atlas's time pass in one of real time; 0 means 1. Ignored when Now is set.
	Speed float64
	// Seed makes IDs, durations and sizes repeatable. 0 is a seed like any other.
	Seed int64
	// Serverless is ServerlessGone (the default, also for an unknown value) or ServerlessLive.
	Serverless string
	// DigestMode is DigestJetty (the default, also for an unknown value), DigestRising or DigestOnce.
	DigestMode string
	// BaseURL is the scheme and host that links and the fixture carry, without a slash at the end. It may be set later
	// with SetBaseURL; until then links use the host the request was sent to.
	BaseURL string
}

// Simulator is the simulated Atlas. It is safe for concurrent use.
type Simulator struct {
	mu      sync.Mutex // guards everything below
	options Options
	clock   clock
	fixture Fixture
	ids     idSource
	random  *rand.Rand
	secrets *rand.Rand

	clusters     map[string]*cluster
	snapshots    map[string]*snapshot
	restores     map[string]*restoreJob
	plans        []Plan
	restorePlans []RestorePlan
	duration     time.Duration // fixed duration of every snapshot that has no plan; 0 draws one
	policy       compliancePolicy
	behavior     Behavior

	nonces  map[string]*nonce
	tokens  map[string]time.Time // expiry by token
	signIns window
	buckets map[bucketName]*bucket

	faults   []*activeFault
	struck   int
	requests []Request
}

// New returns a simulator with one project that holds a replica set, a sharded cluster, a Flex cluster and a serverless
// instance.
func New(options Options) *Simulator {
	if options.Speed <= 0 {
		options.Speed = 1
	}
	s := &Simulator{
		options:   options,
		clock:     newClock(options),
		random:    rand.New(rand.NewPCG(uint64(options.Seed), 1)),
		secrets:   rand.New(rand.NewPCG(uint64(options.Seed), 2)),
		clusters:  map[string]*cluster{},
		snapshots: map[string]*snapshot{},
		restores:  map[string]*restoreJob{},
		nonces:    map[string]*nonce{},
		tokens:    map[string]time.Time{},
		buckets:   newBuckets(),
	}
	s.ids = newIDSource(rand.New(rand.NewPCG(uint64(options.Seed), 3)))
	s.fixture = s.newFixture()
	s.fixture.BaseURL = strings.TrimSuffix(options.BaseURL, "/")
	s.seedFixture()
	return s
}

// SetBaseURL sets what links and the fixture carry, for a listener that learns its port late.
func (s *Simulator) SetBaseURL(baseURL string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fixture.BaseURL = strings.TrimSuffix(baseURL, "/")
}

// Fixture returns the credentials and names to use the simulator with.
func (s *Simulator) Fixture() Fixture {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fixture
}

// Advance moves the simulator's time forward by d: Atlas's, and that of nonces, tokens and rate limits. A d below zero
// is ignored, for time does not run backwards.
func (s *Simulator) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock.advance(d)
}

// Now returns the present instant of Atlas's time.
func (s *Simulator) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now()
}

// Protocols returns those that a server of the simulator speaks: HTTP/1.1, and with clients that begin with it HTTP/2, without TLS
// both. Nearly all recorded exchanges with Atlas are HTTP/2.
func Protocols() *http.Protocols {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	return protocols
}

// maxBody bounds what one request can make the simulator read.
const maxBody = 1 << 20

// ServeHTTP answers API requests, the OAuth endpoints and the control requests under /_sim/.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "the request body cannot be read or is too large", http.StatusRequestEntityTooLarge)
		return
	}
	if strings.HasPrefix(r.URL.Path, controlPrefix) {
		s.control(w, r, body)
		return
	}
	out := s.answer(r, body)
	out.send(w, r)
}

// answer does the work of one API request under the lock and logs it.
func (s *Simulator) answer(r *http.Request, body []byte) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &call{sim: s, request: r, body: body, now: s.now()}
	out := s.route(c)
	if s.behavior.Gzip {
		out.compress(r)
	}
	s.log(c, out)
	return out
}
