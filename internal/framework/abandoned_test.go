package framework_test

import (
	"testing"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
)

// TestAbandonedJobs gives each job to one taker, in the order in which they came.
func TestAbandonedJobs(t *testing.T) {
	t.Parallel()
	var jobs framework.AbandonedJobs
	if job, ok := jobs.Take("a"); ok {
		t.Errorf("there is %v", job)
	}
	for _, id := range []string{"1", "2"} {
		jobs.Add("a", framework.AbandonedJob{ID: id})
	}
	jobs.Add("b", framework.AbandonedJob{ID: "3"})
	for _, want := range []struct{ key, id string }{{"a", "1"}, {"b", "3"}, {"a", "2"}, {"a", ""}, {"b", ""}} {
		if job, ok := jobs.Take(want.key); job.ID != want.id || ok != (want.id != "") {
			t.Errorf("of %s there is %q (%t), expected %q", want.key, job.ID, ok, want.id)
		}
	}
}
