package atlas

import "errors"

// Brief is what err says without the beginning of an answer that is not of Atlas's form: for a log, which is to have none of
// what a proxy or a captive portal answered.
func Brief(err error) string {
	var refusal *Error
	var answer *AnswerError
	switch {
	case errors.As(err, &refusal):
		brief := *refusal
		brief.Excerpt = ""
		return brief.Error()
	case errors.As(err, &answer):
		brief := *answer
		brief.Excerpt = ""
		return brief.Error()
	}
	return err.Error()
}
