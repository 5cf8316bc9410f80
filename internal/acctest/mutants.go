package acctest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait/waittest"
)

// A cassette is worth as much as what notices when it is wrong. So every replayed cassette is falsified in every way there is,
// one at a time, and each forgery must be noticed: by the provider, which then gives Terraform another state, an error, or
// leaves answers unasked for; or by the rules of cassettes.

// mutant is a cassette with one thing wrong.
type mutant struct {
	class string
	what  string
	// at are the interactions that are wrong.
	at   []int
	tape *tape
}

// The classes of mutants.
const (
	classType    = "another type"
	classDropped = "a field dropped"
	classSwapped = "answers swapped"
	classTimed   = "answers with their times swapped"
)

// mutants are all forgeries of a cassette. Of answers that are alike and follow one another, the first and the last are
// forged.
func (t *tape) mutants() []mutant {
	var all []mutant
	for i, one := range t.Interactions {
		if one.Response.Body != "" && (!t.same(i-1, i) || !t.same(i, i+1)) {
			all = append(all, t.forged(i)...)
		}
		for j := i + 1; j < len(t.Interactions); j++ {
			if other := t.Interactions[j]; other.Request.URL == one.Request.URL && other.Request.Method == one.Request.Method {
				if other.Response.Body != one.Response.Body {
					all = append(all, t.swapped(i, j)...)
				}
				break
			}
		}
	}
	return all
}

func (t *tape) same(i, j int) bool {
	return i >= 0 && j < len(t.Interactions) && t.Interactions[i].Request.URL == t.Interactions[j].Request.URL &&
		t.Interactions[i].Response.Body == t.Interactions[j].Response.Body
}

// with is the cassette with other answers in some places.
func (t *tape) with(changed map[int]response) *tape {
	copied := *t
	copied.Interactions = slices.Clone(t.Interactions)
	for i, answer := range changed {
		one := *t.Interactions[i]
		one.Response = answer
		copied.Interactions[i] = &one
	}
	return &copied
}

func (t *tape) swapped(i, j int) []mutant {
	first, second := t.Interactions[i].Response, t.Interactions[j].Response
	one, other := first, second
	one.Body, other.Body = second.Body, first.Body
	one.Code, other.Code = second.Code, first.Code
	what := fmt.Sprintf("%d and %d", i, j)
	return []mutant{
		{class: classSwapped, what: what, at: []int{i, j}, tape: t.with(map[int]response{i: one, j: other})},
		{class: classTimed, what: what, at: []int{i, j}, tape: t.with(map[int]response{i: second, j: first})},
	}
}

func (t *tape) forged(i int) []mutant {
	var all []mutant
	answer := t.Interactions[i].Response
	forge := func(class, path string, body any) {
		changed := answer
		changed.Body = encode(body)
		all = append(all, mutant{class: class, what: fmt.Sprintf("%d%s", i, path), at: []int{i}, tape: t.with(map[int]response{i: changed})})
	}
	root := decode(answer.Body)
	visit(root, "", func(path string, value any, replace func(any) any, drop func() any) {
		forge(classType, path, replace(anotherType(value)))
		if drop != nil && !t.early(i, path) {
			forge(classDropped, path, drop())
		}
	})
	return all
}

// early says that the answer is the first with a field that snapshots have only after a while. Without it, the answer is as
// right as with it: the next one has the field.
func (t *tape) early(i int, path string) bool {
	key := strings.TrimPrefix(path, ".")
	return slices.Contains(late, key) && i > 0 && !strings.Contains(t.Interactions[i-1].Response.Body, `"`+key+`"`) &&
		!strings.Contains(t.Interactions[i].Response.Body, `"completed"`)
}

// anotherType is something that value is not.
func anotherType(value any) any {
	switch value.(type) {
	case string:
		return json.Number("987654321")
	case json.Number:
		return "seven"
	case []any:
		return map[string]any{}
	case map[string]any:
		return []any{}
	case bool:
		return "true"
	}
	return "something"
}

// visit calls back for every value in root, with functions that return a copy of root where the value is replaced, or is not.
func visit(root any, path string, call func(path string, value any, replace func(any) any, drop func() any)) {
	switch typed := root.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(typed)) {
			put := func(value any) any {
				copied := maps.Clone(typed)
				copied[key] = value
				return copied
			}
			call(path+"."+key, typed[key], put, func() any {
				copied := maps.Clone(typed)
				delete(copied, key)
				return copied
			})
			visit(typed[key], path+"."+key, within(call, put))
		}
	case []any:
		for i := range typed {
			put := func(value any) any {
				copied := slices.Clone(typed)
				copied[i] = value
				return copied
			}
			at := path + "[" + strconv.Itoa(i) + "]"
			call(at, typed[i], put, nil)
			visit(typed[i], at, within(call, put))
		}
	}
}

type visitor = func(path string, value any, replace func(any) any, drop func() any)

// within has copies of a part put into copies of the whole.
func within(call visitor, put func(any) any) visitor {
	return func(path string, value any, replace func(any) any, drop func() any) {
		var dropped func() any
		if drop != nil {
			dropped = func() any { return put(drop()) }
		}
		call(path, value, func(v any) any { return put(replace(v)) }, dropped)
	}
}

// tally counts mutants of one class.
type tally struct{ all, byProvider, byRules, survived int }

// tallies are those of a test binary, by class.
var (
	talliesMu sync.Mutex
	tallies   = map[string]*tally{}
)

// report is the count of all mutants of the test binary.
func report() string {
	talliesMu.Lock()
	defer talliesMu.Unlock()
	var lines []string
	var sum tally
	for _, class := range slices.Sorted(maps.Keys(tallies)) {
		t := tallies[class]
		lines = append(lines, fmt.Sprintf("  %-34s %5d of %5d, %5d of them by the provider and %5d by the rules", class+":",
			t.all-t.survived, t.all, t.byProvider, t.byRules))
		sum.all, sum.survived = sum.all+t.all, sum.survived+t.survived
	}
	if sum.all == 0 {
		return ""
	}
	return fmt.Sprintf("cassettes: caught %d of %d mutants\n%s\n", sum.all-sum.survived, sum.all, strings.Join(lines, "\n"))
}

// tried are the forgeries that some scenario has tried: what they all begin with is the same.
var tried = map[string]bool{}

// isNew says that no scenario has tried this forgery in the same call of Terraform's.
func (m mutant) isNew(takers map[int]*providerCall) bool {
	key := m.class
	for _, i := range m.at {
		one := m.tape.Interactions[i]
		key += fmt.Sprintf(" %s %s %s %t", one.Request.Method, one.Request.URL, one.Response.Body, takers[i] == nil)
		if taker := takers[i]; taker != nil {
			key += fmt.Sprintf(" %s %d %d", taker.name, len(taker.played), slices.Index(taker.played, i))
		}
	}
	talliesMu.Lock()
	defer talliesMu.Unlock()
	old := tried[key]
	tried[key] = true
	return !old
}

// mutate falsifies the cassette that has just been replayed and lists the forgeries that nobody notices.
func (s *Scenario) mutate() []string {
	takers := map[int]*providerCall{}
	for _, call := range s.said.calls {
		for _, id := range call.played {
			takers[id] = call
		}
	}
	var survivors []string
	for _, m := range s.tape.mutants() {
		if !m.isNew(takers) {
			continue
		}
		byProvider := slices.ContainsFunc(m.at, func(i int) bool { return takers[i] != nil && s.notices(takers[i], m.tape) })
		byRules := m.breaksRules()
		if !byProvider && !byRules {
			survivors = append(survivors, m.class+": "+m.what)
		}
		m.count(byProvider, byRules)
	}
	return survivors
}

// breaksRules looks at the wrong answers first, which is quicker than at all.
func (m mutant) breaksRules() bool {
	return slices.ContainsFunc(m.at, func(i int) bool { return len(m.tape.Interactions[i].check()) > 0 }) || len(m.tape.check()) > 0
}

func (m mutant) count(byProvider, byRules bool) {
	talliesMu.Lock()
	defer talliesMu.Unlock()
	t := tallies[m.class]
	if t == nil {
		t = &tally{}
		tallies[m.class] = t
	}
	t.all++
	if byProvider {
		t.byProvider++
	}
	if byRules {
		t.byRules++
	}
	if !byProvider && !byRules {
		t.survived++
	}
}

// notices says whether the provider's answer to Terraform's call is another one when it plays from tape.
func (s *Scenario) notices(call *providerCall, t *tape) bool {
	var part []*exchange
	for _, id := range slices.Sorted(slices.Values(call.played)) {
		part = append(part, t.Interactions[id])
	}
	clock := waittest.NewClock(call.at)
	played := newPlayer(t.Recorded.From, part, clock)
	again := &Scenario{clients: s.clients, clock: clock, environment: s.environment, options: s.options, wrap: played.wrap}
	ctx := context.Background()
	server, err := again.newProvider(ctx)
	if err != nil {
		return true
	}
	if _, err := server.ConfigureProvider(ctx, call.configured); err != nil {
		return true
	}
	if _, err := call.again(ctx, server); err != nil || len(played.finish()) > 0 {
		return true
	}
	got := again.said.calls
	return len(got) != 1 || got[0].failed != call.failed || !slices.Equal(got[0].states, call.states)
}
