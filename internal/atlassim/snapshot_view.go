package atlassim

import (
	"cmp"
	"hash/fnv"
	"html"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// view is the kind of answer that shows a snapshot: what a list says and what a GET says may differ.
type view int

const (
	viewAnswer view = iota // of the POST or PATCH itself
	viewGet
	viewList
)

// truncatedDescription is the length of a description under DescriptionsTruncated.
const truncatedDescription = 16

// bodyIn returns what an answer shows of the snapshot: its body, as the switches of Behavior change it.
func (s *snapshot) bodyIn(c *call, in view) object { return s.applyBehavior(c, s.body(c), in) }

// shardedBodyIn returns the same of the body with the parts of a sharded snapshot.
func (s *snapshot) shardedBodyIn(c *call, in view) object {
	return s.applyBehavior(c, s.shardedBody(c), in)
}

func (s *snapshot) applyBehavior(c *call, body object, in view) object {
	behavior := &c.sim.behavior
	if in != viewAnswer {
		body["expiresAt"] = timestamp(s.visibleExpiry(c.now))
	}
	if description, ok := body["description"].(string); ok && (in == viewList || !behavior.DescriptionsInListOnly) {
		if altered, present := transformDescription(description, behavior.Descriptions); present {
			body["description"] = altered
		} else {
			delete(body, "description")
		}
	}
	return c.replaceFields(body)
}

// visibleExpiry returns the expiry that a GET or a list shows at now.
func (s *snapshot) visibleExpiry(now time.Time) time.Time {
	expiry := s.expiresAt(now)
	if now.Before(s.patched.Add(s.behavior.PatchLag)) {
		expiry = s.unpatched
	}
	if s.status(now) == statusCompleted {
		s.reads++
		if s.reads%2 == 0 {
			expiry = expiry.Add(s.behavior.ExpiryJitter)
		}
	}
	return expiry
}

// replaceFields puts SnapshotFields into a snapshot's body.
func (c *call) replaceFields(body object) object {
	for name, value := range c.sim.behavior.SnapshotFields {
		body[name] = value
	}
	return body
}

func transformDescription(description, how string) (altered string, present bool) {
	switch how {
	case DescriptionsEscaped:
		return html.EscapeString(description), true
	case DescriptionsTruncated:
		for len(description) > truncatedDescription {
			_, size := utf8.DecodeLastRuneInString(description)
			description = description[:len(description)-size]
		}
		return description, true
	case DescriptionsCollapsed:
		return strings.Join(strings.Fields(description), " "), true
	case DescriptionsAbsent:
		return "", false
	}
	return description, true
}

// visibleInList returns the snapshots of a cluster that a list shows, in its order.
func (c *call) visibleInList(of *cluster) []*snapshot {
	behavior := &c.sim.behavior
	found := []*snapshot{}
	for _, one := range c.sim.snapshots {
		gone := one.deletedAt(c.now)
		there := gone.IsZero() || c.now.Before(gone.Add(behavior.DeletedInListFor))
		if one.cluster == of && there && !c.now.Before(one.posted.Add(behavior.ListLag)) {
			found = append(found, one)
		}
	}
	slices.SortFunc(found, newestFirst)
	return inListOrder(c, found, (*snapshot).key)
}

// visibleToGet reports whether a GET of the snapshot answers 200.
func (c *call) visibleToGet(one *snapshot) bool {
	behavior := &c.sim.behavior
	if c.now.Before(one.posted.Add(behavior.GetLag)) {
		return false
	}
	gone := one.deletedAt(c.now)
	return gone.IsZero() || c.now.Before(gone.Add(behavior.DeletedReadableFor))
}

// orderKey is what lists are ordered by.
type orderKey struct {
	at time.Time
	id string
}

func (s *snapshot) key() orderKey { return orderKey{s.requested, s.id} }

func (t *tenantSnapshot) key() orderKey { return orderKey{t.scheduled, t.id} }

// inListOrder puts a list into the order of Behavior.ListOrder.
func inListOrder[T any](c *call, list []T, key func(T) orderKey) []T {
	switch c.sim.behavior.ListOrder {
	case ListOldest:
		slices.SortStableFunc(list, func(a, b T) int {
			return cmp.Or(key(a).at.Compare(key(b).at), strings.Compare(key(a).id, key(b).id))
		})
	case ListShuffled:
		slices.SortStableFunc(list, func(a, b T) int {
			return cmp.Compare(c.shuffleKey(key(a).id), c.shuffleKey(key(b).id))
		})
	}
	return list
}

// shuffleKey returns a number without any order for an ID, the same in every request.
func (c *call) shuffleKey(id string) uint64 {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(id)) // a hash takes everything
	seed := uint64(c.sim.options.Seed)
	return (hash.Sum64() ^ seed) * 0x9e3779b97f4a7c15
}
