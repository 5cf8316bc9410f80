package snapshot

import (
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

// match is how well a snapshot fits a request for one, from not at all to exactly.
type match int

const (
	// matchNone is a snapshot that Atlas cannot have made of the request: it is somebody else's.
	matchNone match = iota
	// matchUnclear is one that may be either.
	matchUnclear
	// matchRewritten is one that Atlas may have made of the request by rewriting what was asked for.
	matchRewritten
	// matchExact is one with just what was asked for.
	matchExact
)

// matchOf says how well s fits a request. Where Atlas does not show the description that was asked for, nothing but the
// retention is left to tell by: one that was raised as well leaves too little.
func matchOf(request atlas.TakeSnapshotRequest, s *atlas.Snapshot) match {
	hidden := request.Description != "" && isBlank(s.Description)
	if hidden && s.ExpiresAt != nil && retentionOf(s) > request.RetentionInDays+1 {
		return matchUnclear
	}
	return min(matchDescription(request.Description, s.Description), matchRetention(request.RetentionInDays, s))
}

// matchRetention compares the retention. Atlas may raise it to the minimum of a policy, and round the expiry to a day; it
// does not shorten what it was asked for.
func matchRetention(days int64, s *atlas.Snapshot) match {
	if s.ExpiresAt == nil {
		return matchExact
	}
	switch shown := retentionOf(s); {
	case shown == days:
		return matchExact
	case shown >= days-1:
		return matchRewritten
	}
	return matchNone
}

// leastTruncated is how many letters of a description have to be left for its beginning to stand for the whole.
const leastTruncated = 8

// matchDescription compares descriptions. What comes back may be escaped as HTML, once or twice, cut off, without some of
// its white space, or not be there.
func matchDescription(requested string, shown *string) match {
	requested = strings.TrimSpace(requested)
	if isBlank(shown) {
		if requested == "" {
			return matchExact
		}
		return matchRewritten
	}
	described := strings.TrimSpace(*shown)
	wanted, got := letters(requested), letters(cutEntity.ReplaceAllString(described, ""))
	switch {
	case described == requested:
		return matchExact
	case isSameText(requested, described):
		return matchRewritten
	case wanted == "" || got == "":
		// A request without a description may get one from Atlas, and of one without letters nothing can be told.
		return matchUnclear
	case strings.HasPrefix(wanted, got) && utf8.RuneCountInString(got) >= leastTruncated:
		return matchRewritten
	case strings.HasPrefix(wanted, got), strings.HasPrefix(got, wanted), latin(wanted) == latin(got):
		return matchUnclear
	}
	return matchNone
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
