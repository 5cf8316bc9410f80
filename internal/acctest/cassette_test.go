package acctest

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// someCassette is a cassette with two answers.
func someCassette() *cassette {
	var recorded []*interaction
	for range 2 {
		recorded = append(recorded, &interaction{
			Request: request{Method: http.MethodGet, URL: "https://cloud.mongodb.com/api", Headers: http.Header{
				"Accept": {"application/vnd.atlas.2023-01-01+json"}, "Authorization": {"x"},
			}},
			Response: response{Code: http.StatusOK, Headers: http.Header{"Date": {"Mon, 30 Mar 2026 12:00:00 GMT"}, "X-Java-Version": {"17"}}, Body: `{"id":1}`},
		})
	}
	return newCassette(fromSimulator, Start, recorded, newMasker("", Names{}))
}

// TestCassette_write reads back what it writes, and leaves alone what has changed in nothing but the time.
func TestCassette_write(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "cassettes", "one.yaml")
	if err := someCassette().write(file); err != nil {
		t.Fatal(err)
	}
	read, err := readCassette(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range read.Interactions {
		if len(one.Request.Headers) != 1 || len(one.Response.Headers) != 1 || one.Response.Body != `{"id":1}` {
			t.Errorf("an interaction is %+v", one)
		}
	}
	later := someCassette()
	later.Recorded.At = Start.Add(time.Hour).Format(time.RFC3339)
	if err := later.write(file); err != nil {
		t.Fatal(err)
	}
	if again, err := readCassette(file); err != nil || again.Recorded.At != read.Recorded.At {
		t.Errorf("another time alone has changed the cassette: %+v (%v)", again, err)
	}
	later.Interactions[1].Response.Body = `{"id":2}`
	if err := later.write(file); err != nil {
		t.Fatal(err)
	}
	if again, err := readCassette(file); err != nil || again.Recorded.At != later.Recorded.At {
		t.Errorf("another answer has not changed the cassette: %+v (%v)", again, err)
	}
}

// TestCassette_validate refuses to read and to write a cassette with one thing wrong.
func TestCassette_validate(t *testing.T) {
	t.Parallel()
	for said, change := range map[string]func(*cassette){
		"version":          func(c *cassette) { c.Version = 1 },
		"neither":          func(c *cassette) { c.Recorded.From = "elsewhere" },
		"the time of":      func(c *cassette) { c.Recorded.At = "yesterday" },
		"empty":            func(c *cassette) { c.Interactions = nil },
		"has the ID 1":     func(c *cassette) { c.Interactions[0].ID = 1 },
		`1 is of ""`:       func(c *cassette) { c.Interactions[1].Response.Headers.Del("Date") },
		"1 is of \"Mon":    func(c *cassette) { c.Interactions[1].Response.Headers.Set("Date", "Mon, 30 Mar 2026 11:00:00 GMT") },
		"asks for \"\"":    func(c *cassette) { c.Interactions[0].Request.Headers.Del("Accept") },
		"the API versions": func(c *cassette) { c.Recorded.APIVersions = []string{"2024-11-13"} },
	} {
		c := someCassette()
		change(c)
		file := filepath.Join(t.TempDir(), "one.yaml")
		if err := c.write(file); err == nil || !strings.Contains(err.Error(), said) {
			t.Errorf("%s: written with %v", said, err)
		}
		content, err := c.marshal()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readCassette(file); err == nil || !strings.Contains(err.Error(), said) {
			t.Errorf("%s: read with %v", said, err)
		}
	}
	file := filepath.Join(t.TempDir(), "one.yaml")
	content, err := someCassette().marshal()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(content, "states: []\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readCassette(file); err == nil || !strings.Contains(err.Error(), "states") {
		t.Errorf("an unknown key is read with %v", err)
	}
}
