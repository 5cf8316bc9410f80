package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

func TestLoad_fill(t *testing.T) {
	now := time.Date(2026, time.March, 30, 12, 0, 0, 0, time.UTC)
	simulator := atlassim.New(atlassim.Options{Now: func() time.Time { return now }})
	if err := (&load{clusters: 3, snapshots: 2}).fill(simulator); err != nil {
		t.Fatal(err)
	}
	taken := map[string][]time.Time{}
	for _, s := range simulator.Snapshots() {
		taken[s.ClusterName] = append(taken[s.ClusterName], s.RequestedAt)
		if s.Status != "completed" || s.SnapshotType != "onDemand" || s.Description != seededDescription || !s.DeletedAt.IsZero() ||
			s.ExpiresAt.Sub(s.RequestedAt) != seededRetention {
			t.Errorf("a snapshot is %+v", s)
		}
	}
	for _, name := range []string{"Cluster0", "Cluster1", "Cluster2"} {
		if at := taken[name]; len(at) != 2 || !at[0].Equal(now.Add(-time.Minute)) || !at[1].Equal(now) {
			t.Errorf("the snapshots of %s were taken at %s", name, at)
		}
	}
	if len(taken) != 3 {
		t.Errorf("there are snapshots of %d clusters, want 3", len(taken))
	}
}

func TestRun_begins(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, []string{"-clusters", "2", "-snapshots", "3", "-latency", "1ms"}, writer, io.Discard)
	}()
	line, err := bufio.NewReader(reader).ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var fixture struct {
		BaseURL string `json:"base_url"`
	}
	if err := json.Unmarshal(line, &fixture); err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, fixture.BaseURL+"/_sim/snapshots", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	var snapshots []any
	if err := json.NewDecoder(response.Body).Decode(&snapshots); err != nil || len(snapshots) != 6 {
		t.Errorf("%d snapshots, want 6; %v", len(snapshots), err)
	}
	if err := response.Body.Close(); err != nil {
		t.Error(err)
	}
	interrupt()
	if err := <-done; err != nil {
		t.Errorf("interrupted: %v", err)
	}
}
