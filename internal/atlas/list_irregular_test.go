package atlas

import (
	"strconv"
	"strings"
	"testing"
)

// TestList_noNextLink has every page but the last full and without a link to the next: the total says that there is more.
func TestList_noNextLink(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		count, perPage int
		total          func(count int) any
		asked          []int
	}{
		"the total says more":              {1200, 500, func(n int) any { return n }, []int{1, 2, 3}},
		"in quotes":                        {1200, 500, func(n int) any { return strconv.Itoa(n) }, []int{1, 2, 3}},
		"the last page is full":            {1000, 500, func(n int) any { return n }, []int{1, 2}},
		"one page":                         {500, 500, func(n int) any { return n }, []int{1}},
		"the total is too small":           {501, 500, func(int) any { return 500 }, []int{1}},
		"the total is too large":           {501, 500, func(n int) any { return n + 10 }, []int{1, 2}},
		"fewer on a page than asked for":   {250, 100, func(n int) any { return n }, []int{1, 2, 3}},
		"fewer, and the last page is full": {200, 100, func(n int) any { return n }, []int{1, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &pagedAtlas{ids: idsOf(c.count), perPage: c.perPage, change: func(_ int, page map[string]any) {
				page["links"], page["totalCount"] = []any{map[string]any{"rel": "self"}}, c.total(c.count)
			}}
			want := a.ids
			if name == "the total is too small" {
				want = a.ids[:500]
			}
			expectIDs(t, a.read(t), want)
			a.expectAsked(t, c.asked...)
		})
	}
}

// TestList_withoutResults has Atlas leave the key out where nothing is on a page.
func TestList_withoutResults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		count int
		asked []int
	}{
		"an empty list":             {0, []int{1}},
		"the page after the last":   {500, []int{1, 2}},
		"the page after the second": {1000, []int{1, 2, 3}},
	} {
		for how, leaveOut := range map[string]func(page map[string]any){
			"left out": func(page map[string]any) { delete(page, "results") },
			"null":     func(page map[string]any) { page["results"] = nil },
		} {
			t.Run(name+", "+how, func(t *testing.T) {
				t.Parallel()
				a := &pagedAtlas{ids: idsOf(c.count), change: func(_ int, page map[string]any) {
					if results, ok := page["results"].([]any); ok && len(results) == 0 {
						leaveOut(page)
						return
					}
					page["links"] = []any{map[string]any{"rel": "next"}}
				}}
				expectIDs(t, a.read(t), append([]string(nil), a.ids...))
				a.expectAsked(t, c.asked...)
			})
		}
	}
}

// TestList_unreadableElement has elements that cannot be told from others: they are errors, and all others come.
func TestList_unreadableElement(t *testing.T) {
	t.Parallel()
	all := idsOf(1200)
	for name, c := range map[string]struct {
		change     func(page map[string]any)
		unreadable int
	}{
		"an element is null":    {replaceElement(nil), 3},
		"it is of another form": {replaceElement(7), 3},
		"it has no id":          {replaceElement(map[string]any{"status": "completed"}), 3},
		"its id is a number":    {replaceElement(map[string]any{"id": 7}), 3},
		"the results are left out, and the total says that there are some": {func(page map[string]any) { delete(page, "results") }, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &pagedAtlas{ids: all, change: func(_ int, page map[string]any) { c.change(page) }}
			var failed []error
			readable := 0
			list := a.client().ListSnapshots(t.Context(), "5f0000000000000000000000", "Cluster0")
			for s, err := range Readable(list, func(err error) { failed = append(failed, err) }) {
				if err != nil || s == nil {
					t.Fatal(err)
				}
				readable++
			}
			if len(failed) != c.unreadable || readable != 1200-3 && readable != 0 {
				t.Errorf("%d elements came and %d were unreadable", readable, len(failed))
			}
			for _, err := range failed {
				if !IsUnreadableElement(err) || !IsTransient(err) || !strings.Contains(err.Error(), "GET /api/atlas/v2/groups/") {
					t.Errorf("the error is %v", err)
				}
			}
			for _, err := range list {
				if err != nil {
					return
				}
			}
			t.Error("who does not pass over what cannot be read met no error")
		})
	}
}

// replaceElement replaces an element in the middle of a page.
func replaceElement(by any) func(page map[string]any) {
	const at = 7
	return func(page map[string]any) {
		if results, ok := page["results"].([]any); ok && at < len(results) {
			results[at] = by
		}
	}
}
