package acctest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// The rules of a cassette: what every recorded answer has to look like. They hold for Atlas and for the simulator alike, and
// an answer that breaks one must not be committed, whoever gave it.

// rule is what a key's value must be like.
type rule struct {
	is func(any) bool
	// need says when the key must be there.
	need need
}

type need int

const (
	always need = iota
	whenCompleted
	maybe
)

var (
	text      = matching(`(?s)^.+$`)
	id        = matching(`^[0-9a-f]{24}$`)
	moment    = matching(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`)
	address   = matching(`^https://cloud\.mongodb\.com/`)
	count     = whole(0)
	snapshots = map[string]rule{
		"copyRegions": {listOf(text), maybe}, "createdAt": {moment, whenCompleted}, "description": {text, maybe},
		"expiresAt": {moment, always}, "frequencyType": {text, always}, "id": {id, always}, "links": {listOf(like(linkRules)), always},
		"mongodVersion": {text, whenCompleted}, "policyItems": {listOf(id), always},
		"snapshotType": {oneOf("onDemand", "scheduled", "fallback"), always}, "status": {oneOf("queued", "inProgress", "completed", "failed"), always},
		"storageSizeBytes": {count, always}, "masterKeyUUID": {text, maybe},
	}
	linkRules = map[string]rule{"href": {address, always}, "rel": {text, always}}

	replicaSetRules = plus(snapshots, map[string]rule{
		"type": {oneOf("replicaSet"), always}, "cloudProvider": {text, whenCompleted}, "replicaSetName": {text, always},
		"copyRegions": {listOf(text), always},
	})
	plainShardedRules = plus(snapshots, map[string]rule{"type": {oneOf("shardedCluster"), always}})
	shardedRules      = plus(plainShardedRules, map[string]rule{
		"configServerType": {oneOf("EMBEDDED", "DEDICATED"), always}, "snapshotIds": {listOf(id), always},
		"members": {listOf(like(map[string]rule{"cloudProvider": {text, always}, "id": {id, always}, "replicaSetName": {text, always}})), always},
	})
	flexRules = map[string]rule{
		"expiration": {moment, always}, "finishTime": {moment, whenCompleted}, "id": {id, always}, "mongoDBVersion": {text, always},
		"scheduledTime": {moment, always}, "startTime": {moment, always},
		"status": {oneOf("PENDING", "QUEUED", "RUNNING", "COMPLETED", "FAILED"), always},
	}
	serverlessRules = map[string]rule{
		"createdAt": {moment, whenCompleted}, "expiresAt": {moment, always}, "frequencyType": {text, always}, "id": {id, always},
		"links": {listOf(like(linkRules)), always}, "mongodVersion": {text, always}, "serverlessInstanceName": {text, always},
		"snapshotType": {text, always}, "status": {oneOf("queued", "inProgress", "completed", "failed"), always}, "storageSizeBytes": {count, always},
	}
	errorRules = map[string]rule{
		"detail": {text, always}, "error": {whole(400), always}, "errorCode": {matching(`^[A-Z_]+$`), always},
		"parameters": {listOf(scalar), always}, "reason": {text, always},
	}
)

func plus(a, b map[string]rule) map[string]rule {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

func matching(pattern string) func(any) bool {
	compiled := regexp.MustCompile(pattern)
	return func(value any) bool {
		text, ok := value.(string)
		return ok && compiled.MatchString(text)
	}
}

func oneOf(words ...string) func(any) bool {
	return func(value any) bool {
		text, ok := value.(string)
		return ok && slices.Contains(words, text)
	}
}

func whole(least int64) func(any) bool {
	return func(value any) bool {
		number, ok := value.(json.Number)
		n, err := number.Int64()
		return ok && err == nil && n >= least
	}
}

func scalar(value any) bool {
	_, isText := value.(string)
	return isText || whole(0)(value)
}

func listOf(element func(any) bool) func(any) bool {
	return func(value any) bool {
		list, ok := value.([]any)
		return ok && !slices.ContainsFunc(list, func(one any) bool { return !element(one) })
	}
}

func like(rules map[string]rule) func(any) bool {
	return func(value any) bool { return len(breaches(rules, value)) == 0 }
}

// breaches lists what is wrong with a value. A key that no rule knows is: it may tell more than it should.
func breaches(rules map[string]rule, value any) []string {
	object, ok := value.(map[string]any)
	if !ok {
		return []string{fmt.Sprintf("%v is no object", value)}
	}
	var found []string
	status, _ := object["status"].(string)
	completed := strings.EqualFold(status, "completed")
	for _, key := range slices.Sorted(maps.Keys(rules)) {
		one, there := object[key]
		switch {
		case there && !rules[key].is(one):
			found = append(found, fmt.Sprintf("%s is %v", key, one))
		case !there && (rules[key].need == always || rules[key].need == whenCompleted && completed):
			found = append(found, key+" is missing")
		}
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if _, known := rules[key]; !known {
			found = append(found, "no rule knows "+key)
		}
	}
	return found
}

// check lists how a cassette breaks the rules.
func (t *tape) check() []string {
	var found []string
	note := func(format string, arguments ...any) { found = append(found, fmt.Sprintf(format, arguments...)) }
	if t.Recorded.From != fromAtlas && t.Recorded.From != fromSimulator {
		note("it is recorded from %q, which is neither atlas nor atlassim", t.Recorded.From)
	}
	if _, err := time.Parse(time.RFC3339, t.Recorded.At); err != nil {
		note("when it was recorded: %v", err)
	}
	lives := map[string]life{}
	var last time.Time
	for i, one := range t.Interactions {
		where := fmt.Sprintf("interaction %d", i)
		if one.ID != i {
			note("%s has the id %d", where, one.ID)
		}
		at, err := http.ParseTime(one.Response.Headers.Get("Date"))
		if err != nil || at.Before(last) {
			note("%s is of %q, after %s", where, one.Response.Headers.Get("Date"), last)
		}
		last = at
		if version := mediaTypeVersion.FindStringSubmatch(one.Request.Headers.Get("Accept")); version == nil ||
			!slices.Contains(t.Recorded.APIVersions, version[1]) {
			note("%s asks for %q, which is none of the API versions %v", where, one.Request.Headers.Get("Accept"), t.Recorded.APIVersions)
		}
		for _, breach := range one.check() {
			note("%s: %s", where, breach)
		}
		for _, breach := range follow(lives, one) {
			note("%s: %s", where, breach)
		}
	}
	return found
}

// check lists how one answer breaks the rules.
func (e *exchange) check() []string {
	if e.Response.Code == http.StatusNoContent {
		if e.Response.Body != "" {
			return []string{"a body where there is none"}
		}
		return nil
	}
	value := decode(e.Response.Body)
	if e.Response.Code >= http.StatusBadRequest {
		return e.checkError(value)
	}
	element := func(value any) []string { return breaches(e.rulesFor(value), value) }
	if !e.isList() {
		return element(value)
	}
	found := breaches(map[string]rule{
		"links": {listOf(like(linkRules)), always}, "results": {listOf(func(any) bool { return true }), always}, "totalCount": {count, always},
	}, value)
	for i, one := range elements(value) {
		for _, breach := range element(one) {
			found = append(found, fmt.Sprintf("result %d: %s", i, breach))
		}
	}
	return found
}

// checkError lists how a refusal breaks the rules: it repeats its status and its code, and its text names its parameters.
func (e *exchange) checkError(value any) []string {
	found := breaches(errorRules, value)
	object, _ := value.(map[string]any)
	if fmt.Sprint(object["error"]) != fmt.Sprint(e.Response.Code) {
		found = append(found, fmt.Sprintf("error is %v, the status %d", object["error"], e.Response.Code))
	}
	if code := e.Response.Headers.Get("X-Error-Code"); code != "" && code != object["errorCode"] {
		found = append(found, fmt.Sprintf("errorCode is %v, the header says %s", object["errorCode"], code))
	}
	parameters, _ := object["parameters"].([]any)
	for _, parameter := range parameters {
		if !strings.Contains(fmt.Sprint(object["detail"]), fmt.Sprint(parameter)) {
			found = append(found, fmt.Sprintf("detail does not name the parameter %v", parameter))
		}
	}
	return found
}

var oneSnapshot = regexp.MustCompile(`/backup/snapshots/(?:shardedCluster/)?[0-9a-f]{24}$`)

func (e *exchange) isList() bool {
	path, _, _ := strings.Cut(e.Request.URL, "?")
	return e.Request.Method == http.MethodGet && !oneSnapshot.MatchString(path)
}

// rulesFor are those of a snapshot that this request gets.
func (e *exchange) rulesFor(value any) map[string]rule {
	object, _ := value.(map[string]any)
	switch {
	case strings.Contains(e.Request.URL, "/flexClusters/"):
		return flexRules
	case strings.Contains(e.Request.URL, "/serverless/"):
		return serverlessRules
	case strings.Contains(e.Request.URL, "/snapshots/shardedCluster"):
		return shardedRules
	case object["type"] == "shardedCluster":
		return plainShardedRules
	}
	return replicaSetRules
}

func decode(body string) any {
	decoder := json.NewDecoder(strings.NewReader(body))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return nil
	}
	return value
}

func elements(list any) []any {
	object, _ := list.(map[string]any)
	results, _ := object["results"].([]any)
	return results
}
