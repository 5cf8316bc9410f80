package acctest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// Answer is what Atlas has said of one snapshot: each key with the value that it had last.
type Answer map[string]any

// answers are those of all snapshots, in the order in which Atlas first told of them.
type answers struct {
	mu  sync.Mutex
	all []Answer
}

// Answers returns what Atlas has said of each snapshot, in the order in which it first told of them.
func (s *Scenario) Answers() []Answer {
	s.answers.mu.Lock()
	defer s.answers.mu.Unlock()
	var all []Answer
	for _, answer := range s.answers.all {
		all = append(all, maps.Clone(answer))
	}
	return all
}

// Answer returns what Atlas has said of the snapshot with this ID; nil where it has said nothing.
func (s *Scenario) Answer(id any) Answer {
	for _, answer := range s.Answers() {
		if answer["id"] == id {
			return answer
		}
	}
	return nil
}

// note takes the snapshots in an answer of Atlas's over.
func (a *answers) note(sent *http.Request, received *http.Response) error {
	if received.StatusCode != http.StatusOK || !strings.Contains(sent.URL.Path, "/backup/snapshots") {
		return nil
	}
	body, err := bufferBody(received)
	if err != nil {
		return err
	}
	var object struct {
		Results []Answer `json:"results"`
	}
	one := Answer{}
	if decodeNumbers(body, &object) != nil || decodeNumbers(body, &one) != nil {
		return nil // what is no JSON is the provider's to complain about
	}
	if one["id"] != nil {
		object.Results = append(object.Results, one)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, found := range object.Results {
		a.merge(found)
	}
	return nil
}

func (a *answers) merge(found Answer) {
	at := slices.IndexFunc(a.all, func(known Answer) bool { return known["id"] == found["id"] })
	if at < 0 {
		a.all = append(a.all, found)
		return
	}
	merged := maps.Clone(a.all[at])
	maps.Copy(merged, found)
	a.all[at] = merged
}

func decodeNumbers(body []byte, into any) error {
	decoder := json.NewDecoder(strings.NewReader(string(body)))
	decoder.UseNumber()
	return decoder.Decode(into)
}
