package atlas

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

const flexJobBody = `{"deliveryType":"RESTORE","expirationDate":"2026-08-10T09:28:08Z","id":"` + wireJob + `","instanceName":"Flex0","projectId":"` + wireProject +
	`","restoreScheduledDate":"2026-08-10T03:28:08Z","snapshotFinishedDate":"2026-08-09T17:06:54Z","snapshotId":"` + wireSnapshot +
	`","status":"PENDING","targetDeploymentItemName":"restored","targetProjectId":"` + wireProject + `"}`

// A request for a restore of a Flex cluster is not repeated either.
func TestCreateFlexRestoreJob_sentOnce(t *testing.T) {
	t.Parallel()
	for status, repeated := range map[int]bool{http.StatusOK: false, http.StatusInternalServerError: false, http.StatusTooManyRequests: true} {
		answer := map[int]string{http.StatusOK: flexJobBody, http.StatusTooManyRequests: limitedBody}[status]
		w := newWire(t, reply(status, answer), reply(http.StatusOK, flexJobBody))
		client, clock := w.client(t)
		ctx, cancel := clock.WithTimeout(t.Context(), time.Hour)
		job, err := client.CreateFlexRestoreJob(ctx, wireProject, "Flex0", FlexRestoreRequest{
			SnapshotID: wireSnapshot, TargetProjectID: wireProject, TargetClusterName: "restored",
		})
		cancel()
		if succeeded := err == nil; succeeded != (repeated || status == http.StatusOK) || IsLost(err) != (status >= http.StatusInternalServerError) {
			t.Errorf("%d: %v", status, err)
		}
		if err == nil && (job.TargetClusterName != "restored" || job.Status != FlexStatusPending || !job.RequestedAt().Equal(*job.ScheduledAt)) {
			t.Errorf("%d: the job is %+v", status, job)
		}
	}
}

// A list that is left early takes no request for the next page.
func TestListFlexRestoreJobs_stopsEarly(t *testing.T) {
	t.Parallel()
	var jobs []string
	for i := range maxPageSize {
		jobs = append(jobs, strings.Replace(flexJobBody, wireJob, wireJob[:20]+strconv.Itoa(1000+i), 1))
	}
	page := `{"links":[{"rel":"next","href":"x"}],"totalCount":2160,"results":[` + strings.Join(jobs, ",") + `]}`
	client, _ := newWire(t, reply(http.StatusOK, page)).client(t)
	seen := 0
	for _, err := range client.ListFlexRestoreJobs(t.Context(), wireProject, "Flex0") {
		if err != nil {
			t.Fatal(err)
		}
		if seen++; seen == maxPageSize {
			break
		}
	}
}
