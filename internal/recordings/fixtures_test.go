package recordings

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	// An ID keeps its time, which is in its first eight digits. The project, and what names no project, are the same everywhere.
	objectID = regexp.MustCompile(`\b[0-9a-f]{24}\b`)
	maskedID = regexp.MustCompile(`^([0-9a-f]{8}0{13}[0-9a-f]{3}|b0123456789abcdef012345b|1{24})$`)

	host       = regexp.MustCompile(`[\w.-]+\.(?:com|net|org|io|example)\b`)
	maskedHost = regexp.MustCompile(`^(cloud\.example\.com|cloud\.mongodb\.com|[\w-]+\.abc12\.mongodb\.example)$`)
)

func ownFixtures(t *testing.T) []Recording {
	t.Helper()
	all, err := read(fixtures, "testdata")
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 60 {
		t.Fatalf("only %d fixtures", len(all))
	}
	return all
}

func TestFixtures_masked(t *testing.T) {
	names := map[string]bool{}
	for _, fixture := range ownFixtures(t) {
		if names[fixture.Name] {
			t.Errorf("%s: the name stands twice", fixture.Name)
		}
		names[fixture.Name] = true
		text := fixture.Path + " " + fmt.Sprint(fixture.Header) + " " + string(fixture.Body)
		for _, id := range objectID.FindAllString(text, -1) {
			if !maskedID.MatchString(id) {
				t.Errorf("%s: ID %s is not masked", fixture.Name, id)
			}
		}
		for _, name := range host.FindAllString(text, -1) {
			if !maskedHost.MatchString(name) {
				t.Errorf("%s: host %s is not masked", fixture.Name, name)
			}
		}
	}
}

// TestFixtures_standForRecordings compares each fixture with the raw recording of the same moment, where that lies beside the
// repository: status, headers and body are the same but for what is masked.
func TestFixtures_standForRecordings(t *testing.T) {
	raw := map[string]Recording{}
	for _, recording := range shared(t) {
		raw[recording.moment()] = recording
	}
	if len(raw) == 0 {
		t.Log("no raw recordings lie beside the repository: the fixtures stand alone")
		return
	}
	for _, fixture := range ownFixtures(t) {
		recorded, ok := raw[fixture.moment()]
		if !ok {
			t.Errorf("%s: Atlas was not recorded to answer this", fixture.Name)
			continue
		}
		for _, difference := range differences(fixture, recorded) {
			t.Errorf("%s: %s", fixture.Name, difference)
		}
	}
}

func TestDifferences(t *testing.T) {
	one := Recording{
		Header: http.Header{"Server": {"mdbws"}},
		Body:   []byte(`{"a":1,"b":"2026-08-10T03:26:42Z","c":null,"d":[true],"id":"6a7944f22c88faeba59d3572","rel":"self"}`),
	}
	for body, want := range map[string]int{
		string(one.Body): 0,
		`{"a":1,"b":"2026-08-10T03:26:42Z","c":null,"d":[true],"id":"6a7944f20000000000000005","rel":"self"}`: 0,
		`{"a":1,"b":"2026-08-10T03:26:42Z","c":null,"d":[true],"id":"6a7944f30000000000000005","rel":"self"}`: 1,
		`{"a":2,"b":"2026-08-10T03:26:43Z","c":null,"d":[true],"id":"6a7944f22c88faeba59d3572","rel":"self"}`: 2,
		`{"a":1.0,"b":"2026-08-10T03:26:42Z","c":"","d":[1],"id":"6a7944f22c88faeba59d3572","rel":"next"}`:    4,
		`{"a":1,"b":"2026-08-10T03:26:42Z","d":[true,true],"id":"6a7944f22c88faeba59d3572","rel":"self"}`:     1,
		`{"b":"2026-08-10T03:26:42Z","a":1,"c":null,"d":[true],"id":"6a7944f22c88faeba59d3572","rel":"self"}`: 4,
	} {
		other := one
		other.Body = []byte(body)
		if got := differences(other, one); len(got) != want {
			t.Errorf("%s: %v, want %d differences", body, got, want)
		}
	}
	other := one
	other.Status, other.Header = http.StatusAccepted, http.Header{"Server": {"nginx"}, "Vary": {"*"}}
	if got := differences(other, one); len(got) != 3 {
		t.Errorf("%v, want differences in status and two headers", got)
	}
}

// unlike are the headers whose values are masked, or follow from what is masked.
var unlike = []string{"Content-Length", "Connection", "Www-Authenticate", "X-Java-Version", "X-Mongodb-Service-Version"}

func differences(fixture, recorded Recording) []string {
	var found []string
	note := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	if fixture.Status != recorded.Status {
		note("status %d, recorded %d", fixture.Status, recorded.Status)
	}
	if own, theirs := fixture.masked(fixture.Path), recorded.masked(recorded.Path); own != theirs {
		note("path %s, recorded %s", own, theirs)
	}
	headers := maps.Clone(recorded.Header)
	maps.Copy(headers, fixture.Header)
	for name := range headers {
		own, theirs := fixture.Header.Get(name), recorded.Header.Get(name)
		if own != theirs && !slices.Contains(unlike, name) || (own == "") != (theirs == "") && name != "Connection" {
			note("header %s %q, recorded %q", name, own, theirs)
		}
	}
	if len(fixture.Body) == 0 || fixture.Body[0] != '{' || fixture.Status == http.StatusUnauthorized {
		if own, theirs := strings.TrimSpace(string(fixture.Body)), strings.TrimSpace(string(recorded.Body)); own != theirs {
			note("body %q, recorded %q", own, theirs)
		}
		return found
	}
	own, theirs := fixture.tokens(), recorded.tokens()
	if len(own) != len(theirs) {
		note("%d values and keys, recorded %d", len(own), len(theirs))
		return found
	}
	for i := range own {
		if own[i] != theirs[i] {
			note("%s, recorded %s", own[i], theirs[i])
		}
	}
	return found
}

// masks replace what is masked in a fixture, and its counterpart in a raw recording, by the same word.
var masks = []struct {
	what *regexp.Regexp
	by   string
}{
	{objectID, ""},
	{regexp.MustCompile(`https?://[^/]*/api/`), "BASE/api/"},
	{regexp.MustCompile(`/(clusters|flexClusters|serverless)/[\w-]+`), "/$1/CLUSTER"},
	{regexp.MustCompile(`mongodb(\+srv)?://.*`), "mongodb$1://HOSTS"},
}

// nameKeys are the keys whose values are names, and masked.
var nameKeys = []string{"name", "key", "value", "targetClusterName", "targetDeploymentItemName"}

// tokens are the keys and values of a body as they follow each other, numbers as they are written, and masked.
func (r Recording) tokens() []string {
	decoder := json.NewDecoder(bytes.NewReader(r.Body))
	decoder.UseNumber()
	var all []string
	for {
		token, err := decoder.Token()
		if err != nil {
			return all
		}
		text, isText := token.(string)
		switch {
		case !isText:
			text = fmt.Sprintf("%T %v", token, token)
		case len(all) > 0 && slices.Contains(nameKeys, all[len(all)-1]):
			text = "NAME"
		default:
			text = r.masked(text)
		}
		all = append(all, text)
	}
}

// masked masks the project and the cluster of the request, IDs but for their times, and hosts.
func (r Recording) masked(text string) string {
	segments := append(strings.Split(r.Path, "/"), make([]string, 8)...)
	for i, word := range map[int]string{5: "PROJECT", 7: "CLUSTER"} {
		if segments[i] != "" {
			text = regexp.MustCompile(`\b`+regexp.QuoteMeta(segments[i])+`\b`).ReplaceAllString(text, word)
		}
	}
	for _, mask := range masks {
		if mask.by == "" {
			text = mask.what.ReplaceAllStringFunc(text, func(id string) string { return id[:8] })
			continue
		}
		text = mask.what.ReplaceAllString(text, mask.by)
	}
	return text
}
