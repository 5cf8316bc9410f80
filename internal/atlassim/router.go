package atlassim

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// operation is one documented method of one path.
type operation struct {
	method string
	// path is below the project; {cluster}, {snapshot} and {job} match one segment.
	path     string
	versions []apiVersion // oldest first
	bucket   bucketName   // empty: not limited
	name     string       // the second half of X-Java-Method
	serve    func(*call) (any, *apiError)
}

// call is one API request on its way to an answer.
type call struct {
	sim     *Simulator
	request *http.Request
	body    []byte

	operation   *operation
	version     apiVersion
	limit       *bucket
	group       string
	clusterName string
	snapshotID  string
	jobID       string
	auth        string
	taken       string // the ID of the snapshot that the request took
	struck      bool   // whether a fault takes part in the answer
	// now is Atlas's time when the request arrived.
	now time.Time
}

const (
	apiPrefix    = "/api/atlas/v2/groups/"
	tokenPath    = "/api/oauth/token"
	revokePath   = "/api/oauth/revoke"
	methodsOrder = "POST,PUT,PATCH,GET,DELETE"
)

// route takes a request through the stages of Atlas: sign-in, faults, routing, version, project, rate limit, work.
func (s *Simulator) route(c *call) response {
	c.auth = scheme(c.request)
	if path := c.request.URL.Path; path == tokenPath || path == revokePath {
		return s.oauth(c)
	}
	if out, ok := s.authenticate(c); !ok {
		return out
	}
	allowed := c.findOperation()
	fault := s.nextFault(c)
	c.struck = fault != nil
	if fault != nil && !fault.doesWork() {
		c.chargeRateLimit()
		return fault.replacement(c)
	}
	out := c.perform(allowed)
	if fault != nil {
		out = fault.applyTo(c, out)
	}
	return out
}

// chargeRateLimit charges a request that a fault answers, so that the answer has the headers of the operation and of its rate
// limit like one of Atlas. What would refuse the request otherwise is not asked: the fault does.
func (c *call) chargeRateLimit() {
	if c.operation != nil {
		_ = c.negotiate()
		_ = c.takeToken()
	}
}

// perform does the work of an authenticated request.
func (c *call) perform(allowed []string) response {
	switch {
	case c.operation == nil && len(allowed) > 0:
		return c.methodNotAllowed(allowed)
	case c.operation == nil:
		return c.notServed()
	}
	if refusal := c.negotiate(); refusal != nil {
		return c.refusal(refusal)
	}
	if refusal := c.checkGroup(); refusal != nil {
		return c.refusal(refusal)
	}
	if refusal := c.takeToken(); refusal != nil {
		return c.refusal(refusal)
	}
	body, refusal := c.operation.serve(c)
	if refusal != nil {
		return c.refusal(refusal)
	}
	return c.success(body)
}

// findOperation finds what the path and the method mean. If the path is known and the method is not, it returns the
// methods that are.
func (c *call) findOperation() []string {
	rest, found := strings.CutPrefix(c.request.URL.Path, apiPrefix)
	if !found {
		return nil
	}
	segments := strings.Split(rest, "/")
	c.group = segments[0]
	var allowed []string
	for i := range operations {
		candidate := &operations[i]
		if !c.match(candidate.path, segments[1:]) {
			continue
		}
		if candidate.method == c.request.Method {
			c.operation = candidate
			return nil
		}
		allowed = append(allowed, candidate.method)
	}
	return allowed
}

// match compares a path with a pattern and keeps the names that the path holds. A literal segment never stands for a
// snapshot ID: an ID that reads "shardedClusters" would be malformed anyway.
func (c *call) match(pattern string, segments []string) bool {
	parts := strings.Split(pattern, "/")
	if len(parts) != len(segments) {
		return false
	}
	for i, part := range parts {
		if part != segments[i] && part != "{cluster}" && part != "{snapshot}" && part != "{job}" {
			return false
		}
		if part == "{snapshot}" && segments[i] == "shardedClusters" {
			return false
		}
	}
	for i, part := range parts {
		switch part {
		case "{cluster}":
			c.clusterName = segments[i]
		case "{snapshot}":
			c.snapshotID = segments[i]
		case "{job}":
			c.jobID = segments[i]
		}
	}
	return true
}

// checkGroup refuses every project but the fixture's. Rate limits belong to a project, so neither refusal counts.
func (c *call) checkGroup() *apiError {
	switch {
	case !objectID.MatchString(c.group):
		return c.fail("INVALID_GROUP_ID")
	case c.group != c.sim.fixture.ProjectID:
		return c.fail("GROUP_NOT_FOUND")
	}
	return nil
}

// methodNotAllowed returns the recorded 405: no body, and the methods that exist.
func (c *call) methodNotAllowed(allowed []string) response {
	order := strings.Split(methodsOrder, ",")
	slices.SortFunc(allowed, func(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) })
	out := c.newResponse(http.StatusMethodNotAllowed)
	out.addSecurityHeaders()
	out.header.Del("X-Frame-Options")
	out.header.Set("Allow", strings.Join(append(allowed, http.MethodOptions), ","))
	return out
}

// notServed answers what the simulator has nothing for. Nothing in it has the form of Atlas, so that no client can take it for
// Atlas's word on what exists.
func (c *call) notServed() response {
	out := c.newResponse(http.StatusNotImplemented)
	out.header.Set("Server", "atlassim")
	out.header.Set("Content-Type", "application/json")
	out.body = compactJSON(object{
		"message": "atlassim, the Atlas simulator, does not serve " + c.request.Method + " " + c.request.URL.Path +
			". It has clusters, their snapshots and restore jobs, and those of Flex clusters and serverless instances.",
	})
	return out
}

// apiPath returns the path of something in the project.
func (c *call) apiPath(parts ...string) string {
	base := c.sim.fixture.BaseURL
	if base == "" {
		base = "http://" + c.request.Host
	}
	return base + apiPrefix + c.group + "/" + strings.Join(parts, "/")
}
