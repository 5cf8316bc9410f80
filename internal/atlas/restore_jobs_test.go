package atlas

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"
)

const (
	wireJob    = "6a794733c0eb9e7a17740663"
	wireSecret = "https://restore-" + wireJob + ".abcdef.mongodb-dev.net:27017/Zt7/restore-" + wireSnapshot + ".tar.gz"
	jobBody    = `{"cancelled":false,"deliveryType":"automated","deliveryUrl":[],"desiredTimestamp":{"increment":null,"time":null,"date":null},` +
		`"expired":false,"failed":false,"id":"` + wireJob + `","snapshotId":"` + wireSnapshot + `","targetClusterName":"restored",` +
		`"targetGroupId":"` + wireProject + `","timestamp":"2026-08-10T03:28:08Z"}`
)

func createRestoreJob(ctx context.Context, c *Client) (*RestoreJob, error) {
	return c.CreateRestoreJob(ctx, wireProject, wireCluster, RestoreRequest{
		DeliveryType: DeliveryAutomated, SnapshotID: wireSnapshot, TargetProjectID: wireProject, TargetClusterName: "restored",
	})
}

// Each accepted request erases the target again, so the client sends another only after Atlas's own refusal.
func TestCreateRestoreJob_sentOnce(t *testing.T) {
	t.Parallel()
	accepted := reply(http.StatusOK, jobBody)
	for name, tt := range map[string]struct {
		answer   roundTrip
		repeated bool
		lost     bool
	}{
		"throttled by Atlas":          {reply(http.StatusTooManyRequests, limitedBody), true, false},
		"challenged":                  {reply(http.StatusUnauthorized, "", `Www-Authenticate: Digest realm="x", nonce="y"`), false, false},
		"refused by Atlas":            {reply(http.StatusConflict, `{"error":409,"errorCode":"ATLAS_CLUSTER_RESTORE_IN_PROGRESS"}`), false, false},
		"throttled by something else": {reply(http.StatusTooManyRequests, "slow down"), false, true},
		"forbidden by something else": {reply(http.StatusForbidden, ""), false, true},
		"redirected":                  {reply(http.StatusFound, "", "Location: https://login.example.com/"), false, true},
		"failed":                      {reply(http.StatusInternalServerError, `{"error":500,"errorCode":"UNEXPECTED_ERROR"}`), false, true},
		"unavailable":                 {reply(http.StatusServiceUnavailable, "<html>"), false, true},
		"timed out":                   {reply(http.StatusRequestTimeout, ""), false, true},
		"unreadable":                  {reply(http.StatusOK, "<html>"), false, true},
		"without an ID":               {reply(http.StatusOK, `{}`), false, true},
		"broken off":                  {breakOff(errReset), false, true},
		"never sent":                  {breakOff(errRefused), false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire(t, tt.answer, accepted)
			client, clock := w.client(t)
			client.credentialsWorked.Store(name != "challenged")
			ctx, cancel := clock.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			_, err := createRestoreJob(ctx, client)
			if repeated := err == nil; repeated != tt.repeated {
				t.Errorf("repeated = %t, expected %t: %v", repeated, tt.repeated, err)
			}
			if IsLost(err) != tt.lost {
				t.Errorf("lost = %t, expected %t: %v", IsLost(err), tt.lost, err)
			}
		})
	}
}

func TestRestoreJob_requests(t *testing.T) {
	t.Parallel()
	const jobs = "/api/atlas/v2/groups/" + wireProject + "/clusters/" + wireCluster + "/backup/restoreJobs"
	for name, tt := range map[string]struct {
		call func(context.Context, *Client) error
		want string
	}{
		"create": {func(ctx context.Context, c *Client) error { _, err := createRestoreJob(ctx, c); return err }, "POST " + jobs +
			` {"deliveryType":"automated","snapshotId":"` + wireSnapshot + `","targetClusterName":"restored","targetGroupId":"` + wireProject + `"}`},
		"create from a point in time": {func(ctx context.Context, c *Client) error {
			_, err := c.CreateRestoreJob(ctx, wireProject, wireCluster, RestoreRequest{
				DeliveryType: DeliveryPointInTime, TargetProjectID: wireProject, TargetClusterName: "restored", PointInTimeSeconds: 1786332423,
			})
			return err
		}, "POST " + jobs + ` {"deliveryType":"pointInTime","pointInTimeUTCSeconds":1786332423,"targetClusterName":"restored","targetGroupId":"` + wireProject + `"}`},
		"get": {func(ctx context.Context, c *Client) error {
			_, err := c.GetRestoreJob(ctx, wireProject, wireCluster, wireJob)
			return err
		}, "GET " + jobs + "/" + wireJob + " "},
		"cancel": {func(ctx context.Context, c *Client) error {
			return c.CancelRestoreJob(ctx, wireProject, wireCluster, wireJob)
		}, "DELETE " + jobs + "/" + wireJob + " "},
	} {
		w := newWire(t, reply(http.StatusOK, jobBody))
		client, _ := w.client(t)
		if err := tt.call(t.Context(), client); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		sent := w.arrivals[0]
		if got := sent.Method + " " + sent.URI + " " + sent.Body; got != tt.want || sent.Header.Get("Accept") != "application/vnd.atlas.2023-01-01+json" {
			t.Errorf("%s: sent %s (%s), expected %s", name, got, sent.Header.Get("Accept"), tt.want)
		}
	}
}

// A failed job has cancelled and finishedAt as well: neither means success, nor that somebody cancelled it.
func TestRestoreJob_status(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 8, 10, 3, 40, 10, 0, time.UTC)
	for want, jobs := range map[string][]RestoreJob{
		RestoreInProgress: {{}, {DeliveryType: DeliveryDownload}},
		RestoreCompleted:  {{FinishedAt: &at}, {DeliveryType: DeliveryDownload, DeliveryURLs: 1}},
		RestoreFailed:     {{Failed: true}, {Failed: true, FinishedAt: &at}, {Failed: true, Cancelled: true, FinishedAt: &at}},
		RestoreCancelled:  {{Cancelled: true}, {Cancelled: true, FinishedAt: &at}},
		RestoreExpired:    {{Expired: true, FinishedAt: &at, DeliveryType: DeliveryDownload}},
	} {
		for _, job := range jobs {
			if got := job.Status(); got != want {
				t.Errorf("the status of %+v is %q, expected %q", job, got, want)
			}
		}
	}
}

// A download URL must not get into errors or the log, whatever its form.
func TestRestoreJob_secret(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"as documented": strings.Replace(jobBody, `"deliveryUrl":[]`, `"deliveryUrl":["`+wireSecret+`"]`, 1),
		"as a string":   strings.Replace(jobBody, `"deliveryUrl":[]`, `"deliveryUrl":"`+wireSecret+`"`, 1),
		"without an ID": `{"deliveryUrl":["` + wireSecret + `"]}`,
		"in an error":   `{"error":409,"errorCode":"X","detail":"see ` + wireSecret + `"`,
		"in a page":     "<html>" + wireSecret,
	} {
		var log strings.Builder
		write := func(_ context.Context, message string, fields map[string]any) {
			log.WriteString(message)
			for key, value := range fields {
				log.WriteString(key)
				if text, ok := value.(string); ok {
					log.WriteString(text)
				}
			}
		}
		w := newWire(t, reply(http.StatusOK, body))
		client, _ := w.client(t, WithLog(write), WithWarn(write))
		job, err := createRestoreJob(t.Context(), client)
		if job != nil && job.DeliveryURLs != 1 {
			t.Errorf("%s: %d URLs", name, job.DeliveryURLs)
		}
		if err != nil {
			log.WriteString(err.Error())
		}
		if strings.Contains(log.String(), "mongodb-dev") {
			t.Errorf("%s: the URL is shown: %s", name, log.String())
		}
	}
}
