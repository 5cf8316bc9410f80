package acctest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// cassettes are all that are committed.
func cassettes(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "internal", "*", filepath.FromSlash(cassetteDirectory), "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("there are no cassettes")
	}
	return files
}

var (
	credential = regexp.MustCompile(`(?i)authorization|\bbearer\b|\bdigest\b|nonce|cnonce|www-authenticate|set-cookie|api[-_]?key|password|secret|token`)
	headerName = regexp.MustCompile(`[ {]([A-Z][A-Za-z-]+): \[`)
	hostName   = regexp.MustCompile(`\b(?:[a-z0-9-]+\.)+(?:com|net|org|io|dev|local|internal|gov)\b`)
	someURL    = regexp.MustCompile(`[a-z+]+://[^/\s"']+`)
)

// leaks lists what in a cassette may tell of an account. It shares nothing with the masking but the forms of ids.
func leaks(content string) []string {
	var found []string
	note := func(what string, values ...string) {
		for _, value := range values {
			found = append(found, fmt.Sprintf("%s: %s", what, value))
		}
	}
	kept := slices.Concat(keptRequestHeaders, keptResponseHeaders)
	for _, match := range headerName.FindAllStringSubmatch(content, -1) {
		if !slices.Contains(kept, match[1]) {
			note("header", match[1])
		}
	}
	note("credential", credential.FindAllString(content, -1)...)
	for _, id := range regexp.MustCompile(`[0-9a-f]{24,}`).FindAllString(content, -1) {
		if !maskedID.MatchString(id) {
			note("id", id)
		}
	}
	for _, host := range slices.Concat(hostName.FindAllString(content, -1), someURL.FindAllString(content, -1)) {
		if !slices.Contains([]string{"cloud.mongodb.com", "https://cloud.mongodb.com"}, host) {
			note("host", host)
		}
	}
	for _, ip := range regexp.MustCompile(`\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b`).FindAllString(content, -1) {
		if ip != maskedIP {
			note("address", ip)
		}
	}
	note("e-mail", regexp.MustCompile(`\S+@\S+\.\S+`).FindAllString(content, -1)...)
	for _, match := range regexp.MustCompile(`/(?:clusters|flexClusters|serverless)/([^/?'"\s]+)`).FindAllStringSubmatch(content, -1) {
		if !slices.Contains([]string{"Cluster0", "Sharded0", "Flex0", "Serverless0", "Target0", "Nowhere"}, match[1]) {
			note("cluster", match[1])
		}
	}
	for _, match := range regexp.MustCompile(`"description":"([^"]*)"`).FindAllStringSubmatch(content, -1) {
		if !strings.HasPrefix(match[1], DescriptionPrefix) && match[1] != othersDescription {
			note("description", match[1])
		}
	}
	for _, word := range regexp.MustCompile(`[A-Za-z0-9+_=-]{25,}`).FindAllString(content, -1) {
		if !isKnownWord(word) {
			note("random characters", word)
		}
	}
	return found
}

// isKnownWord says that a long word is one of Atlas's or the project's.
func isKnownWord(word string) bool {
	return regexp.MustCompile(`^[A-Z]+(_[A-Z]+)+$`).MatchString(word) || // an error code
		regexp.MustCompile(`^[a-z]+(_[a-z]+)+$`).MatchString(word) || // an attribute
		regexp.MustCompile(`^[a-z]+([A-Z][a-z]+)+\d{0,2}$`).MatchString(word) // a key of a body
}

func TestCassettes_noLeaks(t *testing.T) {
	t.Parallel()
	files := cassettes(t)
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, leak := range leaks(string(content)) {
			t.Errorf("%s: %s", file, leak)
		}
	}
	t.Logf("%d cassettes tell nothing of an account", len(files))
}

// TestLeaks plants each kind of leak in a cassette.
func TestLeaks(t *testing.T) {
	t.Parallel()
	for what, line := range map[string]string{
		"header":            `headers: {X-Java-Version: [17.0.14+7]}`,
		"credential":        `headers: {Authorization: [Digest nonce="abc"]}`,
		"id":                `{"id":"6a7944f22c88faeba59d3572"}`,
		"host":              `{"href":"https://cloud-dev.mongodb.com/api"}`,
		"address":           `{"detail":"IP address 203.0.113.9 is not allowed"}`,
		"e-mail":            `{"description":"atlasbackup acceptance test of jane@example.test"}`,
		"cluster":           `url: https://cloud.mongodb.com/api/atlas/v2/groups/64e000000000000000000aaa/clusters/billing-prod/backup`,
		"description":       `{"description":"before we fire everybody"}`,
		"random characters": `{"x":"Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4"}`,
	} {
		if found := leaks(line); !slices.ContainsFunc(found, func(one string) bool { return strings.HasPrefix(one, what+": ") }) {
			t.Errorf("%s: %v found in %s", what, found, line)
		}
	}
}

// TestCassettes_belongToTests finds cassettes whose test is gone.
func TestCassettes_belongToTests(t *testing.T) {
	t.Parallel()
	for _, file := range cassettes(t) {
		test, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".yaml"), ".")
		sources, err := filepath.Glob(filepath.Join(filepath.Dir(file), "..", "..", "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(sources, func(source string) bool {
			content, err := os.ReadFile(source)
			return err == nil && strings.Contains(string(content), "func "+test+"(t *testing.T)")
		}) {
			t.Errorf("%s: there is no test %s", file, test)
		}
	}
}
