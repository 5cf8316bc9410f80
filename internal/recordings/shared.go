package recordings

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Shared returns the path of a file about Atlas that may lie beside the repository, and whether it does.
func Shared(t testing.TB, name string) (string, bool) {
	t.Helper()
	file := filepath.Join(repository(t), "..", "shared", "atlas", filepath.FromSlash(name))
	_, err := os.Stat(file)
	return file, err == nil
}

// shared returns the raw recordings that lie beside the repository, if any: each a file, named in an index with its request.
func shared(t testing.TB) []Recording {
	t.Helper()
	index, ok := Shared(t, "recordings/index.tsv")
	if !ok {
		return nil
	}
	content, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	var all []Recording
	for i, line := range strings.Split(strings.TrimSpace(string(content)), "\n") {
		if fields := strings.Split(line, "\t"); i > 0 && len(fields) > 2 {
			recording := readRaw(t, filepath.Join(filepath.Dir(index), filepath.FromSlash(fields[0])))
			recording.Name = strings.TrimSuffix(fields[0], ".http")
			recording.Method, recording.Path = fields[1], fields[2]
			all = append(all, recording)
		}
	}
	return all
}

func readRaw(t testing.TB, file string) Recording {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(raw)), nil)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	body, err := io.ReadAll(response.Body)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return Recording{Status: response.StatusCode, Header: response.Header, Body: body}
}

// repository returns the directory of the project: the one above the test's that has the go.mod.
func repository(t testing.TB) string {
	t.Helper()
	directory, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(directory, "go.mod")); err == nil {
			return directory
		}
		above := filepath.Dir(directory)
		if above == directory {
			t.Fatal("no go.mod above the test")
		}
		directory = above
	}
}
