// Package recordings has what Atlas was recorded to answer, for tests: the stages, keys, types, nulls, headers, texts and times
// are Atlas's own, while IDs, names, hosts and nonces are masked. The answers are fixtures of this repository, in testdata; raw
// recordings in a folder ../shared beside the repository add to them.
package recordings

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"path"
	"strconv"
	"strings"
	"testing"
	"time"
)

//go:embed testdata
var fixtures embed.FS

// Recording is an answer that Atlas gave.
type Recording struct {
	// Name is the conversation that the answer is part of, a slash, and what tells the answer from the others.
	Name string

	Method, Path string // of the request
	Status       int
	Header       http.Header
	Body         []byte
}

// All returns every fixture, those of a conversation in their order, and the raw recordings that no fixture stands for.
func All(t testing.TB) []Recording {
	t.Helper()
	all, err := read(fixtures, "testdata")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, fixture := range all {
		known[fixture.moment()] = true
	}
	for _, recording := range shared(t) {
		if !known[recording.moment()] {
			all = append(all, recording)
		}
	}
	return all
}

// Match returns the recordings whose name matches a pattern of path.Match. It fails the test if there are none.
func Match(t testing.TB, pattern string) []Recording {
	t.Helper()
	var matching []Recording
	for _, recording := range All(t) {
		matches, err := path.Match(pattern, recording.Name)
		if err != nil {
			t.Fatal(err)
		}
		if matches {
			matching = append(matching, recording)
		}
	}
	if len(matching) == 0 {
		t.Fatalf("no recording is called %s", pattern)
	}
	return matching
}

// moment tells an answer of Atlas from all others, in a fixture and in the raw recording that the fixture stands for alike.
func (r Recording) moment() string {
	return strings.Join([]string{r.Method, r.Header.Get("Date"), r.Header.Get("X-Java-Method"), strconv.Itoa(r.Status)}, " ")
}

// Conversation returns the name of the conversation that the answer is part of.
func (r Recording) Conversation() string { return path.Dir(r.Name) }

// Date returns when Atlas answered, by its own clock.
func (r Recording) Date(t testing.TB) time.Time {
	t.Helper()
	date, err := http.ParseTime(r.Header.Get("Date"))
	if err != nil {
		t.Fatalf("%s: %v", r.Name, err)
	}
	return date
}

// ServeHTTP answers as Atlas did.
func (r Recording) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	maps.Copy(w.Header(), r.Header)
	w.WriteHeader(r.Status)
	// A client that is gone is no failure of the recording's.
	_, _ = w.Write(r.Body)
}

// RoundTrip answers as Atlas did.
func (r Recording) RoundTrip(req *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	r.ServeHTTP(answer, req)
	response := answer.Result()
	response.Request = req
	return response, nil
}

// conversation is the form of a fixture: one file.
type conversation struct {
	// Note says what was recorded, and when.
	Note string `json:"note"`
	// Header is what the answers have in common.
	Header  map[string]string `json:"header"`
	Answers []answer          `json:"answers"`
}

type answer struct {
	Name string `json:"name"`
	// Request is a method and a path. Without it, the request is the one before.
	Request string    `json:"request"`
	Date    time.Time `json:"date"`
	// Status is 200 where it is left out.
	Status int `json:"status"`
	// Header is what differs from the header of the conversation: null for what the answer does not have.
	Header map[string]*string `json:"header"`

	// The body is an object, or what changes in the object before, or a text, or empty.
	Body map[string]json.RawMessage `json:"body"`
	With map[string]json.RawMessage `json:"with"`
	Text string                     `json:"text"`
}

// read returns the recordings of every fixture below a folder.
func read(files fs.FS, root string) ([]Recording, error) {
	var all []Recording
	err := fs.WalkDir(files, root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, file)
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(strings.TrimPrefix(file, root+"/"), ".json")
		recordings, err := parse(name, content)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, recordings...)
		return nil
	})
	return all, err
}

func parse(name string, content []byte) ([]Recording, error) {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	var c conversation
	if err := decoder.Decode(&c); err != nil {
		return nil, err
	}
	var (
		all    []Recording
		object = map[string]json.RawMessage{}
		method string
		target string
	)
	for _, a := range c.Answers {
		if a.Request != "" {
			method, target, _ = strings.Cut(a.Request, " ")
		}
		body, err := a.body(&object)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.Name, err)
		}
		status := max(a.Status, http.StatusOK)
		all = append(all, Recording{
			Name: name + "/" + a.Name, Method: method, Path: target, Status: status, Header: c.header(a, status, body), Body: body,
		})
	}
	return all, nil
}

// body returns the body as Atlas writes it: compact, and its keys sorted. The object is that of the last answer that had one.
func (a answer) body(object *map[string]json.RawMessage) ([]byte, error) {
	switch {
	case a.Body != nil:
		*object = a.Body
	case a.With != nil:
		maps.Copy(*object, a.With)
	default:
		return []byte(a.Text), nil
	}
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(*object); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(body.Bytes()), nil
}

func (c conversation) header(a answer, status int, body []byte) http.Header {
	header := http.Header{"Date": {a.Date.UTC().Format(http.TimeFormat)}}
	for name, value := range c.Header {
		header.Set(name, value)
	}
	for name, value := range a.Header {
		header.Del(name)
		if value != nil {
			header.Set(name, *value)
		}
	}
	if status != http.StatusNoContent {
		header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	return header
}
