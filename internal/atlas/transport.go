package atlas

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/wait"
)

// NewTransport returns the connection pool that the client uses unless it is given another: TLS 1.2 at the least, proxies from
// the environment, headers of at most 1 MiB.
func NewTransport() *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           100,
		MaxIdleConnsPerHost:    20,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    10 * time.Second,
		ExpectContinueTimeout:  time.Second,
		MaxResponseHeaderBytes: 1 << 20,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
	}
}

// ParseBaseURL parses the address of an Atlas. It refuses what would send credentials in the clear: plain http is for this
// machine only.
func ParseBaseURL(raw string) (*url.URL, error) {
	base, err := url.Parse(strings.TrimRight(strings.TrimSpace(raw), "/"))
	switch {
	case err != nil:
		// The error of url.Parse repeats its input, which may hold a password.
		return nil, errors.New("it cannot be read as a URL such as " + DefaultBaseURL)
	case base.Hostname() == "" || (base.Scheme != "https" && base.Scheme != "http"):
		return nil, errors.New("it must be an absolute URL such as " + DefaultBaseURL)
	case base.User != nil:
		return nil, errors.New("it must hold no user name or password; credentials have arguments of their own")
	case base.RawQuery != "" || base.ForceQuery || base.Fragment != "":
		return nil, errors.New("it must have no query and no fragment")
	case strings.Contains(base.Path, "/api/atlas") || strings.Contains(base.Path, "/api/public"):
		return nil, errors.New("it must be the address of Atlas only, such as " + DefaultBaseURL + ", without /api/…")
	case base.Scheme == "http" && !isLoopback(base.Hostname()):
		return nil, fmt.Errorf("plain http would send credentials and backups' details in the clear to %s; use https", base.Hostname())
	}
	return base, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

func setUserAgent(next http.RoundTripper, userAgent string) http.RoundTripper {
	return roundTripperFunc(func(request *http.Request) (*http.Response, error) {
		request = request.Clone(request.Context())
		request.Header.Set("User-Agent", userAgent)
		return next.RoundTrip(request)
	})
}

// loggedHeaders are the fields of the log that come from an answer's headers.
var loggedHeaders = map[string]string{
	"rate_limit_remaining": "Ratelimit-Remaining", "retry_after": "Retry-After", "atlas_error_code": "X-Error-Code",
}

// logExchanges logs every exchange with the wire, challenges and retries included, in one line without bodies, headers or query
// values.
func logExchanges(next http.RoundTripper, log LogFunc, clock wait.Clock) http.RoundTripper {
	return roundTripperFunc(func(request *http.Request) (*http.Response, error) {
		start := clock.Now()
		response, err := next.RoundTrip(request)
		fields := map[string]any{
			"method":      request.Method,
			"path":        request.URL.EscapedPath(),
			"duration_ms": clock.Now().Sub(start).Milliseconds(),
		}
		if err != nil {
			fields["error"] = sanitize(err)
		} else {
			fields["status"] = response.StatusCode
			for field, header := range loggedHeaders {
				if value := response.Header.Get(header); value != "" {
					fields[field] = value
				}
			}
		}
		log(request.Context(), "Atlas API request", fields)
		return response, err
	})
}

// refuseRedirects keeps requests, and with them credentials, where the user sent them: Atlas redirects nothing.
func refuseRedirects(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// isInterruption reports whether err is not the network's doing but ctx's.
func isInterruption(ctx context.Context, err error) bool {
	return ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx)))
}
