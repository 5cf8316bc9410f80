package acctest

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// Recording is a raw response of the real Atlas.
type Recording struct {
	// Folder and Name are those of its file.
	Folder, Name string

	Status int
	Header http.Header
	Body   []byte
}

// Recordings are those below the folder of recordings, by a pattern of file names. The folder may lie beside the repository
// and is no part of it; without it the test is skipped.
func Recordings(t testing.TB, pattern string) []Recording {
	t.Helper()
	folder := filepath.Join(repository(t), "..", "shared", "atlas", "recordings")
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("no recordings of the real Atlas beside the repository: %v", err)
	}
	files, err := filepath.Glob(filepath.Join(folder, filepath.FromSlash(pattern)))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings are called %s (%v)", pattern, err)
	}
	var all []Recording
	for _, file := range files {
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
		all = append(all, Recording{
			Folder: filepath.Base(filepath.Dir(file)), Name: filepath.Base(file),
			Status: response.StatusCode, Header: response.Header, Body: body,
		})
	}
	return all
}

// repository is the directory of the project: the one above the test's that has the go.mod.
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

// ServeHTTP answers as Atlas did.
func (r Recording) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	for name, values := range r.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(r.Status)
	// A client that is gone is no failure of the recording's.
	_, _ = w.Write(r.Body)
}
