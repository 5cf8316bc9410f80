package atlas

import (
	"regexp"
	"strings"
	"unicode"
)

// describedError is an error whose words are partly those of the other side, which may be long and strange: those of a
// malformed header repeat it, those of a malformed time too.
type describedError struct{ err error }

func (e *describedError) Error() string { return describe(e.err) }

func (e *describedError) Unwrap() error { return e.err }

const (
	excerptRunes     = 160
	descriptionRunes = 400
	// textRunes bounds each of Atlas's texts: the longest documented one has about 300 letters.
	textRunes = 1000
	// room, in bytes, is more than anybody shows.
	room = 4 * textRunes
)

// excerpt is the beginning of body, fit for one line of an error.
func excerpt(body []byte) string {
	return cut(withoutSecrets(string(body[:min(len(body), room)])), excerptRunes)
}

// describe is the text of err, fit for one line of an error or of the log.
func describe(err error) string { return cut(withoutSecrets(err.Error()), descriptionRunes) }

// oneLine is the beginning of text, fit for one line of an error.
func oneLine(text string) string { return cut(printable(text), textRunes) }

// secretInText is a credential as something in between may repeat it, with all that follows.
var secretInText = regexp.MustCompile(
	`(?i)(?:(?:authorization|access_token|client_secret|private_key)["']?\s*[:=]|\bbearer\W+\w|\bbasic\W+[\w+/=-]{16}|\bdigest\b[^<>]{0,40}=).*`)

func withoutSecrets(text string) string {
	return secretInText.ReplaceAllString(printable(text), "[removed]")
}

// printable is the beginning of text, more than anybody shows of it, with nothing in it that could act on a terminal.
func printable(text string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text[:min(len(text), room)], " "))), " ")
}

func cut(text string, limit int) string {
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return text
}
