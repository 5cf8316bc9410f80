package acctest

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
	"gopkg.in/dnaeon/go-vcr.v4/pkg/cassette"
)

// cassetteDirectory is where a package has its cassettes, one for each scenario, named after its test.
const cassetteDirectory = "testdata/cassettes"

// The two sources of recordings.
const (
	fromAtlas     = "atlas"
	fromSimulator = "atlassim"
)

// tape is a cassette as it is committed: go-vcr's format without what nobody reads, and with where it comes from.
type tape struct {
	Version      int             `yaml:"version"`
	Recorded     origin          `yaml:"recorded"`
	Interactions []*exchange     `yaml:"interactions"`
	States       []providerState `yaml:"states,omitempty"`
}

// origin says where a recording comes from.
type origin struct {
	// From is atlas or atlassim.
	From string `yaml:"from"`
	// At is when, by the clock of the machine that recorded it.
	At string `yaml:"at"`
	// APIVersions are those that the requests ask for.
	APIVersions []string `yaml:"api_versions,flow"`
}

type exchange struct {
	ID       int      `yaml:"id"`
	Request  request  `yaml:"request"`
	Response response `yaml:"response"`
}

type request struct {
	Method  string      `yaml:"method"`
	URL     string      `yaml:"url"`
	Headers http.Header `yaml:"headers,flow"`
	Body    string      `yaml:"body,omitempty"`
}

type response struct {
	Code    int         `yaml:"code"`
	Headers http.Header `yaml:"headers,flow"`
	Body    string      `yaml:"body"`
}

// providerState is a state that the provider gives to Terraform while the cassette is replayed.
type providerState struct {
	// Of is the type of a resource, or that of a data source after the word "data".
	Of string `yaml:"of"`
	// Is is the state as JSON.
	Is string `yaml:"is"`
}

// Headers that cassettes have. All others stay out.
var (
	keptRequestHeaders  = []string{"Accept", "Content-Type"}
	keptResponseHeaders = []string{
		"Content-Type", "Date", "Deprecation", "Ratelimit-Limit", "Ratelimit-Remaining", "Retry-After", "Sunset", "X-Error-Code",
	}
)

func keep(header http.Header, names []string) http.Header {
	kept := http.Header{}
	for _, name := range names {
		if values := header.Values(name); len(values) > 0 {
			kept[name] = values
		}
	}
	return kept
}

var mediaTypeVersion = regexp.MustCompile(`^application/vnd\.atlas\.(\d{4}-\d{2}-\d{2})\+json`)

// newTape is what is kept of a recording.
func newTape(from string, at time.Time, recorded *cassette.Cassette, m *masker, states []providerState) *tape {
	t := &tape{Version: recorded.Version, Recorded: origin{From: from, At: at.UTC().Format(time.RFC3339)}}
	for i, one := range recorded.Interactions {
		t.Interactions = append(t.Interactions, &exchange{
			ID: i,
			Request: request{
				Method: one.Request.Method, URL: m.text(one.Request.URL), Body: m.json(one.Request.Body),
				Headers: keep(one.Request.Headers, keptRequestHeaders),
			},
			Response: response{
				Code: one.Response.Code, Headers: keep(one.Response.Headers, keptResponseHeaders), Body: m.json(one.Response.Body),
			},
		})
		if found := mediaTypeVersion.FindStringSubmatch(one.Request.Headers.Get("Accept")); found != nil {
			t.Recorded.APIVersions = append(t.Recorded.APIVersions, found[1])
		}
	}
	slices.Sort(t.Recorded.APIVersions)
	t.Recorded.APIVersions = slices.Compact(t.Recorded.APIVersions)
	for _, state := range states {
		t.States = append(t.States, providerState{Of: state.Of, Is: m.json(state.Is)})
	}
	slices.SortFunc(t.States, func(a, b providerState) int { return strings.Compare(a.Of+a.Is, b.Of+b.Is) })
	t.States = slices.Compact(t.States)
	return t
}

// marshal writes one line for a request, and an answer that Atlas has given before as a reference to it.
func (t *tape) marshal() ([]byte, error) {
	var document yaml.Node
	if err := document.Encode(t); err != nil {
		return nil, err
	}
	first, anchors := map[string]*yaml.Node{}, map[string]string{}
	for i, one := range child(&document, "interactions").Content {
		child(one, "request").Style = yaml.FlowStyle
		body := child(child(one, "response"), "body")
		earlier, again := first[body.Value]
		switch {
		case !again:
			first[body.Value], anchors[body.Value] = body, fmt.Sprintf("answer%d", i)
		case len(body.Value) > 80:
			earlier.Anchor = anchors[body.Value]
			*body = yaml.Node{Kind: yaml.AliasNode, Alias: earlier, Value: earlier.Anchor}
		}
	}
	encoded, err := yaml.Marshal(&document)
	if err != nil {
		return nil, err
	}
	return append([]byte("---\n"), encoded...), nil
}

// child is the value of a key that the encoding of a tape has.
func child(mapping *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1]
		}
	}
	return &yaml.Node{}
}

// readTape reads a committed cassette.
func readTape(file string) (*tape, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var t tape
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	if err := decoder.Decode(&t); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return &t, nil
}

// write replaces the cassette unless nothing but the time of the recording has changed.
func (t *tape) write(file string) error {
	if old, err := readTape(file); err == nil && old.Recorded.From == t.Recorded.From {
		renewed := *t
		renewed.Recorded.At = old.Recorded.At
		before, beforeErr := old.marshal()
		after, afterErr := renewed.marshal()
		if err := errors.Join(beforeErr, afterErr); err != nil || bytes.Equal(before, after) {
			return err
		}
	}
	content, err := t.marshal()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, content, 0o644)
}

// cassetteFile is where the cassette of a test is.
func cassetteFile(test string) string {
	return filepath.Join(cassetteDirectory, strings.NewReplacer("/", ".", " ", "_").Replace(test)+".yaml")
}
