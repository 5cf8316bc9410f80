package snapshot_test

import (
	"context"
	"net/http"
	"net/url"
	"runtime"
	"testing"
	"time"

	"golang.org/x/oauth2/clientcredentials"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

var whileWaiting = []faultCase{
	{
		what:  "Polling the snapshot fails for a while: 429, an error of the server or of a proxy, a broken connection, half an answer, a single 401, 403 or 404, a redirect",
		shows: goesOn, state: untainted, exists: 1, todo: "nothing",
		cases: merged(eachUnexplained(after(2, theReads)), map[string]func(*testing.T, *faultTest){
			"every way, one after the other": func(_ *testing.T, s *faultTest) {
				s.transport.arm(http.MethodGet, 3)
				for _, how := range ambiguous {
					s.AddFault(at(after(1, theReads), how))
				}
			},
			"503 for minutes": faults(at(after(1, theReads), atlassim.Fault{Status: 503, Times: 40})),
			"401 once":        faults(at(after(2, theReads), atlassim.Fault{Status: 401})),
			"404 once":        faults(at(after(2, theReads), atlassim.Fault{ErrorCode: noSnapshot})),
			"404, then 401":   faults(at(after(2, theReads), atlassim.Fault{ErrorCode: noSnapshot}), at(after(2, theReads), atlassim.Fault{Status: 401, Times: 2})),
		}),
	},
	{
		what: "Right after the request Atlas does not show the snapshot yet (404), and its list neither", shows: goesOn,
		state: untainted, exists: 1, todo: "nothing",
		cases: map[string]func(*testing.T, *faultTest){
			"for seconds":                    behaving(func(b *atlassim.Behavior) { b.GetLag, b.ListLag = 20*time.Second, 20*time.Second }),
			"for minutes":                    behaving(func(b *atlassim.Behavior) { b.GetLag, b.ListLag = 5*time.Minute, 5*time.Minute }),
			"for minutes, the list longer":   behaving(func(b *atlassim.Behavior) { b.GetLag, b.ListLag = 5*time.Minute, time.Hour }),
			"for longer than it takes Atlas": behaving(func(b *atlassim.Behavior) { b.GetLag, b.ListLag = 14*time.Minute, 14*time.Minute }),
		},
	},
	{
		what: "Atlas shows an unknown status", shows: "nothing: the wait goes on", state: untainted, exists: 1, todo: "nothing",
		cases: single(faults(at(after(1, theReads), atlassim.Fault{Status: 200, Body: `{"id":"69ca65c03265a83afa7bbafa","status":"meditating"}`, Times: 5}))),
	},
	{
		what: "Atlas fails the snapshot", shows: "`Error: Unable to create snapshot`, `Atlas failed snapshot`, `its status is \"failed\"`",
		state: tainted, exists: 1, todo: "`terraform apply`, which replaces it", cases: single(func(_ *testing.T, s *faultTest) { failNext(s.Atlas) }),
	},
	{
		what: "Somebody deletes the snapshot", shows: "`Error: Unable to create snapshot`, `Somebody deleted the snapshot`, `Error code: SNAPSHOT_NOT_FOUND`",
		state: nothing, exists: 0, todo: "`terraform apply`, which takes another",
		cases: single(func(t *testing.T, s *faultTest) {
			t.Helper()
			s.onPause(4, func() {
				// Atlas deletes none that it is not done with: it completes and goes between two looks.
				s.Clock.Advance(time.Hour)
				s.Clock.Hold(nil)
				deleteEverything(t, s.Atlas)
			})
		}),
	},
	{
		what: "Somebody deletes the snapshot, and Atlas shows it all the same", shows: "`Error: Unable to create snapshot`, `Somebody deleted the snapshot`, `no longer has`",
		state: nothing, exists: 0, todo: "`terraform apply`, which takes another",
		cases: single(func(t *testing.T, s *faultTest) {
			t.Helper()
			s.AddFault(at(after(1, theReads), atlassim.Fault{Status: 200, Body: `{"id":"69ca65c03265a83afa7bbafa","status":"inProgress"}`, Times: always}))
			s.onPause(4, func() {
				s.Clock.Advance(time.Hour)
				s.Clock.Hold(nil)
				deleteEverything(t, s.Atlas)
			})
		}),
	},
	{
		what: "Somebody deletes the cluster", shows: "`Error: Unable to create snapshot`, `or its cluster`, `Error code: CLUSTER_NOT_FOUND`",
		state: nothing, exists: 0, todo: "remove the resource, or bring the cluster back and `terraform apply`",
		cases: single(func(_ *testing.T, s *faultTest) {
			s.onPause(4, func() { s.DeleteCluster(s.Fixture().ClusterName) })
		}),
		fix: func(t *testing.T, s *faultTest) {
			t.Helper()
			s.Clock.Hold(nil)
			addCluster(t, s.Atlas, s.Fixture().ClusterName)
		},
	},
	{
		what: "The service account's token expires, or is revoked", shows: goesOn + " with a new token", state: untainted, exists: 1, todo: "nothing",
		files: map[string]string{"provider.tf": "variable \"client_id\" {}\nvariable \"client_secret\" {}\nprovider \"atlasbackup\" {\n" +
			"  client_id = var.client_id\n  client_secret = var.client_secret\n}\n"},
		cases: map[string]func(*testing.T, *faultTest){
			"expires": asServiceAccount(func(s *faultTest) { s.Clock.Advance(61 * time.Minute) }),
			"revoked": asServiceAccount(func(s *faultTest) { s.RevokeTokens() }),
		},
	},
	{
		what: "An access token that something else has fetched expires", shows: "`Error: Unable to create snapshot`, `Status: 401 Unauthorized`, `The snapshot exists, is in the state`, `terraform untaint`",
		state: tainted, exists: 1, todo: "fetch another, `terraform untaint`, `terraform apply`: the wait goes on",
		files: map[string]string{"provider.tf": "variable \"token\" {}\nprovider \"atlasbackup\" {\n  access_token = var.token\n}\n"},
		cases: single(func(t *testing.T, s *faultTest) {
			t.Helper()
			s.tf.SetEnvironment("TF_VAR_token=" + token(t, s))
			s.onPause(3, s.RevokeTokens)
		}),
		fix: func(t *testing.T, s *faultTest) {
			t.Helper()
			s.tf.SetEnvironment("TF_VAR_token=" + token(t, s))
		},
	},
	{
		what: "The API key is revoked", shows: "`Error: Unable to create snapshot`, `Status: 401 Unauthorized`, `The snapshot exists, is in the state`, `terraform untaint`",
		state: tainted, exists: 1, todo: "use another, `terraform untaint`, `terraform apply`: the wait goes on",
		cases: single(faults(at(after(2, theReads), atlassim.Fault{Status: 401, Times: always}))),
	},
	{
		what: "The digest nonce becomes stale", shows: goesOn, state: untainted, exists: 1, todo: "nothing",
		cases: single(func(_ *testing.T, s *faultTest) { s.onPause(4, func() { s.Clock.Advance(70 * time.Second) }) }),
	},
	{
		what: "The machine is taken off the IP access list", shows: "`Error: Unable to create snapshot`, `Error code: IP_ADDRESS_NOT_ON_ACCESS_LIST`, `The snapshot exists, is in the state`",
		state: tainted, exists: 1, todo: "put it back on, `terraform untaint`, `terraform apply`: the wait goes on",
		cases: single(faults(at(after(2, theReads), atlassim.Fault{ErrorCode: noAccess, Times: always}))),
	},
	{
		what: "It takes longer than `timeouts.create` allows", shows: "`Error: Unable to create snapshot`, `had not completed snapshot`, `terraform untaint`",
		state: tainted, exists: 1, todo: "`terraform untaint`, `terraform apply`, with a longer timeout: the wait goes on",
		command: with(acctest.Apply, "create_timeout=20s"), finalPlan: acctest.Plan, cases: single(faults()),
	},
	{
		what:  "It takes longer than `timeouts.create` allows, and Atlas does not answer in the end",
		shows: "`Error: Unable to create snapshot`, `had not completed snapshot`, `requests for its status failed`, `503 Service Unavailable`, `is unknown`, `terraform untaint`",
		state: tainted, exists: 1, todo: "`terraform untaint`, `terraform apply`: it is completed by then, or the wait goes on",
		command: with(acctest.Apply, "create_timeout=20m"), finalPlan: acctest.Plan,
		cases: single(faults(at(after(3, theReads), atlassim.Fault{Status: 503, Times: always}))),
	},
	{
		what: "The read after the completion fails for a while", shows: goesOn, state: untainted, exists: 1, todo: "nothing",
		cases: finalReads(merged(allAmbiguous(after(1, theReads)), eachUnexplained(after(1, theReads)))),
	},
	{
		what: "The read after the completion fails for good", shows: "`Warning: Unable to read snapshot after its completion`",
		state: untainted, exists: 1, todo: "nothing: the next plan reads it",
		cases: finalReads(map[string]func(*testing.T, *faultTest){
			"403":       faults(at(after(1, theReads), atlassim.Fault{Status: 403, Times: always})),
			"503":       faults(at(after(1, theReads), atlassim.Fault{Status: 503, Times: always})),
			"truncated": faults(at(after(1, theReads), atlassim.Fault{Truncate: true, Times: always})),
		}),
	},
	{
		what: "The read of a sharded cluster's members fails for a while", shows: goesOn, state: untainted, exists: 1, todo: "nothing",
		files: shardedCluster, cases: finalReads(allAmbiguous(theSharded)),
	},
	{
		what: "The read of a sharded cluster's members fails for good", shows: "`Warning: Unable to read members of snapshot`", state: untainted, exists: 1,
		todo: "nothing: a later plan reads them", files: shardedCluster, cases: finalReads(membersFail),
	},
}

// finalReads has Atlas complete the snapshot by the first look, so that the second read is the one after the completion.
func finalReads(cases map[string]func(*testing.T, *faultTest)) map[string]func(*testing.T, *faultTest) {
	all := map[string]func(*testing.T, *faultTest){}
	for name, arm := range cases {
		all[name] = func(t *testing.T, s *faultTest) {
			t.Helper()
			s.CompleteAfter(time.Second)
			arm(t, s)
		}
	}
	return all
}

// asServiceAccount has something happen to the token in the middle of the wait.
func asServiceAccount(happens func(*faultTest)) func(*testing.T, *faultTest) {
	return func(_ *testing.T, s *faultTest) {
		s.tf.SetEnvironment("TF_VAR_client_id="+s.Fixture().ClientID, "TF_VAR_client_secret="+s.Fixture().ClientSecret)
		s.onPause(4, func() { happens(s) })
	}
}

// token fetches an access token.
func token(t *testing.T, s *faultTest) string {
	t.Helper()
	config := clientcredentials.Config{
		ClientID: url.QueryEscape(s.Fixture().ClientID), ClientSecret: url.QueryEscape(s.Fixture().ClientSecret),
		TokenURL: s.Fixture().BaseURL + "/api/oauth/token",
	}
	granted, err := config.Token(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return granted.AccessToken
}

var whenStopped = []faultCase{
	{
		what: "Ctrl-C, SIGTERM or a cancelled run while Atlas is busy", shows: "`Warning: Snapshot not completed yet`, `No second snapshot is taken`",
		state: untainted, exists: 1, todo: "`terraform apply`: the wait goes on, or there is nothing left to do",
		cases: single(faults()),
		run: func(t *testing.T, s *faultTest) (string, int) {
			t.Helper()
			if runtime.GOOS == "windows" {
				t.Skip("Windows has no signals to send")
			}
			output, _ := interrupt(t, s.Atlas, s.tf, 3)
			// Terraform itself calls an interrupted apply a success or a failure, as it sees fit.
			return output, 0
		},
	},
	{
		what: "The same before Atlas was asked", shows: "`Error: Unable to create snapshot`, `No snapshot was taken`",
		state: nothing, exists: 0, todo: "`terraform apply`",
		cases: single(func(t *testing.T, s *faultTest) {
			t.Helper()
			s.seedOther(t, atlassim.Seed{Status: "inProgress"})
		}),
		run: func(t *testing.T, s *faultTest) (string, int) {
			t.Helper()
			if runtime.GOOS == "windows" {
				t.Skip("Windows has no signals to send")
			}
			return interrupt(t, s.Atlas, s.tf, 2)
		},
	},
	{
		what:  "Terraform or the provider is killed after Atlas was asked, before Terraform could save its state",
		shows: "nothing, or that the provider is gone; the next apply shows `Warning: Snapshot of an earlier run` and how to `terraform import` it",
		state: nothing, exists: 1, todo: "add a resource for it and import it, or delete it in Atlas",
		test: TestAccSnapshot_killed,
	},
	{
		what:  "The same before Atlas was asked, or while a later run waits for a snapshot in the state",
		shows: "nothing, or that the provider is gone", state: untainted, exists: 1, todo: "`terraform apply`",
		test: TestAccSnapshot_killedWhileResuming,
	},
}
