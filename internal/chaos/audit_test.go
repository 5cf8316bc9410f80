package chaos

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// tally is what the line at the end says.
type tally struct {
	applies, destroys, events, faults int
	// interrupted are runs that got a signal, or what it leads to.
	interrupted int
	// lost are answers that were lost after Atlas had taken the snapshot: adopted ones the provider has found by itself,
	// imported ones the user, as the provider said, and declined ones the provider has
	// named to a user who had no use for them.
	lost, adopted, imported, declined int
	// rotations are snapshots that have taken the place of another one in the same resource.
	rotations int
	// orphans are snapshots that nobody knows, duplicates those that were taken twice without a word, and backupsLost the
	// resources that had a completed snapshot and have none, for no reason.
	orphans, duplicates, backupsLost int
}

func (s *tally) add(more tally) {
	s.applies += more.applies
	s.destroys += more.destroys
	s.events += more.events
	s.faults += more.faults
	s.interrupted += more.interrupted
	s.lost += more.lost
	s.adopted += more.adopted
	s.imported += more.imported
	s.declined += more.declined
	s.rotations += more.rotations
	s.orphans += more.orphans
	s.duplicates += more.duplicates
	s.backupsLost += more.backupsLost
}

// count is the tally of the world so far.
func (w *world) count() *tally {
	w.faults, w.interrupted = w.atlas.Struck(), 0
	for _, user := range w.users {
		w.interrupted += user.interrupted
	}
	return &w.tally
}

func (s *tally) String() string {
	return fmt.Sprintf("applies=%d destroys=%d faults=%d interrupted=%d lost=%d adopted=%d imported=%d declined=%d rotations=%d orphans=%d duplicates=%d backups_lost=%d",
		s.applies, s.destroys, s.faults+s.events, s.interrupted, s.lost, s.adopted, s.imported, s.declined, s.rotations, s.orphans, s.duplicates, s.backupsLost)
}

// sight is what there was before a round.
type sight struct {
	// ids are all snapshots that Atlas has had.
	ids map[string]bool
	// backups are the completed snapshots of the resources that are to have one after the round too.
	backups map[string]string
	// had are the snapshots of all resources.
	had map[string]string
}

// look notes what there is before a round. destroy says of each user whether the round destroys everything.
func (w *world) look(destroy []bool) sight {
	before := sight{ids: map[string]bool{}, backups: map[string]string{}, had: map[string]string{}}
	completed := map[string]bool{}
	for _, s := range w.atlas.Snapshots() {
		before.ids[s.ID] = true
		completed[s.ID] = s.Status == "completed" && s.DeletedAt.IsZero()
	}
	for u, user := range w.users {
		for i, o := range user.state {
			if o == nil {
				continue
			}
			id, wanted := o.Text("snapshot_id"), &user.wishes[i]
			before.had[user.resource(i)] = id
			// One that is tainted is replaced, as Terraform has announced.
			isReplaced := o.Tainted || user.replace[i] || wanted.cluster != o.Text("cluster_name")
			isKept := wanted.present && !destroy[u] && (!isReplaced || wanted.createFirst)
			if isKept && completed[id] {
				before.backups[user.resource(i)] = id
			}
		}
	}
	return before
}

// audit compares what Atlas has with what the states have.
func (w *world) audit(before sight) {
	everything := w.atlas.Snapshots()
	known := w.known()
	w.countLosses(known)
	w.countBackups(before, everything, known)
	w.countTaken(before, everything)
	for _, s := range everything {
		switch {
		case !s.DeletedAt.IsZero(), w.left[s.ID]:
		case s.Description == byHandDescription && known[s.ID] != "":
			w.errorf("%s has snapshot %s, which is somebody else's", known[s.ID], s.ID)
		case s.Description != byHandDescription && known[s.ID] == "":
			w.settle(s)
		}
	}
	for _, user := range w.users {
		for id := range user.heard.strays {
			if owner := known[id]; owner != "" {
				w.errorf("snapshot %s is called one of an earlier run, and %s has it", id, owner)
			}
		}
		for _, what := range user.heard.bugs {
			w.errorf("Terraform would call this a bug: %s", what)
		}
		user.heard = newHeard()
	}
	w.atlas.ClearRequests()
}

// known are the ids of the snapshots that a state has, and the resource of each. A snapshot is in one place only.
func (w *world) known() map[string]string {
	all := map[string]string{}
	for _, user := range w.users {
		for id, i := range user.known() {
			if all[id] != "" {
				w.duplicates++
				w.errorf("%s and %s both have snapshot %s", all[id], user.resource(i), id)
			}
			all[id] = user.resource(i)
		}
	}
	return all
}

// countLosses counts the answers that were lost and what became of them so far.
func (w *world) countLosses(known map[string]string) {
	for _, request := range w.atlas.Requests() {
		if request.Method != http.MethodPost || request.SnapshotID == "" || !request.Struck {
			continue
		}
		w.lost++
		if known[request.SnapshotID] != "" {
			w.adopted++
		}
	}
}

// countBackups looks for resources that had a backup and have none.
func (w *world) countBackups(before sight, everything []atlassim.Snapshot, known map[string]string) {
	backups, now, present := map[string]bool{}, map[string]atlassim.Snapshot{}, map[string]string{}
	for _, s := range everything {
		now[s.ID] = s
		if s.Status == "completed" && s.DeletedAt.IsZero() && known[s.ID] != "" {
			backups[known[s.ID]] = true
		}
	}
	for _, user := range w.users {
		for i, o := range user.state {
			name := user.resource(i)
			if o == nil {
				continue
			}
			present[name] = o.Text("snapshot_id")
			if before.had[name] != "" && before.had[name] != present[name] {
				w.rotations++
			}
		}
	}
	for name, id := range before.backups {
		if !backups[name] && !w.isExcused(now[id]) && !w.isExcused(now[present[name]]) {
			w.backupsLost++
			w.errorf("%s had the completed snapshot %s and has none now", name, id)
		}
	}
}

// isExcused says that a snapshot has expired, or that somebody has deleted it by hand.
func (w *world) isExcused(s atlassim.Snapshot) bool {
	return w.isDeletedByHand(s) || !s.DeletedAt.IsZero() && !s.DeletedAt.Before(s.ExpiresAt)
}

// isDeletedByHand says that somebody has deleted a snapshot without Terraform.
func (w *world) isDeletedByHand(s atlassim.Snapshot) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.deleted[s.ID]
}

// countTaken looks for resources that have taken more than one snapshot in a round, without the user having been told.
func (w *world) countTaken(before sight, everything []atlassim.Snapshot) {
	taken := map[string][]string{}
	for _, s := range everything {
		// One that somebody deleted before a list showed it leaves nothing behind to be found: another one is no duplicate.
		if !before.ids[s.ID] && s.Description != byHandDescription && !w.isTold(s) && !w.isDeletedByHand(s) {
			taken[owner(s.Description)] = append(taken[owner(s.Description)], fmt.Sprintf("%s (%s, deleted at %s)", s.ID, s.Status, s.DeletedAt))
		}
	}
	for name, ids := range taken {
		if len(ids) > 1 {
			w.duplicates += len(ids) - 1
			w.errorf("%s has taken %d snapshots in one run: %s", name, len(ids), strings.Join(ids, ", "))
		}
	}
}

// isTold says whether the provider has told a user of a snapshot.
func (w *world) isTold(s atlassim.Snapshot) bool {
	for _, user := range w.users {
		if user.heard.offered[s.ID] || user.heard.unsure[s.Description] {
			return true
		}
		for _, other := range w.atlas.Snapshots() {
			if user.heard.doubled[other.ID] && other.ClusterName == s.ClusterName && other.Description == s.Description {
				return true
			}
		}
	}
	return false
}

// settle has the user do what the provider said of a snapshot that no state has: import it where the resource has none, else
// leave it. One that it said nothing of is an orphan.
func (w *world) settle(s atlassim.Snapshot) {
	w.left[s.ID] = true
	for _, user := range w.users {
		if user.heard.kept[s.ID] {
			return
		}
	}
	if !w.isTold(s) {
		w.orphans++
		w.errorf("no state has snapshot %s (%s, %q, %s)", s.ID, s.ClusterName, s.Description, s.Status)
		return
	}
	for _, user := range w.users {
		for i := range user.wishes {
			if user.resource(i) != owner(s.Description) || user.state[i] != nil || !user.wishes[i].present || user.wishes[i].cluster != s.ClusterName {
				continue
			}
			id := strings.Join([]string{w.atlas.Fixture().ProjectID, s.ClusterName, s.ID}, "/")
			if err := user.adopt(w.t, i, id); err != nil {
				w.errorf("importing %s: %v", id, err)
			}
			delete(w.left, s.ID)
			w.imported++
			return
		}
	}
	w.declined++
}
