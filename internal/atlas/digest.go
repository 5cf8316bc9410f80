package atlas

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
)

// Digest answers HTTP digest challenges with an API key. A nonce is used again: N requests cost N+1 round trips for as long
// as the server takes it.
//
// What the server's rules for a nonce are is not known (one use or many, any order or a rising one, for how long), so none
// is relied upon. A request first tries the nonce that all requests share, with the next count. Where that is refused, the
// refusal carries a new nonce that nobody else has seen; its first use is valid under any rule, and once it has succeeded
// it becomes the shared one. Only a refusal of that first use says something of the key: the caller gets that 401.
func Digest(publicKey, privateKey string) Authenticator {
	return &digestAuth{publicKey: newSecret(publicKey), privateKey: newSecret(privateKey)}
}

type digestAuth struct {
	publicKey, privateKey secret
	origin                pinnedOrigin

	mu sync.Mutex
	// shared is nil until the first request has succeeded.
	shared *nonce
	// proven reports whether the server has ever accepted this key.
	proven bool
	// pending is the request that is fetching the first nonce, nil if there is none.
	pending *inFlight
}

func (a *digestAuth) Close(context.Context) error { return nil }

// maxDigestTrips bounds what one request may cost, whatever the server answers.
const maxDigestTrips = 4

// errBroken is for a request that net/http has sent twice on every trip because the connection broke under it, so that the
// server refused each second time for its count.
var errBroken = errors.New("the connection broke again and again while the request was under way")

// Transport returns a round tripper that sends the first request of all without credentials but with its body: a server that
// asks for none then answers the real request.
func (a *digestAuth) Transport(next http.RoundTripper) http.RoundTripper {
	return roundTripperFunc(func(req *http.Request) (*http.Response, error) {
		if !a.origin.admits(req.URL) {
			return next.RoundTrip(req)
		}
		if err := checkResendable(req); err != nil {
			return nil, err
		}
		use, release, err := a.begin(req.Context())
		if err != nil {
			return nil, err
		}
		defer release()
		exchange := digestExchange{auth: a, started: use.nonce}
		for trip := 1; ; trip++ {
			authorization, err := use.nonce.authorization(req.Method, req.URL.RequestURI(), use.count, a.publicKey(), a.privateKey())
			if err != nil {
				return nil, err
			}
			res, repeated, err := sendAndCount(next, req, authorization)
			if err != nil {
				return nil, err
			}
			// The count has been used up then, as if by another request.
			use.private = use.private && !repeated
			if res.StatusCode != http.StatusUnauthorized {
				exchange.accepted(use, res)
				return res, nil
			}
			fresh, err := findNonce(res.Header)
			if err != nil {
				discardRefusal(res)
				return nil, err
			}
			again := exchange.retries(use, fresh)
			if again && repeated && trip == maxDigestTrips {
				// This 401 is about the count, not about the key: what went wrong is the connection, each time.
				discardRefusal(res)
				return nil, errBroken
			}
			if trip == maxDigestTrips || !again {
				return res, nil
			}
			discardRefusal(res)
			use = nonceUse{nonce: fresh, count: 1, private: true}
		}
	})
}

// sendAndCount also reports whether next has sent the request more than once: net/http does that by itself where a connection
// that has served before breaks, with the same count, of which the server may have seen the first use.
func sendAndCount(next http.RoundTripper, req *http.Request, authorization string) (res *http.Response, repeated bool, err error) {
	var connections atomic.Int32
	traced := req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connections.Add(1) },
	}))
	if res, err = sendCopy(next, traced, authorization); err != nil {
		return nil, false, err
	}
	res.Request = req
	return res, connections.Load() > 1, nil
}

// nonceUse is one count of a nonce. Without a nonce it is a request for a challenge.
type nonceUse struct {
	nonce *nonce
	count int
	// private reports whether nobody else can use the nonce.
	private bool
}

// begin chooses what the first attempt uses: the shared nonce; before there is one, a single request asks for a challenge
// and the others wait for its outcome. The caller calls release when its request is answered.
func (a *digestAuth) begin(ctx context.Context) (use nonceUse, release func(), err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for a.shared == nil && a.pending != nil {
		pending := a.pending
		a.mu.Unlock()
		err := pending.wait(ctx)
		a.mu.Lock()
		if err != nil {
			return nonceUse{}, nil, &unsentError{err}
		}
		if !pending.abandoned {
			// Where that one failed, the next would too: twenty requests waiting in turn for a server that is
			// down would wait twenty times its timeout.
			break
		}
	}
	switch {
	case a.shared != nil:
		a.shared.used++
		return nonceUse{nonce: a.shared, count: a.shared.used}, func() {}, nil
	case a.pending != nil:
		return nonceUse{}, func() {}, nil
	}
	pending := &inFlight{done: make(chan struct{})}
	a.pending = pending
	return nonceUse{}, func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.pending = nil
		pending.finish(ctx, nil)
	}, nil
}

// digestExchange is what one request remembers between its round trips.
type digestExchange struct {
	auth *digestAuth
	// started is the shared nonce of the first attempt, nil if there was none.
	started *nonce
	// retriedKey reports whether a refusal of the key itself has been overlooked, retriedBare whether a 401 without a challenge was.
	retriedKey, retriedBare bool
}

// retries reports after a 401 whether to try again, with the fresh nonce that came with it or, if none did, without
// credentials in order to get one.
func (e *digestExchange) retries(use nonceUse, fresh *nonce) bool {
	switch {
	case use.nonce == nil && fresh != nil:
		return true
	case use.nonce == nil:
		again := !e.retriedBare
		e.retriedBare = true
		return again
	case !use.private && fresh != nil:
		return true
	}
	// The key was refused, or the server has had a moment: Atlas is known to answer a key that works with a 401 once in a
	// while, and a server may find even a new nonce stale.
	stale := fresh != nil && fresh.challenge.Stale
	again := !e.retriedKey && (stale || e.auth.isProven())
	e.retriedKey = true
	return again
}

func (a *digestAuth) isProven() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.proven
}

// accepted learns from an answer that is not a 401.
func (e *digestExchange) accepted(use nonceUse, res *http.Response) {
	if use.nonce == nil {
		return
	}
	a := e.auth
	a.mu.Lock()
	defer a.mu.Unlock()
	a.proven = a.proven || credentialsAccepted(res)
	if use.private && a.shared == e.started {
		// Of several requests that were refused together the first one shares its nonce: replacing that again and
		// again would lose counts that are still good.
		use.nonce.used = use.count
		a.shared = use.nonce
	}
}
