package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestServesUntilInterrupted(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, []string{"-speed", "60", "-serverless", "live", "-digest", "once"}, writer, io.Discard)
	}()

	line, err := bufio.NewReader(reader).ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var fixture map[string]string
	if err := json.Unmarshal(line, &fixture); err != nil {
		t.Fatalf("%v in %s", err, line)
	}
	for _, key := range []string{
		"base_url", "public_key", "private_key", "client_id", "client_secret", "project_id", "cluster_name", "target_cluster_name",
		"sharded_cluster_name", "flex_cluster_name", "serverless_instance_name",
	} {
		if fixture[key] == "" {
			t.Errorf("%s is missing in %s", key, line)
		}
	}
	if len(fixture) != 11 {
		t.Errorf("the line is %s", line)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, fixture["base_url"]+"/_sim/snapshots", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(response.Body)
	if err != nil || string(content) != "[]\n" {
		t.Errorf("snapshots %q, %v", content, err)
	}
	if err := response.Body.Close(); err != nil {
		t.Error(err)
	}
	http2 := &http.Transport{Protocols: new(http.Protocols)}
	http2.Protocols.SetUnencryptedHTTP2(true)
	response, err = http2.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	if response.ProtoMajor != 2 || response.StatusCode != http.StatusOK {
		t.Errorf("a client that speaks HTTP/2 gets %s %s", response.Proto, response.Status)
	}
	if err := response.Body.Close(); err != nil {
		t.Error(err)
	}
	interrupt()
	if err := <-done; err != nil {
		t.Errorf("interrupted: %v", err)
	}
}

func TestRefusals(t *testing.T) {
	for _, args := range []string{
		"-speed 0", "-speed x", "-serverless maybe", "-digest never", "stray", "-listen :8080",
		"-latency -1s", "-latency 100", "-clusters 0", "-snapshots -1", "-listen nonsense", "-listen 127.0.0.1:notaport",
	} {
		if err := run(t.Context(), strings.Fields(args), io.Discard, io.Discard); err == nil {
			t.Errorf("%s is accepted", args)
		}
	}
}

func TestAddressWarning(t *testing.T) {
	for address, warns := range map[string]bool{
		"127.0.0.1:0": false, "[::1]:0": false, "localhost:0": false, "0.0.0.0:0": true,
		"192.0.2.1:80": true,
	} {
		var stderr bytes.Buffer
		if err := checkAddress(address, &stderr); err != nil {
			t.Errorf("%s: %v", address, err)
		}
		if (stderr.Len() > 0) != warns {
			t.Errorf("%s: %q", address, stderr.String())
		}
	}
}
