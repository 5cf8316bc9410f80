package atlas

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait/waittest"
)

func TestParseBaseURL(t *testing.T) {
	const (
		absolute = "it must be an absolute URL such as https://cloud.mongodb.com"
		unread   = "it cannot be read as a URL such as https://cloud.mongodb.com"
		user     = "it must hold no user name or password; credentials have arguments of their own"
		query    = "it must have no query and no fragment"
		api      = "it must be the address of Atlas only, such as https://cloud.mongodb.com, without /api/…"
		plain    = "plain http would send credentials and backups' details in the clear to "
	)
	for raw, tt := range map[string]struct{ want, err string }{
		"https://cloud.mongodb.com":               {"https://cloud.mongodb.com", ""},
		"https://cloud.mongodb.com/":              {"https://cloud.mongodb.com", ""},
		" HTTPS://Cloud.MongoDB.com///\n":         {"https://Cloud.MongoDB.com", ""},
		"https://gateway.example.com:8443/a/b/":   {"https://gateway.example.com:8443/a/b", ""},
		"https://[2001:db8::1]:8443":              {"https://[2001:db8::1]:8443", ""},
		"http://localhost:8080":                   {"http://localhost:8080", ""},
		"http://LOCALHOST":                        {"http://LOCALHOST", ""},
		"http://127.0.0.1:1234":                   {"http://127.0.0.1:1234", ""},
		"http://127.8.9.10":                       {"http://127.8.9.10", ""},
		"http://[::1]:1234":                       {"http://[::1]:1234", ""},
		"http://[::ffff:127.0.0.1]":               {"http://[::ffff:127.0.0.1]", ""},
		"http://cloud.mongodb.com":                {"", plain + "cloud.mongodb.com; use https"},
		"http://localhost.evil.com":               {"", plain + "localhost.evil.com; use https"},
		"http://evil.localhost.":                  {"", plain + "evil.localhost.; use https"},
		"http://127.0.0.1.evil.com":               {"", plain + "127.0.0.1.evil.com; use https"},
		"http://127.1":                            {"", plain + "127.1; use https"},
		"http://2130706433":                       {"", plain + "2130706433; use https"},
		"http://0.0.0.0":                          {"", plain + "0.0.0.0; use https"},
		"http://[::]":                             {"", plain + "::; use https"},
		"http://10.0.0.1":                         {"", plain + "10.0.0.1; use https"},
		"http://[fe80::1%25lo]":                   {"", plain + "fe80::1%lo; use https"},
		"http://localhost@evil.com":               {"", user},
		"https://user:hunter2@cloud.mongodb.com":  {"", user},
		"http://user:hunter2@cloud.mongodb.com":   {"", user},
		"https://hunter2@cloud.mongodb.com":       {"", user},
		"https://user:hunt er2@cloud.mongodb.com": {"", unread},
		"https://user:hunter2@cloud mongodb.com":  {"", unread},
		"https://cloud.mongodb.com:hunter2":       {"", unread},
		"https://cloud.mongodb.com?key=hunter2":   {"", query},
		"https://cloud.mongodb.com/api/atlas/v2":  {"", api},
		"https://cloud.mongodb.com/api/atlas/":    {"", api},
		"https://cloud.mongodb.com/api/public/v1": {"", api},
		"https://gw.example.com/a/api/atlas/v2":   {"", api},
		"https://gw.example.com/api":              {"https://gw.example.com/api", ""},
		"https://cloud.mongodb.com?":              {"", query},
		"https://cloud.mongodb.com#hunter2":       {"", query},
		"cloud.mongodb.com":                       {"", absolute},
		"cloud.mongodb.com:443":                   {"", absolute},
		"//cloud.mongodb.com":                     {"", absolute},
		"/hunter2":                                {"", absolute},
		"https:cloud.mongodb.com":                 {"", absolute},
		"https://":                                {"", absolute},
		"https://:8443":                           {"", absolute},
		"http://:8080":                            {"", absolute},
		"ftp://cloud.mongodb.com":                 {"", absolute},
		"file:///etc/passwd":                      {"", absolute},
		"unix:///run/hunter2":                     {"", absolute},
		"":                                        {"", absolute},
		"https://cloud.mongodb.com/\x00hunter2":   {"", unread},
		"%zz":                                     {"", unread},
	} {
		t.Run(raw, func(t *testing.T) {
			base, err := ParseBaseURL(raw)
			if tt.err == "" {
				if err != nil || base.String() != tt.want {
					t.Errorf("ParseBaseURL = %v, %v, want %s", base, err, tt.want)
				}
				return
			}
			if err == nil || err.Error() != tt.err {
				t.Errorf("error = %v, want %s", err, tt.err)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error repeats a secret: %v", err)
			}
		})
	}
}

// tlsServer serves a snapshot over TLS of one version and counts its requests and handshakes.
func tlsServer(t *testing.T, version uint16) (base *url.URL, roots *x509.CertPool, connections *atomic.Int32) {
	t.Helper()
	connections = new(atomic.Int32)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, queuedBody)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{MinVersion: version, MaxVersion: version, GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		connections.Add(1)
		return nil, nil
	}}
	server.StartTLS()
	t.Cleanup(server.Close)
	roots = x509.NewCertPool()
	roots.AddCert(server.Certificate())
	return mustBase(t, server.URL), roots, connections
}

func TestNewTransport_tlsVersions(t *testing.T) {
	for version, works := range map[uint16]bool{
		tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true,
	} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			base, roots, _ := tlsServer(t, version)
			transport := NewTransport()
			transport.TLSClientConfig.RootCAs = roots
			t.Cleanup(transport.CloseIdleConnections)
			client := New(base, AccessToken(wireToken), WithTransport(transport), WithClock(waittest.NewClock(wireNow)))
			err := everyCall["get"](t.Context(), client)
			if works && err != nil || !works && (err == nil || !strings.Contains(err.Error(), "protocol version")) {
				t.Errorf("error = %v", err)
			}
		})
	}
}

// Whoever cannot show who they are gets one connection and no request.
func TestNewTransport_untrustedCertificate(t *testing.T) {
	for method, do := range everyCall {
		base, _, connections := tlsServer(t, tls.VersionTLS13)
		client := New(base, AccessToken(wireToken), WithClock(waittest.NewClock(wireNow)))
		err := do(t.Context(), client)
		var untrusted *tls.CertificateVerificationError
		if !errors.As(err, &untrusted) || IsLost(err) {
			t.Errorf("%s: error = %v, lost = %t", method, err, IsLost(err))
		}
		if n := connections.Load(); n != 1 {
			t.Errorf("%s: %d connections", method, n)
		}
	}
}

func TestLog_oneLineForEachExchange(t *testing.T) {
	type line struct {
		Message string
		Fields  map[string]any
	}
	var lines []line
	w := newWire(t,
		reply(http.StatusTooManyRequests, limitedBody, "Retry-After: 3", "X-Error-Code: RATE_LIMITED_TOKEN_BUCKET", "Ratelimit-Remaining: 0", "Set-Cookie: "+wireToken),
		breakOff(errors.New("read: Authorization: Bearer "+wireToken)),
		reply(http.StatusOK, `{"results":[],"links":[],"secret":"`+wireToken+`"}`))
	var clock *waittest.Clock
	client, clock := w.client(t,
		WithTransport(roundTrip(func(req *http.Request) (*http.Response, error) {
			clock.Advance(250 * time.Millisecond)
			return w.RoundTrip(req)
		})),
		WithLog(func(_ context.Context, message string, fields map[string]any) {
			lines = append(lines, line{message, fields})
		}))
	for _, err := range client.RecentSnapshots(t.Context(), wireProject, wireCluster) {
		t.Fatal(err)
	}
	want := func(fields map[string]any) line {
		fields["method"], fields["path"], fields["duration_ms"] = "GET", wireBase, int64(250)
		return line{"Atlas API request", fields}
	}
	if diff := cmp.Diff([]line{
		want(map[string]any{"status": 429, "retry_after": "3", "atlas_error_code": "RATE_LIMITED_TOKEN_BUCKET", "rate_limit_remaining": "0"}),
		want(map[string]any{"error": "read: [removed]"}),
		want(map[string]any{"status": 200}),
	}, lines); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}

// A machine whose clock is a day off judges by Atlas's.
func TestServerNow_machineIsADayOff(t *testing.T) {
	at := time.Date(2026, 8, 11, 3, 0, 0, 0, time.UTC)
	dated := func(date string) roundTrip { return reply(http.StatusOK, queuedBody, "Date: "+date) }
	w := newWire(t, reply(http.StatusOK, queuedBody), dated(at.Format(http.TimeFormat)), dated("yesterday"), dated(""),
		breakOff(errRefused), reply(http.StatusBadRequest, `{"error":400}`, "Date: "+at.Add(2*time.Hour).Format(http.TimeFormat)))
	client, clock := w.client(t)
	expect := func(when string, want time.Time) {
		t.Helper()
		if now := client.ServerNow(); !now.Equal(want) {
			t.Errorf("%s: ServerNow = %s, want %s", when, now, want)
		}
	}
	get := func() { _ = everyCall["get"](t.Context(), client) }

	expect("at first", wireNow)
	get()
	expect("after an answer without a date", wireNow)
	get()
	expect("after an answer", at)
	clock.Advance(90 * time.Second)
	expect("later", at.Add(90*time.Second))
	get()
	get()
	expect("after answers with bad dates", at.Add(90*time.Second))
	get()
	expect("after a refusal with a date", at.Add(2*time.Hour))
}
