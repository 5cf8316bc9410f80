package acctest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// maskedBaseURL stands for the address of whatever Atlas a cassette was recorded from.
const maskedBaseURL = "https://cloud.mongodb.com"

var (
	objectID = regexp.MustCompile(`\b[0-9a-f]{24}\b`)
	// maskedID is an id that says nothing but its time: Atlas's ids begin with the second they were made in, and the provider
	// goes by that.
	maskedID = regexp.MustCompile(`^[0-9a-f]{8}0{10}[0-9a-f]{6}$`)
	// shardName is how Atlas calls the replica sets of a sharded cluster.
	shardName   = regexp.MustCompile(`\batlas-[a-z0-9]{6}-`)
	maskedShard = "atlas-000000-"
	ipAddress   = regexp.MustCompile(`\b(?:\d{1,3}\.){3}\d{1,3}\b`)
	maskedIP    = "192.0.2.1"
	uuid        = regexp.MustCompile(`\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`)
	maskedUUID  = "00000000-0000-0000-0000-000000000000"
	email       = regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+`)
	// secret is whatever may open a door: service account ids and secrets, tokens, and long runs of random characters.
	secret       = regexp.MustCompile(`mdb_sa_[a-z]+_[A-Za-z0-9_-]+|\beyJ[A-Za-z0-9_.-]{8,}|[A-Za-z0-9+/_-]{32,}={0,2}`)
	maskedSecret = "masked"
	// clusterInPath is the name of a cluster in a path.
	clusterInPath = regexp.MustCompile(`/(clusters|flexClusters|serverless)/([A-Za-z0-9-]+)`)
)

// nameKeys are the keys, of Atlas and of the provider, whose whole value is the name of a cluster.
var nameKeys = map[string]bool{
	"name": true, "targetClusterName": true, "replicaSetName": true, "serverlessInstanceName": true, "clusterName": true,
	"cluster_name": true, "replica_set_name": true, "instance_name": true, "parameters": true,
}

// othersDescription stands for what people wrote about snapshots that no test has taken.
const othersDescription = "(not a test)"

// masker replaces what tells of an account. The same thing is replaced in the same way throughout one cassette.
type masker struct {
	baseURL  string
	clusters map[string]string
	ids      map[string]string
}

func newMasker(baseURL string, names Names) *masker {
	m := &masker{baseURL: baseURL, clusters: map[string]string{}, ids: map[string]string{names.ProjectID: maskedNames.ProjectID}}
	for name, masked := range map[string]string{
		names.ClusterName: maskedNames.ClusterName, names.ShardedClusterName: maskedNames.ShardedClusterName,
		names.TargetClusterName: maskedNames.TargetClusterName,
		names.FlexClusterName:   maskedNames.FlexClusterName, names.ServerlessInstanceName: maskedNames.ServerlessInstanceName,
	} {
		if name != "" {
			m.clusters[name] = masked
		}
	}
	return m
}

// text masks a text that is no value of a known key.
func (m *masker) text(s string) string {
	if m.baseURL != "" {
		s = strings.ReplaceAll(s, m.baseURL, maskedBaseURL)
	}
	s = clusterInPath.ReplaceAllStringFunc(s, func(part string) string {
		found := clusterInPath.FindStringSubmatch(part)
		return "/" + found[1] + "/" + m.cluster(found[2])
	})
	s = objectID.ReplaceAllStringFunc(s, m.id)
	s = uuid.ReplaceAllString(s, maskedUUID)
	s = shardName.ReplaceAllString(s, maskedShard)
	s = ipAddress.ReplaceAllString(s, maskedIP)
	s = email.ReplaceAllString(s, maskedSecret)
	return maskSecrets(s)
}

// maskSecrets leaves alone what only looks random: error codes, paths and what is masked already.
func maskSecrets(s string) string {
	return secret.ReplaceAllStringFunc(s, func(found string) string {
		if isHarmless(found) {
			return found
		}
		return maskedSecret
	})
}

var (
	errorCode = regexp.MustCompile(`^[A-Z_]+$`)
	// pathWords are what paths and the addresses of cassettes are made of, beside ids and names of clusters.
	pathWords = regexp.MustCompile(`^(?:|https|com|api|atlas|v2|groups|clusters|flexClusters|serverless|backup|snapshots|shardedClusters?|core|` +
		`atlas-api-rate-limit)$`)
	clusterName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,22}$`)
)

// isHarmless reports whether a long word can be no secret: an error code, or a path or import id made of known words, masked ids
// and, after either, the name of a cluster.
func isHarmless(found string) bool {
	if errorCode.MatchString(found) || found == maskedUUID {
		return true
	}
	named := false
	for _, part := range strings.Split(found, "/") {
		known := pathWords.MatchString(part) || maskedID.MatchString(part)
		if !known && (!named || !clusterName.MatchString(part)) {
			return false
		}
		named = known && part != ""
	}
	return strings.Contains(found, "/") || maskedID.MatchString(found)
}

func (m *masker) id(id string) string {
	if maskedID.MatchString(id) {
		return id
	}
	masked, known := m.ids[id]
	if !known {
		masked = fmt.Sprintf("%s0000000000%06x", id[:8], len(m.ids))
		m.ids[id] = masked
	}
	return masked
}

func (m *masker) cluster(name string) string {
	if masked, known := m.clusters[name]; known {
		return masked
	}
	return name
}

// json masks a body. Atlas writes JSON compact and with sorted keys, and so does this; what is no JSON is masked as text.
func (m *masker) json(body string) string {
	decoder := json.NewDecoder(strings.NewReader(body))
	decoder.UseNumber()
	var value any
	if body == "" || decoder.Decode(&value) != nil || decoder.More() {
		return m.text(body)
	}
	return encode(m.value("", value))
}

// value masks a decoded value that stands under key, in the order of the keys, so that ids are numbered alike every time.
func (m *masker) value(key string, value any) any {
	switch v := value.(type) {
	case map[string]any:
		if key == "connectionStrings" {
			return map[string]any{}
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			v[name] = m.value(name, v[name])
		}
	case []any:
		for i, element := range v {
			v[i] = m.value(key, element)
		}
	case string:
		return m.stringValue(key, v)
	}
	return value
}

func (m *masker) stringValue(key, word string) string {
	switch {
	case key == "description" && word != othersDescription && !strings.HasPrefix(word, DescriptionPrefix):
		return othersDescription
	case key == "description":
		return word
	case nameKeys[key] && m.clusters[word] != "":
		return m.clusters[word]
	case key == "detail":
		return m.errorDetail(word)
	case key == "id" && strings.Count(word, "/") == 2:
		parts := strings.Split(word, "/")
		return m.text(parts[0]) + "/" + m.cluster(parts[1]) + "/" + m.text(parts[2])
	}
	return m.text(word)
}

// errorDetail masks Atlas's words about an error, which name clusters.
func (m *masker) errorDetail(s string) string {
	for name, masked := range m.clusters {
		s = regexp.MustCompile(`\b`+regexp.QuoteMeta(name)+`\b`).ReplaceAllString(s, masked)
	}
	return m.text(s)
}

// encode writes JSON as Atlas does.
func encode(value any) string {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err) // it was decoded from JSON
	}
	return strings.TrimSuffix(buffer.String(), "\n")
}
