package atlas

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strconv"
)

// pageSize is the largest page that Atlas gives.
const pageSize = 500

// page is one part of a list.
type page[T any] struct {
	Results    []T    `json:"results"`
	TotalCount int    `json:"totalCount"`
	Links      []link `json:"links"`
}

type link struct {
	Rel string `json:"rel"`
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

// pages reads a list lazily, size elements a request, and gives every element once. Elements that are deleted while the
// list is read move those behind them forward, past the page border: where the total shrinks, the page before is read again. last is the last page to read, 0 for all.
func pages[T any](ctx context.Context, c *Client, path []string, version string, size, last int, id func(T) string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		given := map[string]struct{}{}
		total := -1
		for number := 1; ; number++ {
			part, err := getPage[T](ctx, c, path, version, size, number)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			parts := []*page[T]{part}
			if number > 1 && part.TotalCount < total {
				again, err := getPage[T](ctx, c, path, version, size, number-1)
				if err != nil {
					var none T
					yield(none, err)
					return
				}
				parts = []*page[T]{again, part}
			}
			total = part.TotalCount
			for _, p := range parts {
				for _, element := range p.Results {
					if _, ok := given[id(element)]; ok {
						continue
					}
					given[id(element)] = struct{}{}
					if !yield(element, nil) {
						return
					}
				}
			}
			if number == last || !part.more(size) || len(part.Results) == 0 {
				return
			}
		}
	}
}

func getPage[T any](ctx context.Context, c *Client, path []string, version string, size, number int) (*page[T], error) {
	var part page[T]
	err := c.send(ctx, call{
		method: http.MethodGet,
		path:   path,
		query: url.Values{
			"includeCount": {"true"},
			"itemsPerPage": {strconv.Itoa(size)},
			"pageNum":      {strconv.Itoa(number)},
		},
		version: version,
	}, &part)
	return &part, err
}
