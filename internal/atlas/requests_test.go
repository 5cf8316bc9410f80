package atlas

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// everyCall has one call of each operation on a dedicated cluster's snapshots.
var everyCall = map[string]func(context.Context, *Client) error{
	"take": func(ctx context.Context, c *Client) error {
		_, err := c.TakeSnapshot(ctx, wireProject, wireCluster, TakeSnapshotRequest{Description: "before <the> upgrade", RetentionInDays: 7})
		return err
	},
	"take without description": func(ctx context.Context, c *Client) error {
		_, err := c.TakeSnapshot(ctx, wireProject, wireCluster, TakeSnapshotRequest{RetentionInDays: 1})
		return err
	},
	"get": func(ctx context.Context, c *Client) error {
		_, err := c.GetSnapshot(ctx, wireProject, wireCluster, wireSnapshot)
		return err
	},
	"get sharded": func(ctx context.Context, c *Client) error {
		_, err := c.GetShardedSnapshot(ctx, wireProject, wireCluster, wireSnapshot)
		return err
	},
	"update": func(ctx context.Context, c *Client) error {
		_, err := c.UpdateRetention(ctx, wireProject, wireCluster, wireSnapshot, 30)
		return err
	},
	"delete": func(ctx context.Context, c *Client) error {
		return c.DeleteSnapshot(ctx, wireProject, wireCluster, wireSnapshot)
	},
	"get cluster": func(ctx context.Context, c *Client) error {
		_, err := c.GetCluster(ctx, wireProject, wireCluster)
		return err
	},
}

func TestRequests_wireForm(t *testing.T) {
	const snapshots, clusters = "application/vnd.atlas.2023-01-01+json", "application/vnd.atlas.2024-08-05+json"
	type form struct{ Method, URI, Accept, ContentType, Body string }
	for name, want := range map[string]form{
		// json.Marshal writes < and > as escapes, which are the same JSON.
		"take":                     {"POST", wireBase, snapshots, snapshots, `{"description":"before \u003cthe\u003e upgrade","retentionInDays":7}`},
		"take without description": {"POST", wireBase, snapshots, snapshots, `{"retentionInDays":1}`},
		"get":                      {"GET", wireBase + "/" + wireSnapshot, snapshots, "", ""},
		"get sharded":              {"GET", wireBase + "/shardedCluster/" + wireSnapshot, snapshots, "", ""},
		"update":                   {"PATCH", wireBase + "/" + wireSnapshot, snapshots, snapshots, `{"retentionUnit":"DAYS","retentionValue":30}`},
		"delete":                   {"DELETE", wireBase + "/" + wireSnapshot, snapshots, "", ""},
		"get cluster":              {"GET", strings.TrimSuffix(wireBase, "/backup/snapshots"), clusters, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t, reply(http.StatusOK, queuedBody))
			client, _ := w.client(t, WithUserAgent("terraform-provider-atlasbackup/1.2.3 Terraform/1.11.4"))
			if err := everyCall[name](t.Context(), client); err != nil {
				t.Fatal(err)
			}
			w.expectArrivals(t, 1)
			came := w.arrivals[0]
			got := form{came.Method, came.URI, came.Header.Get("Accept"), came.Header.Get("Content-Type"), came.Body}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
			if agent := came.Header.Values("User-Agent"); !cmp.Equal(agent, []string{"terraform-provider-atlasbackup/1.2.3 Terraform/1.11.4"}) {
				t.Errorf("User-Agent = %q", agent)
			}
			if authorization := came.Header.Get("Authorization"); authorization != "Bearer "+wireToken {
				t.Errorf("Authorization = %q", authorization)
			}
		})
	}
}

func TestRequests_behindPath(t *testing.T) {
	w := newWire(t, reply(http.StatusOK, queuedBody))
	base := mustBase(t, " https://gateway.example.com:8443/atlas/ ")
	client := New(base, AccessToken(wireToken), WithTransport(roundTrip(func(req *http.Request) (*http.Response, error) {
		if want := "https://gateway.example.com:8443/atlas" + wireBase + "/" + wireSnapshot; req.URL.String() != want {
			t.Errorf("URL = %s, want %s", req.URL, want)
		}
		return w.RoundTrip(req)
	})))
	if err := everyCall["get"](t.Context(), client); err != nil {
		t.Error(err)
	}
	if got := client.BaseURL(); got != "https://gateway.example.com:8443/atlas" {
		t.Errorf("BaseURL = %s", got)
	}
}

// A name is one segment of the path, whatever is in it.
func TestRequests_namesStayInTheirSegment(t *testing.T) {
	for _, name := range []string{
		"a/b", "../../../orgs", "/", "//", "a/../b", "..%2f", "%2e%2e", "%2F", "%", "%zz", "a b", "a?b=c", "a#b", "a;b", "a:b", "@", "a\\b",
		"a\r\nX-Injected: 1", "\x00", "Zürich", "名前", "\xff", "...", ". .", "..;",
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t, reply(http.StatusOK, queuedBody))
			client, _ := w.client(t)
			if _, err := client.GetSnapshot(t.Context(), name, name, name); err != nil {
				t.Fatal(err)
			}
			segments := strings.Split(w.arrivals[0].URI, "/")
			want := []string{"", "api", "atlas", "v2", "groups", name, "clusters", name, "backup", "snapshots", name}
			var got []string
			for _, segment := range segments {
				plain, err := url.PathUnescape(segment)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, plain)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("path (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRequests_noNames(t *testing.T) {
	for _, name := range []string{"", ".", ".."} {
		for place, names := range map[string][3]string{
			"project":  {name, wireCluster, wireSnapshot},
			"cluster":  {wireProject, name, wireSnapshot},
			"snapshot": {wireProject, wireCluster, name},
		} {
			w := newWire(t, reply(http.StatusOK, queuedBody))
			client, _ := w.client(t)
			_, err := client.GetSnapshot(t.Context(), names[0], names[1], names[2])
			if err == nil || IsTransient(err) || IsLost(err) || !strings.Contains(err.Error(), "is no name or ID") {
				t.Errorf("%q as %s: error = %v", name, place, err)
			}
			w.expectArrivals(t, 0)
		}
	}
}

// A recorder stands where it sees neither credentials nor challenges.
func TestRequests_recorderSeesNoCredentials(t *testing.T) {
	server := &acceptingServer{authorized: map[string]string{}}
	var seen []string
	client := New(&url.URL{Scheme: "https", Host: "cloud.example.com"}, Digest(testPublicKey, testPrivateKey),
		WithTransport(roundTrip(func(req *http.Request) (*http.Response, error) {
			res, err := server.RoundTrip(req)
			if err == nil && res.StatusCode == http.StatusOK {
				res = plainAnswer(http.StatusOK, queuedBody)
			}
			return res, err
		})),
		WithRecorder(func(next http.RoundTripper) http.RoundTripper {
			return roundTrip(func(req *http.Request) (*http.Response, error) {
				res, err := next.RoundTrip(req)
				if err == nil {
					seen = append(seen, res.Status+req.Header.Get("Authorization")+res.Request.Header.Get("Authorization"))
				}
				return res, err
			})
		}))
	if err := everyCall["get"](t.Context(), client); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"200 OK"}, seen); diff != "" {
		t.Errorf("recorded (-want +got):\n%s", diff)
	}
	if len(server.authorized) != 1 {
		t.Errorf("authorized = %v", server.authorized)
	}
}
