package acctest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// life is a snapshot as it was last seen at one kind of endpoint.
type life map[string]any

// stages are the statuses of a snapshot in the order in which it has them.
var stages = []string{"queued", "inProgress", "completed", "failed"}

// fixed are the keys whose values never change, whatever stage a snapshot is in.
var fixed = []string{
	"copyRegions", "createdAt", "cloudProvider", "description", "frequencyType", "id", "links", "mongodVersion", "replicaSetName", "snapshotType",
	"type", "masterKeyUUID", "configServerType",
}

// settled are the keys whose values change when the stage does, and by a PATCH.
var settled = []string{"storageSizeBytes", "expiresAt"}

// late are the keys that a snapshot has only after a while.
var late = []string{"createdAt", "cloudProvider", "mongodVersion"}

// follow says where an answer contradicts what was known of the snapshots in it: they go through their stages in one order,
// never lose a key, and change only what does change.
func follow(lives map[string]life, e *exchange) []string {
	if e.Response.Code != http.StatusOK {
		return nil
	}
	value := decode(e.Response.Body)
	seen := []any{value}
	if e.isList() {
		seen = elements(value)
	}
	kind := "plain "
	if strings.Contains(e.Request.URL, "/snapshots/shardedCluster") {
		kind = "sharded "
	}
	var found []string
	for _, one := range seen {
		now, ok := one.(map[string]any)
		if !ok {
			continue
		}
		key := kind + fmt.Sprint(now["id"])
		if before, known := lives[key]; known {
			found = append(found, before.contradictions(now, e.Request.Method)...)
		}
		lives[key] = now
		if sharded, known := lives["sharded "+fmt.Sprint(now["id"])]; known && e.Request.Method == http.MethodPatch {
			// There is one expiry, wherever it was changed.
			sharded["expiresAt"] = now["expiresAt"]
		}
	}
	return found
}

func (before life) contradictions(now life, method string) []string {
	var found []string
	from, to := slices.Index(stages, fmt.Sprint(before["status"])), slices.Index(stages, fmt.Sprint(now["status"]))
	if to < from {
		found = append(found, fmt.Sprintf("%v after %v", now["status"], before["status"]))
	}
	for _, key := range slices.Sorted(maps.Keys(before)) {
		_, there := now[key]
		switch {
		case !there:
			found = append(found, key+" has vanished")
		case slices.Contains(fixed, key) && encode(before[key]) != encode(now[key]):
			found = append(found, fmt.Sprintf("%s is %v, was %v", key, now[key], before[key]))
		case from == to && method == http.MethodGet && slices.Contains(settled, key) && encode(before[key]) != encode(now[key]):
			found = append(found, fmt.Sprintf("%s is %v, was %v", key, now[key], before[key]))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(now)) {
		if _, there := before[key]; !there && !slices.Contains(late, key) {
			found = append(found, key+" was not there before")
		}
	}
	return found
}
