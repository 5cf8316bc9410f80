package atlassim

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The values of Fault.Reset.
const (
	// ResetBefore drops the connection without doing the work.
	ResetBefore = "before"
	// ResetAfter does the work and drops the connection instead of answering.
	ResetAfter = "after"
)

// Fault makes requests go wrong. It strikes after the credentials have been accepted.
//
// With a status, an error code or a body and nothing else, it answers in place of the work. An error code alone picks
// Atlas's status, text and parameters. A fault with only a delay answers late: the work is done at once, so that a client
// that gives up has left something behind.
type Fault struct {
	// Method is the method to strike; empty strikes all.
	Method string `json:"method"`
	// Path is a part of the path and query; empty strikes all.
	Path string `json:"path"`
	// Skip lets that many matching requests pass first.
	Skip int `json:"skip"`
	// Times is how often to strike: 0 means once, below 0 without end.
	Times     int    `json:"times"`
	Status    int    `json:"status"`
	ErrorCode string `json:"error_code"`
	// RetryAfter, in seconds, is sent as a header if it is set.
	RetryAfter *int `json:"retry_after"`
	// Reset is empty, ResetBefore or ResetAfter.
	Reset string `json:"reset"`
	// DelayMS is a delay of the answer in milliseconds of real time.
	DelayMS int `json:"delay_ms"`
	// Body replaces the body.
	Body string `json:"body"`
	// ContentType replaces the Content-Type.
	ContentType string `json:"content_type"`
	// Truncate does the work and sends half of the body under the full Content-Length.
	Truncate bool `json:"truncate"`
	// After does the work before the fault's own answer replaces Atlas's.
	After bool `json:"after"`
}

// connectionFault is what happens to an answer on its way.
type connectionFault int

const (
	connectionIntact connectionFault = iota
	connectionReset
	connectionTruncated
)

// activeFault counts down a fault.
type activeFault struct {
	Fault
	skip, times int
}

// AddFault arms a fault. Of several that match a request, the one armed first strikes.
func (s *Simulator) AddFault(fault Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if fault.Times == 0 {
		fault.Times = 1
	}
	s.faults = append(s.faults, &activeFault{Fault: fault, skip: fault.Skip, times: fault.Times})
}

// ClearFaults disarms every fault.
func (s *Simulator) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// Struck returns how often a fault has struck so far.
func (s *Simulator) Struck() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.struck
}

// nextFault returns the fault that strikes this request, or nil.
func (s *Simulator) nextFault(c *call) *activeFault {
	for _, fault := range s.faults {
		if fault.times == 0 || !fault.matches(c.request) {
			continue
		}
		if fault.skip > 0 {
			fault.skip--
			continue
		}
		if fault.times > 0 {
			fault.times--
		}
		s.struck++
		return fault
	}
	return nil
}

func (f *activeFault) matches(r *http.Request) bool {
	return (f.Method == "" || strings.EqualFold(f.Method, r.Method)) && strings.Contains(r.URL.RequestURI(), f.Path)
}

// doesWork reports whether the work is done all the same.
func (f *activeFault) doesWork() bool {
	return f.Reset == ResetAfter || f.Truncate || f.After || (f.Reset == "" && !f.hasReply())
}

// hasReply reports whether the fault brings an answer of its own.
func (f *activeFault) hasReply() bool {
	return f.Status != 0 || f.ErrorCode != "" || f.Body != ""
}

// replacement returns the response when the work is not done.
func (f *activeFault) replacement(c *call) response {
	return f.disrupt(f.reply(c))
}

// applyTo returns the response when the work has been done.
func (f *activeFault) applyTo(c *call, out response) response {
	if f.hasReply() {
		out = f.reply(c)
	}
	if f.ContentType != "" {
		out.header.Set("Content-Type", f.ContentType)
	}
	if f.Truncate {
		out.connectionFault = connectionTruncated
	}
	return f.disrupt(out)
}

// disrupt delays or drops an answer.
func (f *activeFault) disrupt(out response) response {
	out.delayed = time.Duration(f.DelayMS) * time.Millisecond
	if f.Reset != "" {
		out.connectionFault = connectionReset
		out.status = 0
	}
	return out
}

// reply returns the fault's own answer.
func (f *activeFault) reply(c *call) response {
	out := f.plainReply(c)
	if f.RetryAfter != nil {
		out.header.Set("Retry-After", strconv.Itoa(*f.RetryAfter))
	}
	if f.Body != "" {
		out.body = []byte(f.Body)
	}
	if f.ContentType != "" {
		out.header.Set("Content-Type", f.ContentType)
	}
	return out
}

func (f *activeFault) plainReply(c *call) response {
	code := cmp.Or(f.ErrorCode, c.defaultErrorCode(f.Status))
	if known, ok := oauthErrors[code]; ok {
		return c.oauthAnswer(cmp.Or(f.Status, known.status), oauthError{known.description, code})
	}
	if code == "" && f.Status == http.StatusUnauthorized {
		return c.unauthorized()
	}
	if code == "" {
		return c.emptyReply(cmp.Or(f.Status, http.StatusOK))
	}
	wait := 0
	if f.RetryAfter != nil {
		wait = *f.RetryAfter
	}
	refusal := c.fail(code, "wait", wait)
	refusal.status = cmp.Or(f.Status, refusal.status)
	return c.refusal(refusal)
}

// defaultErrorCode returns the error code that Atlas gives with a status, where there is one.
func (c *call) defaultErrorCode(status int) string {
	signIn := c.operation == nil && c.auth == "basic"
	switch {
	case status == http.StatusInternalServerError && signIn:
		return "server_error"
	case status == http.StatusInternalServerError:
		return "UNEXPECTED_ERROR"
	case status == http.StatusTooManyRequests && signIn:
		return "RATE_LIMITED"
	case status == http.StatusTooManyRequests:
		return "RATE_LIMITED_TOKEN_BUCKET"
	case status == http.StatusNotFound && c.jobID != "":
		return "RESTORE_JOB_NOT_FOUND"
	case status == http.StatusNotFound && c.snapshotID != "":
		return "SNAPSHOT_NOT_FOUND"
	case status == http.StatusNotFound && c.clusterName != "":
		return "CLUSTER_NOT_FOUND"
	}
	return ""
}

// emptyReply returns an answer of a status alone: without a body, as 401 and 403 were seen, and from 500 on with the HTML of a proxy
// in front of Atlas, which counts no requests.
func (c *call) emptyReply(status int) response {
	out := c.newResponse(status)
	out.addSecurityHeaders()
	if status < http.StatusInternalServerError {
		c.addOperationHeaders(&out)
	}
	if status >= http.StatusInternalServerError {
		out.header.Set("Content-Type", "text/html")
		out.body = []byte("<html><body><h1>" + strconv.Itoa(status) + " " + http.StatusText(status) + "</h1></body></html>\n")
	}
	return out
}

// pause waits for d in real time and reports whether the client is still there.
func pause(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// dropConnection ends the connection without an answer: with a TCP reset where that can be done, otherwise by the way
// net/http has for it.
func dropConnection(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := connection.(interface{ SetLinger(int) error }); ok {
		// Without lingering, closing sends a reset. If that fails, the client sees an end of file instead.
		_ = tcp.SetLinger(0)
	}
	_ = connection.Close()
}
