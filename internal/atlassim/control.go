package atlassim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// controlPrefix marks the requests that control the simulator. They need no credentials and are not logged.
const controlPrefix = "/_sim/"

// control serves the control requests. Unlike the API it says plainly what is wrong with a request.
func (s *Simulator) control(w http.ResponseWriter, r *http.Request, body []byte) {
	name, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, controlPrefix), "/")
	handlers := map[string]func(*http.Request, []byte) (any, error){
		"GET requests":           func(*http.Request, []byte) (any, error) { return s.Requests(), nil },
		"DELETE requests":        func(*http.Request, []byte) (any, error) { s.ClearRequests(); return nil, nil },
		"GET snapshots":          s.controlInventory,
		"POST snapshots":         s.controlSeed,
		"POST faults":            s.controlFault,
		"DELETE faults":          func(*http.Request, []byte) (any, error) { s.ClearFaults(); return nil, nil },
		"POST advance":           s.controlAdvance,
		"POST clusters":          s.controlCluster,
		"DELETE clusters":        func(*http.Request, []byte) (any, error) { return s.controlRemove(rest) },
		"POST compliance_policy": s.controlPolicy,
		"POST rate_limit":        s.controlRateLimit,
		"POST next_snapshot":     s.controlPlan,
		"GET restores":           s.controlRestores,
		"POST next_restore":      s.controlRestorePlan,
		"POST data":              s.controlData,
		"POST behavior":          s.controlBehavior,
		"DELETE behavior":        func(*http.Request, []byte) (any, error) { s.SetBehavior(resetBehavior); return nil, nil },
		"POST revoke_tokens":     func(*http.Request, []byte) (any, error) { s.RevokeTokens(); return nil, nil },
	}
	handler, known := handlers[r.Method+" "+name]
	if !known || (rest != "" && r.Method+" "+name != "DELETE clusters") {
		writeControl(w, http.StatusNotFound, object{"error": "no control request " + r.Method + " " + r.URL.Path})
		return
	}
	answer, err := handler(r, body)
	switch {
	case err != nil:
		writeControl(w, http.StatusBadRequest, object{"error": err.Error()})
	case answer == nil:
		w.WriteHeader(http.StatusNoContent)
	default:
		writeControl(w, http.StatusOK, answer)
	}
}

func writeControl(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// A failed write means that the client has gone; there is nobody left to tell.
	_, _ = w.Write(append(compactJSON(body), '\n'))
}

// readControl decodes a control request and refuses what it does not know, so that a typing error in a test shows.
func readControl(body []byte, into any) error {
	decoder := json.NewDecoder(strings.NewReader(string(body)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("the body cannot be read: %w", err)
	}
	return nil
}

// controlCall returns a call for rendering API bodies outside an API request.
func (s *Simulator) controlCall(r *http.Request) *call {
	return &call{sim: s, request: r, group: s.fixture.ProjectID, now: s.now()}
}

func (s *Simulator) controlInventory(r *http.Request, _ []byte) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inventory(s.controlCall(r), r.URL.Query().Get("automatic") == "true"), nil
}

func (s *Simulator) controlSeed(r *http.Request, body []byte) (any, error) {
	var seed Seed
	// A seed may be a snapshot as the API shows it, with fields that cannot be set: they are ignored.
	if err := json.Unmarshal(body, &seed); err != nil {
		return nil, fmt.Errorf("the body cannot be read: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id, err := s.seed(seed)
	if err != nil {
		return nil, err
	}
	for _, one := range s.inventory(s.controlCall(r), false) {
		if one["id"] == id {
			return one, nil
		}
	}
	return object{"id": id}, nil
}

func (s *Simulator) controlFault(_ *http.Request, body []byte) (any, error) {
	var fault Fault
	if err := readControl(body, &fault); err != nil {
		return nil, err
	}
	switch {
	case fault.Reset != "" && fault.Reset != ResetBefore && fault.Reset != ResetAfter:
		return nil, fmt.Errorf("reset %q is neither before nor after", fault.Reset)
	case fault.Status != 0 && (fault.Status < 200 || fault.Status > 599):
		return nil, fmt.Errorf("status %d is none that can be answered", fault.Status)
	}
	s.AddFault(fault)
	return nil, nil
}

func (s *Simulator) controlAdvance(_ *http.Request, body []byte) (any, error) {
	var by struct {
		Seconds float64 `json:"seconds"`
	}
	if err := readControl(body, &by); err != nil {
		return nil, err
	}
	if by.Seconds < 0 {
		return nil, fmt.Errorf("time does not run backwards")
	}
	s.Advance(seconds(by.Seconds))
	return object{"now": timestamp(s.Now())}, nil
}

func (s *Simulator) controlCluster(_ *http.Request, body []byte) (any, error) {
	var spec ClusterSpec
	if err := readControl(body, &spec); err != nil {
		return nil, err
	}
	return nil, s.AddCluster(spec)
}

func (s *Simulator) controlRemove(name string) (any, error) {
	if !s.DeleteCluster(name) {
		return nil, fmt.Errorf("no cluster named %s", name)
	}
	return nil, nil
}

func (s *Simulator) controlPolicy(_ *http.Request, body []byte) (any, error) {
	var policy struct {
		Enabled          bool `json:"enabled"`
		MinRetentionDays int  `json:"min_retention_days"`
	}
	if err := readControl(body, &policy); err != nil {
		return nil, err
	}
	s.SetCompliancePolicy(policy.Enabled, policy.MinRetentionDays)
	return nil, nil
}

func (s *Simulator) controlRateLimit(_ *http.Request, body []byte) (any, error) {
	var limit struct {
		Capacity        int `json:"capacity"`
		RefillPerMinute int `json:"refill_per_minute"`
	}
	if err := readControl(body, &limit); err != nil {
		return nil, err
	}
	s.SetRateLimit(limit.Capacity, limit.RefillPerMinute)
	return nil, nil
}

func (s *Simulator) controlPlan(_ *http.Request, body []byte) (any, error) {
	var plan struct {
		DurationSeconds float64 `json:"duration_seconds"`
		Fail            bool    `json:"fail"`
		FinalStatus     string  `json:"final_status"`
	}
	if err := readControl(body, &plan); err != nil {
		return nil, err
	}
	s.NextSnapshot(Plan{time.Duration(plan.DurationSeconds * float64(time.Second)), plan.Fail, plan.FinalStatus})
	return nil, nil
}
