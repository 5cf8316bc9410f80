package snapshot

import (
	"context"
	"fmt"
	"html"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/operation"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

// result is the result of creating a snapshot, or of waiting for one.
type result = operation.Result[*atlas.Snapshot]

// minSnapshotDuration is how long Atlas is busy with a snapshot at least: the shortest of 311 recorded ones took 99 s. Meanwhile it
// refuses to take another, whatever its list shows.
const minSnapshotDuration = 90 * time.Second

// create takes a snapshot and waits until Atlas has completed or failed it. It calls started as soon as Atlas has accepted the
// request, before the wait.
func (c *cluster) create(ctx context.Context, request atlas.TakeSnapshotRequest, started func(*atlas.Snapshot), progress func(string)) result {
	defer c.forgetLists()
	o := c.operation(request)
	o.Progress = progress
	return o.Run(ctx, started)
}

// resume waits for a snapshot that was requested earlier.
func (c *cluster) resume(ctx context.Context, id string) result {
	defer c.forgetLists()
	return c.operation(atlas.TakeSnapshotRequest{}).Resume(ctx, id, (&atlas.Snapshot{ID: id}).RequestedAt())
}

// operation returns the operation that takes a snapshot.
func (c *cluster) operation(request atlas.TakeSnapshotRequest) *operation.Operation[*atlas.Snapshot] {
	return &operation.Operation[*atlas.Snapshot]{
		Client: c.client,
		Key:    c.key(),
		Names: operation.Names{
			Noun: "snapshot", Blocking: "on-demand snapshot", On: fmt.Sprintf("cluster %q", c.name),
			Queued: atlas.StatusQueued, DisplayStatus: displayStatus, LogFields: map[string]any{"cluster_name": c.name},
		},
		Start: func(ctx context.Context) (*atlas.Snapshot, error) {
			defer c.writing()()
			return c.client.TakeSnapshot(ctx, c.projectID, c.name, request)
		},
		IsRefusal: func(err error) bool { return atlas.IsError(err, atlas.CodeUnfinishedSnapshot) },
		List:      c.list,
		Recent:    c.recent,
		Match: func(ctx context.Context, s *atlas.Snapshot, listed []*atlas.Snapshot) (*atlas.Snapshot, operation.Match) {
			return c.match(ctx, request, s, listed)
		},
		Restart: true,
		BusyFor: minSnapshotDuration,
		Get: func(ctx context.Context, id string) (*atlas.Snapshot, error) {
			return c.client.GetSnapshot(ctx, c.projectID, c.name, id)
		},
		Confirm:   c.confirm,
		Describe:  describeSnapshot,
		Schedule:  WaitSchedule,
		Milestone: func(s *atlas.Snapshot) bool { return s.CloudProvider != nil || s.CreatedAt != nil },
	}
}

func describeSnapshot(s *atlas.Snapshot) operation.Info {
	info := operation.Info{ID: s.ID, Status: s.Status, RequestedAt: s.RequestedAt(), Unrelated: s.SnapshotType != atlas.SnapshotTypeOnDemand}
	switch s.Status {
	case atlas.StatusCompleted:
		info.State = operation.StateDone
	case atlas.StatusFailed:
		info.State = operation.StateFailed
	case atlas.StatusQueued, atlas.StatusInProgress:
		info.Blocks = !info.Unrelated
	}
	return info
}

// orphanAge is the age up to which a completed snapshot may be reported as an orphan of a killed run. Whoever killed a run has
// applied again by then, or no longer knows what a warning is about.
const orphanAge = time.Hour

// warnOfOrphans returns a warning about each orphan: a snapshot that an earlier run of the same configuration may have requested but
// could not save, because Terraform or the provider was killed. An orphan has the same description and retention, is recent, and was
// not requested by this process. Snapshots of other resources or configurations may look the same, so it is only a warning.
func (c *cluster) warnOfOrphans(request atlas.TakeSnapshotRequest, r result) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, s := range r.Existing {
		if s.SnapshotType != atlas.SnapshotTypeOnDemand || s.Status == atlas.StatusFailed || operation.IsOwn(c.key(), s.ID) {
			continue
		}
		description := ""
		if s.Description != nil {
			description = *s.Description
		}
		alike := isSameText(request.Description, description) && matchRetention(request.RetentionInDays, s) == operation.MatchExact
		if !alike || !s.Pending() && r.ListedAt.Sub(s.RequestedAt()) > orphanAge {
			continue
		}
		diags.Append(newWarning("Snapshot of an earlier run", s.ID, fmt.Sprintf(
			"When this apply began, Atlas already had %s with the same description and retention, requested at %s (status %q). "+
				"This run did not request it.\n\n"+
				"If an earlier apply was killed before Terraform could save its state, this is the snapshot that it took: it is not tracked in "+
				"Terraform state, and Atlas keeps it until it expires. To have Terraform manage it, add a resource for it and run\n\n"+
				"  terraform import <address> %s\n\n"+
				"If you do not need it, delete it in Atlas. If another resource or configuration has it, or this apply replaces it (create_before_destroy), "+
				"there is nothing to do.",
			c.snapshot(s.ID), s.RequestedAt().UTC().Format(time.RFC3339), s.Status, framework.ImportID(c.projectID, c.name, s.ID))))
	}
	return diags
}

// warnOfDuplicates returns a warning about further snapshots that requests without an answer may have led to.
func (c *cluster) warnOfDuplicates(r result) diag.Diagnostics {
	if r.Duplicates == nil {
		return nil
	}
	rest := fmt.Sprintf("Whether another of these requests also led to a snapshot could not be checked (%s).\n\n"+
		"Look at the cluster's snapshots in Atlas. Another one that nobody else took can be imported "+
		"(terraform import <address> %s) or deleted in Atlas.", logSafe(r.Duplicates.SearchErr), framework.ImportID(c.projectID, c.name, "<snapshot ID>"))
	if len(r.Duplicates.Candidates) > 0 {
		rest = fmt.Sprintf("The list now shows others, which may be from another of these requests:\n\n%s\n"+
			"If nobody else took it, it is not tracked in Terraform state, and Atlas keeps it until it expires. To have Terraform manage it, add a "+
			"resource for it and run the command. If you do not need it, delete it in Atlas.", c.formatSnapshots(r.Duplicates.Candidates))
	}
	return diag.Diagnostics{newWarning("Snapshot possibly taken twice", r.ID, fmt.Sprintf(
		"Atlas did not answer a request for a snapshot of %s (%s), and its list showed none, so the request was sent again. Snapshot %s is from one of "+
			"these requests. %s", c, logSafe(r.Duplicates.Lost), r.ID, rest))}
}

func logSafe(err error) string {
	if err == nil {
		return ""
	}
	return atlas.LogSafe(err)
}

// formatSnapshots returns a list of snapshots in words, each with the command that imports it.
func (c *cluster) formatSnapshots(snapshots []*atlas.Snapshot) string {
	var text strings.Builder
	for _, s := range snapshots {
		described := "no description"
		if !isBlank(s.Description) {
			described = fmt.Sprintf("description %q", *s.Description)
		}
		fmt.Fprintf(&text, "- %s, requested at %s, status %q, %s:\n  terraform import <address> %s\n",
			s.ID, s.RequestedAt().UTC().Format(time.RFC3339), s.Status, described, framework.ImportID(c.projectID, c.name, s.ID))
	}
	return text.String()
}

// match compares a snapshot of the list with the request. The list may be incomplete, so a snapshot that does not match exactly is
// read on its own.
func (c *cluster) match(ctx context.Context, request atlas.TakeSnapshotRequest, s *atlas.Snapshot, listed []*atlas.Snapshot) (*atlas.Snapshot, operation.Match) {
	fits := matchSnapshot(request, s)
	if fits == operation.MatchExact {
		return s, fits
	}
	if whole, err := c.client.GetSnapshot(ctx, c.projectID, c.name, s.ID); err == nil {
		s, fits = whole, matchSnapshot(request, whole)
	}
	if fits == operation.MatchRewritten && request.Description != "" && isBlank(s.Description) && othersHaveDescription(listed, s.ID) {
		// Atlas shows the descriptions of others, so that this one has none.
		fits = operation.MatchUnclear
	}
	return s, fits
}

// othersHaveDescription reports whether the list shows the description of an on-demand snapshot other than id.
func othersHaveDescription(listed []*atlas.Snapshot, id string) bool {
	for _, s := range listed {
		if s.ID != id && s.SnapshotType == atlas.SnapshotTypeOnDemand && !isBlank(s.Description) {
			return true
		}
	}
	return false
}

// matchSnapshot returns how well s fits a request. If Atlas does not show the requested description, only the retention is left to
// compare: a raised one is then not enough.
func matchSnapshot(request atlas.TakeSnapshotRequest, s *atlas.Snapshot) operation.Match {
	hidden := request.Description != "" && isBlank(s.Description)
	if hidden && s.ExpiresAt != nil && retentionOf(s) > request.RetentionInDays+1 {
		return operation.MatchUnclear
	}
	return min(matchDescription(request.Description, s.Description), matchRetention(request.RetentionInDays, s))
}

// matchRetention compares the retention. Atlas may raise it to the minimum of a policy, and round the expiry to a day, but does not
// shorten it.
func matchRetention(days int64, s *atlas.Snapshot) operation.Match {
	if s.ExpiresAt == nil {
		return operation.MatchExact
	}
	switch shown := retentionOf(s); {
	case shown == days:
		return operation.MatchExact
	case shown >= days-1:
		return operation.MatchRewritten
	}
	return operation.MatchNone
}

// minTruncatedLength is how many letters of a truncated description have to be left to identify it.
const minTruncatedLength = 8

// matchDescription compares descriptions. Atlas may return one HTML-escaped once or twice, truncated, with other white space, or not
// at all.
func matchDescription(requested string, shown *string) operation.Match {
	requested = strings.TrimSpace(requested)
	if isBlank(shown) {
		if requested == "" {
			return operation.MatchExact
		}
		return operation.MatchRewritten
	}
	described := strings.TrimSpace(*shown)
	wanted, got := normalizeText(requested), normalizeText(cutEntity.ReplaceAllString(described, ""))
	switch {
	case described == requested:
		return operation.MatchExact
	case isSameText(requested, described):
		return operation.MatchRewritten
	case wanted == "" || got == "":
		// Atlas may add a description to a request without one, and one without letters cannot be compared.
		return operation.MatchUnclear
	case strings.HasPrefix(wanted, got) && utf8.RuneCountInString(got) >= minTruncatedLength:
		return operation.MatchRewritten
	case strings.HasPrefix(wanted, got), strings.HasPrefix(got, wanted), asciiOnly(wanted) == asciiOnly(got):
		return operation.MatchUnclear
	}
	return operation.MatchNone
}

// isSameText reports whether two descriptions are equal apart from entities, white space, punctuation and case.
func isSameText(a, b string) bool {
	if strings.TrimSpace(a) == strings.TrimSpace(b) {
		return true
	}
	same := normalizeText(a)
	return same != "" && same == normalizeText(b)
}

func isBlank(description *string) bool {
	return description == nil || strings.TrimSpace(*description) == ""
}

// cutEntity matches a truncated HTML entity at the end.
var cutEntity = regexp.MustCompile(`&[#0-9A-Za-z]*$`)

// normalizeText returns the letters and digits of a text in lower case, entities decoded.
func normalizeText(text string) string {
	// Twice, for what was escaped when it came in and again when it went out.
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, html.UnescapeString(html.UnescapeString(text)))
}

// asciiOnly removes what a wrong encoding changes.
func asciiOnly(text string) string {
	return strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII {
			return -1
		}
		return r
	}, text)
}

// The figures of [WaitSchedule] follow real snapshots: they complete 99 to 527 s after the request, half of them by 177 s, and
// 57 to 96 s (median 72 s) after Atlas first names the cloud provider. That moment is the best predictor there is, so the
// schedule polls for it, pauses for most of the rest, and polls often when completion is due.
const (
	// minEarlyPause is the first pause. Up to maxEarlyPause, pauses are half the time that has passed, so that a snapshot faster
	// than any recorded one is noticed soon.
	minEarlyPause     = 1500 * time.Millisecond
	maxEarlyPause     = 12 * time.Second
	earliestMilestone = 30 * time.Second  // no recorded one was earlier; one that is says nothing of completion
	expectedFrom      = 140 * time.Second // where no provider is named: sharded clusters may have none
	expectedUntil     = 220 * time.Second
	expectedPause     = 3500 * time.Millisecond
	milestoneRest     = 48 * time.Second
	closeUntil        = 90 * time.Second
	closePause        = 2 * time.Second
	maxPause          = time.Minute
)

// WaitSchedule returns when to poll a snapshot next. Its milestone is that Atlas names the cloud provider.
func WaitSchedule(p wait.Progress) time.Duration {
	if p.PastMilestone {
		switch {
		case p.Elapsed-p.SinceMilestone < earliestMilestone && p.Elapsed < expectedFrom:
			return min(earlyPause(p.Elapsed), closePause)
		case p.SinceMilestone < milestoneRest:
			return milestoneRest - p.SinceMilestone
		case p.SinceMilestone < closeUntil:
			return closePause
		default:
			return min(closePause+(p.SinceMilestone-closeUntil)/20, maxPause)
		}
	}
	switch {
	case p.Elapsed < expectedFrom:
		return earlyPause(p.Elapsed)
	case p.Elapsed < expectedUntil:
		return expectedPause
	default:
		return min(expectedPause+(p.Elapsed-expectedUntil)/20, maxPause)
	}
}

func earlyPause(elapsed time.Duration) time.Duration {
	return min(max(elapsed/2, minEarlyPause), maxEarlyPause)
}
