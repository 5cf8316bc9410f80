package snapshot_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// remembered answers what it has been asked before as the simulator answered it then, without the simulator and without a
// network: a benchmark is of the provider alone.
type remembered struct {
	simulator http.Handler
	answers   sync.Map // *httptest.ResponseRecorder by request
	requests  atomic.Int64
}

func (r *remembered) RoundTrip(request *http.Request) (*http.Response, error) {
	r.requests.Add(1)
	asked := request.Method + " " + request.URL.String()
	if known, ok := r.answers.Load(asked); ok {
		if answer, ok := known.(*httptest.ResponseRecorder); ok {
			return newResponse(request, answer), nil
		}
	}
	arrived := request.Clone(request.Context())
	if arrived.Body == nil {
		arrived.Body = http.NoBody
	}
	answer := httptest.NewRecorder()
	r.simulator.ServeHTTP(answer, arrived)
	if answer.Code == http.StatusOK {
		r.answers.Store(asked, answer)
	}
	return newResponse(request, answer), nil
}

func newResponse(request *http.Request, answer *httptest.ResponseRecorder) *http.Response {
	body := answer.Body.Bytes()
	return &http.Response{
		Status: http.StatusText(answer.Code), StatusCode: answer.Code, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: answer.Header().Clone(), Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: request,
	}
}

// benchmark is a provider with n completed snapshots of one cluster in the state.
type benchmark struct {
	*server
	atlas  *acctest.Atlas
	http   *remembered
	states []*tfprotov6.ReadResourceResponse
}

func newBenchmark(b *testing.B, n int) *benchmark {
	b.Helper()
	a := acctest.NewAtlas(b)
	a.SetRateLimit(1_000_000_000, 1_000_000_000)
	transport := &remembered{simulator: a.Simulator}
	a.ClientOptions = append(a.ClientOptions, atlas.WithTransport(transport))
	bench := &benchmark{server: protocol(b.Context(), b, a), atlas: a, http: transport}
	for range n {
		id := seeded(b, a, atlassim.Seed{Description: new("before the upgrade")})
		imported, err := bench.ImportResourceState(b.Context(), &tfprotov6.ImportResourceStateRequest{
			TypeName: resourceType, ID: a.Fixture().ProjectID + "/" + a.Fixture().ClusterName + "/" + id,
		})
		bench.must(err, imported.Diagnostics)
		one := imported.ImportedResources[0]
		bench.states = append(bench.states, bench.read(one.State, one.Private, one.Identity))
	}
	b.ReportAllocs()
	return bench
}

// refresh refreshes every snapshot, so many at a time, and later than the last time: nothing that was read then is fresh.
func (b *benchmark) refresh(parallelism int) {
	b.t.Helper()
	b.atlas.Clock.Advance(time.Minute)
	queue := make(chan *tfprotov6.ReadResourceResponse)
	var working sync.WaitGroup
	for range parallelism {
		working.Go(func() {
			for state := range queue {
				read, err := b.ReadResource(b.ctx, &tfprotov6.ReadResourceRequest{
					TypeName: resourceType, CurrentState: state.NewState, Private: state.Private, CurrentIdentity: state.NewIdentity,
				})
				if err != nil || len(read.Diagnostics) > 0 || !bytes.Equal(read.NewState.MsgPack, state.NewState.MsgPack) {
					b.t.Errorf("the refresh of what has not changed: %v, %v", err, read.Diagnostics)
				}
			}
		})
	}
	for _, state := range b.states {
		queue <- state
	}
	close(queue)
	working.Wait()
}

// BenchmarkSnapshot_refresh refreshes snapshots of one cluster. Terraform does 10 at a time unless -parallelism says otherwise.
func BenchmarkSnapshot_refresh(b *testing.B) {
	for _, c := range []struct{ snapshots, parallelism int }{{1, 1}, {200, 10}, {200, 200}} {
		b.Run(fmt.Sprintf("snapshots=%d/parallelism=%d", c.snapshots, c.parallelism), func(b *testing.B) {
			bench := newBenchmark(b, c.snapshots)
			before, runs := bench.http.requests.Load(), 0
			for b.Loop() {
				bench.refresh(c.parallelism)
				runs++
			}
			b.ReportMetric(float64(bench.http.requests.Load()-before)/float64(runs), "requests/op")
		})
	}
}

// BenchmarkSnapshot_plan plans a snapshot of which nothing changes.
func BenchmarkSnapshot_plan(b *testing.B) {
	bench := newBenchmark(b, 1)
	state := bench.states[0]
	attributes := bench.attributes(bench.kind, state.NewState)
	for _, attribute := range bench.schemas.ResourceSchemas[resourceType].Block.Attributes {
		if attribute.Computed {
			attributes[attribute.Name] = tftypes.NewValue(attributes[attribute.Name].Type(), nil)
		}
	}
	config := bench.dynamic(bench.kind, tftypes.NewValue(bench.kind, attributes))
	for b.Loop() {
		// Terraform proposes what the state has where the configuration says nothing.
		planned, err := bench.PlanResourceChange(bench.ctx, &tfprotov6.PlanResourceChangeRequest{
			TypeName: resourceType, PriorState: state.NewState, ProposedNewState: state.NewState, Config: config,
			PriorPrivate: state.Private, PriorIdentity: state.NewIdentity,
		})
		if err != nil || len(planned.Diagnostics) > 0 || !bytes.Equal(planned.PlannedState.MsgPack, state.NewState.MsgPack) {
			b.Fatalf("the plan of what does not change: %v, %v", err, planned.Diagnostics)
		}
	}
}
