package snapshot

import (
	"context"
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/operation"
)

// match compares a snapshot of the list with the request. The list may abridge: what is not exactly what was requested is read by
// itself.
func (c *cluster) match(ctx context.Context, request atlas.TakeSnapshotRequest, s *atlas.Snapshot, listed []*atlas.Snapshot) (*atlas.Snapshot, operation.Match) {
	fits := matchOf(request, s)
	if fits == operation.MatchExact {
		return s, fits
	}
	if whole, err := c.client.GetSnapshot(ctx, c.projectID, c.name, s.ID); err == nil {
		s, fits = whole, matchOf(request, whole)
	}
	if fits == operation.MatchRewritten && request.Description != "" && isBlank(s.Description) && describesOthers(listed, s.ID) {
		// Atlas shows the descriptions of others, so that this one has none.
		fits = operation.MatchUnclear
	}
	return s, fits
}

// describesOthers reports whether the list shows the description of an on-demand snapshot other than id.
func describesOthers(listed []*atlas.Snapshot, id string) bool {
	for _, s := range listed {
		if s.ID != id && s.SnapshotType == atlas.SnapshotTypeOnDemand && !isBlank(s.Description) {
			return true
		}
	}
	return false
}

// matchOf returns how well s fits a request. Where Atlas does not show the description that was asked for, nothing but the
// retention is left to tell by: one that was raised as well leaves too little.
func matchOf(request atlas.TakeSnapshotRequest, s *atlas.Snapshot) operation.Match {
	hidden := request.Description != "" && isBlank(s.Description)
	if hidden && s.ExpiresAt != nil && retentionOf(s) > request.RetentionInDays+1 {
		return operation.MatchUnclear
	}
	return min(matchDescription(request.Description, s.Description), matchRetention(request.RetentionInDays, s))
}

// matchRetention compares the retention. Atlas may raise it to the minimum of a policy, and round the expiry to a day; it
// does not shorten what it was asked for.
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

// leastTruncated is how many letters of a description have to be left for its beginning to stand for the whole.
const leastTruncated = 8

// matchDescription compares descriptions. What comes back may be escaped as HTML, once or twice, cut off, without some of
// its white space, or not be there.
func matchDescription(requested string, shown *string) operation.Match {
	requested = strings.TrimSpace(requested)
	if isBlank(shown) {
		if requested == "" {
			return operation.MatchExact
		}
		return operation.MatchRewritten
	}
	described := strings.TrimSpace(*shown)
	wanted, got := letters(requested), letters(cutEntity.ReplaceAllString(described, ""))
	switch {
	case described == requested:
		return operation.MatchExact
	case isSameText(requested, described):
		return operation.MatchRewritten
	case wanted == "" || got == "":
		// A request without a description may get one from Atlas, and of one without letters nothing can be told.
		return operation.MatchUnclear
	case strings.HasPrefix(wanted, got) && utf8.RuneCountInString(got) >= leastTruncated:
		return operation.MatchRewritten
	case strings.HasPrefix(wanted, got), strings.HasPrefix(got, wanted), latin(wanted) == latin(got):
		return operation.MatchUnclear
	}
	return operation.MatchNone
}

// isSameText says that two descriptions are the same but for what an API does to a text on its way: entities, white space,
// punctuation and case.
func isSameText(a, b string) bool {
	if strings.TrimSpace(a) == strings.TrimSpace(b) {
		return true
	}
	same := letters(a)
	return same != "" && same == letters(b)
}

func isBlank(description *string) bool {
	return description == nil || strings.TrimSpace(*description) == ""
}

// cutEntity is an HTML entity whose end has been cut off.
var cutEntity = regexp.MustCompile(`&[#0-9A-Za-z]*$`)

// letters is what is left of a text without entities, white space, punctuation and case.
func letters(text string) string {
	// Twice, for what was escaped when it came in and again when it went out.
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, html.UnescapeString(html.UnescapeString(text)))
}

// latin is what is left of letters when their encoding has been mistaken for another.
func latin(letters string) string {
	return strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII {
			return -1
		}
		return r
	}, letters)
}
