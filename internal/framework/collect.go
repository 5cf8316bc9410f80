package framework

import (
	"iter"
	"slices"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

// NewestFirst sorts all by the times that at returns. The lists of Atlas have different orders, some undocumented.
func NewestFirst[T any](all []T, at func(T) time.Time) {
	slices.SortStableFunc(all, func(a, b T) int { return at(b).Compare(at(a)) })
}

// Collect reads a list to its end and returns it newest first, with the errors of the elements that cannot be read.
func Collect[T any](list iter.Seq2[T, error], at func(T) time.Time) (all []T, unreadable []error, err error) {
	for element, err := range atlas.Readable(list, func(err error) { unreadable = append(unreadable, err) }) {
		if err != nil {
			return nil, nil, err
		}
		all = append(all, element)
	}
	NewestFirst(all, at)
	return all, unreadable, nil
}

// Models converts every element of a list. The models of an empty list are empty, not null.
func Models[T, M any](all []T, model func(T) M) []M {
	models := make([]M, 0, len(all))
	for _, element := range all {
		models = append(models, model(element))
	}
	return models
}
