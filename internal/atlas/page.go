package atlas

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
)

// page is one part of a list.
type page[T any] struct {
	id func(*T) string
	// before is how many elements the pages before this one have.
	before int

	elements []*T
	// missing reports whether the answer has no results, as opposed to an empty list.
	missing bool
	// unreadable are the elements that cannot be told from others.
	unreadable []*elementError
	// total is an estimate, Atlas's documentation says; nil where Atlas does not say.
	total *int64
	links []link
}

type link struct {
	Rel string `json:"rel"`
}

// errNoResults is what makes a page useless. An answer without results must not pass for an empty list, which means
// something: that a snapshot is gone. But where the total says that there are none, or no more, that is what it means.
var errNoResults = errors.New("the answer has no results")

// elementError is what is wrong with an element of a list, or with all of a page.
type elementError struct {
	error
	value json.RawMessage
}

func (e *elementError) Unwrap() error { return e.error }

// IsUnreadableElement reports whether err is about one element of a list, and the list goes on after it.
func IsUnreadableElement(err error) bool {
	_, ok := errors.AsType[*elementError](err)
	return ok
}

// Readable returns list without the elements that cannot be read, which skip is told of. It serves a search for what there is;
// a conclusion that something is not there has to stop at such an element, for that could be it.
func Readable[T any](list iter.Seq2[T, error], skip func(error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for element, err := range list {
			if IsUnreadableElement(err) {
				skip(err)
			} else if !yield(element, err) {
				return
			}
		}
	}
}

// decode decodes a page. What is wrong with an element spoils no other.
func (p *page[T]) decode(body []byte, report reportFunc) error {
	var wire struct {
		Results    json.RawMessage `json:"results"`
		TotalCount *int64          `json:"totalCount"`
		Links      []link          `json:"links"`
	}
	if err := decodeFields(body, &wire, report); err != nil {
		return err
	}
	p.elements, p.unreadable, p.total, p.links = nil, nil, wire.TotalCount, wire.Links
	var results []json.RawMessage
	if len(wire.Results) > 0 {
		if err := json.Unmarshal(wire.Results, &results); err != nil {
			return fmt.Errorf("the results are no list: %w", err)
		}
	}
	if p.missing = results == nil; p.missing {
		report("list", "results", wire.Results, p.check() == nil)
	}
	for i, result := range results {
		element := new(T)
		err := decodeFields(result, element, report)
		if err == nil && p.id(element) == "" {
			err = errors.New("it has no ID")
		}
		if err != nil {
			report("list", "results[]", result, false)
			p.unreadable = append(p.unreadable, &elementError{fmt.Errorf("element %d of the results cannot be read: %w", i, err), result})
			continue
		}
		p.elements = append(p.elements, element)
	}
	return nil
}

// check returns an error where the page does not tell what is on it: it has no results, and not because there are no more.
func (p *page[T]) check() error {
	if p.missing && (p.total == nil || *p.total > int64(p.before)) {
		return errNoResults
	}
	return nil
}

// length returns how many elements the page has, readable or not.
func (p *page[T]) length() int { return len(p.elements) + len(p.unreadable) }

// hasNext reports whether another page follows, after so many elements on the pages up to this one: the links say it, or the
// page is full and the total says it, or there are no links to say it. perPage is how many elements the first page had, if they
// were fewer than the size that was asked for.
func (p *page[T]) hasNext(seen, perPage, size int) bool {
	for _, l := range p.links {
		if l.Rel == "next" {
			return true
		}
	}
	if p.length() == 0 || p.length() < perPage {
		return false
	}
	return p.total != nil && *p.total > int64(seen) || len(p.links) == 0 && p.length() >= size
}
