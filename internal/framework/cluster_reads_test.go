package framework_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
)

const project = "5f0000000000000000000000"

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// held returns reads of which the first do not come back before the context of whoever asked ends.
func held(t *testing.T, first int) (reads *framework.ClusterReads, requests *int) {
	t.Helper()
	requests = new(int)
	transport := transportFunc(func(r *http.Request) (*http.Response, error) {
		if *requests++; *requests <= first {
			<-r.Context().Done()
			return nil, context.Cause(r.Context())
		}
		return &http.Response{
			StatusCode: http.StatusOK, Header: http.Header{}, Request: r,
			Body: io.NopCloser(strings.NewReader(`{"name":"Cluster0","backupEnabled":true}`)),
		}, nil
	})
	client := atlas.New(&url.URL{Scheme: "https", Host: "atlas.invalid"}, atlas.AccessToken("a-token"), atlas.WithTransport(transport))
	return framework.NewClusterReads(client), requests
}

// TestClusterReads_cancelled has the plan whose read everybody waits for be cancelled: the others read once more, together.
func TestClusterReads_cancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reads, requests := held(t, 1)
		leading, cancel := context.WithCancel(t.Context())
		led := make(chan error, 1)
		go func() {
			_, err := reads.Get(leading, project, "Cluster0")
			led <- err
		}()
		synctest.Wait()
		const others = 5
		followed := make(chan error, others)
		for range others {
			go func() {
				found, err := reads.Get(t.Context(), project, "Cluster0")
				if err == nil && (found == nil || found.Name != "Cluster0") {
					err = errors.New("the read has no cluster")
				}
				followed <- err
			}()
		}
		synctest.Wait()
		if *requests != 1 {
			t.Errorf("%d requests while one was under way, expected no other", *requests)
		}
		cancel()
		if err := <-led; !errors.Is(err, context.Canceled) {
			t.Errorf("the cancelled read ended with %v", err)
		}
		for range others {
			if err := <-followed; err != nil {
				t.Error(err)
			}
		}
		if *requests != 2 {
			t.Errorf("%d requests, expected a second one for everybody else", *requests)
		}
	})
}

// TestClusterReads_cancelledWaiter has somebody who waits for the read of another be cancelled: that one goes on.
func TestClusterReads_cancelledWaiter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reads, requests := held(t, 1)
		leading, end := context.WithCancel(t.Context())
		defer end()
		go func() { _, _ = reads.Get(leading, project, "Cluster0") }()
		synctest.Wait()
		waiting, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := reads.Get(waiting, project, "Cluster0"); !errors.Is(err, context.Canceled) || *requests != 1 {
			t.Errorf("the cancelled waiter ended with %v after %d requests", err, *requests)
		}
		end()
		synctest.Wait()
	})
}
