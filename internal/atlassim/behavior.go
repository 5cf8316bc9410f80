package atlassim

import (
	"encoding/json"
	"time"
)

// The values of Behavior.PatchFrom, besides "" for createdAt.
const (
	// PatchFromRequest counts a new retention from the request.
	PatchFromRequest = "request"
	// PatchFromCompletion counts it from the completion.
	PatchFromCompletion = "completion"
	// PatchFromPatch counts it from the PATCH itself.
	PatchFromPatch = "patch"
)

// The values of Behavior.Descriptions, besides "" for the text that was sent.
const (
	// DescriptionsEscaped writes HTML entities for <, >, &, ' and ".
	DescriptionsEscaped = "escaped"
	// DescriptionsTruncated keeps the first 16 bytes, and no half of a character.
	DescriptionsTruncated = "truncated"
	// DescriptionsCollapsed makes one space of each run of white space and drops it at both ends.
	DescriptionsCollapsed = "collapsed"
	// DescriptionsAbsent leaves the key out.
	DescriptionsAbsent = "absent"
)

// The values of Behavior.ListOrder, besides "" for the order that Atlas documents.
const (
	// ListOldest lists the oldest first.
	ListOldest = "oldest"
	// ListShuffled has no order, but keeps it from one page to the next. It depends on the seed.
	ListShuffled = "shuffled"
)

// Behavior is what Atlas may do otherwise than this simulator assumes, or than most of the recordings show. The zero value is
// what it does without a switch.
type Behavior struct {
	// ListLag keeps a new snapshot out of lists until this long after its POST. Atlas itself knows of it all the same.
	ListLag time.Duration
	// GetLag has a GET of a new snapshot answer SNAPSHOT_NOT_FOUND until this long after its POST.
	GetLag time.Duration
	// DeletedInListFor keeps a deleted or expired snapshot in lists this long.
	DeletedInListFor time.Duration
	// DeletedReadableFor has a GET of a deleted or expired snapshot answer 200 this long.
	DeletedReadableFor time.Duration
	// PatchLag has GET and lists show the old expiry this long after a PATCH, whose own answer has the new one.
	PatchLag time.Duration

	// ExpiryJitter has every second read of a completed snapshot show expiresAt this much later.
	ExpiryJitter time.Duration
	// ExpiryRounding rounds expiresAt up to a multiple of this, such as an hour or a day.
	ExpiryRounding time.Duration
	// ExpiryBefore is how far expiresAt lies before the request or the completion plus the retention. The recordings have a
	// second in 6 of 317.
	ExpiryBefore time.Duration
	// MinimumRetention, in days, is what a shorter request is raised to without a word, in a POST and in a PATCH.
	MinimumRetention int
	// PatchFrom is what a new retention is counted from: "" for createdAt, or a PatchFrom constant.
	PatchFrom string

	// Descriptions is what becomes of a description: "" for nothing, or a Descriptions constant.
	Descriptions string
	// DescriptionsInListOnly leaves the description alone everywhere but in lists.
	DescriptionsInListOnly bool

	// IDBefore is how far the time in a new snapshot's ID lies before the request; below zero, after it. The recordings have
	// up to a second between the ID and the Date header of the POST's answer.
	IDBefore time.Duration
	// NoDate leaves the Date header out of every answer.
	NoDate bool
	// DateOffset is added to the Date header and to nothing else: IDs and the times in bodies keep to the simulator's clock.
	DateOffset time.Duration
	// ClockOffset is added to Atlas's clock: IDs, the times in bodies and the Date header agree with each other, and differ by
	// this from the time that a client has. Set it before the first snapshot, as those that exist do not move with it.
	ClockOffset time.Duration

	// ListOrder is "" or a ListOrder constant.
	ListOrder string
	// NoNextLink leaves out the link to the next page, although totalCount says that there is more.
	NoNextLink bool
	// NoResults leaves the key results out of an empty list.
	NoResults bool
	// FreeClusterError is the error code that a free cluster's snapshots answer, PROVIDER_BACKUP_NOT_SUPPORTED if it is empty.
	FreeClusterError string
	// Gzip compresses answers for clients that send Accept-Encoding: gzip, as some were in 2025.
	Gzip bool

	// RestoreListLag keeps a new restore job out of lists, and RestoreGetLag has a GET of it answer RESTORE_JOB_NOT_FOUND, until this
	// long after its POST.
	RestoreListLag, RestoreGetLag time.Duration
	// RestorePurgedAfter is how long after its end a restore job is forgotten; 0 is never.
	RestorePurgedAfter time.Duration
	// RestoreFailedOnly shows failed restore jobs as failed only; the recorded one is cancelled, too.
	RestoreFailedOnly bool
	// RestoreOfDeletedFails fails a restore job whose snapshot is deleted during it.
	RestoreOfDeletedFails bool
	// RestoreTargetIdle shows the target of a restore as idle throughout, and RestoreTargetBusyFor as being updated until this long after
	// the end.
	RestoreTargetIdle    bool
	RestoreTargetBusyFor time.Duration
	// RestoreBlindFor accepts another restore onto the same target until this long after the POST of the first.
	RestoreBlindFor time.Duration
	// RestoreCancelFinishedRefused refuses to cancel a download that has ended.
	RestoreCancelFinishedRefused bool
	// PointInTimeHidden leaves the requested point in time out of restore jobs.
	PointInTimeHidden bool

	// SnapshotFields replaces single fields of every snapshot body, known to the API or not.
	SnapshotFields map[string]json.RawMessage
}

// SetBehavior changes the simulator's behavior: change gets the present one. It is called under the simulator's lock, so it
// must not call the simulator.
func (s *Simulator) SetBehavior(change func(*Behavior)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.behavior)
}

// now returns Atlas's time: that of IDs, of the times in bodies and, but for DateOffset, of the Date header.
func (s *Simulator) now() time.Time { return s.clock.now().Add(s.behavior.ClockOffset) }

func resetBehavior(b *Behavior) { *b = Behavior{} }
