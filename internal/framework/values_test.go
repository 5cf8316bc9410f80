package framework_test

import (
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
)

func TestNull_whereAtlasSaysNothing(t *testing.T) {
	t.Parallel()
	empty, word := "", "word"
	if !framework.StringOrNull(nil).IsNull() || !framework.StringOrNull(&empty).IsNull() || framework.StringOrNull(&word).ValueString() != word {
		t.Error("a text is null where it is missing or empty, and nowhere else")
	}
	if !framework.StringsOrNull(nil).IsNull() || framework.StringsOrNull([]string{}).IsNull() || len(framework.StringsOrNull([]string{word}).Elements()) != 1 {
		t.Error("a list is null where it is missing, and empty where it is empty")
	}
	at := time.Date(2026, time.March, 30, 14, 0, 0, 0, time.FixedZone("CEST", 2*60*60))
	if got := framework.TimeOrNull(&at).ValueString(); got != "2026-03-30T12:00:00Z" || !framework.TimeOrNull(nil).IsNull() {
		t.Errorf("14:00 in Paris is %s, expected noon in UTC", got)
	}
}
