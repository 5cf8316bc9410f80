package acctest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync/atomic"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

// loopbackTransport is the client's own transport, but it reaches this machine only.
func loopbackTransport() *http.Transport {
	transport := atlas.NewTransport()
	transport.DialContext = dialLoopback
	return transport
}

func dialLoopback(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("acctest: a test would have connected to %s: set %s to use a real Atlas", address, ModeVariable)
	}
	return new(net.Dialer).DialContext(ctx, network, address)
}

// networkGuard keeps this process and its children from the network: names do not resolve, the default transport reaches this machine
// only, and a proxy that refuses everything stands in everybody's environment. It counts the attempts.
type networkGuard struct {
	listener net.Listener
	refused  atomic.Int64
}

func startNetworkGuard() (*networkGuard, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	g := &networkGuard{listener: listener}
	go func() {
		// Serve ends with the process.
		_ = http.Serve(listener, g)
	}()
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"} {
		if err := os.Setenv(name, "http://"+listener.Addr().String()); err != nil {
			return nil, err
		}
	}
	for _, name := range []string{"NO_PROXY", "no_proxy"} {
		if err := os.Setenv(name, "localhost,127.0.0.1,::1"); err != nil {
			return nil, err
		}
	}
	if err := os.Setenv("CHECKPOINT_DISABLE", "1"); err != nil {
		return nil, err
	}
	http.DefaultTransport = loopbackTransport()
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(_ context.Context, _, address string) (net.Conn, error) {
		g.refused.Add(1)
		return nil, fmt.Errorf("acctest: a test would have asked the name server %s", address)
	}}
	return g, nil
}

func (g *networkGuard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.refused.Add(1)
	_, _ = fmt.Fprintf(os.Stderr, "acctest: a test or its child process would have connected to %s %s\n", r.Method, r.Host)
	http.Error(w, "tests have no network", http.StatusForbidden)
}
