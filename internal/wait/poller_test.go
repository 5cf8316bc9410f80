package wait_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait/waittest"
)

var (
	errPassing   = errors.New("passing")
	errPermanent = errors.New("permanent")
	start        = time.Date(2026, 3, 30, 12, 0, 0, 0, time.UTC)
)

// thing is what is waited for: each look takes a second and finds what comes next, the last again and again.
type thing struct {
	clock *waittest.Clock
	finds []any
	looks int
}

func (th *thing) look(context.Context) (string, error) {
	found := th.finds[min(th.looks, len(th.finds)-1)]
	th.looks++
	th.clock.Advance(time.Second)
	if err, ok := found.(error); ok {
		return "", err
	}
	word, _ := found.(string)
	return word, nil
}

func newPoller(finds ...any) (*wait.Poller[string], *thing) {
	th := &thing{clock: waittest.NewClock(start), finds: finds}
	return &wait.Poller[string]{
		Clock:       th.clock,
		Schedule:    func(wait.Progress) time.Duration { return 10 * time.Second },
		Fetch:       th.look,
		IsDone:      func(word string) bool { return word == "done" },
		Milestone:   func(word string) bool { return word == "taken" },
		IsTransient: func(err error) bool { return errors.Is(err, errPassing) },
	}, th
}

func TestPoller_waitsUntilSettled(t *testing.T) {
	for name, tt := range map[string]struct {
		finds   []any
		elapsed time.Duration
		want    string
		err     error
		looks   int
		pauses  int
	}{
		"new, done at the first look":        {[]any{"done"}, 0, "done", nil, 1, 1},
		"new, done later":                    {[]any{"queued", "taken", "done"}, 0, "done", nil, 3, 3},
		"resumed, looks at once":             {[]any{"done"}, 1, "done", nil, 1, 0},
		"resumed, done later":                {[]any{"queued", "done"}, time.Hour, "done", nil, 2, 1},
		"from the future, as if it were new": {[]any{"done"}, -time.Hour, "done", nil, 1, 1},
		"passing errors do not end it":       {[]any{errPassing, "queued", errPassing, errPassing, "done"}, 0, "done", nil, 5, 5},
		"a resumed one meets an error":       {[]any{errPassing, "done"}, time.Minute, "done", nil, 2, 1},
		"a permanent error ends it":          {[]any{"queued", errPassing, errPermanent, "done"}, 0, "queued", errPermanent, 3, 3},
		"nothing was ever seen":              {[]any{errPassing, errPermanent}, 0, "", errPermanent, 2, 2},
	} {
		t.Run(name, func(t *testing.T) {
			poller, th := newPoller(tt.finds...)
			got, err := poller.Wait(t.Context(), tt.elapsed)
			if got != tt.want || !errors.Is(err, tt.err) || (err == nil) != (tt.err == nil) {
				t.Errorf("Wait = %q, %v, want %q, %v", got, err, tt.want, tt.err)
			}
			if pauses := len(th.clock.Slept()); th.looks != tt.looks || pauses != tt.pauses {
				t.Errorf("%d looks and %d pauses, want %d and %d", th.looks, pauses, tt.looks, tt.pauses)
			}
		})
	}
}

// The end of the context ends the wait with its cause, whatever the look itself says about it, and with what was seen last.
func TestPoller_endOfContext(t *testing.T) {
	for name, tt := range map[string]struct {
		end  func(*waittest.Clock, context.CancelFunc)
		want error
	}{
		"out of time": {func(clock *waittest.Clock, _ context.CancelFunc) { clock.Advance(time.Hour) }, wait.ErrTimeout},
		"interrupted": {func(_ *waittest.Clock, cancel context.CancelFunc) { cancel() }, context.Canceled},
	} {
		for when, failure := range map[string]error{
			"during a look that fails for it":   context.Canceled,
			"during a look that fails anyhow":   errPermanent,
			"during a look that is to go again": errPassing,
			"during a look that succeeds":       nil,
			"during a pause":                    nil,
			"at the end of it all":              nil,
		} {
			t.Run(name+" "+when, func(t *testing.T) {
				poller, th := newPoller("queued", "taken")
				timed, done := th.clock.WithTimeout(t.Context(), time.Hour)
				defer done()
				ctx, cancel := context.WithCancel(timed)
				defer cancel()
				end := func() { tt.end(th.clock, cancel) }
				want, wantErr := "taken", tt.want
				poller.Fetch = func(ctx context.Context) (string, error) {
					word, err := th.look(ctx)
					switch {
					case th.looks < 3 || when == "during a pause":
						return word, err
					case when == "at the end of it all":
						// What was reached is reached, however late.
						want, wantErr = "done", nil
						end()
						return "done", nil
					}
					end()
					return word, failure
				}
				if when == "during a pause" {
					th.clock.Hold(func(context.Context, time.Duration) {
						if th.looks == 3 {
							end()
						}
					})
				}
				got, err := poller.Wait(ctx, 0)
				if got != want || !errors.Is(err, wantErr) || (err == nil) != (wantErr == nil) {
					t.Errorf("Wait = %q, %v, want %q, %v", got, err, want, wantErr)
				}
				if th.looks != 3 {
					t.Errorf("%d looks", th.looks)
				}
			})
		}
	}
}

// A wait that runs out of time tells how its looks went: which is not what ended it.
func TestPoller_tellsOfFailures(t *testing.T) {
	other := errors.New("other")
	for name, tt := range map[string]struct {
		finds []any
		want  wait.IncompleteError
		text  string
	}{
		"all went well": {[]any{"queued"}, wait.IncompleteError{Polls: 3}, "timed out"},
		"the first ones failed": {
			[]any{errPassing, errPassing, "queued"}, wait.IncompleteError{Polls: 3, Failed: 2, LastFailure: errPassing}, "timed out",
		},
		"the last ones failed": {
			[]any{"queued", other, errPassing},
			wait.IncompleteError{Polls: 3, Failed: 2, ConsecutiveFailures: 2, LastFailure: errPassing},
			"timed out; the last 2 of 3 polls failed, the last one with: passing",
		},
		"all failed": {
			[]any{errPassing},
			wait.IncompleteError{Polls: 3, Failed: 3, ConsecutiveFailures: 3, LastFailure: errPassing},
			"timed out; the last 3 of 3 polls failed, the last one with: passing",
		},
	} {
		t.Run(name, func(t *testing.T) {
			poller, th := newPoller(tt.finds...)
			poller.IsTransient = func(error) bool { return true }
			ctx, cancel := th.clock.WithTimeout(t.Context(), 35*time.Second)
			defer cancel()
			_, err := poller.Wait(ctx, 0)
			var got *wait.IncompleteError
			if !errors.As(err, &got) || !errors.Is(err, wait.ErrTimeout) || errors.Is(err, errPassing) {
				t.Fatalf("error of type %T: %v", err, err)
			}
			if got.Polls != tt.want.Polls || got.Failed != tt.want.Failed || got.ConsecutiveFailures != tt.want.ConsecutiveFailures || !errors.Is(got.LastFailure, tt.want.LastFailure) {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
			if err.Error() != tt.text {
				t.Errorf("text = %q, want %q", err, tt.text)
			}
		})
	}
}

// A look that fails for nothing but the end of the context has not failed; one that fails besides has.
func TestPoller_lastLookFails(t *testing.T) {
	for name, tt := range map[string]struct {
		failure       error
		looks, failed int
	}{
		"by the end of the context": {context.Canceled, 1, 0},
		"by itself":                 {errPassing, 2, 1},
	} {
		t.Run(name, func(t *testing.T) {
			poller, th := newPoller("queued")
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			poller.Fetch = func(ctx context.Context) (string, error) {
				word, err := th.look(ctx)
				if th.looks == 2 {
					cancel()
					return "", tt.failure
				}
				return word, err
			}
			_, err := poller.Wait(ctx, 0)
			var got *wait.IncompleteError
			if !errors.As(err, &got) || got.Polls != tt.looks || got.Failed != tt.failed {
				t.Errorf("%+v, want %d looks, %d of which failed", got, tt.looks, tt.failed)
			}
		})
	}
}

// The pause that reaches beyond the time allowed ends with it.
func TestPoller_timeRunsOutInPause(t *testing.T) {
	poller, th := newPoller("queued")
	ctx, cancel := th.clock.WithTimeout(t.Context(), 35*time.Second)
	defer cancel()
	got, err := poller.Wait(ctx, 0)
	if got != "queued" || !errors.Is(err, wait.ErrTimeout) {
		t.Errorf("Wait = %q, %v", got, err)
	}
	if diff := cmp.Diff([]time.Duration{10 * time.Second, 10 * time.Second, 10 * time.Second, 2 * time.Second}, th.clock.Slept()); diff != "" {
		t.Errorf("pauses (-want +got):\n%s", diff)
	}
}

func TestPoller_scheduleKnowsTheProgress(t *testing.T) {
	for name, tt := range map[string]struct {
		elapsed time.Duration
		finds   []any
		want    []wait.Progress
	}{
		"new": {
			0,
			[]any{"queued", errPassing, "taken", "taken", "queued", "done"},
			[]wait.Progress{
				{},
				{Elapsed: 11 * time.Second},
				{Elapsed: 22 * time.Second},
				{Elapsed: 33 * time.Second, PastMilestone: true},
				{Elapsed: 44 * time.Second, PastMilestone: true, SinceMilestone: 11 * time.Second},
				// It stays taken from when it was first seen so.
				{Elapsed: 55 * time.Second, PastMilestone: true, SinceMilestone: 22 * time.Second},
			},
		},
		"resumed before it is taken": {
			time.Minute,
			[]any{"queued", "taken", "done"},
			[]wait.Progress{{Elapsed: 61 * time.Second}, {Elapsed: 72 * time.Second, PastMilestone: true}},
		},
		"resumed after it was taken, nobody knows when": {
			time.Minute,
			[]any{"taken", "done"},
			[]wait.Progress{{Elapsed: 61 * time.Second, PastMilestone: true, SinceMilestone: 61 * time.Second}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			poller, _ := newPoller(tt.finds...)
			var got []wait.Progress
			poller.Schedule = func(p wait.Progress) time.Duration {
				got = append(got, p)
				return 10 * time.Second
			}
			if _, err := poller.Wait(t.Context(), tt.elapsed); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("progress (-want +got):\n%s", diff)
			}
		})
	}
	poller, _ := newPoller("taken", "done")
	poller.Milestone = nil
	poller.Schedule = func(p wait.Progress) time.Duration {
		if p.PastMilestone {
			t.Error("taken, although nobody can tell")
		}
		return time.Second
	}
	if _, err := poller.Wait(t.Context(), 0); err != nil {
		t.Error(err)
	}
}

// A multiplier makes pauses longer. It never makes them shorter, nor does nonsense end the pauses.
func TestPoller_backoff(t *testing.T) {
	for factor, want := range map[float64]time.Duration{
		8: 80 * time.Second, 1.5: 15 * time.Second, 1: 10 * time.Second, 0.1: 10 * time.Second, 0: 10 * time.Second, -3: 10 * time.Second,
		math.NaN(): 10 * time.Second,
	} {
		poller, th := newPoller("queued", "done")
		asked := 0
		poller.BackoffMultiplier = func() float64 { asked++; return factor }
		if _, err := poller.Wait(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]time.Duration{want, want}, th.clock.Slept()); diff != "" || asked != 2 {
			t.Errorf("pauses with a multiplier of %v, asked %d times (-want +got):\n%s", factor, asked, diff)
		}
	}
}

// A pause that an error asks for is kept where the schedule's is shorter, once, and no longer than there is time.
func TestPoller_pauseThatAnErrorAsksFor(t *testing.T) {
	for name, tt := range map[string]struct {
		finds   []any
		asked   time.Duration
		elapsed time.Duration
		want    []int // seconds
		err     error
	}{
		"longer than the schedule's":  {[]any{"queued", errPassing, "queued", "done"}, time.Minute, 0, []int{10, 10, 60, 10}, nil},
		"shorter than the schedule's": {[]any{errPassing, "done"}, time.Second, 0, []int{10, 10}, nil},
		"none":                        {[]any{errPassing, "done"}, 0, 0, []int{10, 10}, nil},
		"nonsense":                    {[]any{errPassing, "done"}, -time.Hour, 0, []int{10, 10}, nil},
		"again and again":             {[]any{errPassing, errPassing, "done"}, time.Minute, 0, []int{10, 60, 60}, nil},
		"of the first, resumed look":  {[]any{errPassing, "done"}, time.Minute, time.Hour, []int{60}, nil},
		"longer than what is left":    {[]any{"queued", errPassing, "done"}, 2 * time.Hour, 0, []int{10, 10, 3600 - 22}, wait.ErrTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			poller, th := newPoller(tt.finds...)
			poller.MinPause = func(err error) time.Duration {
				if !errors.Is(err, errPassing) {
					t.Errorf("asked about %v", err)
				}
				return tt.asked
			}
			ctx, cancel := th.clock.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			if _, err := poller.Wait(ctx, tt.elapsed); !errors.Is(err, tt.err) || (err == nil) != (tt.err == nil) {
				t.Errorf("error = %v, want %v", err, tt.err)
			}
			var slept []int
			for _, pause := range th.clock.Slept() {
				slept = append(slept, int(pause.Seconds()))
			}
			if diff := cmp.Diff(tt.want, slept); diff != "" {
				t.Errorf("pauses (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPoller_observerSeesEveryLook(t *testing.T) {
	type look struct {
		Word    string
		Failed  bool
		Elapsed time.Duration
	}
	poller, _ := newPoller("queued", errPassing, "done")
	var got []look
	poller.Observe = func(word string, err error, elapsed time.Duration) {
		got = append(got, look{word, err != nil, elapsed})
	}
	if _, err := poller.Wait(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
	want := []look{{"queued", false, 61 * time.Second}, {"", true, 72 * time.Second}, {"done", false, 83 * time.Second}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("looks (-want +got):\n%s", diff)
	}
	poller, _ = newPoller(errPermanent)
	seen := 0
	poller.Observe = func(string, error, time.Duration) { seen++ }
	if _, err := poller.Wait(t.Context(), 0); err == nil || seen != 1 {
		t.Errorf("the look that ended the wait was observed %d times", seen)
	}
}
