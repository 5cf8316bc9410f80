package atlassim

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
)

const (
	defaultItemsPerPage = 100
	maxItemsPerPage     = 500
)

// page is what a list request asks for.
type page struct {
	includeCount bool
	items        int
	number       int
}

var (
	plainQuery = []string{"envelope", "pretty"}
	pageQuery  = []string{"envelope", "pretty", "includeCount", "itemsPerPage", "pageNum"}
)

// checkQuery refuses parameters that the operation does not know and flags that are neither true nor false.
func (c *call) checkQuery(known ...string) *apiError {
	query, err := url.ParseQuery(c.request.URL.RawQuery)
	if err != nil {
		return c.fail("INVALID_QUERY_PARAMETER", "parameter", c.request.URL.RawQuery)
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if strictQuery && !slices.Contains(known, name) {
			return c.fail("INVALID_QUERY_PARAMETER", "parameter", name)
		}
	}
	for _, name := range []string{"envelope", "pretty", "includeCount"} {
		if value := query.Get(name); query.Has(name) && value != "true" && value != "false" {
			return c.fail("INVALID_QUERY_PARAMETER", "parameter", name)
		}
	}
	return nil
}

// pageOf reads the paging parameters.
func (c *call) pageOf(extra ...string) (page, *apiError) {
	if refusal := c.checkQuery(append(slices.Clone(pageQuery), extra...)...); refusal != nil {
		return page{}, refusal
	}
	query := c.request.URL.Query()
	wanted := page{includeCount: query.Get("includeCount") != "false", items: defaultItemsPerPage, number: 1}
	for _, bound := range []struct {
		name    string
		into    *int
		highest int
	}{{"itemsPerPage", &wanted.items, maxItemsPerPage}, {"pageNum", &wanted.number, 1 << 30}} {
		if !query.Has(bound.name) {
			continue
		}
		value, err := strconv.Atoi(query.Get(bound.name))
		if err != nil || value < 1 || value > bound.highest {
			return page{}, c.fail("INVALID_QUERY_PARAMETER", "parameter", bound.name)
		}
		*bound.into = value
	}
	return wanted, nil
}

// bounds returns the part of a list of this length that the page holds.
func (p page) bounds(total int) (from, to int) {
	from = min((p.number-1)*p.items, total)
	return from, min(from+p.items, total)
}

// pageBody renders one page of a list. The order of the query in the links is the recorded one, and differs between self
// and next.
func pageBody[T any](c *call, p page, href string, all []T, render func(T) object) object {
	from, to := p.bounds(len(all))
	results := make([]object, 0, to-from)
	for _, one := range all[from:to] {
		results = append(results, render(one))
	}
	links := []object{link("self",
		fmt.Sprintf("%s?includeCount=%t&pageNum=%d&itemsPerPage=%d", href, p.includeCount, p.number, p.items))}
	neighbour := func(rel string, number int) {
		links = append(links, link(rel,
			fmt.Sprintf("%s?includeCount=%t&itemsPerPage=%d&pageNum=%d", href, p.includeCount, p.items, number)))
	}
	if previousLink && p.number > 1 {
		neighbour("previous", p.number-1)
	}
	if to < len(all) && !c.sim.behavior.NoNextLink {
		neighbour("next", p.number+1)
	}
	body := object{"links": links, "results": results}
	if len(results) == 0 && c.sim.behavior.NoResults {
		delete(body, "results")
	}
	if p.includeCount {
		body["totalCount"] = len(all)
	}
	return body
}

func link(rel, href string) object { return object{"href": href, "rel": rel} }
