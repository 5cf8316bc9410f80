package atlassim

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// object is a JSON object. Its keys are written in alphabetical order, as Atlas does.
type object = map[string]any

// response is the answer to one request, ready to be sent without the lock.
type response struct {
	status          int
	header          http.Header
	body            []byte
	connectionFault connectionFault
	delayed         time.Duration
}

// newResponse starts an answer with the headers that every recorded answer has.
func (c *call) newResponse(status int) response {
	header := http.Header{}
	header.Set("Date", c.now.Add(c.sim.behavior.DateOffset).Format(http.TimeFormat))
	if c.sim.behavior.NoDate {
		header["Date"] = nil // a missing key has net/http write the real time
	}
	header.Set("Server", "mdbws")
	header.Set("X-Envoy-Upstream-Service-Time", strconv.Itoa(40+len(c.sim.requests)%60))
	return response{status: status, header: header}
}

// addSecurityHeaders adds the headers of everything that got past authentication.
func (o *response) addSecurityHeaders() {
	o.header.Set("Referrer-Policy", "strict-origin-when-cross-origin")
	o.header.Set("Strict-Transport-Security", "max-age=31536000; includeSubdomains;")
	o.header.Set("X-Content-Type-Options", "nosniff")
	o.header.Set("X-Frame-Options", "DENY")
	o.header.Set("X-Permitted-Cross-Domain-Policies", "none")
}

// success returns the answer of an operation; a nil body is 204, which still has a Content-Type.
func (c *call) success(body any) response {
	status := http.StatusOK
	if body == nil {
		status = http.StatusNoContent
	}
	out := c.newResponse(status)
	out.addSecurityHeaders()
	c.addOperationHeaders(&out)
	out.header.Set("Content-Type", c.version.mediaType())
	if body != nil {
		out.body = c.render(status, body)
	}
	return out
}

// refusal returns the answer of an operation that failed.
func (c *call) refusal(e *apiError) response {
	out := c.newResponse(e.status)
	out.addSecurityHeaders()
	c.addOperationHeaders(&out)
	out.header.Set("Content-Type", "application/json")
	out.header.Set("X-Error-Code", e.code)
	c.addVary(&out)
	if e.retryAfter != nil {
		out.header.Set("Retry-After", strconv.Itoa(*e.retryAfter))
	}
	out.body = c.render(e.status, e.body())
	return out
}

// addVary adds the header of error answers that was recorded for GET and POST only, since 2026-06-29.
func (c *call) addVary(out *response) {
	if c.request.Method == http.MethodGet || c.request.Method == http.MethodPost {
		out.header.Set("Vary", "Accept-Encoding")
	}
}

// addOperationHeaders adds the headers that depend on the operation and its version. X-Java-Version and the git hash of Atlas's
// build are left out: a made-up one would only pretend.
func (c *call) addOperationHeaders(out *response) {
	out.header.Set("X-Mongodb-Service-Version", "versionString=atlassim")
	if c.version.date != "" {
		out.header.Set("X-Java-Method", c.version.resource+"::"+c.operation.name)
	}
	if c.version.deprecation != "" {
		out.header.Set("Deprecation", c.version.deprecation)
	}
	if c.version.sunset != "" {
		out.header.Set("Sunset", c.version.sunset)
	}
	if c.limit != nil && out.status != http.StatusUnauthorized {
		out.header.Set("Ratelimit-Limit", strconv.Itoa(c.limit.capacity))
		out.header.Set("Ratelimit-Remaining", strconv.Itoa(c.limit.remaining()))
	}
}

// render writes a body, honouring the query parameters envelope and pretty.
func (c *call) render(status int, body any) []byte {
	query := c.request.URL.Query()
	if query.Get("envelope") == "true" {
		body = enveloped(status, body)
	}
	if query.Get("pretty") == "true" {
		return prettyJSON(body)
	}
	return compactJSON(body)
}

// compactJSON returns a body without spaces, HTML escapes or a newline at the end.
func compactJSON(body any) []byte {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		return []byte("{}") // bodies are built of maps, strings and numbers, which always encode
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))
}

// compress packs the body if the client takes that.
func (o *response) compress(r *http.Request) {
	if len(o.body) == 0 || !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		return
	}
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	// Neither fails on a buffer.
	_, _ = writer.Write(o.body)
	_ = writer.Close()
	o.body = packed.Bytes()
	o.header.Set("Content-Encoding", "gzip")
}

// send writes the answer, or what a fault makes of it.
func (o response) send(w http.ResponseWriter, r *http.Request) {
	if !pause(r, o.delayed) {
		return
	}
	if o.connectionFault == connectionReset {
		dropConnection(w)
		return
	}
	for name, values := range o.header {
		w.Header()[name] = values
	}
	if o.status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.Itoa(len(o.body)))
	}
	w.WriteHeader(o.status)
	body := o.body
	if o.connectionFault == connectionTruncated {
		body = body[:len(body)/2]
	}
	// A failed write means that the client has gone; there is nobody left to tell.
	_, _ = w.Write(body)
}
