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
)

// cassetteDirectory is where a package has its cassettes, one for each scenario, named after its test.
const cassetteDirectory = "testdata/cassettes"

// cassetteVersion is the version of the format: go-vcr's second, without what nobody reads and with the origin.
const cassetteVersion = 2

// The two sources of recordings.
const (
	fromAtlas     = "atlas"
	fromSimulator = "atlassim"
)

// cassette is a recorded scenario as it is committed.
type cassette struct {
	Version      int            `yaml:"version"`
	Recorded     origin         `yaml:"recorded"`
	Interactions []*interaction `yaml:"interactions"`
}

// origin is where a recording comes from.
type origin struct {
	// From is atlas or atlassim.
	From string `yaml:"from"`
	// At is when, by the clock of the machine that recorded it.
	At string `yaml:"at"`
	// APIVersions are those that the requests ask for.
	APIVersions []string `yaml:"api_versions,flow"`
}

// interaction is a request and its answer.
type interaction struct {
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

// time returns the time of the answer.
func (i *interaction) time() (time.Time, error) {
	return http.ParseTime(i.Response.Headers.Get("Date"))
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

// newCassette masks a recording.
func newCassette(from string, at time.Time, recorded []*interaction, m *masker) *cassette {
	c := &cassette{Version: cassetteVersion, Recorded: origin{From: from, At: at.UTC().Format(time.RFC3339)}}
	for i, one := range recorded {
		c.Interactions = append(c.Interactions, &interaction{
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
			c.Recorded.APIVersions = append(c.Recorded.APIVersions, found[1])
		}
	}
	slices.Sort(c.Recorded.APIVersions)
	c.Recorded.APIVersions = slices.Compact(c.Recorded.APIVersions)
	return c
}

// validate reports what is wrong with the origin, the numbering, the times and the API versions.
func (c *cassette) validate() error {
	var problems []error
	problem := func(format string, arguments ...any) { problems = append(problems, fmt.Errorf(format, arguments...)) }
	if c.Version != cassetteVersion {
		problem("the format has version %d, expected %d", c.Version, cassetteVersion)
	}
	if c.Recorded.From != fromAtlas && c.Recorded.From != fromSimulator {
		problem("it is recorded from %q, which is neither atlas nor atlassim", c.Recorded.From)
	}
	if _, err := time.Parse(time.RFC3339, c.Recorded.At); err != nil {
		problem("the time of the recording: %w", err)
	}
	if len(c.Interactions) == 0 {
		problem("the cassette is empty")
	}
	var last time.Time
	for i, one := range c.Interactions {
		if one.ID != i {
			problem("interaction %d has the ID %d", i, one.ID)
		}
		at, err := one.time()
		if err != nil || at.Before(last) {
			problem("interaction %d is of %q, after %s", i, one.Response.Headers.Get("Date"), last)
		}
		last = at
		accept := one.Request.Headers.Get("Accept")
		if version := mediaTypeVersion.FindStringSubmatch(accept); version == nil || !slices.Contains(c.Recorded.APIVersions, version[1]) {
			problem("interaction %d asks for %q, which is none of the API versions %v", i, accept, c.Recorded.APIVersions)
		}
	}
	return errors.Join(problems...)
}

// marshal writes one line for a request, and an answer that Atlas has given before as a reference to it.
func (c *cassette) marshal() ([]byte, error) {
	var document yaml.Node
	if err := document.Encode(c); err != nil {
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

// child returns the value of a key that the encoding of a cassette has.
func child(mapping *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1]
		}
	}
	return &yaml.Node{}
}

// readCassette reads a committed cassette.
func readCassette(file string) (*cassette, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var c cassette
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	if err = decoder.Decode(&c); err == nil {
		err = c.validate()
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return &c, nil
}

// write replaces the cassette unless nothing but the time of the recording has changed.
func (c *cassette) write(file string) error {
	if err := c.validate(); err != nil {
		return fmt.Errorf("%s is not saved: %w", file, err)
	}
	if old, err := readCassette(file); err == nil && old.Recorded.From == c.Recorded.From {
		renewed := *c
		renewed.Recorded.At = old.Recorded.At
		before, beforeErr := old.marshal()
		after, afterErr := renewed.marshal()
		if err := errors.Join(beforeErr, afterErr); err != nil || bytes.Equal(before, after) {
			return err
		}
	}
	content, err := c.marshal()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, content, 0o644)
}

// cassetteFile returns where the cassette of a test is.
func cassetteFile(test string) string {
	return filepath.Join(cassetteDirectory, strings.NewReplacer("/", ".", " ", "_").Replace(test)+".yaml")
}
