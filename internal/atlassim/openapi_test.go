package atlassim_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/recordings"
)

// exception is where Atlas itself does what the OpenAPI document does not have. A recording is the evidence, and wins.
type exception struct {
	// what is a part of the complaint.
	what string
	// recorded is what the recordings have where another complaint hides this one.
	recorded string
	// met counts the answers of the simulator, and evidence names the recordings of Atlas, that give rise to it.
	met      int
	evidence []string
}

// exceptions returns all that there may be. One without evidence, or that no answer needs any more, fails the test.
func exceptions() []*exception {
	return []*exception{
		// "ondemand" is not in the document's list, and the only word that Atlas has for it.
		{what: "/frequencyType: value is not one of the allowed values"},
		// The document wants objects, and Atlas sends texts and numbers.
		{what: "/parameters/N: value must be an object"},
		// Lower case, and the document's words are in upper case.
		{what: "/biConnector/readPreference: value is not one of the allowed values"},
		// The document's hardware specifications of the three cloud providers overlap.
		{what: "Specs: input matches more than one oneOf schemas"},
		// The document says that the name of a region is an object, of which every form is a text.
		{what: "/regionName: value must be an object", recorded: `"regionName":"US_EAST_1"`},
		// The document has no nulls there, and Atlas sends three.
		{what: "/desiredTimestamp/"},
		// What a serverless instance had become is none of the document's sizes.
		{what: "/providerSettings/effectiveInstanceSizeName: value is not one of the allowed values"},
	}
}

// sharedDocument returns MongoDB's own description of the API, which may lie beside the repository.
func sharedDocument(t *testing.T) *openapi3.T {
	t.Helper()
	file, ok := recordings.Shared(t, "openapi.yaml")
	if !ok {
		return nil
	}
	loaded, err := openapi3.NewLoader().LoadFromFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// inspector validates answers and keeps count.
type inspector struct {
	t          *testing.T
	document   *openapi3.T
	exceptions []*exception
	// operations and codes are what was seen, by method, path and version, and by error code.
	operations, codes map[string]int
	validated, bare   int
	// reported are the complaints so far: one of a kind is enough.
	reported map[string]bool
}

// listIndex is a place in a list.
var listIndex = regexp.MustCompile(`/\d+`)

// inspect has every answer that a harness gets validated.
func (i *inspector) inspect(b *harness) *harness {
	b.observe = i.observe
	return b
}

func (i *inspector) observe(r *http.Request, answer *httptest.ResponseRecorder) {
	i.t.Helper()
	if !strings.HasPrefix(r.URL.Path, "/api/atlas/v2/groups/") || r.URL.Query().Get("envelope") == "true" ||
		answer.Code == http.StatusNotImplemented {
		return // the document describes neither sign-in nor envelopes, and what the simulator does not serve is none of Atlas's
	}
	if code := answer.Header().Get("X-Error-Code"); code != "" {
		i.codes[code]++
	}
	if answer.Body.Len() == 0 {
		i.bare++
		i.operation(r)
		if !slices.Contains([]int{204, 401, 403, 405}, answer.Code) {
			i.t.Errorf("%s %s: %d without a body", r.Method, r.URL.Path, answer.Code)
		}
		return
	}
	i.validated++
	found, err := i.validate(r, answer.Code, answer.Header(), answer.Body.Bytes())
	if err != nil {
		i.t.Errorf("%s %s: %d: %v", r.Method, r.URL.Path, answer.Code, err)
	}
	for _, complaint := range found {
		if exception := i.exceptionFor(complaint); exception != nil {
			exception.met++
		} else if !i.reported[complaint] {
			i.reported[complaint] = true
			i.t.Errorf("%s %s: %d: %s in %s", r.Method, r.URL.Path, answer.Code, complaint, answer.Body)
		}
	}
}

// validate lists what the document has against an answer. Places in lists are called N.
func (i *inspector) validate(r *http.Request, status int, header http.Header, content []byte) ([]string, error) {
	schema, err := i.schemaFor(r, status, header)
	if err != nil {
		return nil, err
	}
	var value any
	if err := json.Unmarshal(content, &value); err != nil {
		return nil, err
	}
	found := schemaErrors(schema.VisitJSON(value, openapi3.VisitAsResponse(), openapi3.MultiErrors(), openapi3.EnableFormatValidation()))
	for n, complaint := range found {
		found[n] = listIndex.ReplaceAllString(complaint, "/N")
	}
	return found, nil
}

// validateRecordings notes what the document has against the recordings of Atlas.
func (i *inspector) validateRecordings(all []recording) {
	i.t.Helper()
	for _, one := range all {
		request := httptest.NewRequest(one.Method, one.Path, nil)
		request.Header.Set("Accept", one.Header.Get("Content-Type"))
		if len(one.Body) == 0 || one.unsupported() && !strings.HasPrefix(one.Name, "restore-") {
			continue
		}
		found, err := i.validate(request, one.Status, one.Header, one.Body)
		if err != nil {
			i.t.Errorf("%s: %v", one.Name, err)
		}
		for _, exception := range i.exceptions {
			if exception.recorded != "" && bytes.Contains(one.Body, []byte(exception.recorded)) {
				exception.evidence = append(exception.evidence, one.Name)
			}
		}
		for _, complaint := range found {
			exception := i.exceptionFor(complaint)
			if exception == nil {
				i.t.Logf("Atlas does, and the simulator does not: %s in %s", complaint, one.Name)
			} else if !slices.Contains(exception.evidence, one.Name) {
				exception.evidence = append(exception.evidence, one.Name)
			}
		}
	}
}

func (i *inspector) exceptionFor(complaint string) *exception {
	for _, one := range i.exceptions {
		if strings.Contains(complaint, one.what) {
			return one
		}
	}
	return nil
}

var pathParameter = regexp.MustCompile(`\{\w+\}`)

// schemaFor finds what the document says of an answer: that of the operation's version and status, and for a refusal that
// the operation does not list, that of every refusal.
func (i *inspector) schemaFor(r *http.Request, status int, header http.Header) (*openapi3.Schema, error) {
	refusal := i.document.Components.Schemas["ApiError"].Value
	operation := i.operation(r)
	if operation == nil {
		if status >= 400 {
			return refusal, nil
		}
		return nil, errors.New("the document has no such operation")
	}
	described := operation.Responses.Value(strconv.Itoa(status))
	if described == nil {
		if status >= 400 {
			return refusal, nil
		}
		return nil, errors.New("the document has no such status")
	}
	mediaType, _, _ := strings.Cut(header.Get("Content-Type"), ";")
	content := described.Value.Content[mediaType]
	if content == nil || content.Schema == nil {
		return nil, fmt.Errorf("the document has no body of the type %q: %v", mediaType, slices.Sorted(maps.Keys(described.Value.Content)))
	}
	return content.Schema.Value, nil
}

// operation finds the operation of a request. A path without parameters wins.
func (i *inspector) operation(r *http.Request) *openapi3.Operation {
	for _, path := range slices.Sorted(maps.Keys(i.document.Paths.Map())) {
		pattern := "^" + pathParameter.ReplaceAllString(path, `[^/]+`) + "$"
		if strings.Count(path, "/") != strings.Count(r.URL.Path, "/") || !regexp.MustCompile(pattern).MatchString(r.URL.Path) {
			continue
		}
		if strings.HasSuffix(path, "}") && strings.HasSuffix(r.URL.Path, "/shardedClusters") {
			continue
		}
		if found := i.document.Paths.Value(path).GetOperation(r.Method); found != nil {
			mediaType := regexp.MustCompile(`\d{4}-\d\d-\d\d`).FindString(r.Header.Get("Accept"))
			_, short, _ := strings.Cut(path, "{groupId}/")
			i.operations[r.Method+" "+pathParameter.ReplaceAllString(short, "{}")+" "+mediaType]++
			return found
		}
	}
	return nil
}

// schemaErrors returns the single errors of a validation, each with its place.
func schemaErrors(err error) []string {
	var many openapi3.MultiError
	var one *openapi3.SchemaError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &many):
		var all []string
		for _, inner := range many {
			all = append(all, schemaErrors(inner)...)
		}
		return all
	case errors.As(err, &one) && one.Origin != nil:
		var all []string
		for _, inner := range schemaErrors(one.Origin) {
			all = append(all, "/"+strings.Join(one.JSONPointer(), "/")+strings.TrimPrefix(inner, "/"))
		}
		return all
	case errors.As(err, &one):
		return []string{"/" + strings.Join(one.JSONPointer(), "/") + ": " + one.Reason}
	}
	return []string{": " + err.Error()}
}

// TestOpenAPI has the simulator give every answer that it can give, and validates each against what MongoDB's description of the
// API says of it: by the table, and by the document itself where that lies beside the repository. The two find the same.
func TestOpenAPI(t *testing.T) {
	table := validateEveryAnswer(t, tableDocument(t))
	if document := sharedDocument(t); document != nil {
		if diff := cmp.Diff(validateEveryAnswer(t, document), table); diff != "" {
			t.Errorf("the table does not say what the document says (-document +table):\n%s", diff)
		}
	}
}

// validateEveryAnswer returns how many answers need each exception.
func validateEveryAnswer(t *testing.T, document *openapi3.T) map[string]int {
	t.Helper()
	i := &inspector{t: t, document: document, exceptions: exceptions(), operations: map[string]int{}, codes: map[string]int{}, reported: map[string]bool{}}
	i.validateRecordings(readRecordings(t))
	clear(i.operations)
	requestEverything(t, i.inspect)

	for _, one := range atlassim.Operations() {
		for _, version := range one.Versions {
			key := one.Method + " " + pathParameter.ReplaceAllString(one.Path, "{}") + " " + version
			if i.operations[key] == 0 {
				t.Errorf("%s was never validated", key)
			}
		}
	}
	known := atlassim.ErrorCodes()
	for _, code := range known {
		if i.codes[code] == 0 && code != "RATE_LIMITED" { // that of the sign-in, which the document does not have
			t.Errorf("error code %s was never validated", code)
		}
	}
	exceptions := map[string]int{}
	for _, one := range i.exceptions {
		exceptions[one.what] = one.met
		t.Logf("exception: %q, in %d answers; evidence: %d recordings, such as %v", one.what, one.met, len(one.evidence), one.evidence[:min(1, len(one.evidence))])
		if one.met == 0 || len(one.evidence) == 0 {
			t.Errorf("the exception %q is not needed, or without evidence", one.what)
		}
	}
	t.Logf("%d bodies validated and %d answers without one, of %d operations in %d versions, with %d error codes; %d exceptions",
		i.validated, i.bare, len(atlassim.Operations()), len(i.operations), len(i.codes), len(i.exceptions))
	return exceptions
}
