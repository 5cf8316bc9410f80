package flexsnapshot

import (
	"iter"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/diagnostics"
)

// newestCompleted finds the newest completed snapshot of a list, nil where there is none, and counts the others. Atlas lists
// the oldest first, and eight at the most, so all are looked at.
func newestCompleted(list iter.Seq2[*atlas.FlexSnapshot, error]) (found *atlas.FlexSnapshot, passed diagnostics.Passed, err error) {
	for s, err := range atlas.Readable(list, func(err error) { passed.Unreadable = append(passed.Unreadable, err) }) {
		if err != nil {
			return nil, passed, err
		}
		passed.Seen++
		switch {
		case s.Status == atlas.FlexStatusFailed:
			passed.Failed++
		case s.Status != atlas.FlexStatusCompleted:
			passed.Unfinished++
		case found == nil || s.TakenAt().After(found.TakenAt()):
			found = s
		}
	}
	return found, passed, nil
}
