package atlassim_test

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// apiTable describes the answers of the API; how it is written is said in its first lines.
//
//go:embed testdata/api.txt
var apiTable string

type object = map[string]any

// tableDocument returns the table as an OpenAPI document.
func tableDocument(t *testing.T) *openapi3.T {
	t.Helper()
	content, err := json.Marshal(parseTable(t, apiTable))
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := openapi3.NewLoader().LoadFromData(content)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

func parseTable(t *testing.T, table string) object {
	t.Helper()
	// What is continued on the next line is one line.
	table = regexp.MustCompile(`\|\n {4}`).ReplaceAllString(table, "|")
	table = strings.ReplaceAll(table, "\n    ", " ")
	paths, schemas, refusals := object{}, object{}, object{}
	var current object
	for _, line := range strings.Split(table, "\n") {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0] == "#":
		case words[0] == "errors":
			for _, status := range strings.Split(words[1], "|") {
				refusals[status] = response("application/json", words[2])
			}
		case strings.HasPrefix(line, "  "):
			addField(current, words[0], words[1:])
		case len(words) == 5:
			addOperation(paths, refusals, words)
		default:
			current = typeOf(line)
			schemas[words[0]] = current
		}
	}
	if len(paths) == 0 || len(schemas) == 0 || len(refusals) == 0 {
		t.Fatal("the table describes nothing")
	}
	return object{
		"openapi": "3.0.1", "info": object{"title": "Atlas", "version": "2.0"}, "paths": paths,
		"components": object{"schemas": schemas},
	}
}

func response(mediaType, schema string) object {
	content := object{}
	if schema != "-" {
		content[mediaType] = object{"schema": valueOf(schema)}
	}
	return object{"description": "", "content": content}
}

// addOperation adds a line of method, path, version, status and body. A path has several methods, an operation versions.
func addOperation(paths, refusals object, words []string) {
	parameter := 0
	path := "/api/atlas/v2/groups/{groupId}/" + regexp.MustCompile(`{}`).ReplaceAllStringFunc(words[1], func(string) string {
		parameter++
		return fmt.Sprintf("{p%d}", parameter)
	})
	operations, _ := paths[path].(object)
	if operations == nil {
		operations = object{}
		paths[path] = operations
	}
	method := strings.ToLower(words[0])
	added := response("application/vnd.atlas."+words[2]+"+json", words[4])
	operation, _ := operations[method].(object)
	if operation == nil {
		responses := object{words[3]: added}
		maps.Copy(responses, refusals)
		operations[method] = object{"responses": responses}
		return
	}
	responses, _ := operation["responses"].(object)
	merged, _ := responses[words[3]].(object)
	contents, _ := merged["content"].(object)
	content, _ := added["content"].(object)
	maps.Copy(contents, content)
}

// typeOf returns the type that a line begins: "T", "T : U", "T = value" or "T null".
func typeOf(line string) object {
	name, value, is := strings.Cut(line, " = ")
	if is {
		return valueOf(value)
	}
	schema := object{"type": "object"}
	if _, base, extends := strings.Cut(name, " : "); extends {
		schema["allOf"] = []any{valueOf(base), object{"type": "object"}}
	}
	if strings.HasSuffix(name, " null") {
		schema["nullable"] = true
	}
	return schema
}

func addField(schema object, name string, value []string) {
	if name == "by" {
		mapping := object{}
		for _, one := range value[1:] {
			word, of, _ := strings.Cut(one, ":")
			mapping[word] = "#/components/schemas/" + of
		}
		schema["discriminator"] = object{"propertyName": value[0], "mapping": mapping}
		return
	}
	if parts, extends := schema["allOf"].([]any); extends {
		schema, _ = parts[1].(object)
	}
	properties, _ := schema["properties"].(object)
	if properties == nil {
		properties = object{}
		schema["properties"] = properties
	}
	if bare, required := strings.CutSuffix(name, "*"); required {
		all, _ := schema["required"].([]string)
		name, schema["required"] = bare, append(all, bare)
	}
	properties[name] = valueOf(strings.Join(value, " "))
}

// primitives are the types that have a name, and the formats of each.
var primitives = map[string]string{
	"string": "string", "boolean": "boolean", "object": "object", "int32": "integer", "int64": "integer", "double": "number",
	"date-time": "string", "uuid": "string",
}

// valueOf returns the schema of a value.
func valueOf(value string) object {
	if alternatives := strings.Split(value, " or "); len(alternatives) > 1 {
		var all []any
		for _, one := range alternatives {
			all = append(all, valueOf(one))
		}
		return object{"type": "object", "oneOf": all}
	}
	words := strings.Fields(value)
	schema := simpleValue(words[0])
	for _, word := range words[1:] {
		if word == "null" {
			schema["nullable"] = true
			continue
		}
		least, most, _ := strings.Cut(word, "..")
		names := map[any][2]string{"string": {"minLength", "maxLength"}, "array": {"minItems", "maxItems"}}[schema["type"]]
		if names[0] == "" {
			names = [2]string{"minimum", "maximum"}
		}
		for i, bound := range []string{least, most} {
			if number, err := strconv.Atoi(bound); err == nil {
				schema[names[i]] = number
			}
		}
	}
	return schema
}

func simpleValue(word string) object {
	inner := word[1:max(len(word)-1, 1)]
	switch {
	case word[0] == '[':
		return object{"type": "array", "items": valueOf(inner)}
	case word[0] == '{':
		return object{"type": "object", "additionalProperties": valueOf(inner)}
	case word[0] == '/':
		return object{"type": "string", "pattern": inner}
	case strings.Contains(word, "|"):
		return enumeration(strings.Split(strings.TrimPrefix(word, "|"), "|"))
	case primitives[word] == word:
		return object{"type": word}
	case primitives[word] != "":
		return object{"type": primitives[word], "format": word}
	}
	return object{"$ref": "#/components/schemas/" + word}
}

func enumeration(words []string) object {
	var values []any
	kind := "string"
	for _, word := range words {
		if number, err := strconv.Atoi(word); err == nil {
			kind = "integer"
			values = append(values, number)
			continue
		}
		values = append(values, word)
	}
	return object{"type": kind, "enum": values}
}

// TestOpenAPI_tableRefuses shows that the table notices what Atlas does not do.
func TestOpenAPI_tableRefuses(t *testing.T) {
	document := tableDocument(t)
	for _, one := range []struct{ schema, value, complaint string }{
		{"DiskBackupReplicaSet", `{"status":"queued","id":"6a7944f20000000000000005","copyRegions":[],"storageSizeBytes":0}`, ""},
		{"DiskBackupReplicaSet", `{"status":"done"}`, "/status: value is not one of the allowed values"},
		{"DiskBackupReplicaSet", `{"status":null}`, "/status: value is not one of the allowed values"},
		{"DiskBackupReplicaSet", `{"id":"6a7944f2"}`, "/id: string doesn't match the regular expression"},
		{"DiskBackupReplicaSet", `{"createdAt":"yesterday"}`, "/createdAt: string doesn't match the format"},
		{"DiskBackupReplicaSet", `{"storageSizeBytes":1.5}`, "/storageSizeBytes: value must be an integer"},
		{"DiskBackupReplicaSet", `{"copyRegions":"US_EAST_1"}`, "/copyRegions: value must be an array"},
		{"DiskBackupReplicaSet", `{"policyItems":["daily"]}`, "/policyItems/0: string doesn't match the regular expression"},
		{"CloudRegionConfig20240805", `{"providerName":"AWS","priority":8}`, "/priority: number must be at most 7"},
		{"DiskBackupShardedClusterSnapshotMember", `{"cloudProvider":"AWS","replicaSetName":"shard"}`, `/id: property "id" is missing`},
		{"PaginatedCloudBackupReplicaSetView", `{"totalCount":0}`, `/results: property "results" is missing`},
		{"PaginatedCloudBackupReplicaSetView", `{"results":[{"status":1}],"totalCount":1}`, "/results/0/status: value"},
		{"PaginatedCloudBackupReplicaSetView", `{"results":[],"totalCount":-1}`, "/totalCount: number must be at least 0"},
		{"ClusterDescription20240805", `{"adaptiveCapacity":null,"stateName":"IDLE"}`, ""},
		{"ClusterDescription20240805", `{"connectionStrings":{"awsPrivateLink":{"a":1}}}`, "/connectionStrings/awsPrivateLink/a: value must be a string"},
		{"LegacyAtlasCluster", `{"replicationFactor":4}`, "/replicationFactor: value is not one of the allowed values"},
		{"ResourceTag", `{"key":"","value":"x"}`, "/key: minimum string length is 1"},
		{"ApiError", `{"error":404,"errorCode":"CLUSTER_NOT_FOUND","detail":null}`, ""},
		{"ApiError", `{"error":404}`, `/errorCode: property "errorCode" is missing`},
	} {
		var value any
		if err := json.Unmarshal([]byte(one.value), &value); err != nil {
			t.Fatal(err)
		}
		found := schemaErrors(document.Components.Schemas[one.schema].Value.VisitJSON(value, openapi3.VisitAsResponse(),
			openapi3.MultiErrors(), openapi3.EnableFormatValidation()))
		if one.complaint == "" && len(found) > 0 || one.complaint != "" && !strings.HasPrefix(strings.Join(found, "; "), one.complaint) {
			t.Errorf("%s %s: %q, want %q", one.schema, one.value, found, one.complaint)
		}
	}
}
