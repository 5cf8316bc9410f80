package atlas

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"strconv"
)

// maxPageSize is the largest page that Atlas gives.
const maxPageSize = 500

// list is a list of Atlas that comes in pages.
type list[T any] struct {
	client *Client
	op     call
	// size is how many elements to ask for at a time, maxPageSize at the most.
	size int
	// last is the last page to read, 0 for all.
	last int
	// id is what tells an element from all others.
	id func(*T) string
}

// elements reads the list lazily, in one request a page, and yields every element once. It keeps the IDs of those, and no
// elements. An error ends the list unless it [IsUnreadableElement].
//
// A list may change while it is read. What is added moves others back over the border of a page, so that they come again;
// they are yielded once. What is deleted moves those behind it forward over the border, past the reader: where the total
// shrinks, as many of the pages before are read again as the loss can have reached. Additions do not hide a loss where the
// newest come first, for they move the rest back again; lists that begin with the oldest are those of Flex, eight long.
func (l *list[T]) elements(ctx context.Context) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		(&listReader[T]{list: l, perPage: l.size, yielded: map[string]struct{}{}, yield: yield}).run(ctx)
	}
}

// listReader is one pass through a list.
type listReader[T any] struct {
	*list[T]
	// perPage is how many elements Atlas gives at a time, which may be fewer than it is asked for.
	perPage int
	// yielded are the IDs of the elements so far, unreadable counts those without.
	yielded    map[string]struct{}
	unreadable int
	total      int64
	yield      func(*T, error) bool
}

func (r *listReader[T]) run(ctx context.Context) {
	idle := 0
	for number := 1; ; number++ {
		part, ok := r.fetch(ctx, number, r.seen())
		if !ok {
			return
		}
		if number == 1 && part.length() > 0 {
			r.perPage = min(r.perPage, part.length())
		}
		before := len(r.yielded)
		for earlier := r.firstMoved(part, number); earlier < number; earlier++ {
			if again, ok := r.fetch(ctx, earlier, (earlier-1)*r.perPage); !ok || !r.yieldNew(again) {
				return
			}
		}
		if !r.yieldNew(part) {
			return
		}
		if idle++; len(r.yielded) > before {
			idle = 0
		}
		// Two pages in a row with nothing new: the list has a next page for ever.
		if number == r.last || !part.hasNext(r.seen(), r.perPage, r.size) || idle == 2 {
			return
		}
	}
}

// seen returns how many elements there were so far.
func (r *listReader[T]) seen() int { return len(r.yielded) + r.unreadable }

// firstMoved returns the first page that has to be read again because the total has shrunk, or number: at the most those before
// number, whatever Atlas says that the total was.
func (r *listReader[T]) firstMoved(part *page[T], number int) int {
	if part.total == nil {
		return number
	}
	lost := r.total - *part.total
	r.total = *part.total
	if lost <= 0 {
		return number
	}
	return number - int(min((lost-1)/int64(r.perPage)+1, int64(number-1)))
}

// yieldNew yields the elements of part that are new, and reports whether more are wanted.
func (r *listReader[T]) yieldNew(part *page[T]) bool {
	for _, element := range part.elements {
		id := r.id(element)
		if _, ok := r.yielded[id]; ok {
			continue
		}
		r.yielded[id] = struct{}{}
		if !r.yield(element, nil) {
			return false
		}
	}
	for _, element := range part.unreadable {
		r.unreadable++
		if !r.yield(nil, &AnswerError{
			Request: r.client.requestLine(r.op), StatusCode: http.StatusOK, BodySnippet: bodySnippet(element.value), Err: &sanitizedError{element},
		}) {
			return false
		}
	}
	return true
}

// fetch reads one page, with so many elements on the pages before it. It yields an error, and reports whether there was none.
func (r *listReader[T]) fetch(ctx context.Context, number, before int) (*page[T], bool) {
	part, op := &page[T]{id: r.id, before: before}, r.op
	op.query = url.Values{"includeCount": {"true"}, "itemsPerPage": {strconv.Itoa(r.size)}, "pageNum": {strconv.Itoa(number)}}
	err := r.client.send(ctx, op, part)
	if errors.Is(err, errNoResults) && (part.total != nil || part.links != nil) {
		// It is a list all the same, of which nothing can be read.
		part.unreadable, err = []*elementError{{error: errNoResults}}, nil
	}
	if err != nil {
		r.yield(nil, err)
	}
	return part, err == nil
}
