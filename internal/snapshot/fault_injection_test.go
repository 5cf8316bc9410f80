package snapshot_test

import (
	"context"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// The parts of the API that a fault can strike.
var (
	thePost    = atlassim.Fault{Method: http.MethodPost, Path: "/backup/snapshots"}
	theList    = atlassim.Fault{Method: http.MethodGet, Path: "/backup/snapshots?"}
	theReads   = atlassim.Fault{Method: http.MethodGet, Path: "/backup/snapshots/"}
	theSharded = atlassim.Fault{Method: http.MethodGet, Path: "/backup/snapshots/shardedCluster/"}
	thePatch   = atlassim.Fault{Method: http.MethodPatch, Path: "/backup/snapshots/"}
	theDelete  = atlassim.Fault{Method: http.MethodDelete, Path: "/backup/snapshots/"}
	everything = atlassim.Fault{}
	html       = "<html>Bad Gateway</html>"
	noSnapshot = "SNAPSHOT_NOT_FOUND"
	noAccess   = "IP_ADDRESS_NOT_ON_ACCESS_LIST"
	unfinished = "UNFINISHED_ON_DEMAND_SNAPSHOT"
	always     = -1
)

// ambiguous are the ways in which an answer goes wrong and tells nothing of what it was about. Where the work is done all the
// same, the name says so.
var ambiguous = map[string]atlassim.Fault{
	"429 with Retry-After":    {Status: 429, RetryAfter: new(7)},
	"429 without Retry-After": {Status: 429},
	"500":                     {Status: 500},
	"500 after the work":      {Status: 500, After: true},
	"503":                     {Status: 503},
	"non-JSON 502":            {Status: 502, Body: html, ContentType: "text/html"},
	"non-JSON 200":            {Status: 200, Body: html, ContentType: "text/html"},
	"reset before the work":   {Reset: atlassim.ResetBefore},
	"reset after the work":    {Reset: atlassim.ResetAfter},
	"empty body":              {Status: 200, Body: " ", After: true},
	"truncated body":          {Truncate: true},
}

// at is a fault that strikes a part of the API.
func at(part, how atlassim.Fault) atlassim.Fault {
	how.Method, how.Path, how.Skip = part.Method, part.Path, part.Skip
	return how
}

// after is a part of the API once n of its requests have passed.
func after(n int, part atlassim.Fault) atlassim.Fault {
	part.Skip = n
	return part
}

// single is the only case of a row.
func single(arm func(*testing.T, *faultTest)) map[string]func(*testing.T, *faultTest) {
	return map[string]func(*testing.T, *faultTest){"": arm}
}

// faults is a case that arms faults.
func faults(all ...atlassim.Fault) func(*testing.T, *faultTest) {
	return func(_ *testing.T, s *faultTest) {
		for _, fault := range all {
			s.AddFault(fault)
		}
	}
}

// eachAmbiguous is a case for each way in which the answer of one request goes wrong, a timeout among them.
func eachAmbiguous(part atlassim.Fault) map[string]func(*testing.T, *faultTest) {
	cases := map[string]func(*testing.T, *faultTest){
		"timeout after the work": func(_ *testing.T, s *faultTest) { s.transport.arm(part.Method, 1) },
	}
	for name, how := range ambiguous {
		cases[name] = faults(at(part, how))
	}
	return cases
}

// unexplained are the ways in which a request is refused without a word of Atlas about the reason.
var unexplained = map[string]atlassim.Fault{
	"403 without a body":  {Status: 403},
	"302":                 {Status: 302},
	"308":                 {Status: 308},
	"404 page of a proxy": {Status: 404, Body: html, ContentType: "text/html"},
}

// eachUnexplained is a case for each of them.
func eachUnexplained(part atlassim.Fault) map[string]func(*testing.T, *faultTest) {
	cases := map[string]func(*testing.T, *faultTest){}
	for name, how := range unexplained {
		cases[name] = faults(at(part, how))
	}
	return cases
}

// behaving is a case in which Atlas behaves otherwise than assumed, and faults strike besides.
func behaving(change func(*atlassim.Behavior), all ...atlassim.Fault) func(*testing.T, *faultTest) {
	return func(t *testing.T, s *faultTest) {
		t.Helper()
		s.SetBehavior(change)
		faults(all...)(t, s)
	}
}

// allAmbiguous has one request meet every way in which its answer goes wrong, one after the other, in as few runs as its
// four repetitions allow.
func allAmbiguous(part atlassim.Fault) map[string]func(*testing.T, *faultTest) {
	together := map[string][]string{
		"refused":      {"429 with Retry-After", "429 without Retry-After", "500", "503", "non-JSON 502"},
		"broken":       {"reset before the work", "reset after the work", "500 after the work"},
		"not readable": {"empty body", "truncated body", "non-JSON 200"},
	}
	cases := map[string]func(*testing.T, *faultTest){
		"timeout after the work": func(_ *testing.T, s *faultTest) { s.transport.arm(part.Method, 2) },
	}
	for name, members := range together {
		var all []atlassim.Fault
		for _, member := range members {
			all = append(all, at(part, ambiguous[member]))
		}
		cases[name] = faults(all...)
	}
	return cases
}

// merged are the cases of several.
func merged(several ...map[string]func(*testing.T, *faultTest)) map[string]func(*testing.T, *faultTest) {
	all := map[string]func(*testing.T, *faultTest){}
	for _, cases := range several {
		maps.Copy(all, cases)
	}
	return all
}

// whenPausing tells f of every pause of the provider before it is made.
func (s *faultTest) whenPausing(f func(time.Duration)) {
	s.Clock.Hold(func(_ context.Context, d time.Duration) { f(d) })
}

// onPause has f happen when the provider pauses for the n-th time from now on.
func (s *faultTest) onPause(n int, f func()) {
	pauses := 0
	s.whenPausing(func(time.Duration) {
		if pauses++; pauses == n {
			f()
		}
	})
}

// seedOther puts a snapshot into Atlas that is not Terraform's.
func (s *faultTest) seedOther(t *testing.T, seed atlassim.Seed) {
	t.Helper()
	description := "somebody else's"
	seed.Description = &description
	id, err := s.SeedSnapshot(seed)
	if err != nil {
		t.Fatal(err)
	}
	s.others[id] = true
}

func with(command []string, variables ...string) []string {
	all := append([]string(nil), command...)
	for _, variable := range variables {
		all = append(all, "-var", variable)
	}
	return all
}

var retain30 = with(acctest.Apply, "retention_in_days=30")

// TestAccSnapshot_retryAfterBeyondTimeout asks for a longer pause than is left: nobody asks Atlas again before the time is up.
func TestAccSnapshot_retryAfterBeyondTimeout(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	a.AddFault(at(after(2, theReads), atlassim.Fault{Status: 429, RetryAfter: new(7200), Times: -1}))
	mustSay(t, terraform(t, a).Do(1, append(acctest.Apply, "-var", "create_timeout=1h")...), "1h")
	limited := 0
	for _, request := range a.Requests() {
		if request.Status == 429 {
			limited++
		}
	}
	if limited != 1 {
		t.Errorf("Atlas was asked %d times although it asked to wait for longer than there was time", limited)
	}
}
