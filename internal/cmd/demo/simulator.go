package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"time"
)

// speed is how many times faster than real the simulated Atlas lives: a snapshot that takes Atlas three minutes takes it six
// seconds.
const speed = 30

// simulator is a running simulated Atlas.
type simulator struct {
	Ready
	stop func()
}

// Ready is the line that the simulator prints when it serves.
type Ready struct {
	BaseURL     string `json:"base_url"`
	PublicKey   string `json:"public_key"`
	PrivateKey  string `json:"private_key"`
	ProjectID   string `json:"project_id"`
	ClusterName string `json:"cluster_name"`
	// TargetClusterName is a cluster to restore onto.
	TargetClusterName string `json:"target_cluster_name"`
}

// snapshot is one that the simulator knows, deleted or not.
type snapshot struct {
	ID        string    `json:"id"`
	Type      string    `json:"snapshotType"`
	Status    string    `json:"status"`
	DeletedAt time.Time `json:"deletedAt"`
}

// request is one that the simulator has answered.
type request struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Status int    `json:"status"`
}

func startSimulator(ctx context.Context, program string) (*simulator, error) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	cmd := exec.CommandContext(ctx, program, "-speed", strconv.Itoa(speed))
	cmd.Stderr = os.Stderr
	detach(cmd)
	cmd.Cancel = func() error { return interrupt(cmd.Process) }
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		cancel()
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		cancel()
		return nil, fmt.Errorf("start the simulator: %w (make demo builds it)", err)
	}
	sim := &simulator{stop: func() {
		cancel()
		_ = cmd.Wait() // it was stopped: how it ends does not matter
	}}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &sim.Ready)
	}
	if err != nil {
		sim.stop()
		return nil, fmt.Errorf("the simulator did not say that it is ready: %w", err)
	}
	return sim, nil
}

func (s *simulator) target() target {
	return target{
		projectID:   s.ProjectID,
		clusterName: s.ClusterName,
		restoreOnto: s.TargetClusterName,
		keepDays:    [2]int{7, 14},
		environment: []string{
			"MONGODB_ATLAS_BASE_URL=" + s.BaseURL,
			"MONGODB_ATLAS_PUBLIC_API_KEY=" + s.PublicKey,
			"MONGODB_ATLAS_PRIVATE_API_KEY=" + s.PrivateKey,
		},
	}
}

// ledger is what the simulator knows of restores and of what the clusters hold.
type ledger struct {
	Restores []struct {
		ID string `json:"id"`
	} `json:"restores"`
	Clusters []struct {
		Name     string `json:"name"`
		Data     string `json:"data"`
		Erasures int    `json:"erasures"`
	} `json:"clusters"`
}

// holds returns what a cluster holds, and how often it was erased.
func (s *simulator) holds(ctx context.Context, cluster string) (data string, erasures int, err error) {
	var all ledger
	if err := s.do(ctx, http.MethodGet, "/_sim/restores", nil, &all); err != nil {
		return "", 0, err
	}
	for _, one := range all.Clusters {
		if one.Name == cluster {
			return one.Data, one.Erasures, nil
		}
	}
	return "", 0, fmt.Errorf("the simulator has no cluster %s", cluster)
}

// lose replaces what a cluster holds.
func (s *simulator) lose(ctx context.Context, cluster string) error {
	return s.do(ctx, http.MethodPost, "/_sim/data", map[string]string{"cluster_name": cluster, "data": "nothing of value"}, nil)
}

// onDemand lists the on-demand snapshots that ever existed.
func (s *simulator) onDemand(ctx context.Context) ([]snapshot, error) {
	var all, onDemand []snapshot
	if err := s.get(ctx, "/_sim/snapshots", &all); err != nil {
		return nil, err
	}
	for _, snap := range all {
		if snap.Type == "onDemand" {
			onDemand = append(onDemand, snap)
		}
	}
	return onDemand, nil
}

// requests returns the requests to the simulator since it started.
func (s *simulator) requests(ctx context.Context) ([]request, error) {
	var all []request
	err := s.get(ctx, "/_sim/requests", &all)
	return all, err
}

func (s *simulator) get(ctx context.Context, path string, into any) error {
	return s.do(ctx, http.MethodGet, path, nil, into)
}

func (s *simulator) do(ctx context.Context, method, path string, send, into any) (err error) {
	body, err := json.Marshal(send)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, s.BaseURL+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	switch {
	case resp.StatusCode >= http.StatusMultipleChoices:
		return fmt.Errorf("%s: %s", path, resp.Status)
	case into == nil:
		return nil
	}
	return json.NewDecoder(resp.Body).Decode(into)
}
