package atlassim_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// exemptHeaders are of the recorder or of Atlas's build, or count something.
var exemptHeaders = []string{
	"Connection", "Content-Length", "Date", "X-Java-Version", "X-Mongodb-Service-Version",
	"X-Envoy-Upstream-Service-Time", "Ratelimit-Remaining",
}

// otherEndpoints are recordings whose situation is reached through another endpoint than the recorded one, whose name and
// limits differ therefore.
var otherEndpoints = []string{"BACKUP_CONFIG", "GROUP_NOT_FOUND", "405", "500"}

// newHeaders are when Atlas began to send what older recordings do not have.
var newHeaders = map[string]time.Time{
	"Ratelimit-Limit": time.Date(2026, time.January, 19, 0, 0, 0, 0, time.UTC),
	"X-Error-Code":    time.Date(2026, time.June, 29, 0, 0, 0, 0, time.UTC),
	"Vary":            time.Date(2026, time.June, 29, 0, 0, 0, 0, time.UTC),
}

// newSunset is when Atlas began to send the present Sunset date.
var newSunset = time.Date(2026, time.February, 10, 0, 0, 0, 0, time.UTC)

// comparedByValue are the keys whose values are compared and not only their form.
var comparedByValue = []string{
	"clusterType", "detail", "error", "errorCode", "frequencyType", "href", "reason", "rel", "snapshotType",
	"stateName", "status", "type", "configServerType", "backupEnabled", "paused", "replicaSetName",
}

// userDefined are lists whose contents are the user's.
var userDefined = []string{"tags"}

func (r recording) decoded(t *testing.T) body {
	t.Helper()
	var decoded body
	if err := json.Unmarshal(r.Body, &decoded); err != nil {
		t.Fatalf("%s: %v", r.Name, err)
	}
	return decoded
}

// compare lists how an answer differs from the recording.
func (r recording) compare(b *harness, answer *httptest.ResponseRecorder) []string {
	var differences []string
	note := func(format string, args ...any) { differences = append(differences, fmt.Sprintf(format, args...)) }
	if answer.Code != r.Status {
		note("status %d, recorded %d", answer.Code, r.Status)
	}
	r.compareHeaders(answer, note)
	got := answer.Body.Bytes()
	if len(r.Body) == 0 || len(got) == 0 {
		if len(r.Body) != len(got) {
			note("body %q, recorded %q", got, r.Body)
		}
		return differences
	}
	if r.Status == 401 {
		if !bytes.Equal(got, r.Body) {
			note("body %q, recorded %q", got, r.Body)
		}
		return differences
	}
	want, have := numbered(r.Body), numbered(got)
	if order, recorded := topKeys(got), topKeys(r.Body); !slices.Equal(order, recorded) {
		note("keys in the order %v, recorded %v", order, recorded)
	}
	compareValues("", want, have, r.translate(b, want, have), note)
	return differences
}

func (r recording) compareHeaders(answer *httptest.ResponseRecorder, note func(string, ...any)) {
	foreign := slices.ContainsFunc(otherEndpoints, func(part string) bool { return strings.Contains(r.Name, part) })
	for name := range r.Header {
		want, got := r.Header.Get(name), answer.Header().Get(name)
		switch {
		case slices.Contains(exemptHeaders, name):
			continue
		case name == "Www-Authenticate":
			want, got = challengePattern.ReplaceAllString(want, "$2"), challengePattern.ReplaceAllString(got, "$2")
		case name == "Sunset" && r.date.Before(newSunset) && got != "":
			continue
		case foreign && (name == "X-Java-Method" || name == "Ratelimit-Limit" || name == "Vary"):
			continue
		}
		if got != want {
			note("header %s: %q, recorded %q", name, got, want)
		}
	}
	for name := range answer.Header() {
		since, isNew := newHeaders[name]
		switch {
		case len(r.Header.Values(name)) > 0, slices.Contains(exemptHeaders, name), foreign, isNew && r.date.Before(since):
		default:
			note("header %s: %q, none recorded", name, answer.Header().Get(name))
		}
	}
}

// translate replaces, in recorded texts, the IDs of the recording by those of the simulator.
func (r recording) translate(b *harness, want, have any) *strings.Replacer {
	pairs := []string{
		r.group, b.fix.ProjectID, "https://cloud.example.com/", "http://localhost:8080/", "https://cloud-dev.mongodb.com/", "http://localhost:8080/",
	}
	if strings.Contains(r.Name, "GROUP_NOT_FOUND") {
		pairs = pairs[2:]
	}
	if strings.HasPrefix(r.Name, "flex-snapshots") {
		pairs = append(pairs, "/"+r.cluster+"/", "/"+b.fix.FlexClusterName+"/")
	}
	for _, path := range [][]string{{"id"}, {"results", "0", "id"}, {"parameters", "0"}} {
		if old, now := at(want, path), at(have, path); objectIDForm.MatchString(old) && objectIDForm.MatchString(now) {
			pairs = append([]string{old, now}, pairs...)
		}
	}
	return strings.NewReplacer(pairs...)
}

// at reads a string deep in a value.
func at(value any, path []string) string {
	for _, step := range path {
		switch typed := value.(type) {
		case body:
			value = typed[step]
		case []any:
			if len(typed) == 0 {
				return ""
			}
			value = typed[0]
		}
	}
	found, _ := value.(string)
	return found
}

// compareValues compares keys, nulls, types and the form of values, and the values themselves where they are literal.
func compareValues(path string, want, have any, translate *strings.Replacer, note func(string, ...any)) {
	if valueForm(want) != valueForm(have) {
		note("%s is %s (%v), recorded %s (%v)", path, valueForm(have), have, valueForm(want), want)
		return
	}
	switch wanted := want.(type) {
	case body:
		having, _ := have.(body)
		if keys(wanted) != keys(having) {
			note("%s has %s, recorded %s", path, keys(having), keys(wanted))
			return
		}
		for key, value := range wanted {
			compareValues(path+"."+key, value, having[key], translate, note)
		}
	case []any:
		compareLists(path, wanted, have, translate, note)
	default:
		key := path[strings.LastIndexByte(path, '.')+1:]
		text := translate.Replace(fmt.Sprint(want))
		if slices.Contains(comparedByValue, key) && text != fmt.Sprint(have) {
			note("%s is %v, recorded %s", path, have, text)
		}
	}
}

func compareLists(path string, want []any, have any, translate *strings.Replacer, note func(string, ...any)) {
	having, _ := have.([]any)
	key := path[strings.LastIndexByte(path, '.')+1:]
	if slices.Contains(userDefined, key) {
		return
	}
	if len(want) != len(having) {
		note("%s has %d elements, recorded %d", path, len(having), len(want))
		return
	}
	for i := range want {
		// The status and the times of one day's automatic snapshot are not those of another: only the form is compared.
		if strings.Contains(path, "results") && i > 0 {
			compareValues(path, keysOnly(want[i]), keysOnly(having[i]), translate, note)
			continue
		}
		compareValues(path, want[i], having[i], translate, note)
	}
}

// keysOnly returns the form of an object's values by key.
func keysOnly(value any) any {
	object, ok := value.(body)
	if !ok {
		return valueForm(value)
	}
	forms := body{}
	for key, one := range object {
		forms[key] = valueForm(one)
	}
	return forms
}

var (
	objectIDForm  = regexp.MustCompile(`^[a-f0-9]{24}$`)
	timestampForm = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`)
)

// valueForm names the JSON type of a value and, for texts and numbers, how it is written.
func valueForm(value any) string {
	switch typed := value.(type) {
	case nil:
		return "null"
	case json.Number:
		if strings.Contains(typed.String(), ".") {
			return "number with a fraction"
		}
		return "whole number"
	case string:
		switch {
		case objectIDForm.MatchString(typed):
			return "ObjectId"
		case timestampForm.MatchString(typed):
			return "timestamp"
		case strings.Contains(typed, "://"):
			return "URL"
		}
		return "text"
	}
	return fmt.Sprintf("%T", value)
}

// numbered decodes JSON and keeps numbers as they are written.
func numbered(content []byte) any {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	var decoded any
	if decoder.Decode(&decoded) != nil {
		return nil
	}
	return decoded
}

// topKeys returns the keys of the outermost object in the order they are written.
func topKeys(content []byte) []string {
	decoder := json.NewDecoder(bytes.NewReader(content))
	var found []string
	if _, err := decoder.Token(); err != nil {
		return nil
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return found
		}
		found = append(found, fmt.Sprint(key))
		var skipped json.RawMessage
		if decoder.Decode(&skipped) != nil {
			return found
		}
	}
	return found
}
