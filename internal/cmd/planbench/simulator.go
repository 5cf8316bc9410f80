package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
)

// simulator is a running simulated Atlas.
type simulator struct {
	// What it says when it is ready.
	BaseURL    string `json:"base_url"`
	PublicKey  string `json:"public_key"`
	PrivateKey string `json:"private_key"`
	ProjectID  string `json:"project_id"`

	stop func()
}

// rateLimit is that of the backup endpoints in one project.
type rateLimit struct {
	Capacity        int `json:"capacity"`
	RefillPerMinute int `json:"refill_per_minute"`
}

var (
	// noLimit is more than any run needs.
	noLimit = rateLimit{1_000_000_000, 1_000_000_000}
	// atlasLimit is the one that Atlas documents.
	atlasLimit = rateLimit{1200, 500}
)

// start starts a simulator with so many clusters and so many snapshots of each.
func (b *bench) start(ctx context.Context, clusters, each int) (*simulator, error) {
	ctx, cancel := context.WithCancel(ctx)
	command := exec.CommandContext(ctx, b.simulator, "-clusters", strconv.Itoa(clusters), "-snapshots", strconv.Itoa(each),
		"-latency", b.latency.String())
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		cancel()
		return nil, fmt.Errorf("starting the simulator: %w", err)
	}
	sim := &simulator{stop: func() {
		cancel()
		_ = command.Wait() // it was stopped: how it ends does not matter
	}}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, sim)
	}
	if err == nil {
		err = sim.limit(ctx, noLimit)
	}
	if err != nil {
		sim.stop()
		return nil, fmt.Errorf("the simulator does not get ready: %w", err)
	}
	return sim, nil
}

func (s *simulator) limit(ctx context.Context, limit rateLimit) error {
	return s.control(ctx, http.MethodPost, "rate_limit", limit, nil)
}

// snapshots are the ids of all snapshots by the name of their cluster.
func (s *simulator) snapshots(ctx context.Context) (map[string][]string, error) {
	var all []struct {
		ID          string `json:"id"`
		ClusterName string `json:"clusterName"`
	}
	err := s.control(ctx, http.MethodGet, "snapshots", nil, &all)
	ids := map[string][]string{}
	for _, one := range all {
		ids[one.ClusterName] = append(ids[one.ClusterName], one.ID)
	}
	return ids, err
}

func (s *simulator) forgetRequests(ctx context.Context) error {
	return s.control(ctx, http.MethodDelete, "requests", nil, nil)
}

// requests counts what the simulator was asked since they were forgotten, challenges included, and how often it answered that
// there were too many.
func (s *simulator) requests(ctx context.Context) (count, limited int, err error) {
	var all []struct {
		Status int `json:"status"`
	}
	err = s.control(ctx, http.MethodGet, "requests", nil, &all)
	for _, one := range all {
		if one.Status == http.StatusTooManyRequests {
			limited++
		}
	}
	return len(all), limited, err
}

// control sends a control request, with body as JSON, and decodes the answer into into, where that is not nil.
func (s *simulator) control(ctx context.Context, method, name string, body, into any) (err error) {
	encoded, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, method, s.BaseURL+"/_sim/"+name, bytes.NewReader(encoded))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	answer, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return err
	case response.StatusCode >= http.StatusBadRequest:
		return fmt.Errorf("%s %s: %s: %s", method, name, response.Status, bytes.TrimSpace(answer))
	case into == nil:
		return nil
	}
	return json.Unmarshal(answer, into)
}
