package source_test

import (
	"errors"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/source"
)

// moment is a snapshot that was taken so many seconds after the epoch.
type moment int64

func (m moment) TakenAt() time.Time { return time.Unix(int64(m), 0) }

// list gives all, and then err unless it is nil.
func list(err error, all ...moment) iter.Seq2[moment, error] {
	return func(yield func(moment, error) bool) {
		for _, one := range all {
			if !yield(one, nil) {
				return
			}
		}
		if err != nil {
			yield(0, err)
		}
	}
}

func TestCollect_newestFirst(t *testing.T) {
	t.Parallel()
	got, unreadable, err := source.Collect(list(nil, 3, 1, 9, 3, 7))
	if want := []moment{9, 7, 3, 3, 1}; err != nil || unreadable != nil || !slices.Equal(got, want) {
		t.Errorf("the list is %v (%v), expected %v", got, err, want)
	}
}

// TestCollect_error gives no part of a list: what is missing could be what was looked for.
func TestCollect_error(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	if got, _, err := source.Collect(list(broken, 3, 1)); len(got) > 0 || !errors.Is(err, broken) {
		t.Errorf("the list is %v (%v), expected nothing but the error", got, err)
	}
}

func TestModels_ofNothing(t *testing.T) {
	t.Parallel()
	if got := source.Models([]moment(nil), moment.TakenAt); got == nil || len(got) != 0 {
		t.Errorf("the models of nothing are %#v, expected an empty list", got)
	}
}
