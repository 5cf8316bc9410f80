package operation_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/operation"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait/waittest"
)

var began = time.Date(2026, time.March, 30, 12, 0, 0, 0, time.UTC)

// job is what the service of these tests is slow with.
type job struct {
	id, purpose, status string
	requestedAt         time.Time
	// doneAfter and failsAfter are the time from the request to the end; zero is never.
	doneAfter, failsAfter time.Duration
	// listedAfter is how long after the request lists have the job, shownAfter the same of single reads.
	listedAfter, shownAfter time.Duration
	deleted                 bool
}

// service is an Atlas that knows nothing but jobs of one kind, one at a time.
type service struct {
	clock      *waittest.Clock
	jobs       []*job
	next       job
	starts     int
	gets       int
	multiplier float64
	// answer, where set, is asked for the error of each request, after the work where accept is true.
	answer func(start int) (accept bool, err error)
	// read, where set, is asked for the error of each single read.
	read func(get int) error
}

func newService() *service {
	return &service{clock: waittest.NewClock(began), next: job{purpose: "ours", doneAfter: 3 * time.Minute}}
}

func (s *service) Clock() wait.Clock          { return s.clock }
func (s *service) ServerNow() time.Time       { return s.clock.Now() }
func (s *service) HasServerTime() bool        { return true }
func (s *service) BackoffMultiplier() float64 { return s.multiplier }

// add has the service work on a job.
func (s *service) add(j job) *job {
	j.id = fmt.Sprintf("%08x%016x", s.clock.Now().Unix(), len(s.jobs)+1)
	j.requestedAt, j.status = s.clock.Now(), "working"
	s.jobs = append(s.jobs, &j)
	return &j
}

// now returns a job as it is now.
func (s *service) now(j *job) *job {
	shown, age := *j, s.clock.Now().Sub(j.requestedAt)
	switch {
	case j.doneAfter > 0 && age >= j.doneAfter:
		shown.status = "done"
	case j.failsAfter > 0 && age >= j.failsAfter:
		shown.status = "failed"
	}
	return &shown
}

func (s *service) start(context.Context) (*job, error) {
	s.starts++
	for _, j := range s.jobs {
		if !j.deleted && s.now(j).status == "working" {
			return nil, refusal()
		}
	}
	accept, err := true, error(nil)
	if s.answer != nil {
		accept, err = s.answer(s.starts)
	}
	if !accept {
		return nil, err
	}
	j := s.add(s.next)
	if err != nil {
		return nil, err
	}
	return s.now(j), nil
}

func (s *service) list(ctx context.Context) ([]*job, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	var listed []*job
	for _, j := range s.jobs {
		if !j.deleted && s.clock.Now().Sub(j.requestedAt) >= j.listedAfter {
			listed = append(listed, s.now(j))
		}
	}
	return listed, nil
}

func (s *service) get(ctx context.Context, id string) (*job, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	s.gets++
	if s.read != nil {
		if err := s.read(s.gets); err != nil {
			return nil, err
		}
	}
	for _, j := range s.jobs {
		if j.id == id && !j.deleted && s.clock.Now().Sub(j.requestedAt) >= j.shownAfter {
			return s.now(j), nil
		}
	}
	return nil, missing()
}

func (s *service) confirm(ctx context.Context, id string, said error) (*job, error) {
	listed, err := s.list(ctx)
	if err != nil {
		return nil, err
	}
	for _, j := range listed {
		if j.id == id {
			return j, nil
		}
	}
	return nil, fmt.Errorf("%w: %w", operation.ErrGone, errors.Join(said))
}

// operation is a request for a job.
func (s *service) operation(t *testing.T) *operation.Operation[*job] {
	t.Helper()
	return &operation.Operation[*job]{
		Client: s,
		Key:    t.Name(),
		Names: operation.Names{
			Noun: "job", Blocking: "job", On: `cluster "Cluster0"`, DisplayStatus: func(status string) string { return status },
		},
		Start:     s.start,
		IsRefusal: func(err error) bool { return atlas.IsError(err, "BUSY") },
		List:      s.list,
		Match: func(_ context.Context, j *job, _ []*job) (*job, operation.Match) {
			switch j.purpose {
			case s.next.purpose:
				return j, operation.MatchExact
			case "unclear":
				return j, operation.MatchUnclear
			}
			return j, operation.MatchNone
		},
		Restart: true,
		BusyFor: 90 * time.Second,
		Get:     s.get,
		Confirm: s.confirm,
		Describe: func(j *job) operation.Info {
			info := operation.Info{ID: j.id, Status: j.status, RequestedAt: j.requestedAt}
			switch j.status {
			case "done":
				info.State = operation.StateDone
			case "failed":
				info.State = operation.StateFailed
			default:
				info.Blocks = true
			}
			return info
		},
		Schedule: func(wait.Progress) time.Duration { return 10 * time.Second },
	}
}

func missing() error {
	return &atlas.Error{StatusCode: http.StatusNotFound, FromAtlas: true, Code: atlas.CodeSnapshotNotFound, Request: "GET job"}
}

func refusal() error {
	return &atlas.Error{StatusCode: http.StatusBadRequest, FromAtlas: true, Code: "BUSY", Request: "POST job"}
}

func lost() error {
	return &atlas.ConnectionError{Request: "POST job", Sent: true, Err: errors.New("connection reset by peer")}
}

func status(code int) error {
	return &atlas.Error{StatusCode: code, FromAtlas: true, Request: "job"}
}
