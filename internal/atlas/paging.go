package atlas

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
)

// pageSize is the largest page that Atlas gives.
const pageSize = 500

// list is a list of Atlas that comes in pages.
type list[T any] struct {
	client  *Client
	path    []string
	version string
	// size is how many elements to ask for at a time, pageSize at the most.
	size int
	// last is the last page to read, 0 for all.
	last int
	// id is what tells an element from all others.
	id func(*T) string
}

// page is one part of a list.
type page[T any] struct {
	Results []*T `json:"results"`
	// TotalCount is an estimate, Atlas's documentation says.
	TotalCount int    `json:"totalCount"`
	Links      []link `json:"links"`

	id func(*T) string
}

type link struct {
	Rel string `json:"rel"`
}

// errNoResults is what makes a page useless. An answer without results must not pass for an empty list, which means
// something: that a snapshot is gone.
var errNoResults = errors.New("the answer has no results")

func (p *page[T]) check() error {
	if p.Results == nil {
		return errNoResults
	}
	for i, element := range p.Results {
		if element == nil || p.id(element) == "" {
			return fmt.Errorf("element %d of the results has no id", i)
		}
	}
	return nil
}

// more says that another page follows: by the links where the answer has any, by its length otherwise.
func (p *page[T]) more(size int) bool {
	for _, l := range p.Links {
		if l.Rel == "next" {
			return true
		}
	}
	return len(p.Links) == 0 && len(p.Results) >= size
}

// pages reads the list lazily, in one request a page, and gives every element once, in slices as they came. It keeps the
// ids that it has given, and no elements.
//
// A list may change while it is read. What is added moves others back over the border of a page, so that they come again;
// they are given once. What is deleted moves those behind it forward over the border, past the reader: where the total
// shrinks, as many of the pages before are read again as the loss can have reached. Additions do not hide a loss where the
// newest come first, for they move the rest back again; lists that begin with the oldest are those of Flex, eight long.
func (l *list[T]) pages(ctx context.Context) iter.Seq2[[]*T, error] {
	return func(yield func([]*T, error) bool) {
		given := map[string]struct{}{}
		total, barren := 0, 0
		for number := 1; ; number++ {
			part, err := l.get(ctx, number)
			if err != nil {
				yield(nil, err)
				return
			}
			// At most the pages before this one, whatever Atlas says the total was.
			again := min((max(total-part.TotalCount, 0)+l.size-1)/l.size, number-1)
			total = part.TotalCount
			var fresh []*T
			for before := number - again; before < number; before++ {
				earlier, err := l.get(ctx, before)
				if err != nil {
					yield(nil, err)
					return
				}
				fresh = l.appendFresh(fresh, earlier, given)
			}
			fresh = l.appendFresh(fresh, part, given)
			if len(fresh) > 0 {
				barren = 0
				if !yield(fresh, nil) {
					return
				}
			} else {
				barren++
			}
			// Two pages in a row with nothing new: the list has a next page for ever.
			if number == l.last || !part.more(l.size) || barren == 2 {
				return
			}
		}
	}
}

// appendFresh adds the elements of part that have not been given yet.
func (l *list[T]) appendFresh(fresh []*T, part *page[T], given map[string]struct{}) []*T {
	for _, element := range part.Results {
		id := l.id(element)
		if _, ok := given[id]; !ok {
			given[id] = struct{}{}
			fresh = append(fresh, element)
		}
	}
	return fresh
}

// elements are those of all pages, one by one.
func (l *list[T]) elements(ctx context.Context) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		for part, err := range l.pages(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			for _, element := range part {
				if !yield(element, nil) {
					return
				}
			}
		}
	}
}

func (l *list[T]) get(ctx context.Context, number int) (*page[T], error) {
	part := page[T]{id: l.id}
	err := l.client.send(ctx, call{
		method: http.MethodGet,
		path:   l.path,
		query: url.Values{
			"includeCount": {"true"},
			"itemsPerPage": {strconv.Itoa(l.size)},
			"pageNum":      {strconv.Itoa(number)},
		},
		version: l.version,
	}, &part)
	return &part, err
}
