package atlas

import (
	"regexp"
	"strings"
	"unicode"
)

// sanitizedError is an error whose words are partly those of the other side, which may be long and strange: those of a
// malformed header repeat it, those of a malformed time too.
type sanitizedError struct{ err error }

func (e *sanitizedError) Error() string { return sanitize(e.err) }

func (e *sanitizedError) Unwrap() error { return e.err }

const (
	snippetRunes     = 160
	descriptionRunes = 400
	// textRunes bounds each of Atlas's texts: the longest documented one has about 300 letters.
	textRunes = 1000
	// maxTextBytes is more than anybody shows.
	maxTextBytes = 4 * textRunes
)

// bodySnippet returns the beginning of body, fit for one line of an error.
func bodySnippet(body []byte) string {
	return truncate(withoutSecrets(string(body[:min(len(body), maxTextBytes)])), snippetRunes)
}

// sanitize returns the text of err, fit for one line of an error or of the log.
func sanitize(err error) string { return truncate(withoutSecrets(err.Error()), descriptionRunes) }

// singleLine returns the beginning of text, fit for one line of an error.
func singleLine(text string) string { return truncate(printable(text), textRunes) }

// secretInText is a credential as something in between may repeat it, or the address of a downloadable backup, with all that
// follows.
var secretInText = regexp.MustCompile(
	`(?i)(?:(?:authorization|access_token|client_secret|private_key|deliveryurls?|downloadurl|snapshoturl)["']?\s*[:=]|https?://restore-|\bbearer\W+\w|\bbasic\W+[\w+/=-]{16}|\bdigest\b[^<>]{0,40}=).*`)

func withoutSecrets(text string) string {
	return secretInText.ReplaceAllString(printable(text), "[removed]")
}

// printable returns the beginning of text, more than anybody shows of it, with nothing in it that could act on a terminal.
func printable(text string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text[:min(len(text), maxTextBytes)], " "))), " ")
}

func truncate(text string, limit int) string {
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return text
}
