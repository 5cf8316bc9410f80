package operation_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/operation"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

// TestRun_outcomes has a case for each outcome, and for what must not lead to one.
func TestRun_outcomes(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		arrange func(*service, *operation.Operation[*job])
		timeout time.Duration
		want    operation.Outcome
		// starts is how often the request was sent, jobs how many the service has had.
		starts, jobs int
	}{
		"completed": {nil, time.Hour, operation.Completed, 1, 1},
		"failed": {
			func(s *service, _ *operation.Operation[*job]) { s.next = job{purpose: "ours", failsAfter: time.Minute} },
			time.Hour, operation.Failed, 1, 1,
		},
		"an unknown status is pending": {func(s *service, o *operation.Operation[*job]) {
			describe := o.Describe
			o.Describe = func(j *job) operation.Info {
				info := describe(j)
				if info.State == operation.StatePending {
					info.Status = "pondering"
				}
				return info
			}
		}, time.Hour, operation.Completed, 1, 1},
		"timed out": {func(s *service, _ *operation.Operation[*job]) { s.next.doneAfter = 2 * time.Hour }, time.Hour, operation.TimedOut, 1, 1},
		"refused": {func(s *service, _ *operation.Operation[*job]) {
			s.answer = func(int) (bool, error) { return false, status(http.StatusForbidden) }
		}, time.Hour, operation.NotStarted, 1, 0},
		"another one is in the way": {
			func(s *service, _ *operation.Operation[*job]) {
				s.add(job{purpose: "theirs", doneAfter: 10 * time.Minute})
			},
			time.Hour, operation.Completed, 1, 2,
		},
		"another one is in the way, and not listed": {func(s *service, _ *operation.Operation[*job]) {
			s.add(job{purpose: "theirs", doneAfter: 2 * time.Minute, listedAfter: time.Hour})
		}, time.Hour, operation.Completed, 13, 2},
		"another one is in the way until the time is up": {func(s *service, _ *operation.Operation[*job]) {
			s.add(job{purpose: "theirs", doneAfter: 2 * time.Hour})
		}, time.Hour, operation.Busy, 0, 1},
		"another one is in the way, and deleted": {func(s *service, _ *operation.Operation[*job]) {
			theirs := s.add(job{purpose: "theirs", doneAfter: time.Hour})
			s.read = func(get int) error {
				theirs.deleted = theirs.deleted || get == 3
				return nil
			}
		}, time.Hour, operation.Completed, 1, 2},
		"deleted while it is busy": {func(s *service, _ *operation.Operation[*job]) {
			s.next.doneAfter = time.Hour
			s.read = func(get int) error {
				s.jobs[0].deleted = get > 100
				return nil
			}
		}, 3 * time.Hour, operation.Gone, 1, 1},
		"shown and listed late": {func(s *service, _ *operation.Operation[*job]) {
			s.next.doneAfter, s.next.shownAfter, s.next.listedAfter = 20*time.Minute, 10*time.Minute, 10*time.Minute
		}, time.Hour, operation.Completed, 1, 1},
		"missing now and then": {func(s *service, _ *operation.Operation[*job]) {
			s.read = func(get int) error {
				if get%2 == 1 {
					return missing()
				}
				return nil
			}
		}, time.Hour, operation.Completed, 1, 1},
		"missing and listed": {
			func(s *service, _ *operation.Operation[*job]) {
				s.next.doneAfter, s.next.shownAfter = 20*time.Minute, time.Hour
			},
			2 * time.Hour, operation.Completed, 1, 1,
		},
		"forbidden once": {func(s *service, _ *operation.Operation[*job]) {
			s.read = func(get int) error {
				if get == 3 {
					return status(http.StatusForbidden)
				}
				return nil
			}
		}, time.Hour, operation.Completed, 1, 1},
		"forbidden": {func(s *service, _ *operation.Operation[*job]) {
			s.read = func(int) error { return status(http.StatusForbidden) }
		}, time.Hour, operation.WaitFailed, 1, 1},
		"an outage": {func(s *service, _ *operation.Operation[*job]) {
			s.read = func(get int) error {
				if get < 60 {
					return status(http.StatusServiceUnavailable)
				}
				return nil
			}
		}, time.Hour, operation.Completed, 1, 1},
		"the answer is lost": {func(s *service, _ *operation.Operation[*job]) {
			s.answer = func(int) (bool, error) { return true, lost() }
		}, time.Hour, operation.Completed, 1, 1},
		"the answer is lost, and the list lags": {func(s *service, _ *operation.Operation[*job]) {
			s.next.listedAfter = 30 * time.Second
			s.answer = func(int) (bool, error) { return true, lost() }
		}, time.Hour, operation.Completed, 1, 1},
		"the answer is lost, and the list lags beyond the repetition": {func(s *service, _ *operation.Operation[*job]) {
			s.next.listedAfter, s.next.doneAfter = 80*time.Second, 5*time.Minute
			s.answer = func(int) (bool, error) { return true, lost() }
		}, time.Hour, operation.Completed, 2, 1},
		"the request is lost": {func(s *service, _ *operation.Operation[*job]) {
			s.answer = func(start int) (bool, error) {
				if start == 1 {
					return false, lost()
				}
				return true, nil
			}
		}, time.Hour, operation.Completed, 2, 1},
		"the request is lost, and must not be repeated": {func(s *service, o *operation.Operation[*job]) {
			o.Restart = false
			s.answer = func(int) (bool, error) { return false, lost() }
		}, time.Hour, operation.Unknown, 1, 0},
		"the answer is lost, and the request must not be repeated": {func(s *service, o *operation.Operation[*job]) {
			o.Restart = false
			s.answer = func(int) (bool, error) { return true, lost() }
		}, time.Hour, operation.Completed, 1, 1},
		"every request is lost": {func(s *service, _ *operation.Operation[*job]) {
			s.answer = func(int) (bool, error) { return false, lost() }
		}, 24 * time.Hour, operation.Unknown, 5, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService()
			o := s.operation(t)
			if tt.arrange != nil {
				tt.arrange(s, o)
			}
			ctx, cancel := s.clock.WithTimeout(t.Context(), tt.timeout)
			defer cancel()
			started := ""
			got := o.Run(ctx, func(j *job) {
				if started != "" {
					t.Error("started was called twice")
				}
				started = j.id
			})
			if got.Outcome != tt.want || s.starts != tt.starts || len(s.jobs) != tt.jobs {
				t.Fatalf("outcome %d (%v) after %d requests and %d jobs, expected %d, %d and %d", got.Outcome, got.Err, s.starts, len(s.jobs), tt.want, tt.starts, tt.jobs)
			}
			if got.Accepted() != (started != "") || got.ID != started {
				t.Errorf("started was called with %q, and the result has %q", started, got.ID)
			}
			if wantErr := tt.want != operation.Completed && tt.want != operation.Failed; (got.Err != nil) != wantErr {
				t.Errorf("the error is %v", got.Err)
			}
			var unknown *operation.LostError
			if errors.As(got.Err, &unknown) != (tt.want == operation.Unknown) {
				t.Errorf("the error is %v", got.Err)
			}
			if started != "" && !operation.IsOwn(o.Key, started) {
				t.Error("the value is not known as this process's own")
			}
		})
	}
}

// TestRun_severalCandidates names what may be the request's where more than one thing may be.
func TestRun_severalCandidates(t *testing.T) {
	t.Parallel()
	s := newService()
	o := s.operation(t)
	s.answer = func(int) (bool, error) {
		for range 2 {
			s.add(job{purpose: "ours", doneAfter: time.Second})
		}
		return false, lost()
	}
	got := o.Run(t.Context(), func(*job) { t.Error("started was called") })
	if got.Outcome != operation.Unknown || len(got.Candidates) != 2 || s.starts != 1 {
		t.Errorf("outcome %d with %d candidates after %d requests, expected %d, 2 and 1", got.Outcome, len(got.Candidates), s.starts, operation.Unknown)
	}
}

// TestRun_maybeTwice tells of what a lost request may have led to besides.
func TestRun_maybeTwice(t *testing.T) {
	t.Parallel()
	s := newService()
	o := s.operation(t)
	s.answer = func(start int) (bool, error) {
		if start > 1 {
			return true, nil
		}
		// Done at once, so that the repetition is accepted, and listed late.
		s.add(job{purpose: "ours", doneAfter: time.Second, listedAfter: 2 * time.Minute})
		return false, lost()
	}
	got := o.Run(t.Context(), func(*job) {})
	if got.Outcome != operation.Completed || got.Duplicates == nil || len(got.Duplicates.Candidates) != 1 {
		t.Fatalf("outcome %d, twice %+v, expected a completed one and one candidate", got.Outcome, got.Duplicates)
	}
	if twin := got.Duplicates.Candidates[0].id; twin == got.ID {
		t.Error("the candidate is the value itself")
	}
}

// TestRun_interrupted keeps what is known when a run ends early.
func TestRun_interrupted(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		// sleeps is how many pauses pass first.
		sleeps int
		lost   bool
		starts int
		want   operation.Outcome
	}{
		"while another one is in the way": {0, false, 0, operation.NotStarted},
		"during the wait":                 {40, false, 1, operation.Interrupted},
		// The last search finds the job; the wait for it is interrupted at once.
		"after the answer was lost": {31, true, 1, operation.Interrupted},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService()
			o := s.operation(t)
			s.add(job{purpose: "theirs", doneAfter: 5 * time.Minute})
			if tt.lost {
				s.answer = func(int) (bool, error) { return true, lost() }
			}
			ctx, cancel := context.WithCancel(t.Context())
			sleeps := 0
			s.clock.Hold(func(context.Context, time.Duration) {
				if sleeps == tt.sleeps {
					cancel()
				}
				sleeps++
			})
			got := o.Run(ctx, func(*job) {})
			if got.Outcome != tt.want || !operation.IsInterruption(got.Err) || s.starts != tt.starts || (got.ID != "") != (tt.starts > 0) {
				t.Errorf("outcome %d (%v) of %q after %d requests, expected %d after %d", got.Outcome, got.Err, got.ID, s.starts, tt.want, tt.starts)
			}
		})
	}
}

// TestResume waits without a request, looks at once, and doubts that what is new is gone.
func TestResume(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		job     job
		deleted bool
		later   time.Duration
		want    operation.Outcome
		slept   int
	}{
		"done already":           {job{doneAfter: time.Minute}, false, time.Hour, operation.Completed, 0},
		"still busy":             {job{doneAfter: 10 * time.Minute}, false, 9 * time.Minute, operation.Completed, 6},
		"failed":                 {job{failsAfter: time.Minute}, false, time.Hour, operation.Failed, 0},
		"gone":                   {job{}, true, time.Hour, operation.Gone, 1},
		"new and not shown yet":  {job{doneAfter: 4 * time.Minute, shownAfter: 3 * time.Minute, listedAfter: 3 * time.Minute}, false, time.Minute, operation.Completed, 18},
		"new and gone all along": {job{}, true, 14 * time.Minute, operation.Gone, 7},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService()
			j := s.add(tt.job)
			j.deleted = tt.deleted
			s.clock.Advance(tt.later)
			got := s.operation(t).Resume(t.Context(), j.id, j.requestedAt)
			if slept := len(s.clock.Slept()); got.Outcome != tt.want || slept != tt.slept || s.starts != 0 {
				t.Errorf("outcome %d (%v) after %d pauses and %d requests, expected %d, %d and none", got.Outcome, got.Err, slept, s.starts, tt.want, tt.slept)
			}
			if tt.deleted && !errors.Is(got.Err, operation.ErrGone) {
				t.Errorf("the error is %v", got.Err)
			}
		})
	}
}

// TestRun_backoff makes the pauses longer as the rate limit asks for.
func TestRun_backoff(t *testing.T) {
	t.Parallel()
	s := newService()
	s.multiplier = 3
	if got := s.operation(t).Run(t.Context(), func(*job) {}); got.Outcome != operation.Completed {
		t.Fatal(got.Err)
	}
	if slept := s.clock.Slept(); len(slept) != 6 || slept[0] != 30*time.Second {
		t.Errorf("the pauses were %v, expected six of 30 s", slept)
	}
}

// TestRun_progress reports what a person wants to know: each status, each minute, whose it is.
func TestRun_progress(t *testing.T) {
	t.Parallel()
	s := newService()
	theirs := s.add(job{purpose: "theirs", doneAfter: time.Minute})
	o := s.operation(t)
	var said []string
	o.Progress = func(message string) { said = append(said, message) }
	if got := o.Run(t.Context(), func(*job) { said = append(said, "started") }); got.Outcome != operation.Completed {
		t.Fatal(got.Err)
	}
	want := []string{
		"waiting for job " + theirs.id + ": working, 1s",
		"started", "working", "working, 1m0s", "working, 2m0s",
	}
	if !slices.Equal(said, want) {
		t.Errorf("progress:\n%s\nexpected:\n%s", strings.Join(said, "\n"), strings.Join(want, "\n"))
	}
}

// TestRun_oneAtATime carries out several operations of one key one after the other, in the order in which they came, and those of
// other keys beside them.
func TestRun_oneAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.clock.Hold(func(ctx context.Context, d time.Duration) { _ = wait.System().Sleep(ctx, d) })
		var mu sync.Mutex
		var order []int
		var running sync.WaitGroup
		for i := range 5 {
			running.Go(func() {
				o := s.operation(t)
				got := o.Run(t.Context(), func(*job) {
					mu.Lock()
					defer mu.Unlock()
					order = append(order, i)
				})
				if got.Outcome != operation.Completed {
					t.Errorf("%d: outcome %d (%v)", i, got.Outcome, got.Err)
				}
			})
			// Each is in the queue before the next one comes.
			synctest.Wait()
		}
		if s.starts != 1 {
			t.Errorf("%d requests were sent at once", s.starts)
		}
		o := s.operation(t)
		o.Key = "another key"
		other := newService()
		o.Client, o.Start, o.Get, o.List = other, other.start, other.get, other.list
		if got := o.Run(t.Context(), func(*job) {}); got.Outcome != operation.Completed {
			t.Errorf("beside them: outcome %d (%v)", got.Outcome, got.Err)
		}
		running.Wait()
		if !slices.IsSorted(order) || len(order) != 5 {
			t.Errorf("the order was %v", order)
		}
	})
}
