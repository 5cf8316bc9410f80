package framework_test

import (
	"errors"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
)

// after returns the time that is so many seconds after the epoch.
func after(seconds int64) time.Time { return time.Unix(seconds, 0) }

// listOf yields all, and then err unless it is nil.
func listOf(err error, all ...int64) iter.Seq2[int64, error] {
	return func(yield func(int64, error) bool) {
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
	got, unreadable, err := framework.Collect(listOf(nil, 3, 1, 9, 3, 7), after)
	if want := []int64{9, 7, 3, 3, 1}; err != nil || unreadable != nil || !slices.Equal(got, want) {
		t.Errorf("the list is %v (%v), expected %v", got, err, want)
	}
}

// TestCollect_error gives no part of a list: what is missing could be what was looked for.
func TestCollect_error(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	if got, _, err := framework.Collect(listOf(broken, 3, 1), after); len(got) > 0 || !errors.Is(err, broken) {
		t.Errorf("the list is %v (%v), expected nothing but the error", got, err)
	}
}

func TestModels_ofNothing(t *testing.T) {
	t.Parallel()
	if got := framework.Models([]int64(nil), after); got == nil || len(got) != 0 {
		t.Errorf("the models of nothing are %#v, expected an empty list", got)
	}
}
