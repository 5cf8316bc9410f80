package atlas

import (
	"context"
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// decoder is an answer that is decoded in a way of its own.
type decoder interface {
	decode(body []byte, report reportFunc) error
}

// reportFunc is told of a field whose value is not of the documented form. understood reports whether its meaning is plain all
// the same.
type reportFunc func(kind, field string, value json.RawMessage, understood bool)

// decode decodes the answer to a request into out. It warns once of each field that is not of the documented form: what is wrong
// with one snapshot is wrong with the other hundreds, too.
func (c *Client) decode(ctx context.Context, requestLine string, body []byte, out any) error {
	report := func(kind, field string, value json.RawMessage, understood bool) {
		if _, known := c.warned.LoadOrStore(kind+"."+field, true); known {
			return
		}
		message := "Atlas sent a field in a form that is not documented; it counts as not sent"
		if understood {
			message = "Atlas sent a field in a form that is not documented; its meaning is plain"
		}
		c.warn(ctx, message, map[string]any{"request": requestLine, "field": field, "value": bodySnippet(value)})
	}
	if special, ok := out.(decoder); ok {
		return special.decode(body, report)
	}
	return decodeFields(body, out, report)
}

// decodeFields decodes a JSON object into a struct, each field on its own: one that is not of the documented form must not
// hide the others. Such a field is read where its meaning is plain, and otherwise left as if Atlas had not sent it.
func decodeFields(body []byte, into any, report reportFunc) error {
	object := reflect.ValueOf(into).Elem()
	// An answer that was of no use may have come before.
	object.SetZero()
	if json.Unmarshal(body, into) == nil && allInRange(object) {
		return nil
	}
	var values map[string]json.RawMessage
	if err := json.Unmarshal(body, &values); err != nil {
		return err
	}
	for i := range object.NumField() {
		name := object.Type().Field(i).Tag.Get("json")
		value, sent := values[name]
		if !sent || name == "" || name == "-" {
			continue
		}
		field := object.Field(i)
		field.SetZero()
		if json.Unmarshal(value, field.Addr().Interface()) == nil && inRange(field.Interface()) {
			continue
		}
		field.SetZero()
		report(object.Type().Name(), name, value, decodeVariant(field.Addr().Interface(), value))
	}
	return nil
}

func allInRange(object reflect.Value) bool {
	for i := range object.NumField() {
		if !inRange(object.Field(i).Interface()) {
			return false
		}
	}
	return true
}

// inRange reports whether a value can be saved: RFC 3339 has four digits for the year, also of what a zone moves to another one.
func inRange(value any) bool {
	at, ok := value.(*time.Time)
	if !ok || at == nil {
		return true
	}
	year := at.UTC().Year()
	return year >= 0 && year <= 9999
}

// decodeVariant decodes a value of another than the documented form whose meaning is plain.
func decodeVariant(target any, value json.RawMessage) bool {
	text := string(value)
	var quoted string
	if json.Unmarshal(value, &quoted) == nil {
		text = strings.TrimSpace(quoted)
	}
	switch target := target.(type) {
	case **int64:
		if n, ok := wholeNumber(text); ok {
			*target = &n
			return true
		}
	case **time.Time:
		// With its zone: a moment without one is anybody's guess.
		if at, err := time.Parse("2006-01-02 15:04:05Z07:00", text); err == nil && inRange(&at) {
			*target = &at
			return true
		}
	}
	return false
}

// maxExactInteger is the largest whole number up to which every one has a float64 of its own.
const maxExactInteger = 1 << 53

// wholeNumber reads numbers such as 12, 1.5E9 and 12.0.
func wholeNumber(text string) (int64, bool) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > maxExactInteger {
		return 0, false
	}
	return int64(f), true
}
